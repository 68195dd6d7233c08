"""The interval of an IC50 from the profile of the robust likelihood, inside the tested range only."""

from __future__ import annotations

import numpy as np
from scipy.special import stdtrit

from autocrine.assay.curve_fit import (
    HALF,
    NOISE_FLOOR,
    Array,
    Fit,
    Problem,
    half_dose,
    half_dose_gradient,
    jacobian,
    logistic,
)
from autocrine.assay.curve_fit_descent import descend

_STEPS = np.array([0.3, 0.7, 1.0, 1.3, 1.8, 2.6, 4.0])
_ROUNDS = 14
_STARTS_PER_PLACE = 2


def interval(problem: Problem, fit: Fit, replicate: np.ndarray | None) -> tuple[float, float]:
    """Return the 95 % interval of log10 IC50; an end that reaches the edge of the tested range is -inf or inf.

    Notes
    -----
    At each trial IC50 the other three parameters are fitted again, and the IC50 is kept where the robust deviance
    ``(loss - smallest loss) / dispersion`` stays under the squared Student quantile. All trials are solved at once.

    References
    ----------
    Venzon and Moolgavkar 1988, Appl Stat 37:87-94, doi:10.2307/2347496 (profile likelihood);
    Heritier and Ronchetti 1994, J Am Stat Assoc 89:897-904, doi:10.1080/01621459.1994.10476822 (robust deviance).
    """
    widening, freedom = _shared_shift(problem, fit, replicate)
    limit = float(stdtrit(freedom, 0.975)) * widening**0.5
    places = _places(problem, fit, limit)
    root = np.sqrt(np.maximum(_profile(problem, fit, places) - fit.loss, 0.0) / fit.dispersion)
    centre = half_dose(fit.theta, problem.floor)
    if problem.x_low <= centre <= problem.x_high:
        order = np.argsort(np.append(places, centre))
        places, root = np.append(places, centre)[order], np.append(root, 0.0)[order]
    return _ends(places, root, limit)


def _places(problem: Problem, fit: Fit, limit: float) -> Array:
    even = np.linspace(problem.x_low, problem.x_high, 12)
    centre = half_dose(fit.theta, problem.floor)
    if not problem.x_low <= centre <= problem.x_high:
        return np.linspace(problem.x_low, problem.x_high, 24)
    gradient = half_dose_gradient(fit.theta, problem.floor)
    error = float(np.sqrt(gradient @ fit.covariance @ gradient))
    reach = np.clip(limit * error, 1e-6, problem.x_high - problem.x_low)
    near = np.concatenate([centre - reach * _STEPS, centre + reach * _STEPS])
    return np.unique(np.clip(np.concatenate([even, near]), problem.x_low, problem.x_high))


def _ends(places: Array, root: Array, limit: float) -> tuple[float, float]:
    kept = np.flatnonzero(root <= limit)
    if kept.size == 0:
        return np.inf, -np.inf
    first, last = int(kept[0]), int(kept[-1])
    low = -np.inf if first == 0 else _crossing(places, root, limit, first, first - 1)
    high = np.inf if last == places.size - 1 else _crossing(places, root, limit, last, last + 1)
    return low, high


def _crossing(places: Array, root: Array, limit: float, inside: int, outside: int) -> float:
    share = (limit - root[inside]) / max(root[outside] - root[inside], 1e-300)
    return float(places[inside] + share * (places[outside] - places[inside]))


def _profile(problem: Problem, fit: Fit, places: Array) -> Array:
    """Return the smallest loss at each given log10 IC50: all places and starts at once."""
    at = np.tile(places, _STARTS_PER_PLACE)
    free = np.tile(fit.theta[[0, 1, 3]], (at.size, 1))
    free[places.size :, 2] = np.log(1.0)
    # the curve must cross half of control, so its levels stand on either side of it
    deepest = (free[:, 0] - HALF) / (free[:, 0] - problem.floor)
    free[:, 1] = np.maximum(free[:, 1], np.minimum(deepest + 0.1, 1.0))
    _, loss = descend(
        free,
        lambda trial: _evaluate(problem, trial, at),
        lambda trial: _inside(problem, trial),
        scale=fit.scale,
        rounds=_ROUNDS,
    )
    return loss.reshape(_STARTS_PER_PLACE, -1).min(axis=0)


def _evaluate(problem: Problem, free: Array, at: Array) -> tuple[Array, Array]:
    """Return residuals and their derivative by (E_0, g, ln h) with the IC50 held, so that EC50 follows from them."""
    e_0, g, b = free.T
    e_max = e_0 - (e_0 - problem.floor) * g
    narrow = np.exp(-b) / np.log(10.0)
    ratio = np.log((e_0 - HALF) / (HALF - e_max))
    theta = np.stack([e_0, g, at - ratio * narrow, b], axis=1)
    residuals = logistic(theta, problem.x, problem.floor) - problem.y
    slopes = jacobian(theta, problem.x, problem.floor)
    by_e_max = -narrow / (HALF - e_max)
    a_by_free = [-narrow / (e_0 - HALF) + (1 - g) * by_e_max, -(e_0 - problem.floor) * by_e_max, narrow * ratio]
    return residuals, slopes[..., [0, 1, 3]] + slopes[..., 2, None] * np.stack(a_by_free, axis=1)[:, None, :]


def _inside(problem: Problem, free: Array) -> Array:
    low, high = problem.bounds
    e_0 = np.clip(free[:, 0], low[0], high[0])
    deepest = (e_0 - HALF) / (e_0 - problem.floor)
    g = np.clip(free[:, 1], deepest + 1e-3, 1.0)
    return np.stack([e_0, g, np.clip(free[:, 2], low[3], high[3])], axis=1)


def _shared_shift(problem: Problem, fit: Fit, replicate: np.ndarray | None) -> tuple[float, float]:
    """Return how much a shift that a whole replicate shares widens the variance, and the degrees of freedom.

    Wells of one plate move together, so they tell less than their number. The correlation within replicates is
    estimated by one-way analysis of variance of the residuals, and the freedom is Satterthwaite's.
    """
    centre = half_dose(fit.theta, problem.floor)
    if replicate is None or not np.isfinite(centre):
        return 1.0, fit.freedom
    _, group = np.unique(replicate, return_inverse=True)
    count = np.bincount(group)
    if count.size < 2 or count.min() < 2:
        return 1.0, fit.freedom
    residuals = problem.y[: group.size] - logistic(fit.theta, problem.x[: group.size], problem.floor)
    correlation = _correlation(residuals, group, count)
    slopes = jacobian(fit.theta, problem.x, problem.floor)
    gradient = half_dose_gradient(fit.theta, problem.floor)
    reach = (slopes @ fit.covariance @ gradient)[: group.size]
    alone = (1 - correlation) * float(reach @ reach)
    together = correlation * float(np.sum(np.bincount(group, reach) ** 2))
    widening = (alone + together) / float(reach @ reach)
    inner = max(fit.freedom - count.size + 1, 1.0)
    freedom = (alone + together) ** 2 / (alone**2 / inner + together**2 / (count.size - 1))
    return max(widening, 1.0), float(np.clip(freedom, 1.0, fit.freedom)) if widening > 1 else fit.freedom


def _correlation(residuals: Array, group: np.ndarray, count: np.ndarray) -> float:
    mean = np.bincount(group, residuals) / count
    between = float(count @ (mean - residuals.mean()) ** 2) / (count.size - 1)
    within = float(np.sum((residuals - mean[group]) ** 2)) / max(residuals.size - count.size, 1) + NOISE_FLOOR**2
    typical = (count.sum() - np.sum(count**2) / count.sum()) / (count.size - 1)
    return float(np.clip((between - within) / (between + (typical - 1) * within), 0.0, 1.0))
