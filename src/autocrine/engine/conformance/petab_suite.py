"""The PEtab test suite: problems with their likelihoods, simulations and priors."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from autocrine.core import errors
from autocrine.engine.conformance.verdict import Verdict
from autocrine.engine.petab import Evaluation, Objective, read_petab
from autocrine.engine.petab.problem_file import ProblemFile
from autocrine.engine.petab.table import Table, parse_number

_SOLUTION = "_solution.yaml"
#: numbers of a solution, and what they are called here
_NUMBERS = {"llh": "llh", "chi2": "chi2", "unnorm_log_posterior": "log_posterior"}
#: what identifies a row of a simulation table; others only say more about it
_KEYS = (
    "observableId",
    "experimentId",
    "preequilibrationConditionId",
    "simulationConditionId",
    "modelId",
    "time",
    "observableParameters",
    "noiseParameters",
)


def cases(directory: Path, chosen: Sequence[str]) -> list[str]:
    """Return the folders with cases, wherever they lie below a directory, or those of them that were chosen.

    Raises
    ------
    InputError
        If there are none, or a chosen one is not there.
    """
    folders = {path.parent for path in directory.rglob(f"*{_SOLUTION}")}
    found = sorted(folder.relative_to(directory).as_posix() for folder in folders)
    if not found:
        raise errors.InputError(f"the directory must hold cases with files such as _0001{_SOLUTION}", str(directory))
    for name in chosen:
        if name not in found:
            raise errors.InputError("a case must be in the directory", name, where=str(directory))
    return list(chosen) or found


def run(directory: Path, name: str) -> Verdict:
    """Evaluate the problem of a case and compare."""
    solution = next(iter(sorted((directory / name).glob(f"*{_SOLUTION}"))))
    try:
        expected = ProblemFile.read(solution)
        problem = read_petab(solution.with_name(solution.name.replace(_SOLUTION, ".yaml")))
        objective = Objective(problem)
        found = objective.evaluate()
        wrong = next(_differences(objective, found, expected), "")
    except errors.UnsupportedError as error:
        return Verdict(name, "unsupported", error.feature)
    except errors.AutocrineError as error:
        return Verdict(name, "failed", str(error))
    return Verdict(name, "failed" if wrong else "passed", wrong)


def _differences(objective: Objective, found: Evaluation, expected: ProblemFile) -> Iterator[str]:
    """Yield what differs by more than the tolerances of the solution."""
    values = expected.content
    for key, ours in _NUMBERS.items():
        if key in values:
            yield from _far(key, getattr(found, ours), values[key], values.get(f"tol_{key}", 1e-3))
    densities = objective.log_priors(objective.values())
    for key, value in (values.get("log_prior") or {}).items():
        tolerance = float(values.get("tol_log_prior", 1e-3))
        yield from _far(f"log_prior of {key}", densities.get(key, math.nan), value, tolerance)
    tables = [Table.read(expected.file(each), ("simulation",)) for each in values.get("simulation_files") or ()]
    rows = [row.values for table in tables for row in table.rows]
    ours = [row for table in objective.simulations() for row in table.astype(object).to_dict("records")]
    yield from _compared(rows, ours, float(values.get("tol_simulations", 1e-3)))


def _far(what: str, was: float, wanted: Any, tolerance: float) -> Iterator[str]:
    wanted = float(wanted)
    same = was == wanted or (math.isnan(was) and math.isnan(wanted))
    if not same and not abs(was - wanted) <= tolerance:
        yield f"{what} is {was:.10g}, expected {wanted:.10g}"


def _compared(rows: Sequence[Mapping[str, str]], ours: Sequence[Mapping[Any, Any]], tolerance: float) -> Iterator[str]:
    """Yield the worst of the simulations that differ."""
    # a column that the solution leaves empty says nothing
    columns = [key for key in _KEYS if ours and key in ours[0] and any(row.get(key) for row in rows)]
    known: dict[tuple, list[float]] = {}
    for row in ours:
        known.setdefault(_key(row, columns), []).append(float(row["simulation"]))
    worst, shown = 0.0, ""
    for row in rows:
        wanted, found = float(row["simulation"] or "nan"), known.get(_key(row, columns), [])
        was = found.pop(0) if len(found) > 1 else found[0] if found else math.nan
        off = 0.0 if was == wanted or (math.isnan(was) and math.isnan(wanted) and found) else abs(was - wanted)
        off = math.inf if math.isnan(off) else off
        if off > tolerance and off > worst:
            at = ", ".join(str(row[key]) for key in columns if row[key])
            worst, shown = off, f"simulation of {at} is {was:.10g}, expected {wanted:.10g}"
    if shown:
        yield shown


def _key(row: Mapping[Any, Any], columns: Sequence[str]) -> tuple:
    """Return what identifies a row: numbers as numbers, and nothing for empty cells."""
    found = []
    for column in columns:
        value = row[column]
        text = "" if value is None or (isinstance(value, float) and np.isnan(value)) else str(value)
        parts = [parse_number(part) for part in text.split(";")]
        found.append(tuple(a if a is not None else b for a, b in zip(parts, text.split(";"), strict=True)))
    return tuple(found)
