"""Random numbers of cells, counted by (seed, cell, step, purpose): Philox4x64-10, as the engine has it, in Numba.

What a cell draws depends on nothing else: not on its place in the arrays, the number of threads, or a resume.

References
----------
Salmon et al. 2011, Parallel random numbers: as easy as 1, 2, 3, SC '11, doi:10.1145/2063384.2063405.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from autocrine.core import errors
from autocrine.tissue.cells.compiled import kernel

_ROUNDS = 10
_MULTIPLIERS = (np.uint64(0xD2E7470EE14C6C93), np.uint64(0xCA5A826395121157))
_WEYL = (np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBB67AE8584CAA73B))
_M0, _M1 = _MULTIPLIERS
_W0, _W1 = _WEYL


class Purpose(IntEnum):
    """What a number is drawn for; numbers of two purposes are independent."""

    CYCLE = 1
    DEATH = 2
    AXIS = 3
    SHARE = 4
    MOTION = 5
    SWITCH = 6
    AMPLIFICATION = 7
    DIRECTION = 8
    START = 9


def _upper_word(_context: Any, _a: Any, _b: Any) -> Any:
    """Give the upper word of a product of two words; there is no such operation in Python or NumPy."""
    word, wide = ir.IntType(64), ir.IntType(128)

    def written(_target: Any, builder: ir.IRBuilder, _signature: Any, given: Any) -> Any:
        a, b = (builder.zext(each, wide) for each in given)
        return builder.trunc(builder.lshr(builder.mul(a, b), ir.Constant(wide, 64)), word)

    return types.uint64(types.uint64, types.uint64), written


_high: Any = intrinsic(_upper_word)


@kernel()
def block(key: np.uint64, c0: np.uint64, c1: np.uint64, c2: np.uint64) -> tuple[np.uint64, ...]:
    """Return the four words of a key and a counter of three words; the fourth is zero, as is the second key."""
    k0, k1, c3 = key, np.uint64(0), np.uint64(0)
    for _ in range(_ROUNDS):
        high0, low0 = _high(c0, _M0), c0 * _M0
        high1, low1 = _high(c2, _M1), c2 * _M1
        c0, c1, c2, c3 = high1 ^ c1 ^ k0, low1, high0 ^ c3 ^ k1, low0
        k0, k1 = k0 + _W0, k1 + _W1
    return c0, c1, c2, c3


@kernel()
def _fill(seed: int, cells: np.ndarray, step: int, purpose: int, out: np.ndarray) -> None:
    for i in range(len(cells)):
        words = block(np.uint64(seed), np.uint64(cells[i]), np.uint64(step), np.uint64(purpose))
        for k in range(len(out)):
            # 53 random bits, between 0 and 1 with both excluded
            out[k, i] = (np.float64(words[k] >> np.uint64(11)) + 0.5) * 2.0**-53


def uniforms(seed: int, cells: np.ndarray, step: int, purpose: Purpose, count: int = 1) -> np.ndarray:
    """Return numbers between 0 and 1 for each cell.

    Parameters
    ----------
    seed : int
        The seed that a person gave.
    cells : ndarray of int64, shape (cells,)
        Ids of the cells.
    step : int
        The tick.
    purpose : Purpose
        What they are drawn for.
    count : int
        Numbers for each cell, at most four.

    Returns
    -------
    ndarray of shape (count, cells)
        Both 0 and 1 are excluded.

    Raises
    ------
    InputError
        If the seed or the step is negative, or more than four numbers are asked for.
    """
    if not 0 <= seed < 2**63:
        raise errors.InputError("the seed must be a whole number of at least 0", seed, hint="seed = 1")
    if step < 0 or not 1 <= count <= 4:
        raise errors.InputError("a draw must be of a step from 0 on and of 1 to 4 numbers", (step, count))
    found = np.empty((count, len(cells)))
    _fill(seed, np.ascontiguousarray(cells, np.int64), step, int(purpose), found)
    return found


def directions(seed: int, cells: np.ndarray, step: int, purpose: Purpose, dimensions: int) -> np.ndarray:
    """Return a random direction for each cell, evenly over the circle or the sphere.

    Returns
    -------
    ndarray of shape (3, cells)
        Unit vectors; in two dimensions the third row is zero.
    """
    u, w = uniforms(seed, cells, step, purpose, 2)
    z = np.zeros_like(u) if dimensions == 2 else 2 * u - 1  # Archimedes: heights on a sphere are even
    flat = np.sqrt(1 - z * z)
    return np.stack([flat * np.cos(2 * np.pi * w), flat * np.sin(2 * np.pi * w), z])


def normals(seed: int, cells: np.ndarray, step: int, purpose: Purpose) -> np.ndarray:
    """Return two independent numbers of the standard normal distribution for each cell, shape (2, cells)."""
    u, w = uniforms(seed, cells, step, purpose, 2)
    radius = np.sqrt(-2 * np.log(u))  # Box and Muller 1958, doi:10.1214/aoms/1177706645
    return np.stack([radius * np.cos(2 * np.pi * w), radius * np.sin(2 * np.pi * w)])
