"""The two passes of a step over a grid: planes of the first axis, then planes of the second.

The first pass takes one plane (y, z) of the grid at a time, forms the change that the step sees, and solves along y
and z while the plane is in the cache. The second takes one plane (x, z) at a time, solves along x and adds the
change. So the levels travel twice through memory, whatever the number of threads, and each thread has planes of its
own: a level is made by the same operations in the same order whoever makes it.

A step that is not split solves, with C the cells' uptake and the decay and 1/2 the weight of the trapezium rule
(Douglas and Gunn 1964, doi:10.1007/BF01386093), (1 - Y/2)(1 - Z/2)(1 - X/2)(1 - C/2) change = (X + Y + Z + C) level +
sources. A split step solves (1 - C), (1 - Y), (1 - Z), (1 - X) one after the other: first order, but never negative.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit

from autocrine.tissue.fields import tile
from autocrine.tissue.fields.tile import LANES

#: what Numba calls has other arguments than what Python sees
eliminate: Any = tile.eliminate
substitute: Any = tile.substitute

_OPTIONS = {"cache": True, "nogil": True, "error_model": "numpy", "fastmath": {"contract"}}


class Scheme(NamedTuple):
    """The numbers of a step of one field.

    Attributes
    ----------
    dt, decay, old, new : float
        The step (h), decay over it, and the weights of the level before and of what is solved for: 1 and 1/2, or 0
        and 1 (split).
    rates : (3,) array
        Diffusion over the step along each axis, D dt / dx².
    weights, outside : (6,) array
        The faces: conductance over D/dx, and the level outside.
    own, coupled : (3, n) array
        Factors of the tridiagonal systems of the axes, padded with zeros.
    """

    dt: float
    decay: float
    old: float
    new: float
    rates: Any
    weights: Any
    outside: Any
    own: Any
    coupled: Any


class Sites(NamedTuple):
    """Voxels with cells or vessels, by rows of the grid.

    What comes in (level/h), what is cleared (1/h), and the saturable way (level/h, level) are given; the level before
    the step, the slope of the loss there (1/h) and the mean level in the step are written as the row is in the cache.
    """

    row_start: Any
    column: Any
    come: Any
    free: Any
    most: Any
    half: Any
    before: Any
    slope: Any
    mean: Any


@njit(**_OPTIONS)
def _change_row(level, i, j, x, y, z, decay, scratch, before, carried):
    """Write the change of a row as if all faces were closed, on top of what is carried along y."""
    nx, n = level.shape[0], level.shape[2]
    up, down, north, south = max(i - 1, 0), min(i + 1, nx - 1), max(j - 1, 0), min(j + 1, level.shape[1] - 1)
    loss = 2 * x + 2 * y + 2 * z + decay
    for k in range(1, n - 1):
        across = x * (level[up, j, k] + level[down, j, k]) + y * (level[i, north, k] + level[i, south, k])
        along = z * (level[i, j, k - 1] + level[i, j, k + 1])
        scratch[j, k] = across + along - loss * level[i, j, k] + carried * scratch[before, k]
    for k, left, right in ((0, 0, 1), (n - 1, n - 2, n - 1)):
        across = x * (level[up, j, k] + level[down, j, k]) + y * (level[i, north, k] + level[i, south, k])
        along = z * (level[i, j, left] + level[i, j, right])
        scratch[j, k] = across + along - loss * level[i, j, k] + carried * scratch[before, k]


@njit(**_OPTIONS)
def _add_face(level, i, j, factor, old, outside, scratch):
    for k in range(level.shape[2]):
        scratch[j, k] += factor * (outside - old * level[i, j, k])


@njit(**_OPTIONS)
def _add_faces(level, i, j, own, scheme, scratch):
    """Add what open faces give to a row; in a split step those of y only, since each axis has a step of its own."""
    rates, weights, outside, old = scheme.rates, scheme.weights, scheme.outside, scheme.old
    if old > 0 and i == 0 and weights[0] > 0:
        _add_face(level, i, j, own * rates[0] * weights[0], old, outside[0], scratch)
    if old > 0 and i == level.shape[0] - 1 and weights[1] > 0:
        _add_face(level, i, j, own * rates[0] * weights[1], old, outside[1], scratch)
    if j == 0 and weights[2] > 0:
        _add_face(level, i, j, own * rates[1] * weights[2], old, outside[2], scratch)
    if j == level.shape[1] - 1 and weights[3] > 0:
        _add_face(level, i, j, own * rates[1] * weights[3], old, outside[3], scratch)
    if old > 0:
        n = level.shape[2]
        scratch[j, 0] += own * rates[2] * weights[4] * (outside[4] - level[i, j, 0])
        scratch[j, n - 1] += own * rates[2] * weights[5] * (outside[5] - level[i, j, n - 1])


@njit(**_OPTIONS)
def _add_cells(level, i, j, factor, first, last, column, come, free, most, half, before, slope, scratch):
    """Add what cells do at the level before the step, and note its slope."""
    for s in range(first, last):
        k = column[s]
        now = level[i, j, k]
        before[s], slope[s], loss = now, free[s], free[s]
        if most[s] > 0:  # divisions are slow, and most substrates have no saturable way
            above = half + now
            slope[s] += most[s] * half / (above * above)
            loss += most[s] / above
        scratch[j, k] += factor * (come[s] - loss * now)


@njit(**_OPTIONS)
def _split_row(level, i, j, first, last, own, scheme, sites, scratch, before, carried):
    """Write a row after decay and cells alone, on top of what is carried along y; return its sum."""
    total, dt, decay = 0.0, scheme.dt, scheme.decay
    kept, column = 1 / (1 + decay), sites.column
    for k in range(level.shape[2]):
        value = level[i, j, k] * kept
        total += value
        scratch[j, k] = value * own + carried * scratch[before, k]
    for s in range(first, last):
        k = column[s]
        now = level[i, j, k]
        sites.before[s] = now
        slope = sites.free[s] + sites.most[s] / (sites.half + now)
        value = (now + dt * sites.come[s]) / (1 + decay + dt * slope)
        total += value - level[i, j, k] * kept
        scratch[j, k] += own * (value - level[i, j, k] * kept)
        sites.mean[s] = value
    return total


@njit(**_OPTIONS)
def _carry(scratch, j, after, factor, n):
    for k in range(n):
        scratch[j, k] += factor * scratch[after, k]


@njit(**_OPTIONS)
def _along_rows(scratch, first, turned, own, coupled):
    """Solve along the contiguous axis for eight rows, in place; the rows are padded to whole tiles."""
    n = scratch.shape[1]
    for lane in range(LANES):
        turned[0, lane] = 0.0
        turned[n + 1, lane] = 0.0
    for k in range(0, n, LANES):
        eliminate(scratch, first * n + k, n, turned, k, own, coupled)
    for k in range(n - LANES, -1, -LANES):
        substitute(turned, k, coupled, scratch, first * n + k, n)


@njit(**_OPTIONS)
def _through(level, i, j, scratch, row, old, new, outside):
    """Return the sum of what comes in through a face along a row, over weight and rate of diffusion."""
    total = 0.0
    for k in range(level.shape[2]):
        total += outside - old * level[i, j, k] - new * scratch[row, k]
    return total


@njit(**_OPTIONS)
def _solve_rows(level, i, first, scheme, scratch, turned, own, coupled, found, edges):
    """Solve along z for the eight rows from ``first``, and write them out; count what passes the faces of y and z."""
    ny, nz = level.shape[1], level.shape[2]
    end, weights, outside, old, new = min(first + LANES, ny), scheme.weights, scheme.outside, scheme.old, scheme.new
    if first == 0 and weights[2] > 0:
        edges[i, 0] = weights[2] * _through(level, i, 0, scratch, 0, old, new, outside[2])
    if end == ny and weights[3] > 0:
        edges[i, 1] = weights[3] * _through(level, i, ny - 1, scratch, ny - 1, old, new, outside[3])
    if old == 0:
        for j in range(first, end):
            scratch[j, 0] += scheme.rates[2] * weights[4] * outside[4]
            scratch[j, nz - 1] += scheme.rates[2] * weights[5] * outside[5]
    _along_rows(scratch, first, turned, own, coupled)
    for j in range(first, end):
        for k in range(nz):
            found[i, j, k] = scratch[j, k]
        edges[i, 2] += weights[4] * (outside[4] - old * level[i, j, 0] - new * scratch[j, 0])
        edges[i, 3] += weights[5] * (outside[5] - old * level[i, j, nz - 1] - new * scratch[j, nz - 1])


@njit(**_OPTIONS)
def sweep_planes(level, found, first, last, scheme, sites, scratch, edges):
    """Solve along y and z in the planes from ``first`` to ``last`` of the first axis.

    Parameters
    ----------
    level, found : (nx, ny, nz) array
        The levels before the step; what is solved for so far.
    scheme, sites : Scheme, Sites
        The numbers of the step.
    scratch : (rows, columns) array
        Zeros, or what an earlier call left; whole tiles, at least ny by nz.
    edges : (nx, 5) array
        What comes in through the four faces of y and z (over the rate), and the sum after a split decay.
    """
    ny, nz = level.shape[1], level.shape[2]
    own_y, coupled_y, own_z, coupled_z = scheme.own[1], scheme.coupled[1], scheme.own[2], scheme.coupled[2]
    x, y, z, decay, dt, old = scheme.rates[0], scheme.rates[1], scheme.rates[2], scheme.decay, scheme.dt, scheme.old
    row_start, column, come, free = sites.row_start, sites.column, sites.come, sites.free
    most, half, past, slope = sites.most, sites.half, sites.before, sites.slope
    turned, blocks = np.empty((scratch.shape[1] + 2, LANES)), (ny + LANES - 1) // LANES
    open_faces = scheme.weights.max() > 0
    for i in range(first, last):
        edges[i, :] = 0.0
        for j in range(ny):
            start, end, own = row_start[i * ny + j], row_start[i * ny + j + 1], own_y[j]
            before, carried = max(j - 1, 0), coupled_y[j] if j > 0 else 0.0
            if old > 0:
                _change_row(level, i, j, x * own, y * own, z * own, decay * own, scratch, before, carried)
                _add_cells(level, i, j, dt * own, start, end, column, come, free, most, half, past, slope, scratch)
            else:
                edges[i, 4] += _split_row(level, i, j, start, end, own, scheme, sites, scratch, before, carried)
            if open_faces:
                _add_faces(level, i, j, own, scheme, scratch)
        for block in range(blocks - 1, -1, -1):
            end = min(block * LANES + LANES, ny)
            for j in range(end - 1, block * LANES - 1, -1):
                if j < ny - 1:
                    _carry(scratch, j, j + 1, coupled_y[j], nz)
            if block < blocks - 1:
                _solve_rows(level, i, end, scheme, scratch, turned, own_z, coupled_z, found, edges)
        _solve_rows(level, i, 0, scheme, scratch, turned, own_z, coupled_z, found, edges)


@njit(**_OPTIONS)
def _eliminate_x(found, i, j, scratch, own, before, carried):
    for k in range(found.shape[2]):
        scratch[i, k] = found[i, j, k] * own + carried * scratch[before, k]


@njit(**_OPTIONS)
def _finish_row(level, found, i, j, scratch, old, kept, total, lowest):
    """Write the new level of a row, and gather sum and minimum in columns, so that lanes stay lanes."""
    for k in range(level.shape[2]):
        new = old * level[i, j, k] + kept * scratch[i, k]
        found[i, j, k] = new
        total[k] += new
        lowest[k] = min(lowest[k], new)


@njit(**_OPTIONS)
def _finish_sites(level, i, j, first, last, half_decay, half_dt, half, column, slope, mean, scratch):
    """Let the cells of a row take their part of the change, and note their mean level."""
    for s in range(first, last):
        k = column[s]
        change = scratch[i, k] / (1 + half_decay + half_dt * slope[s])
        mean[s] = level[i, j, k] + half * change
        scratch[i, k] = change * (1 + half_decay)


@njit(**_OPTIONS)
def finish_planes(level, found, first, last, scheme, sites, scratch, edges):
    """Solve along x in the planes from ``first`` to ``last`` of the second axis, and add the change.

    Parameters
    ----------
    level, found : (nx, ny, nz) array
        The levels before the step; what `sweep_planes` left, which becomes the levels after it.
    scheme, sites : Scheme, Sites
        The numbers of the step.
    scratch : (rows, columns) array
        At least nx by nz.
    edges : (ny, 4) array
        What comes in through the two faces of x (over the rate), the sum of the new levels and the lowest.
    """
    nx, ny, nz = level.shape
    own, coupled, weights, outside, old, new = (
        scheme.own[0], scheme.coupled[0], scheme.weights, scheme.outside, scheme.old, scheme.new
    )  # fmt: skip
    row_start, column, slope, mean = sites.row_start, sites.column, sites.slope, sites.mean
    half_decay, half_dt = new * scheme.decay, new * scheme.dt
    kept = 1 / (1 + half_decay) if old > 0 else 1.0
    total, lowest = np.empty(nz), np.empty(nz)
    for j in range(first, last):
        edges[j, :], total[:], lowest[:] = 0.0, 0.0, np.inf
        for i in range(nx):
            _eliminate_x(found, i, j, scratch, own[i], max(i - 1, 0), coupled[i] if i > 0 else 0.0)
            if old == 0 and (i == 0 or i == nx - 1):
                given = (i == 0) * weights[0] * outside[0] + (i == nx - 1) * weights[1] * outside[1]
                scratch[i, :nz] += own[i] * scheme.rates[0] * given
        for i in range(nx - 1, -1, -1):
            if i > 0:  # before the cells take their part of this row
                _carry(scratch, i - 1, i, coupled[i - 1], nz)
            if i == 0 and weights[0] > 0:
                edges[j, 0] = weights[0] * _through(level, i, j, scratch, i, old, new, outside[0])
            if i == nx - 1 and weights[1] > 0:
                edges[j, 1] = weights[1] * _through(level, i, j, scratch, i, old, new, outside[1])
            if old > 0:
                start, end = row_start[i * ny + j], row_start[i * ny + j + 1]
                _finish_sites(level, i, j, start, end, half_decay, half_dt, new, column, slope, mean, scratch)
            _finish_row(level, found, i, j, scratch, old, kept, total, lowest)
        edges[j, 2], edges[j, 3] = total.sum(), lowest.min()
