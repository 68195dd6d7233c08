"""libsbml in a process of its own: what may crash happens there first.

It is not beside the readers of SBML, so that it can be started before these have been imported.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from autocrine.core import errors
from autocrine.engine.foreign_process import ForeignProcess

#: seconds that reading, or writing out submodels, may take
LONGEST_S = 60.0
#: seconds that checks may take; who waits longer would rather do without
LONGEST_CHECK_S = 20.0
_PROGRAM = Path(__file__).with_name("sbml") / "libsbml_program.py"
#: bytes; genome-scale models take some 2 GB
_MEMORY = 8 * 2**30
_PROCESS = ForeignProcess(_PROGRAM, _MEMORY)


def start() -> None:
    """Start the process, so that it is there when it is needed."""
    _PROCESS.start()


def try_reading(text: str, where: str) -> None:
    """Refuse text that libsbml cannot read without crashing.

    Raises
    ------
    InputError
        If it crashes, or takes too long.
    """
    try:
        _PROCESS.ask({"do": "read", "text": text}, LONGEST_S)
    except ChildProcessError as error:
        raise errors.InputError(
            "SBML must be such that libsbml does not crash when it reads it", where=where
        ) from error
    except TimeoutError as error:
        raise errors.InputError(f"SBML must be read by libsbml within {LONGEST_S:g} s", where=where) from error


def flattened(text: str, location: str) -> tuple[str, str]:
    """Return a document without submodels as text, or nothing and the reason.

    Parameters
    ----------
    text : str
        The document.
    location : str
        The URI of its file, which files beside it are found by; empty if there is none.

    Notes
    -----
    Each document has a fresh process: libsbml uses memory that it gave back, and whether that crashes or goes wrong in
    silence depends on what the process did before.
    """
    try:
        with ForeignProcess(_PROGRAM, _MEMORY) as fresh:
            answer = fresh.ask({"do": "flatten", "text": text, "location": location}, LONGEST_S)
    except ChildProcessError:
        return "", "libsbml breaks off when it writes them out"
    except TimeoutError:
        return "", f"libsbml did not write them out within {LONGEST_S:g} s"
    return answer["text"], answer["reason"]


def found(text: str, categories: list[int]) -> list[tuple[int, int, str]] | None:
    """Return what checks find in a document: category, line and message; None if they take too long.

    Parameters
    ----------
    text : str
        The document.
    categories : list of int
        The checks, by libsbml's numbers.

    Raises
    ------
    InputError
        If libsbml crashes.
    """
    question: dict[str, Any] = {"do": "check", "text": text, "categories": categories}
    try:
        answer = _PROCESS.ask(question, LONGEST_CHECK_S)
    except ChildProcessError as error:
        must = "SBML must be such that libsbml does not crash when it checks units and maths"
        raise errors.InputError(must) from error
    except TimeoutError:
        return None
    return [(category, line, message) for category, line, message in answer["found"]]
