"""Verlet lists: which cells may touch before any of them has moved further than half of a skin.

References
----------
Verlet 1967, Phys Rev 159:98-103, doi:10.1103/PhysRev.159.98.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from autocrine.tissue.cells import pairs
from autocrine.tissue.cells.bins import Bins
from autocrine.tissue.cells.compiled import kernel
from autocrine.tissue.cells.force import LANES, RADIUS, WORK, X, Y, Z

#: what Numba calls has other arguments than what Python sees
near_eight: Any = pairs.near_eight
lowest: Any = pairs.lowest
#: spare room in the lists, for each cell and as a factor
_SPARE = 9
#: pairs that the force takes at once; a multiple of 512 would put all rows of the work at one place of a cache
ROOM = 264
ONE = np.uint64(1)


@dataclass
class Share:
    """The cells that one thread sums, and their neighbours.

    Attributes
    ----------
    first, last : int
        Its cells.
    rows, neighbours : ndarray of int64 and uint32
        Neighbours of higher index of cell i: ``neighbours[rows[i]:rows[i + 1]]``, with i counted over all cells.
    below_rows, below : ndarray of int64 and uint32
        Neighbours of lower index that belong to another thread, with i counted from ``first``.
    work : ndarray of shape (WORK, room)
        Room for the force.
    """

    first: int
    last: int
    rows: np.ndarray = field(default_factory=lambda: np.zeros(1, np.int64))
    neighbours: np.ndarray = field(default_factory=lambda: np.zeros(0, np.uint32))
    below_rows: np.ndarray = field(default_factory=lambda: np.zeros(1, np.int64))
    below: np.ndarray = field(default_factory=lambda: np.zeros(0, np.uint32))
    work: np.ndarray = field(default_factory=lambda: np.zeros((WORK, ROOM)))

    def fill(self, packed: np.ndarray, bins: Bins, reach: float, skin_um: float) -> None:
        """Find the neighbours, all nearer than the sum of their radii times the relative reach, and the skin."""
        cells = self.last - self.first
        self.rows = np.zeros(self.last + 1, np.int64)
        self.below_rows = np.zeros(cells + 1, np.int64)
        room = max(len(self.neighbours), _SPARE * cells + 64)
        room_below = max(len(self.below), cells + 64)
        while True:
            self.neighbours = _room(self.neighbours, room)
            self.below = _room(self.below, room_below)
            found, found_below = _find(
                packed, self.first, self.last, (bins.of, bins.shape, bins.starts, bins.padded, bins.along), reach,
                skin_um, self.rows, self.neighbours, self.below_rows, self.below,
            )  # fmt: skip
            if found <= room and found_below <= room_below:
                break
            room, room_below = max(room, int(1.1 * found)), max(room_below, int(1.1 * found_below))
        longest = int(np.max(np.diff(self.rows[self.first :]), initial=0))
        if longest > self.work.shape[1]:
            self.work = np.zeros((WORK, -(-longest // LANES) * LANES))

    @property
    def bytes(self) -> int:
        """Bytes of the lists."""
        return sum(each.nbytes for each in (self.rows, self.neighbours, self.below_rows, self.below, self.work))


def _room(array: np.ndarray, room: int) -> np.ndarray:
    return array if len(array) >= room else np.empty(room, np.uint32)


@kernel()
def _find(packed, first, last, bins, reach, skin, rows, neighbours, below_rows, below):
    """Write both lists as far as there is room; return how long they are.

    Three bins that lie side by side along x hold cells that lie side by side in ``along``, which are looked at eight
    by eight.
    """
    of, shape, starts, members, along = bins
    k, m, stride = 0, 0, along.shape[1]
    for i in range(first, last):
        rows[i], below_rows[i - first] = k, m
        start, start_below, own = k, m, reach * packed[i, RADIUS] + skin
        place = (packed[i, X], packed[i, Y], packed[i, Z])
        a, b, c = of[i] % shape[0], of[i] // shape[0] % shape[1], of[i] // (shape[0] * shape[1])
        for z in range(max(c - 1, 0), min(c + 2, shape[2])):
            for y in range(max(b - 1, 0), min(b + 2, shape[1])):
                line = (z * shape[1] + y) * shape[0]
                low, high = starts[line + max(a - 1, 0)], starts[line + min(a + 2, shape[0])]
                for p in range(low, high, LANES):
                    bits = near_eight(along, stride, members, p, place, reach, own, i, first)
                    if p + LANES > high:
                        bits &= (ONE << np.uint64(high - p)) - ONE
                    while bits:
                        j = members[p + np.int64(lowest(bits))]
                        bits &= bits - ONE
                        if j > i:
                            k = _insert(neighbours, start, k, j)
                        else:
                            m = _insert(below, start_below, m, j)
    rows[last], below_rows[last - first] = k, m
    return k, m


@kernel()
def _insert(listed, start, end, j):
    """Put j into a rising list, if there is room; return where the list ends."""
    if end < len(listed):
        place = end
        while place > start and listed[place - 1] > j:
            listed[place] = listed[place - 1]
            place -= 1
        listed[place] = j
    return end + 1
