"""Problems of PEtab as something that can be fitted and sampled."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol

import numpy as np
from numpy.typing import ArrayLike

from autocrine.calibration.given import Prior, Priors
from autocrine.core import errors

Scale = Literal["lin", "log", "log10"]


class Evaluation(Protocol):
    """What a problem says at one point: see `PetabObjective`."""

    llh: float
    log_prior: float
    gradient: np.ndarray
    prior_gradient: np.ndarray


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

    def evaluate(self, point: np.ndarray, *, gradient: bool, on_failure: Literal["nan"]) -> Evaluation:
        """Return likelihood and prior at a point; NaN where it cannot be simulated."""
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
        return self._each(points, prior=False)

    def log_density(self, points: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
        """Return log posterior densities but for a constant, shape (n,), and derivatives, shape (n, p)."""
        return self._each(points, prior=True)

    def residuals(self, points: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
        """Refuse: an objective of PEtab need not be a sum of squares.

        Raises
        ------
        InputError
            Always.
        """
        raise errors.InputError("a problem of PEtab must be fitted by its gradient", hint="method='gradient'")

    def _each(self, points: ArrayLike, *, prior: bool) -> tuple[np.ndarray, np.ndarray]:
        table = np.atleast_2d(np.asarray(points, float))
        values, gradients = np.full(len(table), -np.inf), np.zeros(table.shape)
        for row, point in enumerate(table):
            found = self._objective.evaluate(point, gradient=True, on_failure="nan")
            value = found.llh + (found.log_prior if prior else 0.0)
            gradient = found.gradient + (found.prior_gradient if prior else 0.0)
            if np.isfinite(value) and np.isfinite(gradient).all():
                values[row], gradients[row] = value, gradient
        return values, gradients
