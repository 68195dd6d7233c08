"""Quantiles of a stream of trajectories in little memory."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from autocrine.core import errors
from autocrine.engine.reduction import Reduction

#: values that one buffer holds
_SIZE = 1024


class QuantileSketch(Reduction):
    """Quantiles at some probabilities, shape (probabilities, T, k).

    Notes
    -----
    Values fill a buffer of 1024; two full buffers of one weight are merged, and every second value of both is kept,
    with twice the weight. With n values the rank is wrong by at most log2(n / 1024) / 2048 of n, 0.5 % at 10^6 and
    usually some tenths of that; up to 2047 values the quantiles are exact. The memory is 8 kB for each doubling of
    n, time and output.

    References
    ----------
    Munro & Paterson 1980, Theor Comput Sci 12:315-323, doi:10.1016/0304-3975(80)90061-4.
    """

    def __init__(self, probabilities: ArrayLike) -> None:
        wanted = np.atleast_1d(np.asarray(probabilities, float))
        if wanted.ndim != 1 or not wanted.size or not ((wanted >= 0) & (wanted <= 1)).all():
            raise errors.InputError("quantiles must be probabilities from 0 to 1", probabilities)
        self._wanted = wanted
        self._open: list[np.ndarray] = []
        self._full: list[np.ndarray | None] = []
        self._offset: list[int] = []

    def take(self, values: np.ndarray, slopes: np.ndarray | None = None) -> None:
        """Take the values of some trajectories, shape (rows, T, k)."""
        self._open.append(values.copy())
        while sum(map(len, self._open)) >= _SIZE:
            joined = np.concatenate(self._open)
            self._open = [joined[_SIZE:]]
            self._carry(np.sort(joined[:_SIZE], axis=0))

    def _carry(self, buffer: np.ndarray) -> None:
        """Put a full buffer to the others, and merge those of equal weight."""
        level = 0
        while True:
            if level == len(self._full):
                self._full.append(None)
                self._offset.append(0)
            other = self._full[level]
            if other is None:
                self._full[level] = buffer
                return
            # the first and the second of each pair are kept in turn, so that the errors cancel
            buffer = np.sort(np.concatenate([other, buffer]), axis=0)[self._offset[level] :: 2]
            self._full[level], self._offset[level] = None, 1 - self._offset[level]
            level += 1

    def result(self) -> np.ndarray:
        """Return the quantiles, linear between the values as in NumPy; NaN where nothing counted."""
        parts = [(each, 1.0) for each in self._open if len(each)]
        parts += [(each, 2.0**level) for level, each in enumerate(self._full) if each is not None]
        if not parts:
            return np.full((len(self._wanted), 0, 0), np.nan)
        values = np.concatenate([each for each, _ in parts])
        weights = np.concatenate([np.full(len(each), weight) for each, weight in parts])
        order = np.argsort(values, axis=0, kind="stable")
        ranked = np.take_along_axis(values, order, axis=0)
        heavy = np.where(np.isfinite(ranked), weights[order], 0.0)
        found = np.full((len(self._wanted), *values.shape[1:]), np.nan)
        for place in np.ndindex(values.shape[1:]):
            kept = np.flatnonzero(heavy[(slice(None), *place)])
            if len(kept):
                weight = heavy[(kept, *place)]
                # a value of weight w stands for w equal ones; its rank is that of their middle
                ranks = np.cumsum(weight) - 0.5 * (weight + 1.0)
                last = weight.sum() - 1.0
                found[(slice(None), *place)] = np.interp(self._wanted * last, ranks, ranked[(kept, *place)])
        return found
