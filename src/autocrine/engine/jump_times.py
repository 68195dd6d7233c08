"""Where derivatives jump: constant delays after the start, after events, and after such times again."""

from __future__ import annotations

import math
from collections.abc import Sequence

#: the jump comes one derivative later with each delay; a method of order 5 no longer sees it after these
_MOST_DELAYS = 6
#: times that differ by this share are the same
_SAME = 4e-15


class JumpTimes:
    """Times at which steps must end.

    Parameters
    ----------
    start : float
        The time (h) of the initial values.
    """

    def __init__(self, start: float) -> None:
        self._origins: list[tuple[float, int]] = [(start, 0)]
        self._lags: list[float] = []

    def restart(self, now: float, lags: Sequence[float], *, changed: bool) -> None:
        """Take the constant lags (h) that hold from now on, and whether an event changed something now."""
        self._lags = sorted({lag for lag in lags if 0.0 < lag < math.inf})
        if changed:
            self._origins.append((now, 0))

    def following(self, now: float) -> float:
        """Return the first of the times after now (h)."""
        near = _SAME * abs(now)
        longest = self._lags[-1] if self._lags else 0.0
        self._origins = [each for each in self._origins if each[0] + longest >= now - near]
        times = [(time + lag, level + 1) for time, level in self._origins for lag in self._lags]
        reached = [each for each in times if abs(each[0] - now) <= near and each[1] < _MOST_DELAYS]
        if reached:
            level = min(level for _, level in reached)
            if not any(abs(time - now) <= near and known <= level for time, known in self._origins):
                self._origins.append((now, level))
                times += [(now + lag, level + 1) for lag in self._lags]
        return min((time for time, level in times if time > now + near and level <= _MOST_DELAYS), default=math.inf)

    def snapped(self, time: float) -> float:
        """Return the time at which a step ends, without its rounding error where a jump is meant."""
        near = _SAME * abs(time)
        for origin, _ in self._origins:
            for lag in self._lags:
                if abs(origin + lag - time) <= near:
                    return origin + lag
        return time
