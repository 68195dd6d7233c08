"""The drug-induced proliferation rate: the stable slope of log2 cell number after the first hours under a drug."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import t as student

from autocrine.core import errors

#: a line through fewer times says nothing of its own stability
LEAST_TIMES = 4
#: chosen: an empty image counts as half a cell, because no cell has no logarithm
HALF_A_CELL = 0.5


@dataclass(frozen=True)
class DipRate:
    """The slope of one well.

    Attributes
    ----------
    rate : float
        Doublings per hour; negative where cells are lost.
    error : float
        Standard error of the slope, from the scatter around the line.
    low, high : float
        95 % interval (Student). Counts of one well follow each other, so the spread between wells is the better measure
        where there are several.
    lag_h : float
        When the line begins, hours after the first count.
    times : int
        How many counts are on the line.
    r_squared : float
        Of the line.
    """

    rate: float
    error: float
    low: float
    high: float
    lag_h: float
    times: int
    r_squared: float


def dip_rate(time_h: ArrayLike, count: ArrayLike) -> DipRate:
    """Return the drug-induced proliferation rate of one well.

    Parameters
    ----------
    time_h : array_like, shape (n,)
        Times, rising.
    count : array_like, shape (n,)
        Cells.

    Returns
    -------
    DipRate
        Of the line through the counts from some time on to the last. The beginning is chosen where
        ``R2_adj (1 - RMSE)^2 (m - 3)^(1/4)`` is largest, ``m`` counts on the line.

    Raises
    ------
    InputError
        If there are fewer than four times, they do not rise, or a count is negative or not finite.

    References
    ----------
    Harris et al. 2016, Nat Methods 13:497-500, for the rate (recalled, not looked up). The criterion is ``tyson1`` of
    the program Thunor, which was read; Thunor puts the line of control wells through all their counts, here they are
    treated as the others.
    """
    time, cells = np.asarray(time_h, dtype=float), np.asarray(count, dtype=float)
    if time.ndim != 1 or time.shape != cells.shape or time.size < LEAST_TIMES:
        raise errors.InputError(
            f"times and counts must be two rows of at least {LEAST_TIMES}", (time.shape, cells.shape)
        )
    if not np.all(np.diff(time) > 0):
        raise errors.InputError("times must rise", float(time[int(np.argmin(np.diff(time)))]))
    if not np.all(np.isfinite(cells)) or np.any(cells < 0):
        raise errors.InputError("every count must be finite and not negative", float(np.min(cells)))
    y = np.log2(np.maximum(cells, HALF_A_CELL))
    slope, rest, total, m = _suffix_lines(time - time[0], y)
    r_squared = 1 - rest / np.maximum(total, 1e-12)
    adjusted = 1 - (1 - r_squared) * (m - 1) / (m - 2)
    quality = adjusted * (1 - np.sqrt(rest / m)) ** 2 * (m - 3) ** 0.25
    # a well that stands still has no R2 to choose by: then all counts are on the line
    best = int(np.argmax(quality)) if np.max(quality) > 0 else 0
    n = int(m[best])
    x = time[best:] - time[best:].mean()
    error = math.sqrt(max(float(rest[best]), 0.0) / (n - 2) / float(x @ x))
    reach, rate = float(student.ppf(0.975, n - 2)) * error, float(slope[best])
    return DipRate(rate, error, rate - reach, rate + reach, float(time[best] - time[0]), n, float(r_squared[best]))


def _suffix_lines(x: NDArray[np.float64], y: NDArray[np.float64]) -> tuple[NDArray[np.float64], ...]:
    """Return slope, residual and total sum of squares and number of points of the lines through the last m points."""
    starts = np.arange(x.size - LEAST_TIMES + 1)
    m = (x.size - starts).astype(float)
    x, y = x - x.mean(), y - y.mean()

    def sums(value: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.cumsum(value[::-1])[::-1][starts]

    sx, sy = sums(x), sums(y)
    xx, xy, total = sums(x * x) - sx**2 / m, sums(x * y) - sx * sy / m, sums(y * y) - sy**2 / m
    slope = xy / xx
    return slope, np.maximum(total - slope * xy, 0.0), np.maximum(total, 0.0), m
