"""Likelihood and posterior of a problem, with derivatives."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import ArrayLike

from autocrine.core import errors
from autocrine.engine.names import nearest
from autocrine.engine.petab.courses import Courses
from autocrine.engine.petab.plan import Plan, filled
from autocrine.engine.petab.problem import Measurement, Part, Problem
from autocrine.engine.petab.scale import scaled, slope, unscaled
from autocrine.engine.petab.terms import Terms

if TYPE_CHECKING:
    import pandas as pd


@dataclass
class Evaluation:
    """What a problem says at one point.

    Attributes
    ----------
    llh, chi2, log_prior : float
        Logarithm of the likelihood; sum of the squared residuals in units of the width of their noise; logarithm of
        the density of the prior, 0 where there is none.
    gradient, prior_gradient : ndarray of shape (D,)
        Derivatives of ``llh`` and ``log_prior`` by the estimated parameters on their scales; empty if not asked for.
    simulated, widths : tuple of ndarray of shape (M,)
        What is simulated for each measurement, and the width of its noise, for each model.
    failures : dict of str to SolverError
        Why experiments could not be simulated; what depends on them is NaN.
    """

    llh: float = 0.0
    chi2: float = 0.0
    log_prior: float = 0.0
    gradient: np.ndarray = field(default_factory=lambda: np.empty(0))
    prior_gradient: np.ndarray = field(default_factory=lambda: np.empty(0))
    simulated: tuple[np.ndarray, ...] = ()
    widths: tuple[np.ndarray, ...] = ()
    failures: dict[str, errors.SolverError] = field(default_factory=dict)

    @property
    def log_posterior(self) -> float:
        """The logarithm of the posterior density, but for a constant."""
        return self.llh + self.log_prior


class Objective:
    """Likelihood and posterior of a problem as functions of its estimated parameters.

    Parameters
    ----------
    problem : Problem
        The problem.
    rtol, atol : float
        Tolerances of the solver.
    threads : int, optional
        Threads to use, by default one for each processor.

    Raises
    ------
    InputError
        If the problem contradicts itself or its models.

    Notes
    -----
    A point is an array of the estimated parameters in their order, each on its scale (``log10`` of it, for
    instance), or a mapping from names to values as they are; who is not named has its nominal value. Derivatives
    of the likelihood are exact derivatives of the equations, integrated with them; at steady states they follow from
    the implicit function theorem. Priors are densities of the parameters as they are, except for those that PEtab 1
    calls ``parameterScale...``; no Jacobian of a scale is added.
    """

    def __init__(
        self, problem: Problem, *, rtol: float = 1e-9, atol: float = 1e-12, threads: int | None = None
    ) -> None:
        self.problem = problem
        self._parts = tuple(_Likelihood(part, problem, rtol, atol, threads) for part in problem.parts)

    @property
    def names(self) -> tuple[str, ...]:
        """The estimated parameters, in their order."""
        return self.problem.estimated

    @property
    def nominal(self) -> np.ndarray:
        """Their nominal values on their scales."""
        return self._on_scales("nominal")

    @property
    def lower(self) -> np.ndarray:
        """Their lower bounds on their scales."""
        return self._on_scales("lower")

    @property
    def upper(self) -> np.ndarray:
        """Their upper bounds on their scales."""
        return self._on_scales("upper")

    def _on_scales(self, attribute: str) -> np.ndarray:
        table = [self.problem.parameters[name] for name in self.names]
        return np.array([scaled(np.float64(getattr(each, attribute)), each.scale) for each in table])

    def values(self, point: ArrayLike | Mapping[str, float] | None = None) -> dict[str, float]:
        """Return all parameters of the table, as they are, at a point.

        Raises
        ------
        InputError
            If the point has another length, names what is not estimated, leaves one open that has no nominal value, or
            has a value that is not on its scale.
        """
        found = {name: each.nominal for name, each in self.problem.parameters.items()}
        if isinstance(point, Mapping):
            for name, value in point.items():
                if name not in self.names:
                    must = "a point must name estimated parameters"
                    raise errors.InputError(must, name, hint=nearest(name, self.names))
                found[name] = float(value)
        elif point is not None:
            numbers = np.asarray(point, float)
            if numbers.shape != (len(self.names),):
                raise errors.InputError(f"a point must have {len(self.names)} numbers", numbers.shape)
            for name, value in zip(self.names, numbers, strict=True):
                found[name] = float(unscaled(value, self.problem.parameters[name].scale))
        for name, value in found.items():
            if math.isnan(value):
                raise errors.InputError(f"parameter {name} must have a value", value, hint="a nominalValue")
            each = self.problem.parameters[name]
            if each.estimated and each.scale != "lin" and not value > 0:
                raise errors.InputError(f"parameter {name} must be positive on the scale {each.scale}", value)
        return found

    def evaluate(
        self,
        point: ArrayLike | Mapping[str, float] | None = None,
        *,
        gradient: bool = False,
        on_failure: Literal["raise", "nan"] = "raise",
    ) -> Evaluation:
        """Return likelihood, prior and simulations at a point, by default the nominal one.

        Parameters
        ----------
        point : array_like of shape (D,) or mapping of str to float, optional
            The estimated parameters: see the notes of the class.
        gradient : bool
            Whether derivatives are wanted.
        on_failure : {"raise", "nan"}
            Whether an experiment that cannot be simulated raises, or makes the likelihood NaN, with its reason in
            `Evaluation.failures`.

        Raises
        ------
        InputError
            If the point cannot be used.
        SolverError
            If an experiment fails and ``on_failure`` is ``"raise"``.
        """
        values = self.values(point)
        by = self.names if gradient else ()
        found = Evaluation(gradient=np.zeros(len(by)), prior_gradient=np.zeros(len(by)))
        for part in self._parts:
            part.add(found, values, by)
        if found.failures and on_failure == "raise":
            raise next(iter(found.failures.values()))
        stretch = np.array([1.0 / slope(values[name], self.problem.parameters[name].scale) for name in by])
        found.gradient = found.gradient * stretch
        found.log_prior = sum(self.log_priors(values).values(), 0.0)
        for place, name in enumerate(by):
            each = self.problem.parameters[name]
            if each.prior is not None:
                found.prior_gradient[place] = each.prior.slope(values[name], each.scale)
        return found

    def log_priors(self, values: Mapping[str, float]) -> dict[str, float]:
        """Return the logarithms of the densities of the priors, by parameter, at values of the whole table."""
        table = {name: self.problem.parameters[name] for name in self.names}
        return {
            name: each.prior.log_density(values[name], each.scale)
            for name, each in table.items()
            if each.prior is not None
        }

    def llh(self, point: ArrayLike | Mapping[str, float] | None = None) -> float:
        """Return the logarithm of the likelihood."""
        return self.evaluate(point).llh

    def gradient(self, point: ArrayLike | Mapping[str, float] | None = None) -> np.ndarray:
        """Return the derivatives of `llh` by the estimated parameters on their scales, shape (D,)."""
        return self.evaluate(point, gradient=True).gradient

    def log_posterior(self, point: ArrayLike | Mapping[str, float] | None = None) -> float:
        """Return the logarithm of the posterior density, but for a constant."""
        return self.evaluate(point).log_posterior

    def simulations(self, point: ArrayLike | Mapping[str, float] | None = None) -> list[pd.DataFrame]:
        """Return a simulation table for each model: the measurement table with what is simulated."""
        from autocrine.engine.petab.tables import measurement_table

        found = self.evaluate(point)
        return [
            measurement_table(part, self.problem.version, simulated)
            for part, simulated in zip(self.problem.parts, found.simulated, strict=True)
        ]

    def starting_points(self, count: int, seed: int) -> np.ndarray:
        """Draw points within the bounds, shape (count, D).

        They come from what PEtab 1 calls initialization priors, from priors where there are none, else evenly on the
        scales.
        """
        rng, columns = np.random.default_rng(seed), []
        for place, name in enumerate(self.names):
            each = self.problem.parameters[name]
            density = each.starting or each.prior
            if density is None and not math.isfinite(self.upper[place] - self.lower[place]):
                must = f"parameter {name} must have finite bounds on its scale where points are drawn between them"
                raise errors.InputError(must, (each.lower, each.upper))
            if density is None:
                columns.append(rng.uniform(self.lower[place], self.upper[place], count))
            else:
                drawn = scaled(density.sample(rng, count, each.scale), each.scale)
                columns.append(np.clip(drawn, self.lower[place], self.upper[place]))
        return np.stack(columns, axis=1) if columns else np.empty((count, 0))


class _Likelihood:
    """The likelihood of one part."""

    def __init__(self, part: Part, problem: Problem, rtol: float, atol: float, threads: int | None) -> None:
        self._part, self._table = part, problem.parameters
        for each in part.measurements:
            _check(each, part, problem)
        self._plan = Plan(part, problem.parameters)
        self._courses = Courses(self._plan, rtol, atol, threads)
        observables = list(part.observables)
        self._which = np.array([observables.index(each.observable) for each in part.measurements], int)
        self._measured = np.array([each.value for each in part.measurements])
        self._given = [(*each.fillings, *each.width_fillings) for each in part.measurements]
        counts = [len(each.placeholders) + len(each.width_placeholders) for each in part.observables.values()]
        self._wide = max(counts, default=0)
        names = (*self._plan.leaves, *(filled(place) for place in range(self._wide)))
        self._terms = Terms([one for each in self._plan.formulas for one in each], names)

    def add(self, found: Evaluation, values: Mapping[str, float], by: tuple[str, ...]) -> None:
        """Add what this part says."""
        table, tangents = self._plan.constants(values, by)
        count, leaves = len(self._measured), len(self._plan.leaves)
        given, slopes = np.zeros((count, leaves + self._wide)), np.zeros((count, leaves + self._wide, len(by)))
        if np.isfinite(table).all():
            seen = self._courses.see(table, tangents)
            given[:, :leaves], slopes[:, :leaves] = seen.quantities, seen.slopes
            found.failures |= seen.failures
        else:
            given[:, :leaves] = np.nan
        for row, fillings in enumerate(self._given):
            for place, filling in enumerate(fillings, start=leaves):
                given[row, place] = values[filling] if isinstance(filling, str) else filling
                if filling in by:
                    slopes[row, place, by.index(str(filling))] = 1.0
        rows = np.arange(count)
        results = self._terms.evaluate(given)
        simulated, width = results[rows, 2 * self._which], results[rows, 2 * self._which + 1]
        found.simulated, found.widths = (*found.simulated, simulated), (*found.widths, width)
        along = self._terms.along(given, slopes) if by else None
        for name, place in {each: k for k, each in enumerate(self._part.observables)}.items():
            mine = np.flatnonzero(self._which == place)
            noise = self._part.observables[name].noise
            point = self._measured[mine], simulated[mine], width[mine]
            found.llh += float(noise.log_density(*point).sum())
            with np.errstate(over="ignore"):
                found.chi2 += float((noise.residual(*point) ** 2).sum())
            if along is not None and len(mine):
                by_simulated, by_width = noise.slopes(*point)
                with np.errstate(all="ignore"):  # what is not finite shows in the result
                    found.gradient += by_simulated @ along[mine, 2 * place] + by_width @ along[mine, 2 * place + 1]


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
