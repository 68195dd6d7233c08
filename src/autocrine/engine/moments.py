"""Mean, variance, least and greatest values of a stream of trajectories."""

from __future__ import annotations

import numpy as np

from autocrine.engine.reduction import Reduction


class Moments(Reduction):
    """Mean or variance, shape (T, k).

    Parameters
    ----------
    variance : bool
        Whether the variance (over the count less one) is asked for, otherwise the mean.

    References
    ----------
    Chan, Golub & LeVeque 1983, Am Stat 37:242-247, doi:10.1080/00031305.1983.10483115.
    """

    def __init__(self, *, variance: bool) -> None:
        self._variance = variance
        self._count = self._mean = self._squares = np.zeros(())

    def take(self, values: np.ndarray) -> None:
        """Take the values of some trajectories, shape (rows, T, k)."""
        known = np.isfinite(values)
        more = known.sum(axis=0)
        mean = np.where(known, values, 0.0).sum(axis=0) / np.maximum(more, 1)
        squares = np.where(known, (values - mean) ** 2, 0.0).sum(axis=0)
        count, apart = self._count + more, mean - self._mean
        share = more / np.maximum(count, 1)
        self._squares = self._squares + squares + apart**2 * self._count * share
        self._mean, self._count = self._mean + apart * share, count

    def result(self) -> np.ndarray:
        """Return mean or variance; NaN where nothing counted."""
        if self._variance:
            return np.where(self._count > 1, self._squares / np.maximum(self._count - 1, 1), np.nan)
        return np.where(self._count > 0, self._mean, np.nan)


class Extreme(Reduction):
    """Least or greatest value, shape (T, k)."""

    def __init__(self, *, greatest: bool) -> None:
        self._choose = np.fmax if greatest else np.fmin
        self._found: np.ndarray = np.array(np.nan)

    def take(self, values: np.ndarray) -> None:
        """Take the values of some trajectories, shape (rows, T, k)."""
        if len(values):
            self._found = self._choose(self._found, self._choose.reduce(values, axis=0))

    def result(self) -> np.ndarray:
        """Return the value; NaN where nothing counted."""
        return self._found
