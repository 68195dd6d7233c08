"""What ``autocrine petab evaluate`` gives: a problem at one point."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autocrine.core import errors

if TYPE_CHECKING:
    import pandas as pd

    from autocrine.engine.petab import Evaluation, Objective


@dataclass(frozen=True)
class Point:
    """A problem at one point.

    Attributes
    ----------
    objective : Objective
        The problem.
    values : dict of str to float
        The estimated parameters, as they are.
    found : Evaluation
        What it says.
    with_gradient : bool
        Whether derivatives were asked for.
    """

    objective: Objective
    values: dict[str, float]
    found: Evaluation
    with_gradient: bool

    def lines(self) -> Iterator[str]:
        """Yield what is printed."""
        for name in ("llh", "chi2", "log_prior", "log_posterior"):
            yield f"{name:14} {getattr(self.found, name):.10g}"
        if not self.with_gradient:
            return
        yield f"{'parameter':30} {'value':>14} {'scale':>6} {'d llh':>16} {'d log_prior':>16}"
        for place, (name, value) in enumerate(self.values.items()):
            scale = self.objective.problem.parameters[name].scale
            slope, prior = self.found.gradient[place], self.found.prior_gradient[place]
            yield f"{name:30} {value:14.6g} {scale:>6} {slope:16.8g} {prior:16.8g}"

    def as_object(self) -> dict[str, Any]:
        """Return what ``--json`` prints; numbers that JSON cannot write are null."""
        found: dict[str, Any] = {
            name: _plain(getattr(self.found, name)) for name in ("llh", "chi2", "log_prior", "log_posterior")
        }
        found["parameters"] = {
            name: {"value": value, "scale": self.objective.problem.parameters[name].scale}
            | (self._slopes(place) if self.with_gradient else {})
            for place, (name, value) in enumerate(self.values.items())
        }
        return found

    def write_simulations(self, folder: Path) -> None:
        """Write a simulation table for each model.

        Raises
        ------
        OutputError
            If the folder cannot be written to.
        """
        tables = self.objective.simulations(self.values)
        for part, table in zip(self.objective.problem.parts, tables, strict=True):
            _save(table, folder / f"simulations_{part.model.name}.tsv")

    def _slopes(self, place: int) -> dict[str, float | None]:
        slopes = {"d_llh": self.found.gradient, "d_log_prior": self.found.prior_gradient}
        return {name: _plain(each[place]) for name, each in slopes.items()}


def evaluated(file: Path, given: Sequence[str], gradient: bool, rtol: float) -> Point:
    """Return a problem at its nominal parameters, but for the given ones (``NAME=VALUE``).

    Raises
    ------
    InputError
        If the file, a name or a value cannot be used.
    SolverError
        If an experiment cannot be simulated.
    """
    from autocrine.engine import standards

    objective = standards.petab_objective(standards.read_petab(file), rtol)
    point = dict(_value(each) for each in given)
    values = objective.values(point)
    found = objective.evaluate(point, gradient=gradient)
    return Point(objective, {name: values[name] for name in objective.names}, found, gradient)


def _value(text: str) -> tuple[str, float]:
    name, _, number = text.partition("=")
    try:
        return name.strip(), float(number)
    except ValueError as error:
        raise errors.InputError("--set must be NAME=VALUE with a number", text) from error


def _plain(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _save(table: pd.DataFrame, path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        table.to_csv(path, sep="\t", index=False)
    except OSError as error:
        raise errors.OutputError(f"{path} cannot be written ({error.strerror or error})") from error
