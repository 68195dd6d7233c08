"""The likelihood of one part of a problem, with derivatives and information."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from autocrine.core import errors
from autocrine.engine.names import nearest
from autocrine.engine.petab.courses import Courses
from autocrine.engine.petab.noise import Noise
from autocrine.engine.petab.plan import Plan, filled
from autocrine.engine.petab.problem import Measurement, Part, Problem
from autocrine.engine.petab.terms import Terms

#: numbers in the largest table of derivatives; more points are taken one part after the other
_LARGEST = 2e7


@dataclass
class Densities:
    """What a part says at N points.

    Attributes
    ----------
    llh, chi2 : ndarray of shape (N,)
        Logarithm of the likelihood; sum of the squared residuals in units of the width of their noise.
    gradient, information : ndarray of shape (N, D) and (N, D, D)
        Derivatives of ``llh``, and the expected Fisher information, by parameters as they are.
    simulated, widths : ndarray of shape (N, M)
        What is simulated for each measurement, and the width of its noise.
    failures : tuple of dict of str to SolverError
        Why experiments could not be simulated, for each point.
    """

    llh: np.ndarray
    chi2: np.ndarray
    gradient: np.ndarray
    information: np.ndarray
    simulated: np.ndarray
    widths: np.ndarray
    failures: tuple[dict[str, errors.SolverError], ...]


class Likelihood:
    """The likelihood of one part.

    Parameters
    ----------
    part : Part
        The part.
    problem : Problem
        Its problem.
    rtol, atol : float
        Tolerances of the solver.
    threads : int, optional
        Threads to use.

    Raises
    ------
    InputError
        If the part contradicts itself or its model.
    """

    def __init__(self, part: Part, problem: Problem, rtol: float, atol: float, threads: int | None) -> None:
        for each in part.measurements:
            _check(each, part, problem)
        self._plan = Plan(part, problem.parameters)
        self._courses = Courses(self._plan, rtol, atol, threads)
        observables = list(part.observables)
        which = np.array([observables.index(each.observable) for each in part.measurements], int)
        self._which = np.stack([2 * which, 2 * which + 1], axis=1)
        self._measured = np.array([each.value for each in part.measurements])
        self._noises: dict[Noise, np.ndarray] = {}
        for noise in dict.fromkeys(each.noise for each in part.observables.values()):
            places = [place for place, name in enumerate(observables) if part.observables[name].noise == noise]
            self._noises[noise] = np.flatnonzero(np.isin(which, places))
        counts = [len(each.placeholders) + len(each.width_placeholders) for each in part.observables.values()]
        self._wide = max(counts, default=0)
        self._fill(part, list(problem.parameters))
        names = (*self._plan.leaves, *(filled(place) for place in range(self._wide)))
        self._terms = Terms([one for each in self._plan.formulas for one in each], names)

    def _fill(self, part: Part, table: list[str]) -> None:
        """Note what stands for placeholders: numbers, and columns of the table or -1."""
        self._numbers = np.zeros((len(part.measurements), self._wide))
        self._columns = np.full(self._numbers.shape, -1)
        for row, each in enumerate(part.measurements):
            for place, filling in enumerate((*each.fillings, *each.width_fillings)):
                if isinstance(filling, str):
                    self._columns[row, place] = table.index(filling)
                else:
                    self._numbers[row, place] = filling
        self._table = table

    def at(self, values: np.ndarray, by: tuple[str, ...]) -> Densities:
        """Return what the part says.

        Parameters
        ----------
        values : ndarray of shape (N, P)
            All parameters of the table.
        by : tuple of str
            The D parameters by which derivatives are taken.
        """
        each = max(1, len(self._measured) * (len(self._plan.leaves) + self._wide) * max(len(by), 1))
        size = max(1, int(_LARGEST / each))
        parts = [self._some(values[first : first + size], by) for first in range(0, len(values), size)]
        if len(parts) == 1:
            return parts[0]
        arrays = {
            name: np.concatenate([vars(one)[name] for one in parts]) for name in vars(parts[0]) if name != "failures"
        }
        return Densities(**arrays, failures=tuple(failed for one in parts for failed in one.failures))

    def _some(self, values: np.ndarray, by: tuple[str, ...]) -> Densities:
        given, slopes, failures = self._given(values, by)
        points, count = len(values), len(self._measured)
        rows = given.reshape(points * count, given.shape[2])
        results = self._terms.evaluate(rows).reshape(points, count, 2 * len(self._plan.formulas))
        places = np.arange(count)
        simulated, widths = results[:, places, self._which[:, 0]], results[:, places, self._which[:, 1]]
        found = Densities(
            np.zeros(points),
            np.zeros(points),
            np.zeros((points, len(by))),
            np.zeros((points, len(by), len(by))),
            simulated,
            widths,
            failures,
        )
        along = None
        if by:
            which = np.tile(self._which, (points, 1))
            along = self._terms.chosen(rows, slopes.reshape(points * count, given.shape[2], len(by)), which)
            along = along.reshape(points, count, 2, len(by))
        for noise, mine in self._noises.items():
            self._add(found, noise, mine, along)
        return found

    def _given(
        self, values: np.ndarray, by: tuple[str, ...]
    ) -> tuple[np.ndarray, np.ndarray, tuple[dict[str, errors.SolverError], ...]]:
        """Return what formulas are written in at each measurement, shape (N, M, k), its derivatives, and failures."""
        table, tangents = self._plan.constants(values, by)
        points, count, leaves = len(values), len(self._measured), len(self._plan.leaves)
        given = np.full((points, count, leaves + self._wide), np.nan)
        slopes = np.zeros((*given.shape, len(by)))
        failures: list[dict[str, errors.SolverError]] = [{} for _ in range(points)]
        sound = np.flatnonzero(np.isfinite(table).all(axis=(1, 2)))
        if len(sound):
            seen = self._courses.see(table[sound], tangents[sound])
            given[sound, :, :leaves] = seen.quantities.reshape(len(sound), count, leaves)
            slopes[sound, :, :leaves] = seen.slopes.reshape(len(sound), count, leaves, len(by))
            for point, failed in zip(sound.tolist(), seen.failures, strict=True):
                failures[point] = failed
        given[:, :, leaves:] = np.where(self._columns >= 0, values[:, self._columns], self._numbers)
        for row, place in np.argwhere(self._columns >= 0):
            name = self._table[self._columns[row, place]]
            if name in by:
                slopes[:, row, leaves + place, by.index(name)] = 1.0
        return given, slopes, tuple(failures)

    def _add(self, found: Densities, noise: Noise, mine: np.ndarray, along: np.ndarray | None) -> None:
        """Add the measurements with one kind of noise."""
        point = self._measured[mine], found.simulated[:, mine], found.widths[:, mine]
        found.llh += noise.log_density(*point).sum(axis=1)
        with np.errstate(over="ignore"):
            found.chi2 += (noise.residual(*point) ** 2).sum(axis=1)
        if along is None:
            return
        with np.errstate(all="ignore"):  # what is not finite shows in the result
            told = noise.information(*point[1:])
            for place, by in enumerate(noise.slopes(*point)):
                slopes = along[:, mine, place]
                found.gradient += (by[:, None] @ slopes)[:, 0]
                found.information += np.swapaxes(slopes * told[place][:, :, None], 1, 2) @ slopes


def _check(each: Measurement, part: Part, problem: Problem) -> None:
    """Refuse a measurement that does not fit the other tables."""
    observable = part.observables.get(each.observable)
    if observable is None:
        hint = nearest(each.observable, part.observables)
        raise errors.InputError(
            "observableId must be in the observable table", each.observable, where=each.where, hint=hint
        )
    for column, given, wanted in (
        ("observableParameters", each.fillings, observable.placeholders),
        ("noiseParameters", each.width_fillings, observable.width_placeholders),
    ):
        if len(given) != len(wanted):
            must = f"{column} must have {len(wanted)} entries, as the formulas of {each.observable} have placeholders,"
            raise errors.InputError(must, len(given), where=each.where)
        for filling in given:
            if isinstance(filling, str) and filling not in problem.parameters:
                hint = nearest(filling, problem.parameters)
                raise errors.InputError(
                    f"{column} must be in the parameter table", filling, where=each.where, hint=hint
                )
    if observable.noise.scale != "lin" and not each.value > 0:
        must = f"a measurement must be positive on the scale {observable.noise.scale}"
        raise errors.InputError(must, each.value, where=each.where)
