"""Libraries in a process of their own: what they answer, that a crash is a message, and that nothing is left behind."""

import os
import subprocess
import sys
import time

import pytest

from autocrine.core import errors
from autocrine.engine import libsbml_process, read_sbml
from autocrine.engine.foreign_process import ForeignProcess
from sbml_text import compartment, parameter, sbml, species

PROGRAM = """
import os, time
seen = []
def answer(asked):
    seen.append(asked)
    if asked["do"] == "abort" or (asked["do"] == "abort when used" and len(seen) > 1):
        os.abort()
    if asked["do"] == "work for ever":
        while True:
            pass
    print("what a library prints")
    return {"seen": len(seen), "process": os.getpid(), "asked": asked}
"""
SBML_PROGRAM = """
import os
def answer(asked):
    if asked["do"] == os.environ["CRASH_AT"]:
        os.abort()
    return {"found": []}
"""


@pytest.fixture
def process(tmp_path):
    (tmp_path / "program.py").write_text(PROGRAM, encoding="utf-8")
    with ForeignProcess(tmp_path / "program.py") as found:
        yield found


def gone(process_id):
    for _ in range(200):
        try:
            os.kill(process_id, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.02)
    return False


def test_one_process_answers_all_questions(process):
    text = "line\nµ \u2028 \ud800"
    first, second = (process.ask({"do": "answer", "text": text}, 20.0) for _ in range(2))
    assert (first["seen"], second["seen"]) == (1, 2)
    assert first["process"] == second["process"] != os.getpid()
    assert first["asked"] == {"do": "answer", "text": text}


def test_who_dies_is_replaced(process):
    first = process.ask({"do": "answer"}, 20.0)["process"]
    with pytest.raises(ChildProcessError):
        process.ask({"do": "abort"}, 20.0)
    second = process.ask({"do": "answer"}, 20.0)
    assert (second["seen"], second["process"] != first) == (1, True)
    # an old process may die of what it was asked before
    assert process.ask({"do": "abort when used"}, 20.0)["seen"] == 1


def test_who_takes_too_long_is_ended(process):
    worker = process.ask({"do": "answer"}, 20.0)["process"]
    begin = time.perf_counter()
    with pytest.raises(TimeoutError):
        process.ask({"do": "work for ever"}, 0.3)
    assert time.perf_counter() - begin < 5.0
    assert gone(worker)


def test_it_ends_when_it_is_closed(process):
    worker = process.ask({"do": "answer"}, 20.0)["process"]
    process.close()
    assert gone(worker)


@pytest.mark.parametrize("end", ["pass", "os.kill(os.getpid(), 9)", "os._exit(3)"])
def test_it_does_not_outlive_who_asks(tmp_path, end):
    (tmp_path / "program.py").write_text(PROGRAM, encoding="utf-8")
    program = (
        "import os, sys, pathlib\nfrom autocrine.engine.foreign_process import ForeignProcess\n"
        "found = ForeignProcess(pathlib.Path(sys.argv[1]))\n"
        f"print(found.ask({{'do': 'answer'}}, 20.0)['process'], flush=True)\n{end}\n"
    )
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-W", "error", "-c", program, str(tmp_path / "program.py")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    assert gone(int(done.stdout))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")
def test_a_forked_process_asks_its_own(process):
    mine = process.ask({"do": "answer"}, 20.0)["process"]
    child = os.fork()
    if child == 0:  # the answer is the exit status: 0 if another process answered and that of the parent lives
        status = 1
        try:
            status = int(process.ask({"do": "answer"}, 20.0)["process"] == mine)
            process.close()
            os.kill(mine, 0)
        finally:
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert process.ask({"do": "answer"}, 20.0) == {"seen": 2, "process": mine, "asked": {"do": "answer"}}


@pytest.mark.parametrize(
    ("what", "match"),
    [
        ("read", r"model\.xml: SBML must be such that libsbml does not crash when it reads it"),
        ("check", r"model\.xml: SBML must be such that libsbml does not crash when it checks units"),
    ],
)
def test_a_crash_of_libsbml_is_a_message(tmp_path, monkeypatch, what, match):
    (tmp_path / "program.py").write_text(SBML_PROGRAM, encoding="utf-8")
    path = tmp_path / "model.xml"
    path.write_text(sbml(compartment(), species("S", 1.0), parameter("k", 1.0)), encoding="utf-8")
    monkeypatch.setenv("CRASH_AT", what)
    with ForeignProcess(tmp_path / "program.py") as crashing:
        monkeypatch.setattr(libsbml_process, "_PROCESS", crashing)
        with pytest.raises(errors.InputError, match=match):
            read_sbml(path)


def test_checks_that_take_too_long_are_left_out(tmp_path, monkeypatch):
    program = SBML_PROGRAM.replace("os.abort()", "__import__('time').sleep(60)")
    (tmp_path / "program.py").write_text(program, encoding="utf-8")
    path = tmp_path / "model.xml"
    path.write_text(sbml(compartment(), species("S", 1.0)), encoding="utf-8")
    monkeypatch.setenv("CRASH_AT", "check")
    monkeypatch.setattr(libsbml_process, "LONGEST_CHECK_S", 0.5)
    with ForeignProcess(tmp_path / "program.py") as slow:
        monkeypatch.setattr(libsbml_process, "_PROCESS", slow)
        assert read_sbml(path).notes == ("units were not checked: libsbml took more than 0.5 s",)
