"""Libraries that may crash, in a process of their own, so that a file of a stranger cannot end the program."""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

_PROGRAM = Path(__file__).with_name("foreign_program.py")


class ForeignProcess:
    """A process that answers questions, and is started again when it died of one.

    Parameters
    ----------
    program : Path
        A Python file with a function ``answer`` from a question to an answer, both dictionaries of what JSON can say;
        nothing of the house is imported for it.
    memory : int
        Bytes that it may take.

    Notes
    -----
    It starts with the first question, and ends with this process, however that ends: its input is over then. Each
    process has its own, so one that was forked does not ask that of its parent.
    """

    def __init__(self, program: Path, memory: int = 4 * 2**30) -> None:
        self._command = [sys.executable, "-P", str(_PROGRAM), str(program), str(memory)]
        self._process: subprocess.Popen[str] | None = None
        self._owner = self._answered = 0
        self._lock = threading.RLock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def start(self) -> None:
        """Start it without waiting for it, if it does not run: it takes some tenths of a second."""
        with self._lock:
            if self._process is not None and self._owner == os.getpid() and self._process.poll() is None:
                return
            self._forget()
            # -P: the folder of the program holds modules whose names must not stand before those of libraries
            self._process = subprocess.Popen(  # noqa: S603 - this Python and our program, nothing from outside
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                encoding="utf-8",
                # memory that was given back is overwritten (glibc), so that who uses it again crashes and does not err
                env={**os.environ, "MALLOC_PERTURB_": "165"},
            )
            self._owner, self._answered = os.getpid(), 0
            atexit.register(self.close)

    def ask(self, question: Mapping[str, Any], longest_s: float) -> dict[str, Any]:
        """Return the answer to a question.

        Parameters
        ----------
        question : mapping of str to object
            What JSON can say.
        longest_s : float
            Seconds that the answer may take.

        Raises
        ------
        TimeoutError
            If it took longer.
        ChildProcessError
            If the process dies of it, also a new one: an old one could have been damaged by what it was asked before.
        """
        with self._lock:
            self.start()
            experienced = self._answered > 0
            try:
                return self._answer(question, longest_s)
            except ChildProcessError:
                if not experienced:
                    raise
            self.start()
            return self._answer(question, longest_s)

    def close(self) -> None:
        """End it; the next question starts another one."""
        with self._lock:
            atexit.unregister(self.close)
            self._forget()

    def _answer(self, question: Mapping[str, Any], longest_s: float) -> dict[str, Any]:
        process = self._process
        assert process is not None and process.stdin is not None and process.stdout is not None  # noqa: S101, PT018
        late = threading.Event()

        def end() -> None:
            late.set()
            process.kill()

        clock = threading.Timer(longest_s, end)
        clock.daemon = True
        clock.start()
        line = ""
        try:
            with contextlib.suppress(BrokenPipeError):
                process.stdin.write(json.dumps({**question, "seconds": longest_s}) + "\n")
                process.stdin.flush()
                line = process.stdout.readline()
        finally:
            clock.cancel()
            if not line.endswith("\n"):  # it died, or whoever asked was interrupted and the answer would come later
                self._forget()
        if not line.endswith("\n"):
            raise TimeoutError if late.is_set() else ChildProcessError
        self._answered += 1
        return json.loads(line)

    def _forget(self) -> None:
        """End the process and close what leads to it; one of the parent is left alone."""
        process, self._process = self._process, None
        if process is None or self._owner != os.getpid():
            return
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                with contextlib.suppress(BrokenPipeError):
                    stream.close()
