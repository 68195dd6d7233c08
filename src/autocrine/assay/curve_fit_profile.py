"""The interval of an IC50 from the profile of the robust likelihood, inside the tested range only."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.special import stdtrit

from autocrine.assay.curve_fit import (
    HALF,
    NOISE_FLOOR,
    Array,
    Batch,
    Fit,
    Problem,
    half_dose,
    half_dose_gradient,
    logistic_with_slopes,
)
from autocrine.assay.curve_fit_descent import descend

_STEPS = np.array([0.3, 0.7, 1.0, 1.3, 1.8, 2.6, 4.0])
_ROUNDS = 14
_STARTS_PER_PLACE = 2


def intervals(
    problems: Sequence[Problem], fits: Sequence[Fit], replicates: Sequence[np.ndarray | None]
) -> list[tuple[float, float]]:
    """Return 95 % intervals of log10 IC50; an end that reaches the edge of the tested range is -inf or inf.

    Parameters
    ----------
    problems : sequence of Problem
        With equally many points.
    fits : sequence of Fit
        Their fits.
    replicates : sequence of ndarray or None
        Labels of their points.

    Notes
    -----
    At each trial IC50 the other three parameters are fitted again, and the IC50 is kept where the robust deviance
    ``(loss - smallest loss) / dispersion`` stays under the squared Student quantile. All trials are solved at once.

    References
    ----------
    Venzon and Moolgavkar 1988, Appl Stat 37:87-94, doi:10.2307/2347496 (profile likelihood);
    Heritier and Ronchetti 1994, J Am Stat Assoc 89:897-904, doi:10.1080/01621459.1994.10476822 (robust deviance).
    """
    each = list(zip(problems, fits, replicates, strict=True))
    shifts = [_shared_shift(problem, fit, labels) for problem, fit, labels in each]
    limits = [float(stdtrit(freedom, 0.975)) * widening**0.5 for widening, freedom in shifts]
    places = [_places(problem, fit, limit) for (problem, fit, _), limit in zip(each, limits, strict=True)]
    found = []
    losses = _profiles(problems, fits, places)
    for problem, fit, limit, at, loss in zip(problems, fits, limits, places, losses, strict=True):
        root = np.sqrt(np.maximum(loss - fit.loss, 0.0) / fit.dispersion)
        centre = half_dose(fit.theta, problem.floor)
        if problem.x_low <= centre <= problem.x_high:
            order = np.argsort(np.append(at, centre))
            found.append(_ends(np.append(at, centre)[order], np.append(root, 0.0)[order], limit))
        else:
            found.append(_ends(at, root, limit))
    return found


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


def _profiles(problems: Sequence[Problem], fits: Sequence[Fit], places: Sequence[Array]) -> list[Array]:
    """Return the smallest loss of each problem at each of its given log10 IC50: all places and starts at once."""
    owner = np.repeat(np.arange(len(problems)), [at.size for at in places])
    theta, scale = np.array([fit.theta for fit in fits]), np.array([fit.scale for fit in fits])
    free = np.tile(theta[owner][:, [0, 1, 3]], (_STARTS_PER_PLACE, 1))
    free[owner.size :, 2] = np.log(1.0)
    owner, at = np.tile(owner, _STARTS_PER_PLACE), np.tile(np.concatenate(places), _STARTS_PER_PLACE)
    batch = Batch.of(problems)
    # the curve must cross half of control, so its levels stand on either side of it
    deepest = (free[:, 0] - HALF) / (free[:, 0] - batch.floor[owner])
    free[:, 1] = np.maximum(free[:, 1], np.minimum(deepest + 0.1, 1.0))
    _, loss = descend(
        free,
        lambda trial, rows: _evaluate(batch.rows(owner[rows]), trial, at[rows]),
        lambda trial, rows: _inside(batch.rows(owner[rows]), trial),
        scale=scale[owner],
        rounds=_ROUNDS,
    )
    least = loss.reshape(_STARTS_PER_PLACE, -1).min(axis=0)
    return np.split(least, np.cumsum([at.size for at in places])[:-1])


def _evaluate(batch: Batch, free: Array, at: Array) -> tuple[Array, Array]:
    """Return residuals and their derivative by (E_0, g, ln h) with the IC50 held, so that EC50 follows from them."""
    e_0, g, b = free.T
    depth = e_0 - batch.floor
    e_max = e_0 - depth * g
    narrow = np.exp(-b) / np.log(10.0)
    ratio = np.log((e_0 - HALF) / (HALF - e_max))
    residuals, slopes = batch.evaluate(np.stack([e_0, g, at - ratio * narrow, b], axis=1))
    by_e_max = -narrow / (HALF - e_max)
    a_by_free = np.stack([-narrow / (e_0 - HALF) + (1 - g) * by_e_max, -depth * by_e_max, narrow * ratio], axis=1)
    return residuals, slopes[:, [0, 1, 3]] + slopes[:, 2, None] * a_by_free[:, :, None]


def _inside(batch: Batch, free: Array) -> Array:
    e_0 = np.clip(free[:, 0], batch.low[:, 0], batch.high[:, 0])
    deepest = (e_0 - HALF) / (e_0 - batch.floor)
    g = np.clip(free[:, 1], deepest + 1e-3, 1.0)
    return np.stack([e_0, g, np.clip(free[:, 2], batch.low[:, 3], batch.high[:, 3])], axis=1)


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
    value, slopes = logistic_with_slopes(fit.theta, problem.x, problem.floor)
    correlation = _correlation((problem.y - value)[: group.size], group, count)
    gradient = half_dose_gradient(fit.theta, problem.floor)
    reach = (slopes.T @ fit.covariance @ gradient)[: group.size]
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
