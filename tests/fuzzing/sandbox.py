"""A case in a process of its own, with limits, that tells of everything a reader must not do."""

from __future__ import annotations

import builtins
import faulthandler
import json
import os
import resource
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fuzzing.oddities import CANARY
from fuzzing.targets import WAS_READ
from fuzzing.watch import Watch

#: processor time (s) and memory (bytes, above what the libraries take) of one small file
LONGEST_S, MOST_MEMORY = 10, 2**30
_LONGEST_WALL_S = 150
_SECRET_MODEL = (
    '<?xml version="1.0" encoding="UTF-8"?><sbml xmlns="http://www.sbml.org/sbml/level3/version1/core" level="3" version="1">'
    f'<model id="{CANARY}"><listOfParameters><parameter id="{CANARY}" value="4242" constant="true"/></listOfParameters></model></sbml>'
)
_NETWORK = (
    "socket.connect",
    "socket.getaddrinfo",
    "socket.bind",
    "urllib.Request",
    "ftplib.connect",
    "http.client.connect",
)
_PROCESSES = ("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn")


@dataclass(frozen=True)
class Outcome:
    """What came of a case.

    Attributes
    ----------
    kind : str
        ``read``, ``refused``, ``slow`` (it was read, but its simulation takes too long) or ``broken``.
    signature : str
        What is the same for all cases that break in the same way, or the kind of error.
    detail : str
        Message, traceback.
    seconds : float
        Wall time.
    """

    kind: str
    signature: str
    detail: str = ""
    seconds: float = 0.0


@dataclass
class _Report:
    """What a child saw beside its result."""

    seen: list[str] = field(default_factory=list)


class Sandbox:
    """Runs cases in a folder, one process for each.

    Parameters
    ----------
    target : callable
        Reads and simulates the files of a folder: returns what is to be shown of the result.
    """

    def __init__(self, target: Callable[[Path], str]) -> None:
        self._target = target
        self.root = Path(tempfile.mkdtemp(prefix="autocrine-fuzz-"))
        self.outside = self.root / "outside"
        self.outside.mkdir()
        (self.outside / "model.xml").write_text(_SECRET_MODEL)
        for name in ("secret.txt", "secret.dtd", "measurements.tsv"):
            (self.outside / name).write_text(CANARY)
        self._watch = Watch(self.outside)

    def close(self) -> None:
        """Remove the folder."""
        shutil.rmtree(self.root, ignore_errors=True)

    def warm_up(self, files: Mapping[str, bytes]) -> None:
        """Read files in this process, which must do no harm."""
        self._target(self._written(files))

    def _written(self, files: Mapping[str, bytes]) -> Path:
        folder = self.root / "case"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        for name, data in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(data)
        (folder / "link.xml").symlink_to(self.outside / "model.xml")
        (folder / "linked").symlink_to(self.outside)
        return folder

    def run(self, files: Mapping[str, bytes]) -> Outcome:
        """Run one case."""
        folder = self._written(files)
        self._watch.was_opened()
        began = time.monotonic()
        answer, status, memory, log = self._forked(folder)
        outcome = self._judged(answer, status, memory, log)
        return Outcome(outcome.kind, outcome.signature, outcome.detail, time.monotonic() - began)

    def _forked(self, folder: Path) -> tuple[dict[str, Any] | None, int, int, str]:
        answer, log = self.root / "answer.json", self.root / "log.txt"
        answer.unlink(missing_ok=True)
        child = os.fork()
        if child == 0:
            try:
                self._child(folder, answer, log)
            finally:
                os._exit(0)
        end = time.monotonic() + _LONGEST_WALL_S
        while True:
            done, status, usage = os.wait4(child, os.WNOHANG)
            if done:
                break
            if time.monotonic() > end:
                os.killpg(child, signal.SIGKILL)
            time.sleep(0.002)
        found = json.loads(answer.read_text()) if answer.is_file() else None
        return found, status, usage.ru_maxrss * 1024, log.read_text(errors="replace")

    def _child(self, folder: Path, answer: Path, log: Path) -> None:
        os.setpgid(0, 0)
        with log.open("wb", buffering=0) as file:
            for stream in (1, 2):
                os.dup2(file.fileno(), stream)
            faulthandler.enable(file)
            faulthandler.register(signal.SIGXCPU, file, chain=True)
            taken = int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
            resource.setrlimit(resource.RLIMIT_AS, (taken + 2 * MOST_MEMORY, taken + 2 * MOST_MEMORY))
            resource.setrlimit(resource.RLIMIT_CPU, (LONGEST_S, LONGEST_S + 2))
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            report = _Report()
            _listen(report, folder)
            os.chdir(folder)
            began = _resident()
            found = self._result(folder)
            found |= {"seen": report.seen, "began": began}
            temporary = answer.with_suffix(".part")
            temporary.write_text(json.dumps(found))
            temporary.rename(answer)

    def _result(self, folder: Path) -> dict[str, Any]:
        from autocrine.core import errors

        try:
            return {"kind": "read", "signature": "read", "detail": self._target(folder)}
        except errors.AutocrineError as error:
            return {"kind": "refused", "signature": type(error).__name__, "detail": str(error)}
        except BaseException as error:
            return {"kind": "broken", "signature": _signature(error), "detail": _shortened(traceback.format_exc())}

    def _judged(self, answer: dict[str, Any] | None, status: int, memory: int, log: str) -> Outcome:
        if answer is None:
            number = os.WTERMSIG(status) if os.WIFSIGNALED(status) else -os.WEXITSTATUS(status)
            if number in (signal.SIGXCPU, signal.SIGKILL) and WAS_READ in log:
                return Outcome("slow", f"simulation in {_place(log)}", _shortened(log))
            name = "hang" if number in (signal.SIGXCPU, signal.SIGKILL) else f"crash by signal {number}"
            return Outcome("broken", f"{name} in {_place(log)}", _shortened(log))
        if self._watch.was_opened():
            return Outcome("broken", "a file outside was opened", answer["detail"])
        if answer["seen"]:
            return Outcome("broken", f"forbidden: {answer['seen'][0][:80]}", answer["detail"])
        if CANARY in answer["detail"]:
            return Outcome("broken", "what stands outside shows", answer["detail"])
        if memory - answer["began"] > MOST_MEMORY:
            return Outcome("broken", "memory", answer["detail"])
        if (
            answer["kind"] == "refused"
            and str(self.root) not in answer["detail"]
            and not _names_a_file(answer["detail"])
        ):
            return Outcome("broken", f"no file in: {_without_names(answer['detail'])}", answer["detail"])
        return Outcome(answer["kind"], answer["signature"], answer["detail"])


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _listen(report: _Report, folder: Path) -> None:
    """Note network, other programs, and text that is evaluated."""

    def hear(event: str, given: tuple[Any, ...]) -> None:
        if event in _NETWORK or (event in _PROCESSES and "foreign_program.py" not in repr(given)):
            report.seen.append(f"{event} {given!r}")
        elif event == "open" and isinstance(given[1], str) and set(given[1]) & set("wax+"):
            path = os.path.realpath(os.fsdecode(given[0])) if isinstance(given[0], (str, bytes)) else ""
            if path.startswith((str(folder), str(folder.parent / "outside"))):
                report.seen.append(f"a file was written: {path}")

    sys.addaudithook(hear)

    def refuse(*given: Any, **_: Any) -> Any:
        report.seen.append(f"text was evaluated: {given[0]!r:.200}")
        raise AssertionError("text was evaluated")

    builtins.eval = refuse
    from sympy.parsing import sympy_parser

    sympy_parser.eval_expr = refuse
    sympy_parser.parse_expr = refuse


def _signature(error: BaseException) -> str:
    """Return the kind of an exception and the last place of ours that it went through."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "autocrine" in frame.filename and "fuzzing" not in frame.filename]
    last = ours[-1] if ours else frames[-1]
    return f"{type(error).__name__} in {Path(last.filename).name}:{last.name}"


def _place(log: str) -> str:
    """Return the last place of ours in what faulthandler wrote."""
    for line in log.splitlines():
        if "autocrine" in line and 'File "' in line and "fuzzing" not in line:
            return line.strip().removeprefix("File ").rpartition("/")[2].replace('"', "")
    return "no place"


def _names_a_file(message: str) -> bool:
    return any(ending in message for ending in (".xml", ".tsv", ".yaml", ".omex", ".sedml", ".ant"))


def _without_names(message: str) -> str:
    words = message.split()
    return " ".join(word for word in words[:14] if "'" not in word and not any(c.isdigit() for c in word))[:90]


def _shortened(text: str) -> str:
    return text if len(text) < 12_000 else text[:4000] + "\n[...]\n" + text[-8000:]
