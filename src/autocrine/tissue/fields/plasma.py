"""A level outside the tissue that follows time: in plasma, or beyond a face."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from autocrine.core import errors

#: points and weights of Gauss and Legendre on (0, 1): exact for polynomials of degree 5
_POINTS = (0.5 - 0.15**0.5, 0.5, 0.5 + 0.15**0.5)
_WEIGHTS = (5 / 18, 8 / 18, 5 / 18)


class Plasma:
    """A level that follows time.

    Parameters
    ----------
    level : float, callable, or pair of sequences
        A constant; a function of time (h); or a table of times (h, rising; one that stands twice is a jump) and
        levels, between which the level goes straight, and before and after which it stays.
    jumps_h : sequence of float
        Times (h) at which a function jumps: doses. Steps are cut there, and damped after it.

    Raises
    ------
    InputError
        If a level is negative or not finite, or a table is out of order.
    """

    def __init__(
        self,
        level: float | Callable[[float], float] | tuple[Sequence[float], Sequence[float]],
        jumps_h: Sequence[float] = (),
    ) -> None:
        self._times = self._levels = None
        self._function: Callable[[float], float] | None = None
        jumps = [float(t) for t in jumps_h]
        if callable(level):
            self._function = level
        elif isinstance(level, tuple):
            self._times, self._levels = _table(level)
            jumps += [float(t) for t in self._times[1:][np.diff(self._times) == 0]]
        else:
            self._levels = np.array([_checked(float(level))])
        if not np.all(np.isfinite(jumps)):
            raise errors.InputError("the times of jumps must be finite", jumps)
        self.jumps_h = tuple(sorted(set(jumps)))

    def mean(self, start_h: float, end_h: float) -> float:
        """Return the mean level between two times that have no jump between them; exact for tables."""
        if self._function is not None:
            given = self._function
            span = end_h - start_h
            values = [given(start_h + p * span) for p in _POINTS]
            return sum(w * _checked(v, start_h) for w, v in zip(_WEIGHTS, values, strict=True))
        assert self._levels is not None  # noqa: S101
        if self._times is None:
            return float(self._levels[0])
        inside = self._times[(self._times > start_h) & (self._times < end_h)]
        points = np.unique(np.concatenate([[start_h], inside, [end_h]]))
        middles = (points[1:] + points[:-1]) / 2
        if middles.size == 0:
            return self.at(start_h)
        return float(np.dot([self.at(t) for t in middles], np.diff(points)) / (end_h - start_h))

    def at(self, time_h: float) -> float:
        """Return the level at a time; at a jump, the level after it."""
        if self._function is not None:
            return _checked(self._function(time_h), time_h)
        assert self._levels is not None  # noqa: S101
        if self._times is None:
            return float(self._levels[0])
        right = int(np.searchsorted(self._times, time_h, side="right"))
        if right in {0, self._times.size}:
            return float(self._levels[min(right, self._times.size - 1)])
        t0, t1 = self._times[right - 1], self._times[right]
        share = (time_h - t0) / (t1 - t0)
        return float(self._levels[right - 1] + share * (self._levels[right] - self._levels[right - 1]))


def _checked(level: float, time_h: float | None = None) -> float:
    if not (np.isfinite(level) and level >= 0):
        where = "" if time_h is None else f"plasma near {time_h:g} h"
        raise errors.InputError("a level outside the tissue must be finite and not negative", level, where=where)
    return float(level)


def _table(table: tuple[Sequence[float], Sequence[float]]) -> tuple[np.ndarray, np.ndarray]:
    if len(table) != 2:
        raise errors.InputError("a table of levels must be a pair (times_h, levels)", table)
    times, levels = (np.asarray(part, dtype=float) for part in table)
    if times.ndim != 1 or times.shape != levels.shape or times.size == 0:
        raise errors.InputError("a table of levels must have as many times as levels", (times.shape, levels.shape))
    if not np.all(np.isfinite(times)) or np.any(np.diff(times) < 0):
        raise errors.InputError("the times of a table of levels must be finite and rising", times.tolist())
    for level in levels:
        _checked(level)
    return times, levels
