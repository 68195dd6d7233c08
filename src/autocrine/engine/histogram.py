"""Counts of a stream of trajectories in bins."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from autocrine.core import errors
from autocrine.engine.reduction import Reduction


class Histogram(Reduction):
    """Counts between edges, shape (edges + 1, T, k): first those below all edges, last those at or above the last."""

    def __init__(self, edges: ArrayLike) -> None:
        self._edges = np.atleast_1d(np.asarray(edges, float))
        if self._edges.ndim != 1 or not np.isfinite(self._edges).all() or (np.diff(self._edges) <= 0).any():
            raise errors.InputError("edges of a histogram must be finite and increase", edges)
        self._counts = np.zeros(())

    def take(self, values: np.ndarray, slopes: np.ndarray | None = None) -> None:
        """Take the values of some trajectories, shape (rows, T, k)."""
        bins, cells = len(self._edges) + 1, int(np.prod(values.shape[1:]))
        places = np.searchsorted(self._edges, values, side="right").reshape(len(values), cells) * cells + np.arange(
            cells
        )
        counted = places[np.isfinite(values).reshape(len(values), cells)]
        self._counts = self._counts + np.bincount(counted, minlength=bins * cells).reshape(bins, *values.shape[1:])

    def result(self) -> np.ndarray:
        """Return the counts."""
        return self._counts.astype(np.int64)
