"""How a tick is cut: at jumps of plasma, into growing steps after one, and into falling ones.

A step that solves one axis after the other follows waves of one voxel slowly where D dt/dx² is large: a cell that has
moved keeps a shadow for many ticks. A tick in falling steps (36 : 6 : 1) lets each step deal with waves of its own
length, as in the iterations of Wachspress (1962, J. SIAM 10:339); measured in docs/decisions/tissue-fields.md.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

#: the first step after a jump is so long that nothing spreads further than half a voxel
_FIRST = 0.25
#: each step of a falling cycle is so much shorter than the one before, and the last has at most this D dt/dx²
_FALL, _LAST = 6.0, 0.75
#: up to here one step is as good
_SINGLE = 1.5
#: a jump closer to the end of a tick than this part of it belongs to the next one
_NEAR = 1e-6


def parts_of(
    start_h: float, dt_h: float, jumps_h: Iterable[float], number: float, *, disturbed: bool
) -> list[tuple[float, float]]:
    """Return the steps of a tick as (start, length), which sum to it.

    Parameters
    ----------
    start_h, dt_h : float
        The tick (h).
    jumps_h : iterable of float
        When a level outside jumps; the steps end there, and begin anew.
    number : float
        D dt / dx² of the whole tick.
    disturbed : bool
        Whether levels or what cells do jumped just before the tick.
    """
    near = _NEAR * dt_h
    inside = sorted({t for t in jumps_h if start_h - near <= t < start_h + dt_h - near})
    cuts = [start_h, *(t for t in inside if t > start_h + near), start_h + dt_h]
    found: list[tuple[float, float]] = []
    for i, (begin, end) in enumerate(pairwise(cuts)):
        jumped = disturbed or any(abs(t - begin) <= near for t in inside) if i == 0 else True
        length = end - begin
        own = length * _shares(number * length / dt_h, jumped=jumped)
        starts = begin + np.concatenate([[0.0], np.cumsum(own)[:-1]])
        found += [(float(s), float(h)) for s, h in zip(starts, own, strict=True)]
    return found


def _shares(number: float, *, jumped: bool) -> NDArray[np.float64]:
    """Return the lengths of steps, which sum to 1; ``number`` is D dt / dx² of all of them."""
    sizes = _FALL ** np.arange(_falling(number))[::-1]
    if jumped:
        # steps that double, from one in which nothing spreads further than half a voxel
        doublings = max(0, int(np.ceil(np.log2(number / _FIRST + 1))) - 1)
        rising = 2.0 ** np.arange(doublings + 1)
        sizes = np.concatenate([rising, sizes[sizes < rising[-1]]])
    return sizes / sizes.sum()


def _falling(number: float) -> int:
    """Return the steps of a falling cycle."""
    count = 1
    while number > _SINGLE and number / np.sum(_FALL ** np.arange(count)) > _LAST:
        count += 1
    return count
