"""Names of wells (A1, P24, AF48) and the plates that have them."""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

#: wells → rows and columns of the plate
FORMATS = {6: (2, 3), 12: (3, 4), 24: (4, 6), 48: (6, 8), 96: (8, 12), 384: (16, 24), 1536: (32, 48)}
_NAME = re.compile(r"([A-Za-z]{1,2})0*([1-9]\d?)")


def place_of(name: str) -> tuple[int, int] | None:
    """Return row and column, counted from 0, of a well; None where the name is of another kind."""
    found = _NAME.fullmatch(name.strip())
    if not found:
        return None
    row = 0
    for letter in found[1].upper():
        row = 26 * row + ord(letter) - ord("A") + 1
    return row - 1, int(found[2]) - 1


def name_of(row: int, column: int) -> str:
    """Return the name of a well, as B02."""
    letters = chr(ord("A") + row) if row < 26 else "A" + chr(ord("A") + row - 26)
    return f"{letters}{column + 1:02d}"


def format_of(row: NDArray[np.float64], column: NDArray[np.float64]) -> int:
    """Return the wells of the smallest usual plate (96 or more) that holds the places; 0 where none does."""
    known = np.isfinite(row) & np.isfinite(column)
    if not known.any():
        return 0
    high, wide = row[known].max() + 1, column[known].max() + 1
    return next((n for n, (rows, columns) in FORMATS.items() if n >= 96 and high <= rows and wide <= columns), 0)
