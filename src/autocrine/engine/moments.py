"""Mean, variance, least and greatest values of a stream of trajectories."""

from __future__ import annotations

import numpy as np

from autocrine.engine.reduction import Reduction


class Moments(Reduction):
    """Mean or variance, shape (T, k), and their derivatives.

    Parameters
    ----------
    variance : bool
        Whether the variance (over the count less one) is asked for, otherwise the mean.

    References
    ----------
    Chan, Golub & LeVeque 1983, Am Stat 37:242-247, doi:10.1080/00031305.1983.10483115.
    """

    differentiable = True

    def __init__(self, *, variance: bool) -> None:
        self._variance = variance
        self._count = self._mean = self._squares = np.zeros(())
        self._slope = self._products = np.zeros(())

    def take(self, values: np.ndarray, slopes: np.ndarray | None = None) -> None:
        """Take the values of some trajectories, shape (rows, T, k), and their derivatives, shape (rows, T, k, p)."""
        known = np.isfinite(values)
        more = known.sum(axis=0)
        mean = np.where(known, values, 0.0).sum(axis=0) / np.maximum(more, 1)
        squares = np.where(known, (values - mean) ** 2, 0.0).sum(axis=0)
        count, apart = self._count + more, mean - self._mean
        share = more / np.maximum(count, 1)
        if slopes is not None:
            counted = known[..., None]
            slope = np.where(counted, slopes, 0.0).sum(axis=0) / np.maximum(more, 1)[..., None]
            both = np.where(counted, (values - mean)[..., None] * (slopes - slope), 0.0).sum(axis=0)
            moved = slope - self._slope
            self._products = self._products + both + moved * (apart * self._count * share)[..., None]
            self._slope = self._slope + moved * share[..., None]
        self._squares = self._squares + squares + apart**2 * self._count * share
        self._mean, self._count = self._mean + apart * share, count

    def result(self) -> np.ndarray:
        """Return mean or variance; NaN where nothing counted."""
        if self._variance:
            return np.where(self._count > 1, self._squares / np.maximum(self._count - 1, 1), np.nan)
        return np.where(self._count > 0, self._mean, np.nan)

    def derivatives(self) -> np.ndarray | None:
        """Return those of mean or variance, shape (T, k, p); NaN where nothing counted."""
        if not self._slope.ndim:
            return None
        if self._variance:
            found = 2.0 * self._products / np.maximum(self._count - 1, 1)[..., None]
            return np.where((self._count > 1)[..., None], found, np.nan)
        return np.where((self._count > 0)[..., None], self._slope, np.nan)


class Extreme(Reduction):
    """Least or greatest value, shape (T, k), and the derivatives of the first trajectory that has it."""

    differentiable = True

    def __init__(self, *, greatest: bool) -> None:
        self._choose = np.fmax if greatest else np.fmin
        self._found: np.ndarray = np.array(np.nan)
        self._slope: np.ndarray = np.array(np.nan)

    def take(self, values: np.ndarray, slopes: np.ndarray | None = None) -> None:
        """Take the values of some trajectories, shape (rows, T, k), and their derivatives, shape (rows, T, k, p)."""
        if not len(values):
            return
        before, self._found = self._found, self._choose(self._found, self._choose.reduce(values, axis=0))
        if slopes is not None:
            first = (values == self._found).argmax(axis=0)
            slope = np.take_along_axis(slopes, first[None, ..., None], axis=0)[0]
            changed = np.isfinite(self._found) & (self._found != before)
            self._slope = np.where(changed[..., None], slope, self._slope)

    def result(self) -> np.ndarray:
        """Return the value; NaN where nothing counted."""
        return self._found

    def derivatives(self) -> np.ndarray | None:
        """Return those of the value, shape (T, k, p); NaN where nothing counted."""
        return self._slope if self._slope.ndim else None
