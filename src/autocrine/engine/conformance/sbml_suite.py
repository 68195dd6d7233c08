"""The time courses of the SBML Test Suite."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from autocrine.core import errors
from autocrine.engine import sbml
from autocrine.engine.conformance.sbml_case import SbmlCase
from autocrine.engine.conformance.verdict import Verdict


def cases(directory: Path, chosen: Sequence[str]) -> list[str]:
    """Return the names of the cases in a directory, or those of them that were chosen.

    Raises
    ------
    InputError
        If there are none, or a chosen one is not there.
    """
    found = sorted(path.name for path in directory.glob("[0-9]*") if path.is_dir())
    if not found:
        raise errors.InputError("the directory must hold cases such as 00001", str(directory))
    for name in chosen:
        if name not in found:
            raise errors.InputError("a case must be in the directory", name, where=str(directory))
    return list(chosen) or found


def run(directory: Path, name: str) -> Verdict:
    """Simulate a case and compare."""
    try:
        case = SbmlCase.load(directory / name)
        if absent := case.absent_files():
            return Verdict(name, "unsupported", f"external model definitions whose files are not there: {absent}")
        sheet = sbml.sheet_of(sbml.load(case.model), case.model.name, case.model)
        found = case.simulate(sbml.network_of(sheet, case.model.name), sheet.quantities)
    except errors.UnsupportedError as error:
        return Verdict(name, "unsupported", error.feature)
    except errors.AutocrineError as error:
        return Verdict(name, "failed", str(error))
    worst = case.worst(found)
    return Verdict(name, "failed" if worst else "passed", worst)
