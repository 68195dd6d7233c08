"""What one trajectory was: its states between accepted steps, and its parameters."""

from __future__ import annotations

import bisect
from dataclasses import dataclass

import numpy as np

#: times that differ by this share are the same
_SAME = 16 * np.finfo(float).eps


@dataclass(frozen=True)
class Segment:
    """A step with its dense output: see `Rosenbrock`.

    Attributes
    ----------
    begin, length : float
        Where it begins and how long it is (h).
    old, new : ndarray of shape (n,)
        States at its ends.
    curve : ndarray of shape (D - 1, n)
        Coefficients of the dense output.
    """

    begin: float
    length: float
    old: np.ndarray
    new: np.ndarray
    curve: np.ndarray

    @property
    def end(self) -> float:
        """Where it ends (h)."""
        return self.begin + self.length

    def __call__(self, time: float) -> np.ndarray:
        """Return the state at a time, shape (n,)."""
        x = min(max((time - self.begin) / self.length, 0.0), 1.0)
        if x == 1.0:
            return self.new
        bend = self.curve[-1]
        for row in self.curve[-2::-1]:
            bend = row + x * bend
        return (1.0 - x) * self.old + x * (self.new + (1.0 - x) * bend)


class History:
    """States and parameters of the past.

    Parameters
    ----------
    start : float
        When it begins (h); before, everything was as it was then.
    state, parameters : ndarray of shape (n,) and (m,)
        What they were.

    Attributes
    ----------
    now, state, parameters : float, ndarray, ndarray
        Where it ends, and what holds from there on.
    ahead : Segment, optional
        A guess of what comes next; ``used`` says whether it was asked for.
    """

    def __init__(self, start: float, state: np.ndarray, parameters: np.ndarray) -> None:
        self._first = state.copy(), parameters.copy()
        self._begins: list[float] = []
        self._past: list[tuple[float, Segment, np.ndarray]] = []
        self.start, self.now = start, start
        self.state, self.parameters = state.copy(), parameters.copy()
        self.ahead: Segment | None = None
        self.used = False

    def goes_on(self, state: np.ndarray, parameters: np.ndarray) -> bool:
        """Take what holds from now on; return whether it differs from what was, as after an event."""
        changed = not (np.array_equal(state, self.state) and np.array_equal(parameters, self.parameters))
        self.state, self.parameters = state.copy(), parameters.copy()
        return changed

    def add(self, segment: Segment, until: float) -> None:
        """Add a step, or its part up to a time."""
        self._begins.append(segment.begin)
        self._past.append((until, segment, self.parameters))
        at_end = until >= segment.end - _SAME * abs(until)
        self.now, self.state, self.ahead = until, (segment.new if at_end else segment(until)).copy(), None

    def at(self, time: float, *, before: bool) -> tuple[np.ndarray, np.ndarray]:
        """Return state and parameters at a time; where an event changed them, those after it, or ``before`` it."""
        near = _SAME * max(abs(time), abs(self.now))
        if time < self.start - near or (before and time <= self.start + near):
            return self._first
        if time > self.now + near and self.ahead is not None:
            self.used = True
            return self.ahead(time), self.parameters
        if time >= self.now - near and not before:
            return self.state, self.parameters
        place = max(bisect.bisect_right(self._begins, time + (-near if before else near)) - 1, 0)
        _, segment, parameters = self._past[place]
        return segment(time), parameters
