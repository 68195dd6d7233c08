"""Profile likelihoods: what the data say about one parameter, whatever the others are."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import chi2

from autocrine.calibration.fits.search import climb
from autocrine.calibration.fits.together import Evaluate, Together
from autocrine.calibration.target import Target
from autocrine.core import errors

Verdict = Literal["identifiable", "practically not identifiable", "structurally not identifiable"]
#: drops of the log density below this over all that is searched count as none
_FLAT = 0.01
#: the share of the threshold by which the density shall fall in one step, at least and at most
_CALM, _STEEP = 0.08, 0.3
_STEPS = 200


@dataclass(frozen=True)
class Profile:
    """The highest density at each place of one parameter.

    Attributes
    ----------
    name : str
        The parameter.
    places : ndarray of shape (k,)
        Places on its scale, increasing.
    drops : ndarray of shape (k,)
        How far the log density lies below its maximum there.
    points : ndarray of shape (k, p)
        The best points there.
    interval, interval_as_is : tuple of float
        Where the drop passes the threshold, on the scale and as it is; infinite on a side where it does not.
    threshold : float
        The drop that bounds the interval.
    level : float
        The confidence of the interval.
    flat : bool
        Whether the density does not fall on either side as long as no other parameter is at the end of its range.
    """

    name: str
    places: np.ndarray
    drops: np.ndarray
    points: np.ndarray
    interval: tuple[float, float]
    interval_as_is: tuple[float, float]
    threshold: float
    level: float
    flat: bool

    @property
    def verdict(self) -> Verdict:
        """Whether the data bound the parameter."""
        if self.flat:
            return "structurally not identifiable"
        bounded = all(math.isfinite(end) for end in self.interval)
        return "identifiable" if bounded else "practically not identifiable"

    @property
    def improved(self) -> float:
        """By how much a point was found that is better than the optimum; more than 0.1 means: fit again."""
        return max(0.0, -float(self.drops.min()))

    @property
    def sentence(self) -> str:
        """The verdict in words."""
        low, high = self.interval_as_is
        if self.verdict == "identifiable":
            return f"{self.name} is identifiable: {low:.4g} to {high:.4g} ({self.level:.0%})"
        if self.verdict == "structurally not identifiable":
            return f"{self.name} is not identifiable: the others make up for any value of it"
        if math.isinf(self.interval[0]) and math.isinf(self.interval[1]):
            return f"{self.name} is practically not identifiable: these data bound it on neither side"
        bound = f"at least {low:.4g}" if math.isfinite(self.interval[0]) else f"at most {high:.4g}"
        return f"{self.name} is practically not identifiable: {bound} ({self.level:.0%}), no bound on the other side"


def profiles(
    target: Target,
    optimum: ArrayLike,
    names: Sequence[str] | None = None,
    *,
    of: Literal["likelihood", "posterior"] = "likelihood",
    level: float = 0.95,
    together: int = 16,
    tolerance: float = 1e-9,
    progress: Callable[[int], None] | None = None,
) -> dict[str, Profile]:
    """Return profiles of some parameters.

    Parameters
    ----------
    target : Target
        What was fitted.
    optimum : array_like of shape (p,)
        The best point, on the scales. It is improved first where that is possible.
    names : sequence of str, optional
        Which parameters, by default all.
    of : {"likelihood", "posterior"}
        Whether the priors count. They make everything identifiable.
    level : float
        The confidence of the intervals, from the distribution of chi squared with one degree of freedom.
    together : int
        So many directions are followed in step.
    tolerance : float
        That of each search: see `multi_start`.
    progress : callable, optional
        Called with the number of directions that are done, two for each parameter.

    Raises
    ------
    InputError
        If a name is unknown, the level is none, or the optimum cannot be evaluated.

    References
    ----------
    Raue et al. (2009), Bioinformatics 25:1923, doi:10.1093/bioinformatics/btp358.
    """
    priors = target.priors
    wanted = list(priors.names if names is None else names)
    for name in wanted:
        if name not in priors:
            raise errors.InputError("a profile must be of an estimated parameter", name)
    if not 0 < level < 1:
        raise errors.InputError("a level must lie between 0 and 1", level)
    function = target.log_likelihood if of == "likelihood" else target.log_density
    lower, upper = priors.lower, priors.upper
    start = np.clip(np.asarray(optimum, float), lower, upper)
    improve = {"lower": lower, "upper": upper, "iterations": 1000, "tolerance": tolerance}
    best = Together(function, 1).run([lambda evaluate: climb(evaluate, start, **improve)])[0]
    if not np.isfinite(best.log_density):
        raise errors.InputError("the optimum must have a density", best.log_density)
    threshold = _threshold(level)
    walks = [
        _Walk(priors.names.index(name), sign, best.point, best.log_density, lower, upper, threshold, tolerance)
        for name in wanted
        for sign in (-1.0, 1.0)
    ]
    counter = itertools.count(1)
    ways = Together(function, together).run(
        [walk.follow for walk in walks], None if progress is None else lambda *_: progress(next(counter))
    )
    found = {}
    for number, name in enumerate(wanted):
        found[name] = _joined(target, name, best.point, ways[2 * number : 2 * number + 2], level)
    return found


@dataclass
class _Walk:
    """The way from the optimum in one direction of one parameter."""

    place: int
    sign: float
    optimum: np.ndarray
    highest: float
    lower: np.ndarray
    upper: np.ndarray
    threshold: float
    tolerance: float

    def follow(self, evaluate: Evaluate) -> list[tuple[np.ndarray, float]]:
        """Return points and drops, until the drop is past the threshold or the bound is reached."""
        end = self.upper[self.place] if self.sign > 0 else self.lower[self.place]
        whole = abs(end - self.optimum[self.place])
        if whole == 0:
            return []
        step, smallest = whole / 50, whole * 1e-7
        found: list[tuple[np.ndarray, float]] = []
        point, drop = self.optimum, 0.0
        for _ in range(_STEPS):
            here = point[self.place]
            place = here + self.sign * step
            last = (end - place) * self.sign <= 0
            place = end if last else place
            new, fallen = self._best_at(evaluate, place, self._guess(found, point, place))
            if fallen - drop > _STEEP * self.threshold and step > smallest:
                step = abs(place - here) * 0.5
                continue
            found.append((new, fallen))
            if fallen > 1.1 * self.threshold or last:
                break
            if fallen - drop < _CALM * self.threshold:
                step *= 2.0
            point, drop = new, fallen
        return found

    def _guess(self, found: list[tuple[np.ndarray, float]], point: np.ndarray, place: float) -> np.ndarray:
        """Return where the best point is expected: on the straight line through the last two."""
        before = found[-2][0] if len(found) > 1 else self.optimum
        gone = point[self.place] - before[self.place]
        if gone == 0:
            return point
        ahead = point + (point - before) * np.clip((place - point[self.place]) / gone, -2.0, 2.0)
        return np.clip(ahead, self.lower, self.upper)

    def _best_at(self, evaluate: Evaluate, place: float, guess: np.ndarray) -> tuple[np.ndarray, float]:
        others = np.arange(len(guess)) != self.place

        def inside(rest: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            whole = np.empty(len(guess))
            whole[self.place], whole[others] = place, rest
            value, gradient = evaluate(whole)
            return value, gradient[others]

        if not others.any():
            value, _ = evaluate(np.array([place]))
            return np.array([place]), self.highest - float(value)
        bounds = {"lower": self.lower[others], "upper": self.upper[others]}
        search = climb(inside, guess[others], **bounds, iterations=300, tolerance=self.tolerance)
        point = np.empty(len(guess))
        point[self.place], point[others] = place, search.point
        return point, self.highest - search.log_density


def _joined(
    target: Target, name: str, optimum: np.ndarray, ways: list[list[tuple[np.ndarray, float]]], level: float
) -> Profile:
    below, above = ways
    rows = [*reversed(below), (optimum, 0.0), *above]
    column, threshold = target.priors.names.index(name), _threshold(level)
    points, drops = np.array([point for point, _ in rows]), np.array([drop for _, drop in rows])
    middle = len(below)
    low = _crossing(points[middle::-1, column], drops[middle::-1], threshold)
    high = _crossing(points[middle:, column], drops[middle:], threshold)
    interval = -np.inf if low is None else low, np.inf if high is None else high
    as_is = _as_is(target, column, optimum, interval)
    flat = all(_is_flat(target, column, way) for way in ways)
    return Profile(name, points[:, column], drops, points, interval, as_is, threshold, level, flat)


def _is_flat(target: Target, column: int, way: list[tuple[np.ndarray, float]]) -> bool:
    """Return whether the density only falls where another parameter is at the end of what is searched."""
    for point, drop in way:
        if drop >= _FLAT:
            lower, upper = target.priors.lower, target.priors.upper
            near = np.minimum(point - lower, upper - point) < 1e-6 * (upper - lower)
            return bool(np.delete(near, column).any())
    return True


def _threshold(level: float) -> float:
    """Return the drop of a log likelihood that bounds an interval (Wilks)."""
    return 0.5 * float(chi2.ppf(level, 1))


def _crossing(places: np.ndarray, drops: np.ndarray, threshold: float) -> float | None:
    """Return where the drop first passes the threshold; its root is nearly straight, so it is interpolated."""
    past = np.flatnonzero(drops >= threshold)
    if not len(past):
        return None
    k = past[0]
    if not np.isfinite(drops[k]):
        return float(places[k])
    before, after = (math.sqrt(max(each, 0.0)) for each in (drops[k - 1], drops[k]))
    share = (math.sqrt(threshold) - before) / (after - before)
    return float(places[k - 1] + share * (places[k] - places[k - 1]))


def _as_is(target: Target, column: int, optimum: np.ndarray, interval: tuple[float, float]) -> tuple[float, float]:
    ends = np.array([optimum, optimum])
    ends[:, column] = interval
    low, high = target.priors.as_is(ends)[:, column]
    return float(low), float(high)
