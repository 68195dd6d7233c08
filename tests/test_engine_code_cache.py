"""Laws of the code kept on disk: it is used, and nothing that happens to it changes a result."""

import os
import subprocess
import sys
import textwrap
import time

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


@pytest.fixture
def small(place, monkeypatch):
    """A cache of 10,000 bytes that is looked at after each file."""
    monkeypatch.setattr(code_cache, "LARGEST", 10_000)
    monkeypatch.setattr(code_cache, "_BETWEEN_LOOKS", 0)
    monkeypatch.setattr(code_cache, "_left", 0)
    return place


def aged(path, days):
    then = time.time() - days * 86_400
    os.utime(path, (then, then))


def test_what_was_not_used_for_longest_is_given_up(small):
    for n in range(9):
        code_cache.keep(f"key{n}", bytes(1000))
        aged(small / f"key{n}.code", 20 - n)
    assert code_cache.read("key0") == bytes(1000)  # used today
    code_cache.keep("last", bytes(1500))
    assert sorted(path.name for path in small.iterdir()) == [
        *(f"key{n}.code" for n in (0, 4, 5, 6, 7, 8)),
        "last.code",
    ]
    assert sum(path.stat().st_size for path in small.iterdir()) <= 8_000
    assert code_cache.fetch("key1", lambda: b"made again") == b"made again"


def test_a_use_is_noted_once_a_day(place):
    code_cache.keep("key", b"code")
    path = place / "key.code"
    aged(path, 0.5)
    noted = path.stat().st_mtime
    code_cache.read("key")
    assert path.stat().st_mtime == noted
    aged(path, 2)
    code_cache.read("key")
    assert path.stat().st_mtime > time.time() - 60


def test_only_own_files_are_given_up(small):
    small.mkdir()
    (small / "thesis.txt").write_bytes(bytes(50_000))
    for name, days in ((".unfinished-old", 2), (".unfinished-new", 0)):
        (small / name).write_bytes(b"half")
        aged(small / name, days)
    code_cache.keep("key", bytes(1000))
    assert sorted(path.name for path in small.iterdir()) == [".unfinished-new", "key.code", "thesis.txt"]


def test_the_directory_is_not_listed_for_each_file(place, monkeypatch):
    looks = []
    monkeypatch.setattr(code_cache, "_left", 0)
    monkeypatch.setattr(code_cache, "prune", looks.append)
    for n in range(40):
        code_cache.keep(f"key{n}", bytes(1_000_000))
    assert len(looks) == 3


def test_processes_may_prune_at_the_same_time(place):
    text = textwrap.dedent("""
        from autocrine.engine import code_cache
        code_cache.LARGEST, code_cache._BETWEEN_LOOKS = 30_000, 0
        for n in range(120):
            code = bytes([n % 11]) * 5000
            assert code_cache.fetch(f"key{n % 11}", lambda: code) == code
    """)
    running = [subprocess.Popen([sys.executable, "-c", text]) for _ in range(3)]  # noqa: S603 - this very text
    assert [each.wait() for each in running] == [0, 0, 0]
    assert sum(path.stat().st_size for path in place.iterdir()) <= 40_000
