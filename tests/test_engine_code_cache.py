"""Laws of the code kept on disk: it is used, and nothing that happens to it changes a result."""

import subprocess
import sys
import textwrap

import numpy as np
import pytest

from autocrine.engine import code_cache
from autocrine.engine.ir_writer import INT, POINTER, Writer
from autocrine.engine.machine_code import FUNCTION, MachineCode
from autocrine.engine.machine_code import POINTER as ADDRESS


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.setenv("AUTOCRINE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def answer(number):
    w = Writer(1)
    with w.function("answer", [(POINTER, "out")]) as (out,):
        w.array(out, INT)[0] = number
    code = MachineCode.of(w.module(), 0)
    out = np.zeros(1, np.int64)
    code.function("answer", FUNCTION(None, ADDRESS))(out.ctypes.data)
    return int(out[0])


def test_code_is_kept_once_for_each_text(place):
    assert [answer(n) for n in (41, 42, 42)] == [41, 42, 42]
    assert len(list(place.iterdir())) == 2


@pytest.mark.parametrize("damage", [b"", b"short", b"x" * 500])
def test_damaged_code_is_made_again(place, damage):
    assert answer(42) == 42
    (file,) = place.iterdir()
    whole = file.read_bytes()
    file.write_bytes(damage if len(damage) < 100 else whole[:100] + damage + whole[600:])
    assert answer(42) == 42
    assert file.read_bytes() == whole


def test_where_nothing_can_be_written_nothing_is_kept(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("AUTOCRINE_CACHE", str(tmp_path / "file" / "cache"))
    assert answer(42) == 42


def test_a_failed_writing_leaves_nothing(place, monkeypatch):
    place.mkdir()
    monkeypatch.setattr(code_cache.Path, "replace", lambda *_: (_ for _ in ()).throw(OSError("full")))
    assert code_cache.fetch("key", lambda: b"code") == b"code"
    assert list(place.iterdir()) == []


def test_processes_may_write_at_the_same_time(place):
    text = textwrap.dedent("""
        from autocrine.engine import code_cache
        for n in range(60):
            code = bytes([n % 7]) * 20000
            assert code_cache.fetch(f"key{n % 7}", lambda: code) == code
    """)
    running = [subprocess.Popen([sys.executable, "-c", text]) for _ in range(3)]  # noqa: S603 - this very text
    assert [each.wait() for each in running] == [0, 0, 0]
    assert len(list(place.iterdir())) == 7
