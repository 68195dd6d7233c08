"""Measured plates as a problem of parameter estimation, for ``autocrine petab export``."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from autocrine.core import errors

if TYPE_CHECKING:
    from autocrine.assay.plates.dose_series import DoseSeries
    from autocrine.assay.plates.options import Options
    from autocrine.engine.petab.problem import Problem


def problem_of(files: Sequence[Path], said: Options, estimated: Sequence[str]) -> tuple[Problem, list[str]]:
    """Return the problem that plates make with the built-in circuit, and what was left out of them.

    Raises
    ------
    InputError
        If there is no viability in the files, or a line, a drug or a parameter is not known.
    """
    import pandas as pd

    from autocrine.assay import Bench, Protocol, plates

    source = ", ".join(map(str, files))
    found, rows, notes = plates.dose_series(plates.read_plates(files, said)), [], []
    for each in found.series:
        reason = _left_out(each)
        if reason:
            notes.append(f"{each.line}, {each.drug}: {each.measure} is left out: {reason}")
            continue
        rows += [
            (each.line, each.drug, float(dose), float(value), each.time_h)
            for dose, value in zip(each.dose_nM, each.value, strict=True)
        ]
    if not rows:
        raise errors.InputError("plates must hold viability under doses of a drug", where=source, hint="; ".join(notes))
    names = ("line", "drug", "dose_nM", "viability", "duration_h")
    wells = pd.DataFrame([dict(zip(names, row, strict=True)) for row in rows])
    if any(math.isnan(row[-1]) for row in rows):
        notes.append(f"where no time is given the readout is at {Protocol().duration_h:g} h")
    with errors.inside(source):
        return Bench().petab_problem(wells, Protocol(), estimated), notes


def _left_out(each: DoseSeries) -> str:
    """Return why a series makes no measurements; empty if it does."""
    if each.problem:
        return each.problem
    if each.measure != "viability":
        return "only viability is described"
    if each.arm:
        return f"arm {each.arm}"
    return "" if math.isnan(each.time_h) or each.time_h > 0 else "it was read before the drug was added"
