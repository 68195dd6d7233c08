"""A run appears at once and whole, or not at all."""

import multiprocessing
import os
import signal
import stat
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from autocrine.core import RunDirectory, errors

MARK = RunDirectory.MARK


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def finish(target, word):
    with RunDirectory(target) as run:
        (run.path / "plots").mkdir()
        (run.path / "plots" / "a.txt").write_text(word, encoding="utf-8")
        (run.path / MARK).write_text(word, encoding="utf-8")


def content(target):
    return (target / MARK).read_text(encoding="utf-8"), (target / "plots" / "a.txt").read_text(encoding="utf-8")


def test_success_appears_at_once(tmp_path):
    target = tmp_path / "runs" / "a"
    with RunDirectory(target) as run:
        (run.path / MARK).write_text("x", encoding="utf-8")
        assert not target.exists()
        assert run.path.parent == target.parent
    assert (target / MARK).read_text(encoding="utf-8") == "x"
    assert names(target.parent) == ["a"]


def test_a_finished_run_replaces_the_earlier_one_whole(tmp_path):
    finish(tmp_path / "a", "first")
    (tmp_path / "a" / "left over").touch()
    finish(tmp_path / "a", "second")
    assert content(tmp_path / "a") == ("second", "second")
    assert names(tmp_path) == ["a"]
    assert not (tmp_path / "a" / "left over").exists()


def test_others_may_read_a_run_as_the_umask_says(tmp_path):
    before = os.umask(0o022)
    try:
        finish(tmp_path / "a", "x")
        assert os.umask(0o022) == 0o022
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o755


def break_off(target, error):
    with RunDirectory(target) as run:
        (run.path / MARK).write_text("half", encoding="utf-8")
        raise error


@pytest.mark.parametrize("kind", [ValueError, KeyboardInterrupt, SystemExit, errors.SolverError])
@pytest.mark.parametrize("earlier", [False, True])
def test_an_error_inside_leaves_nothing_and_keeps_the_earlier_run(tmp_path, kind, earlier):
    if earlier:
        finish(tmp_path / "a", "first")
    with pytest.raises(kind):
        break_off(tmp_path / "a", kind("stop"))
    assert names(tmp_path) == (["a"] if earlier else [])
    if earlier:
        assert content(tmp_path / "a") == ("first", "first")


def test_something_that_is_no_run_is_never_replaced(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years", encoding="utf-8")
    (tmp_path / "file").write_text("years", encoding="utf-8")
    for name in ("mine", "file"):
        with pytest.raises(errors.OutputError, match=f"must name a new directory .*{name} holds something else; try"):
            finish(tmp_path / name, "x")
    assert names(tmp_path / "mine") == ["thesis.txt"]
    assert names(tmp_path) == ["file", "mine"]


def test_an_empty_directory_may_be_used(tmp_path):
    (tmp_path / "a").mkdir()
    finish(tmp_path / "a", "x")
    assert content(tmp_path / "a") == ("x", "x")


@pytest.mark.parametrize("below", ["run", "deep/down/run"])
def test_a_place_that_cannot_be_written_is_refused_before_any_work(tmp_path, below):
    (tmp_path / "file").touch()
    with pytest.raises(errors.OutputError, match=r"must be written to .*, but the system says: .*; try --out"):
        finish(tmp_path / "file" / below, "x")


def test_a_name_too_long_for_the_system_is_refused(tmp_path):
    with pytest.raises(errors.OutputError, match="the system says: "):
        finish(tmp_path / ("a" * 300), "x")


def test_a_place_that_vanishes_during_the_run_is_an_output_error(tmp_path):
    with pytest.raises(errors.OutputError, match="the system says: "), RunDirectory(tmp_path / "runs" / "a") as run:
        run.path.rmdir()


def many(target, word, times):
    for _ in range(times):
        finish(target, word)


def test_runs_in_parallel_do_not_mix(tmp_path):
    context = multiprocessing.get_context("spawn")
    words = ("one", "two", "three")
    workers = [context.Process(target=many, args=(tmp_path / "a", word, 40)) for word in words]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert [worker.exitcode for worker in workers] == [0, 0, 0]
    mark, inside = content(tmp_path / "a")
    assert mark == inside
    assert mark in words
    assert names(tmp_path) == ["a"]


def test_a_run_that_takes_the_place_while_one_looks_is_no_foreign_thing(tmp_path, monkeypatch):
    finish(tmp_path / "a", "one")
    finish(tmp_path / "b", "one")
    look = Path.is_file
    replaced = []

    def at_a_bad_moment(path):
        if path.parent == tmp_path / "a" and not replaced:
            replaced.append(True)
            (tmp_path / "a").rename(tmp_path / "away")
            found = look(path)
            (tmp_path / "b").rename(tmp_path / "a")
            return found
        return look(path)

    monkeypatch.setattr(Path, "is_file", at_a_bad_moment)
    finish(tmp_path / "a", "two")
    assert replaced
    assert content(tmp_path / "a") == ("two", "two")


def test_nesting_two_runs_of_one_name_keeps_the_one_that_ended_last(tmp_path):
    with RunDirectory(tmp_path / "a") as outer:
        (outer.path / MARK).write_text("outer", encoding="utf-8")
        finish(tmp_path / "a", "inner")
        assert content(tmp_path / "a") == ("inner", "inner")
    assert (tmp_path / "a" / MARK).read_text(encoding="utf-8") == "outer"
    assert names(tmp_path) == ["a"]


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
def test_ctrl_c_from_outside_leaves_nothing(tmp_path):
    program = """
        import sys, time
        from pathlib import Path
        from autocrine.core import RunDirectory
        with RunDirectory(Path(sys.argv[1])) as run:
            (run.path / "half").touch()
            print("ready", flush=True)
            time.sleep(60)
    """
    child = subprocess.Popen(  # noqa: S603
        [sys.executable, "-c", textwrap.dedent(program), str(tmp_path / "a")],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert child.stdout is not None
    with child.stdout:
        child.stdout.readline()
        child.send_signal(signal.SIGINT)
        child.wait(30)
    assert names(tmp_path) == []
