"""Fisher scoring: one search that knows the curvature."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import brentq

from autocrine.calibration.fits.search import Search
from autocrine.calibration.fits.together import Evaluate

#: radius of the first region, and below which there is nothing to be gained, on the scales of the parameters
_FIRST, _LEAST = 1.0, 1e-9
#: gain in units of the one that was foreseen: below the first the region shrinks, above the second it may grow
_POOR, _GOOD = 0.25, 0.75


@dataclass
class _Seen:
    """What is known at a point: minus the log density, its gradient, and the information."""

    value: float
    gradient: np.ndarray
    information: np.ndarray


def score(
    evaluate: Evaluate, start: np.ndarray, lower: np.ndarray, upper: np.ndarray, *, iterations: int, tolerance: float
) -> Search:
    """Climb by Newton steps in a trust region, with the Fisher information in the place of second derivatives.

    Parameters
    ----------
    evaluate : callable
        From a point to its log density, and its derivatives above the information, shape (1 + p, p).
    start, lower, upper : ndarray of shape (p,)
        The start, and bounds.
    iterations : int
        At most so many steps.
    tolerance : float
        Ends where a step gains less than its root: a log density is a number without unit, so 1e-5 of it is nothing
        whatever its size.

    Notes
    -----
    A step minimises g s + s H s / 2 within a ball and the bounds. Parameters on a bound that the gradient holds there
    are fixed; those that the step takes beyond a bound end on it, and the others are solved for again.

    References
    ----------
    Osborne (1992), Int Stat Rev 60:99, doi:10.2307/1403504 (scoring); Moré & Sorensen (1983), SIAM J Sci Stat Comput
    4:553, doi:10.1137/0904038 (the step in a ball).
    """
    point, count = np.clip(start, lower, upper), 1
    here = _look(evaluate, point)
    if not np.isfinite(here.value):
        return Search(start, start, -np.inf, False, 1, "the start cannot be evaluated")
    if not (upper > lower).any():
        return Search(start, point, -here.value, True, 1, "nothing is free")
    radius, message, converged = _FIRST, "as many steps as were allowed", False
    for _ in range(iterations):
        step = _step(here, point, lower, upper, radius)
        size = float(np.linalg.norm(step))
        foreseen = -float(here.gradient @ step + 0.5 * step @ here.information @ step)
        if not foreseen > 0.01 * tolerance or radius < _LEAST:
            message, converged = "no step would gain anything", radius >= _LEAST
            break
        new = _look(evaluate, point + step)
        count += 1
        gain = here.value - new.value
        if gain < _POOR * foreseen:
            radius = 0.25 * min(radius, size)
        elif gain > _GOOD * foreseen and size > 0.9 * radius:
            radius *= 2.0
        if gain > 0.0:
            point, here = np.clip(point + step, lower, upper), new
        if _POOR * foreseen < gain < tolerance**0.5:
            message, converged = "a step gained next to nothing", True
            break
    return Search(start, point, -here.value, converged, count, message)


def _look(evaluate: Evaluate, point: np.ndarray) -> _Seen:
    value, slopes = evaluate(point)
    # what cannot be evaluated is infinitely bad: the region shrinks
    return _Seen(-float(value) if np.isfinite(value) else np.inf, -slopes[0], slopes[1:])


def _step(here: _Seen, point: np.ndarray, lower: np.ndarray, upper: np.ndarray, radius: float) -> np.ndarray:
    """Return the step in the ball that stays between the bounds."""
    down, up = lower - point, upper - point
    step = np.zeros(len(point))
    free = ~((down >= 0) & (here.gradient > 0) | (up <= 0) & (here.gradient < 0))
    while free.any():
        pull = here.gradient[free] + here.information[np.ix_(free, ~free)] @ step[~free]
        left = np.sqrt(max(radius**2 - float(step[~free] @ step[~free]), (0.1 * radius) ** 2))
        wanted = _in_ball(here.information[np.ix_(free, free)], pull, left)
        beyond = (wanted < down[free]) | (wanted > up[free])
        step[free] = np.clip(wanted, down[free], up[free])
        if not beyond.any():
            break
        free[np.flatnonzero(free)[beyond]] = False
    return step


def _in_ball(curvature: np.ndarray, pull: np.ndarray, radius: float) -> np.ndarray:
    """Return the step that minimises a convex square function within a ball."""
    sizes, ways = np.linalg.eigh(curvature)
    # directions that the measurements say nothing about have a curvature of zero but for rounding
    sizes = np.maximum(sizes, 1e-14 * max(float(sizes[-1]), 1e-300))
    along = ways.T @ pull

    def excess(damping: float) -> float:
        return float(np.linalg.norm(along / (sizes + damping))) - radius

    # damping by the whole pull is enough whatever the curvature, but for rounding
    most = float(np.log(np.linalg.norm(pull) / radius + 1e-300)) + 1.0
    if excess(np.exp(most - 60.0)) <= 0.0:
        return -ways @ (along / sizes)
    damping = np.exp(_root(lambda log: excess(np.exp(log)), most - 60.0, most))
    return -ways @ (along / (sizes + damping))


def _root(excess: Callable[[float], float], low: float, high: float) -> float:
    found: Any = brentq(excess, low, high, xtol=1e-2)
    return float(found)
