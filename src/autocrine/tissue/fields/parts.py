"""How a tick is cut: at jumps of plasma, and into growing steps after one."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

#: the first step after a jump is so long that nothing spreads further than half a voxel
_FIRST = 0.25
#: a jump closer to the end of a tick than this part of it belongs to the next one
_NEAR = 1e-9


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
    for i, (begin, end) in enumerate(zip(cuts[:-1], cuts[1:], strict=True)):
        jumped = disturbed or any(abs(t - begin) <= near for t in inside) if i == 0 else True
        length = end - begin
        own = [length] if not jumped else _growing(length, number * length / dt_h)
        starts = begin + np.concatenate([[0.0], np.cumsum(own)[:-1]])
        found += [(float(s), float(h)) for s, h in zip(starts, own, strict=True)]
    return found


def _growing(length: float, number: float) -> list[float]:
    """Return steps that double from one in which nothing spreads further than half a voxel."""
    doublings = max(0, int(np.ceil(np.log2(max(number, 1e-300) / _FIRST + 1))) - 1)
    sizes = 2.0 ** np.arange(doublings + 1)
    return list(length * sizes / sizes.sum())
