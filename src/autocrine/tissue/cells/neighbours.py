"""Verlet lists: which cells may touch before any of them has moved further than half of a skin.

References
----------
Verlet 1967, Phys Rev 159:98-103, doi:10.1103/PhysRev.159.98.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from autocrine.tissue.cells.bins import Bins
from autocrine.tissue.cells.compiled import kernel
from autocrine.tissue.cells.force import U_RADIUS, U_X, U_Y, U_Z, WORK

#: spare room in the lists, for each cell and as a factor
_SPARE = 9
#: pairs that the force takes at once; a multiple of 512 would put all rows of the work at one place of a cache
ROOM = 264


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
                packed, self.first, self.last, bins.of, bins.shape, bins.starts, bins.members, reach, skin_um,
                self.rows, self.neighbours, self.below_rows, self.below,
            )  # fmt: skip
            if found <= room and found_below <= room_below:
                break
            room, room_below = max(room, int(1.1 * found)), max(room_below, int(1.1 * found_below))
        longest = int(np.max(np.diff(self.rows[self.first :]), initial=0))
        if longest > self.work.shape[1]:
            self.work = np.zeros((WORK, longest))

    @property
    def bytes(self) -> int:
        """Bytes of the lists."""
        return sum(each.nbytes for each in (self.rows, self.neighbours, self.below_rows, self.below, self.work))


def _room(array: np.ndarray, room: int) -> np.ndarray:
    return array if len(array) >= room else np.empty(room, np.uint32)


@kernel()
def _find(packed, first, last, of, shape, starts, members, reach, skin, rows, neighbours, below_rows, below):
    """Write both lists as far as there is room; return how long they are."""
    k, m, lowest = 0, 0, np.uint64(first)
    for i in range(first, last):
        rows[i], below_rows[i - first] = k, m
        start, start_below, own = k, m, np.uint64(i)
        a, b = of[i] % shape[0], of[i] // shape[0] % shape[1]
        c = of[i] // (shape[0] * shape[1])
        for z in range(max(c - 1, 0), min(c + 2, shape[2])):
            for y in range(max(b - 1, 0), min(b + 2, shape[1])):
                line = (z * shape[1] + y) * shape[0]
                for x in range(line + max(a - 1, 0), line + min(a + 2, shape[0])):
                    if _holds_none(members, starts[x], starts[x + 1], first, i):
                        continue
                    for p in range(np.uint64(starts[x]), np.uint64(starts[x + 1])):
                        j = np.uint64(members[p])
                        if j > own and _near(packed, own, j, reach, skin):
                            k = _insert(neighbours, start, k, j)
                        elif j < lowest and _near(packed, own, j, reach, skin):
                            m = _insert(below, start_below, m, j)
    rows[last], below_rows[last - first] = k, m
    return k, m


@kernel(inline="always")
def _holds_none(members, start, end, first, i):
    """Return whether a bin holds neither a cell above i nor one below first; its cells are in rising order."""
    return start == end or (members[end - 1] <= i and members[start] >= first)


@kernel(inline="always")
def _near(packed, i, j, reach, skin):
    dx, dy, dz = packed[j, U_X] - packed[i, U_X], packed[j, U_Y] - packed[i, U_Y], packed[j, U_Z] - packed[i, U_Z]
    touching = reach * (packed[i, U_RADIUS] + packed[j, U_RADIUS]) + skin
    return dx * dx + dy * dy + dz * dz < touching * touching


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
