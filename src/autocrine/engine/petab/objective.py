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
from autocrine.engine.petab.likelihood import Densities, Likelihood
from autocrine.engine.petab.problem import Problem
from autocrine.engine.petab.scale import scaled, slope, unscaled

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


@dataclass
class Evaluations:
    """What a problem says at N points.

    Attributes
    ----------
    llh, log_prior : ndarray of shape (N,)
        Logarithms of likelihoods and of densities of the prior; NaN where an experiment cannot be simulated.
    gradient, prior_gradient : ndarray of shape (N, D)
        Their derivatives by the estimated parameters on their scales; D is 0 if they are not asked for.
    information : ndarray of shape (N, D, D)
        The expected Fisher information of the measurements about the parameters on their scales.
    prior_curvature : ndarray of shape (N, D)
        Minus the second derivatives of the priors, by differences; 0 where there are none.
    failures : tuple of dict of str to SolverError
        Why experiments could not be simulated, for each point.
    """

    llh: np.ndarray
    log_prior: np.ndarray
    gradient: np.ndarray
    prior_gradient: np.ndarray
    information: np.ndarray
    prior_curvature: np.ndarray
    failures: tuple[dict[str, errors.SolverError], ...]


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
        self._parts = tuple(Likelihood(part, problem, rtol, atol, threads) for part in problem.parts)

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
        found = Evaluation()
        said, whole = self._at(np.array([[values[name] for name in self.problem.parameters]]), by)
        for one in said:
            found.chi2 += float(one.chi2[0])
            found.simulated, found.widths = (*found.simulated, one.simulated[0]), (*found.widths, one.widths[0])
        found.failures = whole.failures[0]
        if found.failures and on_failure == "raise":
            raise next(iter(found.failures.values()))
        found.llh, found.log_prior = float(whole.llh[0]), float(whole.log_prior[0])
        found.gradient, found.prior_gradient = whole.gradient[0], whole.prior_gradient[0]
        return found

    def evaluate_many(self, points: ArrayLike, *, gradient: bool = False) -> Evaluations:
        """Return likelihoods and priors at many points, whose experiments are simulated as one ensemble.

        Parameters
        ----------
        points : array_like of shape (N, D)
            The estimated parameters on their scales.
        gradient : bool
            Whether derivatives and information are wanted.

        Raises
        ------
        InputError
            If the points cannot be used. What cannot be simulated is NaN, with its reason in `Evaluations.failures`.
        """
        table = np.atleast_2d(np.asarray(points, float))
        rows = [list(self.values(point).values()) for point in table]
        values = np.array(rows).reshape(len(table), len(self.problem.parameters))
        return self._at(values, self.names if gradient else ())[1]

    def _at(self, values: np.ndarray, by: tuple[str, ...]) -> tuple[list[Densities], Evaluations]:
        """Return what each part says at values of the whole table, shape (N, P), and all of them together."""
        columns = {name: values[:, place] for place, name in enumerate(self.problem.parameters)}
        count, table = len(values), {name: self.problem.parameters[name] for name in self.names}
        said = [part.at(values, by) for part in self._parts]
        stretch = np.ones((count, len(by)))
        for place, name in enumerate(by):
            stretch[:, place] = 1.0 / slope(columns[name], table[name].scale)
        gradient = sum((one.gradient for one in said), np.zeros((count, len(by))))
        information = sum((one.information for one in said), np.zeros((count, len(by), len(by))))
        log_prior, prior_gradient, curvature = np.zeros(count), np.zeros((count, len(by))), np.zeros((count, len(by)))
        for place, (name, each) in enumerate(table.items()):
            if each.prior is None:
                continue
            log_prior += [each.prior.log_density(value, each.scale) for value in columns[name].tolist()]
            if by:
                prior_gradient[:, place] = [each.prior.slope(value, each.scale) for value in columns[name].tolist()]
                curvature[:, place] = [each.prior.curvature(value, each.scale) for value in columns[name].tolist()]
        failures = tuple({k: v for one in said for k, v in one.failures[row].items()} for row in range(count))
        return said, Evaluations(
            sum((one.llh for one in said), np.zeros(count)),
            log_prior,
            gradient * stretch,
            prior_gradient,
            information * stretch[:, :, None] * stretch[:, None],
            curvature,
            failures,
        )

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
