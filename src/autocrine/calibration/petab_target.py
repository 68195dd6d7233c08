"""Problems of PEtab as something that can be fitted and sampled."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol

import numpy as np
from numpy.typing import ArrayLike

from autocrine.calibration.given import Prior, Priors
from autocrine.core import errors

Scale = Literal["lin", "log", "log10"]


class Evaluations(Protocol):
    """What a problem says at many points: see `PetabObjective`."""

    llh: np.ndarray
    log_prior: np.ndarray
    gradient: np.ndarray
    prior_gradient: np.ndarray
    information: np.ndarray
    prior_curvature: np.ndarray


class PetabObjective(Protocol):
    """Likelihood and prior of a problem of PEtab with their derivatives by parameters on their scales."""

    @property
    def names(self) -> Sequence[str]:
        """The estimated parameters."""
        ...

    @property
    def lower(self) -> np.ndarray:
        """Their lower bounds on their scales."""
        ...

    @property
    def upper(self) -> np.ndarray:
        """Their upper bounds on their scales."""
        ...

    def evaluate_many(self, points: np.ndarray, *, gradient: bool) -> Evaluations:
        """Return likelihoods and priors at points, shape (n, p); NaN where one cannot be simulated."""
        ...


class PetabTarget:
    """The objective of a problem of PEtab, between the bounds of its parameters.

    Parameters
    ----------
    objective : PetabObjective
        The objective.
    scales : sequence of {"lin", "log", "log10"}
        The scale of each estimated parameter.

    Raises
    ------
    InputError
        If a parameter has no finite bounds, or scales are missing.

    Notes
    -----
    The log density is the log likelihood plus the logarithms of the priors of the problem, as PEtab defines its
    objective: no Jacobian of a scale is added. Draws are draws of the points on the scales from that density.
    """

    squares = False

    def __init__(self, objective: PetabObjective, scales: Sequence[Scale]) -> None:
        self._objective = objective
        names, lower, upper = objective.names, objective.lower, objective.upper
        if len(scales) != len(names):
            raise errors.InputError(f"there must be a scale for each of {len(names)} parameters", len(scales))
        bounds = np.isfinite(lower) & np.isfinite(upper)
        if not bounds.all():
            must = "estimated parameters must have finite bounds on their scales"
            raise errors.InputError(must, [name for name, good in zip(names, bounds, strict=True) if not good])
        self.priors = Priors(
            Prior(name, 0.5 * (low + high), np.inf, scale, low, high)
            for name, scale, low, high in zip(names, scales, lower.tolist(), upper.tolist(), strict=True)
        )

    def log_likelihood(self, points: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
        """Return log likelihoods, shape (n,), and derivatives by the points, shape (n, p)."""
        found = self._objective.evaluate_many(_table(points), gradient=True)
        return _finite(found.llh, found.gradient)

    def log_density(self, points: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
        """Return log posterior densities but for a constant, shape (n,), and derivatives, shape (n, p)."""
        found = self._objective.evaluate_many(_table(points), gradient=True)
        return _finite(found.llh + found.log_prior, found.gradient + found.prior_gradient)

    def scores(self, points: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
        """Return log posterior densities, shape (n,), and derivatives with the information, shape (n, 1 + p, p).

        Below the derivatives stands the expected Fisher information of the measurements, with the curvature of priors
        where they have one: those of PEtab need not be concave.
        """
        found = self._objective.evaluate_many(_table(points), gradient=True)
        gradient = (found.gradient + found.prior_gradient)[:, None]
        curvature = np.maximum(found.prior_curvature, 0.0)[:, None] * np.eye(gradient.shape[2])
        return _finite(found.llh + found.log_prior, np.concatenate([gradient, found.information + curvature], axis=1))

    def plain(self, points: ArrayLike) -> np.ndarray:
        """Return log posterior densities, shape (n,), without derivatives, which is many times cheaper."""
        found = self._objective.evaluate_many(_table(points), gradient=False)
        value = found.llh + found.log_prior
        return np.where(np.isfinite(value), value, -np.inf)

    def residuals(self, points: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
        """Refuse: an objective of PEtab need not be a sum of squares.

        Raises
        ------
        InputError
            Always.
        """
        raise errors.InputError("a problem of PEtab must be fitted by its gradient", hint="method='scoring'")


def _table(points: ArrayLike) -> np.ndarray:
    return np.atleast_2d(np.asarray(points, float))


def _finite(values: np.ndarray, slopes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return a density of zero where something could not be computed."""
    good = np.isfinite(values) & np.isfinite(slopes.reshape(len(values), -1)).all(axis=1)
    return np.where(good, values, -np.inf), np.where(good.reshape(-1, *[1] * (slopes.ndim - 1)), slopes, 0.0)
