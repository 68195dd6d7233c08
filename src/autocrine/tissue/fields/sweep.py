"""The two passes of a step over a grid: planes of the first axis, then planes of the second.

The first pass takes one plane (y, z) of the grid at a time, forms the change that the step sees, and solves along y and z while the
plane is in the cache. The second takes one plane (x, z) at a time, solves along x and adds the change. So the levels travel twice
through memory, whatever the number of threads, and each thread has planes of its own: a level is made by the same operations in the same
order whoever makes it.

A step that is not split solves, with C the cells' uptake and the decay and 1/2 the weight of the trapezium rule (Douglas and Gunn 1964,
doi:10.1007/BF01386093), (1 - Y/2)(1 - Z/2)(1 - X/2)(1 - C/2) change = (X + Y + Z + C) level + sources. A split step
solves (1 - C), (1 - Y), (1 - Z), (1 - X) one after the other: first order, but never negative.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit

from autocrine.tissue.fields.tile import LANES, eliminate, substitute

_OPTIONS = {"cache": True, "nogil": True, "error_model": "numpy", "fastmath": {"contract"}}


class Scheme(NamedTuple):
    """The numbers of a step of one field.

    Attributes
    ----------
    dt, decay, old, new : float
        The step (h), decay over it, and the weights of the level before and of what is solved for: 1 and 1/2, or 0 and 1 (split).
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
    """Voxels with cells or vessels, by rows of the grid; their gain (level/h), its slope (1/h) and the mean level of the step."""

    row_start: Any
    column: Any
    gain: Any
    slope: Any
    mean: Any


@njit(**_OPTIONS)
def _stencil(here, up, down, north, south, rates, decay, into):
    """Write the change of one row by diffusion along three axes and by decay, but for its two ends."""
    n = here.size
    middle, left, right = here[1 : n - 1], here[: n - 2], here[2:n]
    u, d, s, t = up[1 : n - 1], down[1 : n - 1], north[1 : n - 1], south[1 : n - 1]
    out = into[1 : n - 1]
    x, y, z = rates[0], rates[1], rates[2]
    loss = 2 * x + 2 * y + 2 * z + decay
    for k in range(n - 2):
        out[k] = x * (u[k] + d[k]) + y * (s[k] + t[k]) + z * (left[k] + right[k]) - loss * middle[k]


@njit(**_OPTIONS)
def _end(here, up, down, north, south, rates, decay, weight, outside, k, inner):
    """Return the change of the level at one end of a row, beyond which stands a face."""
    level = here[k]
    change = rates[0] * (up[k] + down[k] - 2 * level) + rates[1] * (north[k] + south[k] - 2 * level)
    return change + rates[2] * ((here[inner] - level) + weight * (outside - level)) - decay * level


@njit(**_OPTIONS)
def _beyond(row, weight, outside, buffer):
    """Return the row that stands beyond a face, so that the flux through it comes out right."""
    for k in range(row.size):
        buffer[k] = row[k] + weight * (outside - row[k])
    return buffer


@njit(**_OPTIONS)
def _scaled(source, factor, before, carried, into):
    for k in range(into.size):
        into[k] = source[k] * factor + carried * before[k]


@njit(**_OPTIONS)
def _carry(row, after, factor):
    for k in range(row.size):
        row[k] += factor * after[k]


@njit(**_OPTIONS)
def _along_rows(block, turned, own, coupled):
    """Solve along the contiguous axis for eight rows, in place; the rows are padded to whole tiles."""
    n = block.shape[1]
    for lane in range(LANES):
        turned[0, lane] = 0.0
        turned[n + 1, lane] = 0.0
    for k in range(0, n, LANES):
        eliminate(block, k, n, turned, k, own, coupled)
    for k in range(n - LANES, -1, -LANES):
        substitute(turned, k, coupled, block, k, n)


@njit(**_OPTIONS)
def _through(row, solved, face, scheme):
    """Return what comes in through a face along a row, over the rate of diffusion."""
    total, old, new, outside = 0.0, scheme.old, scheme.new, scheme.outside[face]
    for k in range(row.size):
        total += outside - old * row[k] - new * solved[k]
    return scheme.weights[face] * total


@njit(**_OPTIONS)
def _change_row(level, i, j, scheme, buffers, into):
    """Write the whole change of a row, without its cells."""
    rates, decay, weights, outside = scheme.rates, scheme.decay, scheme.weights, scheme.outside
    here = level[i, j]
    up = level[i - 1, j] if i > 0 else _beyond(here, weights[0], outside[0], buffers[0])
    down = level[i + 1, j] if i < level.shape[0] - 1 else _beyond(here, weights[1], outside[1], buffers[1])
    north = level[i, j - 1] if j > 0 else _beyond(here, weights[2], outside[2], buffers[2])
    south = level[i, j + 1] if j < level.shape[1] - 1 else _beyond(here, weights[3], outside[3], buffers[3])
    n = here.size
    _stencil(here, up, down, north, south, rates, decay, into)
    into[0] = _end(here, up, down, north, south, rates, decay, weights[4], outside[4], 0, 1)
    into[n - 1] = _end(here, up, down, north, south, rates, decay, weights[5], outside[5], n - 1, n - 2)


@njit(**_OPTIONS)
def _split_row(here, first, last, scheme, sites, into):
    """Write a row after decay and cells alone, by an implicit step, and return its sum."""
    total, dt, decay = 0.0, scheme.dt, scheme.decay
    kept = 1 / (1 + decay)
    for k in range(here.size):
        into[k] = here[k] * kept
    for s in range(first, last):
        k = sites.column[s]
        into[k] = (here[k] + dt * sites.gain[s]) / (1 + decay + dt * sites.slope[s])
        sites.mean[s] = into[k]
    for k in range(here.size):
        total += into[k]
    return total


@njit(**_OPTIONS)
def _add_cells(dt, first, last, sites, into):
    for s in range(first, last):
        into[sites.column[s]] += dt * sites.gain[s]


@njit(**_OPTIONS)
def _solve_rows(level, i, first, scheme, scratch, turned, found, edge):
    """Solve along z for the eight rows from ``first``, and write them out; count what passes the faces of y and z."""
    ny, nz = level.shape[1], level.shape[2]
    end, weights, outside, old, new = min(first + LANES, ny), scheme.weights, scheme.outside, scheme.old, scheme.new
    if first == 0 and weights[2] > 0:
        edge[0] = _through(level[i, 0], scratch[0, :nz], 2, scheme)
    if end == ny and weights[3] > 0:
        edge[1] = _through(level[i, ny - 1], scratch[ny - 1, :nz], 3, scheme)
    if old == 0:
        for j in range(first, end):
            scratch[j, 0] += scheme.rates[2] * weights[4] * outside[4]
            scratch[j, nz - 1] += scheme.rates[2] * weights[5] * outside[5]
    _along_rows(scratch[first : first + LANES], turned, scheme.own[2], scheme.coupled[2])
    for j in range(first, end):
        row, here, target = scratch[j, :nz], level[i, j], found[i, j]
        for k in range(nz):
            target[k] = row[k]
        edge[2] += weights[4] * (outside[4] - old * here[0] - new * row[0])
        edge[3] += weights[5] * (outside[5] - old * here[nz - 1] - new * row[nz - 1])


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
    own, coupled = scheme.own[1], scheme.coupled[1]
    buffers, turned = np.empty((4, nz)), np.empty((scratch.shape[1] + 2, LANES))
    blocks = (ny + LANES - 1) // LANES
    for i in range(first, last):
        edge = edges[i]
        edge[:] = 0.0
        for j in range(ny):
            row, start, end = scratch[j, :nz], sites.row_start[i * ny + j], sites.row_start[i * ny + j + 1]
            if scheme.old == 0:
                edge[4] += _split_row(level[i, j], start, end, scheme, sites, row)
                sources = (j == 0) * scheme.weights[2] * scheme.outside[2]
                row += scheme.rates[1] * (sources + (j == ny - 1) * scheme.weights[3] * scheme.outside[3])
            else:
                _change_row(level, i, j, scheme, buffers, row)
                _add_cells(scheme.dt, start, end, sites, row)
            _scaled(row, own[j], scratch[max(j - 1, 0), :nz], coupled[j] if j > 0 else 0.0, row)
        for block in range(blocks - 1, -1, -1):
            end = min(block * LANES + LANES, ny)
            for j in range(end - 1, block * LANES - 1, -1):
                if j < ny - 1:
                    _carry(scratch[j, :nz], scratch[j + 1, :nz], coupled[j])
            if block < blocks - 1:
                _solve_rows(level, i, end, scheme, scratch, turned, found, edge)
        _solve_rows(level, i, 0, scheme, scratch, turned, found, edge)


@njit(**_OPTIONS)
def _finish_row(here, solved, scheme, into, total, lowest):
    """Write the new level of a row, and gather sum and minimum in columns, so that lanes stay lanes."""
    old, kept = scheme.old, 1 / (1 + scheme.new * scheme.decay) if scheme.old > 0 else 1.0
    for k in range(here.size):
        new = old * here[k] + kept * solved[k]
        into[k] = new
        total[k] += new
        lowest[k] = new if new < lowest[k] else lowest[k]


@njit(**_OPTIONS)
def _finish_sites(here, first, last, scheme, sites, solved):
    """Let the cells of a row take their part of the change, and note their mean level."""
    half = scheme.new
    for s in range(first, last):
        k = sites.column[s]
        change = solved[k] / (1 + half * scheme.decay + half * scheme.dt * sites.slope[s])
        sites.mean[s] = here[k] + half * change
        solved[k] = change * (1 + half * scheme.decay)


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
    own, coupled, rate = scheme.own[0], scheme.coupled[0], scheme.rates[0]
    total, lowest = np.empty(nz), np.empty(nz)
    for j in range(first, last):
        edge = edges[j]
        edge[:] = 0.0
        total[:], lowest[:] = 0.0, np.inf
        for i in range(nx):
            if scheme.old == 0 and (i == 0 or i == nx - 1):
                sources = (i == 0) * scheme.weights[0] * scheme.outside[0]
                found[i, j] += rate * (sources + (i == nx - 1) * scheme.weights[1] * scheme.outside[1])
            before = scratch[max(i - 1, 0), :nz]
            _scaled(found[i, j], own[i], before, coupled[i] if i > 0 else 0.0, scratch[i, :nz])
        for i in range(nx - 1, -1, -1):
            row, here = scratch[i, :nz], level[i, j]
            if i > 0:  # before the cells take their part of this row
                _carry(scratch[i - 1, :nz], row, coupled[i - 1])
            if i == 0 and scheme.weights[0] > 0:
                edge[0] = _through(here, row, 0, scheme)
            if i == nx - 1 and scheme.weights[1] > 0:
                edge[1] = _through(here, row, 1, scheme)
            if scheme.old > 0:
                _finish_sites(here, sites.row_start[i * ny + j], sites.row_start[i * ny + j + 1], scheme, sites, row)
            _finish_row(here, row, scheme, found[i, j], total, lowest)
        edge[2], edge[3] = total.sum(), lowest.min()
