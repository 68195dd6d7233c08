"""The four-parameter logistic curve: its formula, its best parameters, their uncertainty."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares
from scipy.special import expit

from autocrine.assay.curve_fit_descent import descend, loss_of

Array = NDArray[np.float64]

#: half of the control level, where IC50 and GR50 are read
HALF = 0.5
_LN10 = float(np.log(10.0))
#: chosen: a well closer than this fraction of control to the curve is never treated as an outlier
_SMALLEST_SCALE = 0.02
#: chosen: deviations below this fraction of control are not resolved; keeps noise-free input well posed
NOISE_FLOOR = 1e-4
_E_0 = (0.6, 1.6)
_HILL = (0.3, 8.0)
_START_HILL = np.array([0.5, 0.8, 1.2, 2.0, 4.0])


@dataclass(frozen=True)
class Problem:
    """Points of one curve, in fractions of control.

    Attributes
    ----------
    x : ndarray, shape (n,)
        log10 of the dose in nM; dose 0 stands 40 decades under the lowest dose.
    y : ndarray, shape (n,)
        Values as a fraction of control.
    floor : float
        The lowest possible effect: 0 for viability, -1 for GR.
    x_low, x_high : float
        log10 of the lowest and highest tested dose.
    """

    x: Array
    y: Array
    floor: float
    x_low: float
    x_high: float

    @functools.cached_property
    def bounds(self) -> tuple[Array, Array]:
        """Box of (E_0, g, log10 EC50, ln h); an EC50 more than a decade outside of the range tells nothing."""
        low = np.array([_E_0[0], 0.0, self.x_low - 1.0, np.log(_HILL[0])])
        high = np.array([_E_0[1], 1.0, self.x_high + 1.0, np.log(_HILL[1])])
        return low, high


@dataclass(frozen=True)
class Fit:
    """The best parameters of a problem.

    Attributes
    ----------
    theta : ndarray, shape (4,)
        E_0, fraction g of the way from E_0 to the floor that the largest effect goes, log10 EC50 in nM, ln hill_slope.
    scale : float
        Where the loss turns from square to absolute.
    loss : float
        Sum of the robust loss at the best parameters.
    dispersion : float
        ``E[psi^2] / E[psi']``: what the loss is divided by to be a deviance. For a squared loss this is the variance.
    residual_sd : float
        Standard deviation of the noise, robust.
    covariance : ndarray, shape (4, 4)
        Of theta.
    freedom : float
        Degrees of freedom.
    """

    theta: Array
    scale: float
    loss: float
    dispersion: float
    residual_sd: float
    covariance: Array
    freedom: float


def logistic(theta: Array, x: Array, floor: float) -> Array:
    """Return ``E_0 - (E_0 - floor) g (1 - s)`` with ``s = 1 / (1 + 10^(h (x - log10 EC50)))``.

    Parameters
    ----------
    theta : ndarray, shape (..., 4)
    x : ndarray, shape (n,)

    Returns
    -------
    ndarray, shape (..., n)
    """
    e_0, g, a, b = (theta[..., k, None] for k in range(4))
    return e_0 - (e_0 - floor) * g * expit(_LN10 * np.exp(b) * (x - a))


def jacobian(theta: Array, x: Array, floor: float) -> Array:
    """Return the derivative of the curve, shape (..., n, 4)."""
    e_0, g, a, b = (theta[..., k, None] for k in range(4))
    h = np.exp(b)
    effect = expit(_LN10 * h * (x - a))
    steep = (e_0 - floor) * g * effect * (1 - effect) * _LN10 * h
    return np.stack([1 - g * effect, -(e_0 - floor) * effect, steep, -steep * (x - a)], axis=-1)


def half_dose(theta: Array, floor: float) -> float:
    """Return log10 of the dose where the curve crosses half of control; inf or -inf where it does not."""
    e_0, g, a, b = theta
    e_max = e_0 - (e_0 - floor) * g
    if e_0 <= HALF:
        return -np.inf
    if e_max >= HALF:
        return np.inf
    return float(a + np.log10((e_0 - HALF) / (HALF - e_max)) * np.exp(-b))


def half_dose_gradient(theta: Array, floor: float) -> Array:
    """Return the derivative of `half_dose` by the parameters, shape (4,)."""
    e_0, g, _, b = theta
    e_max = e_0 - (e_0 - floor) * g
    slope = np.exp(-b) / _LN10
    by_e_max = slope / (HALF - e_max)
    log_ratio = np.log((e_0 - HALF) / (HALF - e_max))
    return np.array([slope / (e_0 - HALF) + (1 - g) * by_e_max, -(e_0 - floor) * by_e_max, 1.0, -slope * log_ratio])


def best(problem: Problem) -> Fit:
    """Fit the curve: exhaustive starts on a grid, then least squares with robust loss.

    Given EC50 and slope the curve is linear in its two levels, so the grid over the first two with the levels solved
    for each node visits every basin; the best nodes of different places and slopes are taken further at once, and the
    winner is polished.
    """
    starts, rough = _starts(problem)
    spread = np.median(np.abs(rough)) * 1.4826 * np.sqrt(problem.x.size / max(problem.x.size - 4, 1))
    scale = max(2 * float(spread), _SMALLEST_SCALE)
    low, high = problem.bounds

    def evaluate(theta: Array) -> tuple[Array, Array]:
        value = logistic(theta, problem.x, problem.floor)
        return value - problem.y, jacobian(theta, problem.x, problem.floor)

    found, loss = descend(starts, evaluate, lambda theta: np.clip(theta, low, high), scale=scale, rounds=20)
    theta = _polish(problem, found[int(np.argmin(loss))], scale)
    return _with_uncertainty(problem, theta, scale)


def _starts(problem: Problem) -> tuple[Array, Array]:
    centres = np.linspace(problem.x_low - 0.5, problem.x_high + 0.5, 24)
    a, h = (grid.ravel() for grid in np.meshgrid(centres, _START_HILL, indexing="ij"))
    remaining = expit(-_LN10 * h[:, None] * (problem.x - a[:, None]))
    centred = remaining - remaining.mean(axis=1, keepdims=True)
    span = centred @ (problem.y - problem.y.mean()) / (np.sum(centred**2, axis=1) + 1e-12)
    e_max = problem.y.mean() - span * remaining.mean(axis=1)
    e_0 = np.clip(e_max + span, *_E_0)
    g = np.clip((e_0 - e_max) / (e_0 - problem.floor), 0.0, 1.0)
    theta = np.stack([e_0, g, a, np.log(h)], axis=1)
    residuals = logistic(theta, problem.x, problem.floor) - problem.y
    cost = loss_of(residuals, 0.1)
    first = int(np.argmin(cost))
    elsewhere = np.where(np.abs(a - a[first]) > 0.4, cost, np.inf)
    steeper = np.where(h > 2 * h[first], cost, np.inf)
    return theta[[first, int(np.argmin(elsewhere)), int(np.argmin(steeper))]], residuals[first]


def _polish(problem: Problem, start: Array, scale: float) -> Array:
    low, high = problem.bounds
    margin = 1e-6 * (high - low)
    result = least_squares(
        lambda theta: logistic(theta, problem.x, problem.floor) - problem.y,
        np.clip(start, low + margin, high - margin),
        jac=lambda theta: jacobian(theta, problem.x, problem.floor),  # pyright: ignore[reportArgumentType]
        bounds=(low, high),
        loss="soft_l1",
        f_scale=scale,
        x_scale=np.array([0.3, 0.5, 1.0, 1.0]),
        max_nfev=60,
    )
    return np.asarray(result.x, dtype=np.float64)


def _with_uncertainty(problem: Problem, theta: Array, scale: float) -> Fit:
    residuals = logistic(theta, problem.x, problem.floor) - problem.y
    ratio = 1 + (residuals / scale) ** 2
    freedom = max(problem.x.size - 4, 1)
    psi_squared = float(np.sum(residuals**2 / ratio)) / freedom
    bend = float(np.mean(ratio**-1.5))
    variance = max(psi_squared / bend**2, NOISE_FLOOR**2)
    slopes = jacobian(theta, problem.x, problem.floor)
    # a direction that the data leave free is known at least to the width of the bounds
    ridge = np.diag(variance / np.array([0.3, 0.5, 1.0, 1.0]) ** 2)
    covariance = np.asarray(variance * np.linalg.inv(slopes.T @ slopes + ridge), dtype=np.float64)
    loss = float(loss_of(residuals, scale))
    dispersion = max(psi_squared / bend, NOISE_FLOOR**2)
    return Fit(theta, scale, loss, dispersion, variance**0.5, covariance, float(freedom))
