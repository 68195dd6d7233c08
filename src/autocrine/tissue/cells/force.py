"""How two cells push and pull: the published law of PhysiCell.

References
----------
Ghaffarizadeh et al. 2018, PLoS Comput Biol 14:e1005991, doi:10.1371/journal.pcbi.1005991.
Macklin et al. 2012, J Theor Biol 301:122-140, doi:10.1016/j.jtbi.2012.02.002 (the potentials).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from autocrine.core import errors
from autocrine.tissue.cells import pairs as vectors
from autocrine.tissue.cells.compiled import kernel

#: what Numba calls has other arguments than what Python sees
differ: Any = vectors.differ
turn: Any = vectors.turn
push: Any = vectors.push
LANES = vectors.LANES

#: centres are taken to be at least this far apart (um), as in PhysiCell
CLOSEST_UM = 1e-5
#: what a cell brings to a pair: its place and its radius, half of a line of memory
X, Y, Z, RADIUS, WIDTH = 0, 1, 2, 3, 4
#: columns of the table of laws, a row for each clone: relative reach, and roots of the strengths
REACH, ADHESION, REPULSION = 0, 1, 2
#: rows of the work, for pairs side by side; the first four together hold four numbers of each pair, one pair after
#: the other
APART, SQUARE, CONTACT, FACTOR, PAIR_REACH, PAIR_ADHESION, PAIR_REPULSION, WORK = 4, 4, 5, 6, 7, 8, 9, 10


@dataclass(frozen=True)
class ForceLaw:
    """Strengths of one clone; two clones meet with the geometric mean of theirs.

    Attributes
    ----------
    adhesion_um_h, repulsion_um_h : float
        Velocities that full overlap gives, 0.4 and 10 um/min in PhysiCell.
    relative_reach : float
        Distance over the sum of the radii up to which cells pull.
    """

    adhesion_um_h: float = 24.0
    repulsion_um_h: float = 600.0
    relative_reach: float = 1.25

    def __post_init__(self) -> None:
        """Refuse strengths that are none."""
        for name in ("adhesion_um_h", "repulsion_um_h"):
            if not (np.isfinite(getattr(self, name)) and getattr(self, name) >= 0):
                raise errors.InputError(f"{name} must be zero or positive", getattr(self, name))
        if not (np.isfinite(self.relative_reach) and self.relative_reach >= 1):
            raise errors.InputError("relative_reach must be at least 1", self.relative_reach)

    def resting_distance(self, contact_um: float) -> float:
        """Return the distance at which two such cells neither push nor pull, from the sum of their radii (um)."""
        pull, push = np.sqrt(self.adhesion_um_h), np.sqrt(self.repulsion_um_h)
        return float(contact_um * (push - pull) / (push - pull / self.relative_reach)) if pull < push else 0.0

    def largest_step_h(self, smallest_radius_um: float) -> float:
        """Return the longest step with which two cells in full overlap part as they should.

        Notes
        -----
        The distance d of a pair of contact distance R follows ``d' = 2 (r (1 - d/R)^2 - a (1 - d/R_a)^2)``, which is
        stiffest at d = 0: ``4 (r/R - a/R_a)``. Adams-Bashforth of order 2 damps what decays at up to the reciprocal of
        its step.
        """
        contact = 2 * smallest_radius_um
        stiffness = 4 * (self.repulsion_um_h - self.adhesion_um_h / self.relative_reach) / contact
        return float(1 / stiffness) if stiffness > 0 else float("inf")


def table_of(laws: Sequence[ForceLaw]) -> np.ndarray:
    """Return what kernels need of some laws, shape (laws, 3); one row if all are alike."""
    rows = [(law.relative_reach, law.adhesion_um_h**0.5, law.repulsion_um_h**0.5) for law in laws]
    return np.array(rows[:1] if len(set(rows)) == 1 else rows)


@kernel(inline="always")
def speed_over_distance(square, reach, contact, adhesion, repulsion):
    """Return the velocity (um/h) with which a cell leaves another one, over their distance.

    The two ramps share one division: with ``u = 1 / (d reach contact)``, ``1/reach = d contact u``.
    """
    d = np.sqrt(max(square, CLOSEST_UM * CLOSEST_UM))
    u = 1.0 / (d * (reach * contact))
    ramp = d * d * u
    pull = max(0.0, 1.0 - ramp * contact)
    push = max(0.0, 1.0 - ramp * reach)
    return (repulsion * push * push - adhesion * pull * pull) * ((reach * contact) * u)


@kernel()
def add_forces(packed, kind, table, first, last, rows, neighbours, below_rows, below, velocity, work):
    """Sum the velocities of the cells from first to last, each pair within them once.

    Parameters
    ----------
    packed : ndarray of shape (cells, WIDTH)
        What each cell brings.
    kind : ndarray of int16, shape (cells,)
        Row of the table of each cell; not looked at if there is one row.
    table : ndarray of shape (laws, 3)
        From `table_of`.
    rows, neighbours : ndarray of int64 and uint32
        Neighbours of higher index of each of these cells, in rising order.
    below_rows, below : ndarray of int64 and uint32
        Neighbours of lower index than ``first``, whose sums another thread makes.
    velocity : ndarray of shape (cells, WIDTH)
        Receives the sums; the last column means nothing.
    work : ndarray of shape (WORK, room)
        Room for the pairs of some cells, a multiple of eight; the longest row must fit.

    Notes
    -----
    Each cell adds its neighbours in rising index: first those below its thread's share, then those that pushed it from
    within, then those above it. The sum is therefore the same for every sharing out.
    """
    _add_below(packed, kind, table, first, last, below_rows, below, velocity)
    alike, apart, square, contact = len(table) == 1, work[:APART], work[SQUARE], work[CONTACT]
    while first < last:
        end, base = first + 1, rows[first]
        while end < last and rows[end + 1] - base <= work.shape[1]:
            end += 1
        for i in range(first, end):
            differ(packed, i, neighbours, rows[i], rows[i + 1], apart, rows[i] - base)
        pairs = rows[end] - base
        for q in range(0, pairs, LANES):
            turn(apart, q, square, contact)
        if alike:
            _evaluate_alike(work, pairs, table)
        else:
            _look_up(packed, kind, table, first, end, rows, neighbours, work)
            _evaluate(work, pairs)
        for i in range(first, end):
            both = rows[i + 1]
            while both > rows[i] and neighbours[both - 1] >= last:
                both -= 1
            push(apart, work[FACTOR], rows[i] - base, neighbours, rows[i], both, rows[i + 1], velocity, i)
        first = end


@kernel()
def _add_below(packed, kind, table, first, last, rows, below, velocity):
    for i in range(first, last):
        velocity[i, 0] = velocity[i, 1] = velocity[i, 2] = velocity[i, 3] = 0.0
        for p in range(rows[i - first], rows[i - first + 1]):
            j = below[p]
            dx, dy, dz = packed[i, X] - packed[j, X], packed[i, Y] - packed[j, Y], packed[i, Z] - packed[j, Z]
            contact = packed[i, RADIUS] + packed[j, RADIUS]
            a, b = (0, 0) if len(table) == 1 else (kind[i], kind[j])
            if len(table) == 1:
                reach = table[0, REACH] * contact
            else:
                reach = table[a, REACH] * packed[i, RADIUS] + table[b, REACH] * packed[j, RADIUS]
            adhesion, repulsion = table[a, ADHESION] * table[b, ADHESION], table[a, REPULSION] * table[b, REPULSION]
            f = speed_over_distance(dx * dx + dy * dy + dz * dz, reach, contact, adhesion, repulsion)
            velocity[i, 0] += f * dx
            velocity[i, 1] += f * dy
            velocity[i, 2] += f * dz


@kernel()
def _look_up(packed, kind, table, first, end, rows, neighbours, work):
    """Write reach and strengths of pairs whose clones differ."""
    base = rows[first]
    for i in range(first, end):
        a = kind[i]
        own = table[a, REACH] * packed[i, RADIUS]
        for p in range(rows[i], rows[i + 1]):
            j, q = neighbours[p], p - base
            b = kind[j]
            work[PAIR_REACH, q] = own + table[b, REACH] * packed[j, RADIUS]
            work[PAIR_ADHESION, q] = table[a, ADHESION] * table[b, ADHESION]
            work[PAIR_REPULSION, q] = table[a, REPULSION] * table[b, REPULSION]


@kernel()
def _evaluate(work, pairs):
    square, contact, out = work[SQUARE], work[CONTACT], work[FACTOR]
    reach, adhesion, repulsion = work[PAIR_REACH], work[PAIR_ADHESION], work[PAIR_REPULSION]
    for q in range(pairs):
        out[q] = speed_over_distance(square[q], reach[q], contact[q], adhesion[q], repulsion[q])


@kernel()
def _evaluate_alike(work, pairs, table):
    square, contact, out = work[SQUARE], work[CONTACT], work[FACTOR]
    reach, adhesion = table[0, REACH], table[0, ADHESION] * table[0, ADHESION]
    repulsion = table[0, REPULSION] * table[0, REPULSION]
    for q in range(pairs):
        out[q] = speed_over_distance(square[q], reach * contact[q], contact[q], adhesion, repulsion)
