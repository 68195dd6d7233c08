"""When triggers turn within a step: the root of a condition on dense output, in many trajectories at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from autocrine.engine.trigger_watch import SHARES

Triggers = Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]

#: the root lies in an interval of this share of the step, or of some last bits of the time: triggers that turn within
#: it turn together
_NARROW, _LAST_BITS = 1e-13, 4.0
_MOST_ITERATIONS = 100


@dataclass(frozen=True)
class DenseSteps:
    """Steps of some trajectories with their dense output.

    Attributes
    ----------
    begin, length : ndarray of shape (R,)
        Where the steps begin and how long they are (h).
    old, new : ndarray of shape (R, n)
        States at their ends.
    curve : ndarray of shape (R, D - 1, n)
        Coefficients of the dense output.
    """

    begin: np.ndarray
    length: np.ndarray
    old: np.ndarray
    new: np.ndarray
    curve: np.ndarray

    def states(self, times: np.ndarray) -> np.ndarray:
        """Return the states at one time of each, shape (R, n); at the end of a step the new state itself."""
        x = np.clip((times - self.begin) / self.length, 0.0, 1.0)[:, None]
        rest = 1.0 - x
        bend = self.curve[:, -1]
        for row in range(self.curve.shape[1] - 2, -1, -1):
            bend = self.curve[:, row] + x * bend
        return np.where(x == 1.0, self.new, rest * self.old + x * (self.new + rest * bend))

    def of(self, rows: np.ndarray) -> DenseSteps:
        """Return the steps of some trajectories."""
        return DenseSteps(self.begin[rows], self.length[rows], self.old[rows], self.new[rows], self.curve[rows])


@dataclass(frozen=True)
class TurningPoints:
    """Where the first trigger turned in some steps.

    Attributes
    ----------
    times : ndarray of shape (R,)
        A time (h) at which it has turned; the end of the step if none did.
    widths : ndarray of shape (R,)
        It turned less than this (h) before.
    states : ndarray of shape (R, n)
        The states at these times.
    """

    times: np.ndarray
    widths: np.ndarray
    states: np.ndarray


def turning_points(steps: DenseSteps, truth: np.ndarray, triggers: Callable[[np.ndarray], Triggers]) -> TurningPoints:
    """Find the first time at which any trigger differs from what it was.

    Parameters
    ----------
    steps : DenseSteps
        R steps.
    truth : ndarray of bool, shape (R, K)
        What the triggers are at their beginning.
    triggers : callable
        Gives, for some of the R trajectories, a function of times and states that returns whether the triggers are
        true and how far they are from their thresholds.

    Notes
    -----
    The interval between the last look at which nothing differed and the first at which something did is narrowed by
    the Illinois variant of false position on the margin of the trigger that turns first, with a bisection each fourth
    time.

    References
    ----------
    Dowell & Jarratt 1971, BIT 11:168-174, doi:10.1007/BF01934364.
    """
    look, bounds, found = triggers(np.arange(len(steps.begin))), _Bounds.of(steps), np.zeros(len(steps.begin), bool)
    bounds.low, bounds.high = look(bounds.left, steps.old)[1], look(bounds.right, steps.new)[1]
    for share in SHARES:
        times = steps.begin + share * steps.length
        truths, margin = look(times, steps.states(times))
        differs = (truths != truth).any(axis=1)
        bounds.take(times, margin, ~differs & ~found, differs & ~found)
        found |= differs
    rows = np.flatnonzero(found)
    if len(rows):
        narrow = bounds.of_rows(rows)
        _narrow(narrow, steps.of(rows), truth[rows], triggers(rows))
        bounds.left[rows], bounds.right[rows] = narrow.left, narrow.right
    return TurningPoints(bounds.right, np.where(found, bounds.right - bounds.left, 0.0), steps.states(bounds.right))


@dataclass
class _Bounds:
    """Intervals in which something turns, with the margins of all triggers at their ends."""

    left: np.ndarray
    right: np.ndarray
    low: np.ndarray
    high: np.ndarray

    @classmethod
    def of(cls, steps: DenseSteps) -> _Bounds:
        """Return the whole steps, without margins."""
        return cls(steps.begin.copy(), steps.begin + steps.length, np.empty(0), np.empty(0))

    def of_rows(self, rows: np.ndarray) -> _Bounds:
        return _Bounds(self.left[rows], self.right[rows], self.low[rows], self.high[rows])

    def take(self, times: np.ndarray, margin: np.ndarray, lower: np.ndarray, upper: np.ndarray) -> None:
        """Move the left end where ``lower``, the right end where ``upper``."""
        self.left, self.right = np.where(lower, times, self.left), np.where(upper, times, self.right)
        self.low = np.where(lower[:, None], margin, self.low)
        self.high = np.where(upper[:, None], margin, self.high)


def _narrow(bounds: _Bounds, steps: DenseSteps, truth: np.ndarray, look: Triggers) -> None:
    """Make the intervals narrow."""
    enough = np.maximum(_NARROW * steps.length, _LAST_BITS * np.spacing(np.abs(bounds.right)))
    side = np.zeros(len(truth), int)
    for iteration in range(_MOST_ITERATIONS):
        wide = bounds.right - bounds.left > enough
        if not wide.any():
            break
        middle = bounds.left + 0.5 * (bounds.right - bounds.left)
        times = middle if iteration % 4 == 3 else _guess(bounds, enough)
        truths, margin = look(times, steps.states(times))
        past = (truths != truth).any(axis=1)
        # Illinois: an end that stays twice counts half
        stays = wide & np.where(past, side == 1, side == -1)
        bounds.low = np.where((stays & past)[:, None], 0.5 * bounds.low, bounds.low)
        bounds.high = np.where((stays & ~past)[:, None], 0.5 * bounds.high, bounds.high)
        bounds.take(times, margin, wide & ~past, wide & past)
        side = np.where(past, 1, -1)


def _guess(bounds: _Bounds, enough: np.ndarray) -> np.ndarray:
    """Return where the first margin passes zero on a straight line, inside of the interval."""
    width, low = bounds.right - bounds.left, bounds.low
    with np.errstate(all="ignore"):
        share = low / (low - bounds.high)
    turns = (low <= 0.0) != (bounds.high <= 0.0)
    first = np.where(turns & np.isfinite(share), share, np.inf).min(axis=1, initial=np.inf)
    first = np.where(np.isfinite(first), first, 0.5)
    inside = np.minimum(0.25 * enough, 0.25 * width)
    return np.clip(bounds.left + first * width, bounds.left + inside, bounds.right - inside)
