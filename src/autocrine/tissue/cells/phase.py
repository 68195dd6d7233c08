"""Where a cell is in its cycle, or in its death."""

from __future__ import annotations

from enum import IntEnum


class Phase(IntEnum):
    """Phases in the order of life; all from `APOPTOTIC` on are dead."""

    G1 = 0
    S = 1
    G2M = 2
    APOPTOTIC = 3
    SWELLING = 4
    LYSED = 5
