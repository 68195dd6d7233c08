"""Bins of space: which cells lie near which, and an order of cells in which near ones lie near in memory."""

from __future__ import annotations

import numpy as np

from autocrine.tissue.cells.compiled import kernel

#: bins for each cell at most; in a sparse tissue they are made larger
_MOST = 4
#: what may be read behind the last cell
_BEYOND = 8


class Bins:
    """Cubes with the cells that lie in them.

    Parameters
    ----------
    packed : ndarray of shape (cells, at least 3)
        Positions (um) in the first three columns.
    side_um : float
        Least side of a bin.

    Attributes
    ----------
    shape : ndarray of int64, shape (3,)
        Number of bins along each axis.
    of : ndarray of int32, shape (cells,)
        The bin of each cell.
    starts, members : ndarray
        Cells of bin b: ``members[starts[b]:starts[b + 1]]``, in rising order.
    padded, along : ndarray of shape (cells + 8,) and (columns, cells + 8)
        The members, and what was packed of them, with more behind the last one: eight may be read at once.
    """

    def __init__(self, packed: np.ndarray, side_um: float) -> None:
        low, extent = _corner_and_extent(packed)
        shape = np.floor(extent / side_um) + 1
        while np.prod(shape) > _MOST * len(packed) + 64:
            side_um *= 1.26  # a cube of twice the volume
            shape = np.floor(extent / side_um) + 1
        self.shape = shape.astype(np.int64)
        self.of = np.empty(len(packed), np.int32)
        self.starts = np.zeros(int(np.prod(self.shape)) + 1, np.int64)
        self.padded = np.zeros(len(packed) + _BEYOND, np.int32)
        self.members = self.padded[: len(packed)]
        _sort_in(packed, low, side_um, self.shape, self.of, self.starts, self.members)
        self.along = np.ascontiguousarray(packed[self.padded].T)

    def order(self) -> np.ndarray:
        """Return the cells along a Morton curve through the bins; those of one bin stay in their order.

        References
        ----------
        Morton 1966, A computer oriented geodetic data base, IBM Ltd., Ottawa.
        """
        codes = np.zeros(len(self.of), np.int64)
        place = self.of.astype(np.int64)
        axes = (place % self.shape[0], place // self.shape[0] % self.shape[1], place // (self.shape[0] * self.shape[1]))
        for bit in range(int(self.shape.max()).bit_length()):
            for axis, along in enumerate(axes):
                codes |= (along >> bit & 1) << (3 * bit + axis)
        return np.argsort(codes, kind="stable")


@kernel()
def _corner_and_extent(packed):
    low, high = np.full(3, np.inf), np.full(3, -np.inf)
    for i in range(len(packed)):
        for axis in range(3):
            low[axis], high[axis] = min(low[axis], packed[i, axis]), max(high[axis], packed[i, axis])
    return low, high - low


@kernel()
def _sort_in(packed, low, side, shape, of, starts, members):
    each = 1 / side
    for i in range(len(of)):
        place = 0
        for axis in (2, 1, 0):
            along = int((packed[i, axis] - low[axis]) * each)
            place = place * shape[axis] + min(max(along, 0), shape[axis] - 1)
        of[i] = place
        starts[place + 1] += 1
    for b in range(len(starts) - 1):
        starts[b + 1] += starts[b]
    for i in range(len(of) - 1, -1, -1):  # from the end, so that each bin is in rising order
        b = of[i] + 1
        starts[b] -= 1
        members[starts[b]] = i
    # the loop moved the end of each bin to its start: shift back
    for b in range(len(starts) - 1):
        starts[b] = starts[b + 1]
    starts[len(starts) - 1] = len(of)
