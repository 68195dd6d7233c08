"""Cases in a process of their own, so that one that never ends, or kills its process, is only one that failed."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from autocrine.engine.conformance.verdict import Verdict

#: a case (s) with reading and compiling, on processors that others use too
LONGEST_CASE_S = 300.0
Run = Callable[[Path, str], Verdict]


def verdicts(run: Run, directory: Path, names: Iterable[str], limit_s: float = LONGEST_CASE_S) -> Iterator[Verdict]:
    """Yield what comes out of some cases, in order.

    Parameters
    ----------
    run : callable
        Runs one case of the directory; importable by name.
    directory : Path
        The suite.
    names : iterable of str
        The cases.
    limit_s : float
        How long a case may take.
    """
    context, process, line = multiprocessing.get_context("spawn"), None, None
    try:
        for name in names:
            if process is None or line is None:
                line, inner = context.Pipe()
                process = context.Process(target=_serve, args=(inner, run, directory), daemon=True)
                process.start()
                inner.close()
            verdict = _asked(line, name, limit_s)
            if verdict is None:
                reason = f"no answer within {limit_s:g} s" if process.is_alive() else "the process died"
                process.kill()
                process.join()
                process, verdict = None, Verdict(name, "failed", reason)
            yield verdict
    finally:
        if process is not None:
            process.kill()
            process.join()


def _asked(line: Any, name: str, limit_s: float) -> Verdict | None:
    try:
        line.send(name)
        return line.recv() if line.poll(limit_s) else None
    except (EOFError, OSError):
        return None


def _serve(line: Any, run: Run, directory: Path) -> None:
    """Run the cases that are asked for, until the other side is gone."""
    while True:
        try:
            name = line.recv()
        except EOFError:
            return
        try:
            verdict = run(directory, name)
        except Exception as error:
            verdict = Verdict(name, "failed", f"defect: {type(error).__name__}: {error}")
        line.send(verdict)
