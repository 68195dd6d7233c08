"""Which cells touch which voxels: the way from cells to voxels and back."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from autocrine.core import errors
from autocrine.tissue.fields.grid import Grid

SPREADS = ("voxel", "trilinear")


@dataclass(frozen=True)
class Contacts:
    """Which cells touch which voxels, and in which parts.

    Attributes
    ----------
    row_start : (rows + 1,) array
        First site of each row of the grid; sites are the voxels that are touched, in the order of memory.
    column, voxel : (sites,) array
        Place of a site in its row, and in the whole grid.
    site : (cells, parts) array
        Sites that a cell touches.
    share : (cells, parts) array
        Their parts; they sum to 1.
    vessel_site : (vessels,) array
        Sites of the voxels with vessels.
    """

    row_start: NDArray[np.int64]
    column: NDArray[np.int64]
    voxel: NDArray[np.int64]
    site: NDArray[np.int64]
    share: NDArray[np.float64]
    vessel_site: NDArray[np.int64]

    @property
    def cells(self) -> int:
        """Number of cells."""
        return self.site.shape[0]

    @functools.cached_property
    def count(self) -> NDArray[np.float64]:
        """Cells in each site, in parts."""
        return self._sum(self.share)

    def to_sites(self, per_cell: NDArray[np.float64]) -> NDArray[np.float64]:
        """Sum what cells have over the sites that they touch, (cells,) or one number → (sites,); the sum is kept."""
        if not per_cell.any():
            return np.zeros(self.voxel.size)
        if per_cell.ndim == 0:
            with np.errstate(over="ignore"):  # the step reports a level that is not finite
                return per_cell * self.count
        return self._sum(per_cell if self.site.shape[1] == 1 else self.share * per_cell[:, None])

    def _sum(self, parts: NDArray[np.float64]) -> NDArray[np.float64]:
        found: Any = np.bincount(self.site.ravel(), weights=parts.ravel(), minlength=self.voxel.size)
        return found

    def to_cells(self, per_site: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return what cells see of their sites, (sites,) → (cells,)."""
        found = per_site[self.site]
        return found[:, 0] if self.site.shape[1] == 1 else np.sum(self.share * found, axis=1)


def find_contacts(
    grid: Grid, positions_um: ArrayLike, spread: str = "voxel", vessels: NDArray[np.int64] | None = None
) -> Contacts:
    """Find which cells touch which voxels.

    Parameters
    ----------
    grid : Grid
        The grid.
    positions_um : (n, 3) array
        Where the cells are (um).
    spread : {"voxel", "trilinear"}
        A cell touches the voxel that it is in, or the nearest eight (four in a plane) by trilinear weights.
    vessels : (m,) array, optional
        Voxels with vessels.

    Raises
    ------
    InputError
        If a position is not finite or outside the grid.
    """
    if spread not in SPREADS:
        raise errors.InputError(f"spread must be one of {', '.join(SPREADS)}", spread)
    scaled = grid.scaled(positions_um)
    shape = np.array(grid.shape)
    voxel, share = _nearest(scaled, shape) if spread == "voxel" else _corners(scaled, shape)
    own = np.empty(0, dtype=np.int64) if vessels is None else vessels
    touched = np.concatenate([voxel.ravel(), own])
    found, site = _sites(touched, grid.voxels // grid.shape[-1], grid.shape[-1])
    rows = np.arange(grid.voxels // grid.shape[-1] + 1) * grid.shape[-1]
    own_sites, column = site[: voxel.size].reshape(voxel.shape), found % grid.shape[-1]
    return Contacts(np.searchsorted(found, rows), column, found, own_sites, share, site[voxel.size :])


def _nearest(scaled: NDArray[np.float64], shape: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the voxel of each position."""
    at = np.minimum(scaled.astype(np.int64), shape - 1)  # a position on the last face belongs to the last voxel
    voxel = at[:, 0]
    for axis in range(1, shape.size):
        voxel = voxel * shape[axis] + at[:, axis]
    return voxel[:, None], np.ones((len(scaled), 1))


def _corners(scaled: NDArray[np.float64], shape: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the nearest voxels and their trilinear weights; beyond the outermost middles levels are flat."""
    lower = np.floor(scaled - 0.5).astype(np.int64)
    part = scaled - 0.5 - lower
    voxels, shares = [], []
    for corner in np.ndindex(*(2,) * shape.size):
        at = np.clip(lower + corner, 0, shape - 1)
        voxels.append(np.ravel_multi_index(tuple(at.T), tuple(shape)))
        shares.append(np.prod(np.where(corner, part, 1 - part), axis=1))
    return np.stack(voxels, axis=1), np.stack(shares, axis=1)


@njit(cache=True, nogil=True, error_model="numpy")
def _sites(touched, rows, columns):
    """Return the voxels that are touched, rising, and for each touch its place among them, by a radix sort."""
    n = touched.size
    row, order, sorted_ = touched // columns, np.arange(n), np.empty(n, dtype=np.int64)
    for count, keys in ((columns, touched - row * columns), (rows, row)):
        starts = np.zeros(count + 1, dtype=np.int64)
        for i in range(n):
            starts[keys[i] + 1] += 1
        for i in range(count):
            starts[i + 1] += starts[i]
        for i in range(n):
            key = keys[order[i]]
            sorted_[starts[key]] = order[i]
            starts[key] += 1
        order, sorted_ = sorted_, order
    voxels, place, m = np.empty(n, dtype=np.int64), np.empty(n, dtype=np.int64), 0
    for i in range(n):
        if m == 0 or voxels[m - 1] != touched[order[i]]:
            voxels[m] = touched[order[i]]
            m += 1
        place[order[i]] = m - 1
    return voxels[:m].copy(), place
