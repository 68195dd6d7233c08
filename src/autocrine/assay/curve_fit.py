"""The four-parameter logistic curve: its formula, its best parameters, their uncertainty."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
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
#: the grid of starts, and how many of its nodes are taken further
_START_HILL = np.array([0.5, 0.8, 1.2, 2.0, 4.0])
_CENTRES, _STARTS = 24, 3


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


@dataclass(frozen=True)
class Batch:
    """Problems with equally many points, to be solved at once.

    Attributes
    ----------
    x, y : ndarray, shape (m, n)
    floor : ndarray, shape (m,)
    low, high : ndarray, shape (m, 4)
        Bounds.
    """

    x: Array
    y: Array
    floor: Array
    low: Array
    high: Array

    @staticmethod
    def of(problems: Sequence[Problem]) -> Batch:
        """Return problems as one batch."""
        columns = ([p.x for p in problems], [p.y for p in problems], [p.floor for p in problems])
        low, high = zip(*(p.bounds for p in problems), strict=True)
        return Batch(*(np.array(column) for column in (*columns, low, high)))

    def rows(self, rows: NDArray[np.intp]) -> Batch:
        """Return some problems, in any order and number."""
        return Batch(self.x[rows], self.y[rows], self.floor[rows], self.low[rows], self.high[rows])

    def residuals(self, theta: Array) -> Array:
        """Return curve minus points, shape (m, n), at parameters of shape (m, 4)."""
        return logistic(theta, self.x, self.floor) - self.y

    def evaluate(self, theta: Array) -> tuple[Array, Array]:
        """Return residuals, shape (m, n), and their derivative, shape (m, 4, n)."""
        value, slopes = logistic_with_slopes(theta, self.x, self.floor)
        return value - self.y, slopes


def logistic(theta: Array, x: Array, floor: ArrayLike) -> Array:
    """Return ``E_0 - (E_0 - floor) g (1 - s)`` with ``s = 1 / (1 + 10^(h (x - log10 EC50)))``.

    Parameters
    ----------
    theta : ndarray, shape (..., 4)
    x : ndarray, shape (n,) or (..., n)
    floor : array_like, shape () or (...)

    Returns
    -------
    ndarray, shape (..., n)
    """
    e_0, g, a, b = (theta[..., k, None] for k in range(4))
    return e_0 - (e_0 - np.asarray(floor)[..., None]) * g * expit(_LN10 * np.exp(b) * (x - a))


def logistic_with_slopes(theta: Array, x: Array, floor: ArrayLike) -> tuple[Array, Array]:
    """Return the curve, shape (..., n), and its derivative, shape (..., 4, n)."""
    e_0, g, a, b = (theta[..., k, None] for k in range(4))
    steepness, distance = _LN10 * np.exp(b), x - a
    effect = expit(steepness * distance)
    depth = e_0 - np.asarray(floor)[..., None]
    fallen = g * effect
    steep = depth * fallen * (1 - effect) * steepness
    slopes = np.empty((*effect.shape[:-1], 4, effect.shape[-1]))
    slopes[..., 0, :], slopes[..., 1, :] = 1 - fallen, -depth * effect
    slopes[..., 2, :], slopes[..., 3, :] = steep, -steep * distance
    return e_0 - depth * fallen, slopes


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


def best(problems: Sequence[Problem]) -> list[Fit]:
    """Fit curves with equally many points: exhaustive starts on a grid, then least squares with robust loss.

    Given EC50 and slope the curve is linear in its two levels, so the grid over the first two with the levels solved
    for each node visits every basin; the best nodes of different places and slopes are taken further at once, and the
    winner is polished.
    """
    batch = Batch.of(problems)
    count, size = batch.x.shape
    starts, rough = _starts(problems, batch)
    spread = np.median(np.abs(rough), axis=1) * 1.4826 * np.sqrt(size / max(size - 4, 1))
    scale = np.maximum(2 * spread, _SMALLEST_SCALE)
    owner = np.repeat(np.arange(count), _STARTS)
    found, loss = _descended(batch, starts.reshape(-1, 4), owner, scale, rounds=20, tolerance=1e-7)
    first = np.argmin(loss.reshape(count, _STARTS), axis=1)
    theta = found.reshape(count, _STARTS, 4)[np.arange(count), first]
    theta, _ = _descended(batch, theta, np.arange(count), scale, rounds=40, tolerance=1e-12)
    return _with_uncertainty(batch, theta, scale)


def _descended(
    batch: Batch, start: Array, owner: NDArray[np.intp], scale: Array, *, rounds: int, tolerance: float
) -> tuple[Array, Array]:
    """Improve starts, each of which belongs to one problem of the batch."""
    return descend(
        start,
        lambda theta, rows: batch.rows(owner[rows]).evaluate(theta),
        lambda theta, rows: np.clip(theta, batch.low[owner[rows]], batch.high[owner[rows]]),
        scale=scale[owner],
        rounds=rounds,
        tolerance=tolerance,
    )


def _starts(problems: Sequence[Problem], batch: Batch) -> tuple[Array, Array]:
    """Return the starts of each problem, shape (m, starts, 4), and the residuals of the first, shape (m, n)."""
    centres = np.array([np.linspace(p.x_low - 0.5, p.x_high + 0.5, _CENTRES) for p in problems])
    a, h = np.repeat(centres, _START_HILL.size, axis=1), np.tile(_START_HILL, _CENTRES)
    remaining = expit(-_LN10 * h[:, None] * (batch.x[:, None, :] - a[:, :, None]))
    height, mean = remaining.mean(axis=2), batch.y.mean(axis=1)
    centred = remaining - height[:, :, None]
    span = (centred @ (batch.y - mean[:, None])[:, :, None])[:, :, 0] / (np.sum(centred**2, axis=2) + 1e-12)
    e_max = mean[:, None] - span * height
    e_0 = np.clip(e_max + span, *_E_0)
    g = np.clip((e_0 - e_max) / (e_0 - batch.floor[:, None]), 0.0, 1.0)
    # the curve of each node, without computing its shape a second time
    fallen = (e_0 - batch.floor[:, None]) * g
    residuals = (e_0 - fallen)[:, :, None] + fallen[:, :, None] * remaining - batch.y[:, None, :]
    cost = loss_of(residuals, 0.1)
    theta = np.stack([e_0, g, a, np.broadcast_to(np.log(h), a.shape)], axis=2)
    first, each = np.argmin(cost, axis=1), np.arange(len(problems))
    elsewhere = np.where(np.abs(a - a[each, first, None]) > 0.4, cost, np.inf)
    steeper = np.where(h > 2 * h[first, None], cost, np.inf)
    chosen = np.stack([first, np.argmin(elsewhere, axis=1), np.argmin(steeper, axis=1)], axis=1)
    return theta[each[:, None], chosen], residuals[each, first]


def _with_uncertainty(batch: Batch, theta: Array, scale: Array) -> list[Fit]:
    residuals, slopes = batch.evaluate(theta)
    ratio = 1 + (residuals / scale[:, None]) ** 2
    freedom = max(batch.x.shape[1] - 4, 1)
    psi_squared = np.sum(residuals**2 / ratio, axis=1) / freedom
    bend = np.mean(ratio**-1.5, axis=1)
    variance = np.maximum(psi_squared / bend**2, NOISE_FLOOR**2)
    # a direction that the data leave free is known at least to the width of the bounds
    ridge = variance[:, None, None] * np.diag(1 / np.array([0.3, 0.5, 1.0, 1.0]) ** 2)
    covariance = variance[:, None, None] * np.linalg.inv(slopes @ np.swapaxes(slopes, 1, 2) + ridge)
    loss, dispersion = loss_of(residuals, scale), np.maximum(psi_squared / bend, NOISE_FLOOR**2)
    numbers = np.stack([scale, loss, dispersion, variance**0.5], axis=1).tolist()
    return [Fit(theta[k], *numbers[k], covariance=covariance[k], freedom=float(freedom)) for k in range(len(theta))]
