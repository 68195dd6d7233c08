"""The first cells of a tissue: where they lie, and whether they can."""

from __future__ import annotations

import numpy as np

from autocrine.core import errors
from autocrine.tissue.cells.bins import Bins
from autocrine.tissue.cells.domain import Domain
from autocrine.tissue.cells.memory import check_memory
from autocrine.tissue.cells.phenotype import Phenotypes
from autocrine.tissue.cells.population import Population

#: two seeds are refused if they are nearer than this share of the sum of their radii
_NEAREST = 0.1


def seed_cells(
    population: Population,
    phenotypes: Phenotypes,
    domain: Domain,
    position_um: np.ndarray,
    clone: np.ndarray | int = 0,
    producer: np.ndarray | bool = False,
) -> slice:
    """Add cells in G1 at given places; return where they are in the population.

    Parameters
    ----------
    position_um : ndarray of shape (dimensions, cells) or (3, cells)
        Centres.
    clone, producer : number or array of shape (cells,)
        Clone and producer status of each cell.

    Raises
    ------
    DesignError
        If a cell lies outside the domain, two cells lie on one another, a clone is unknown, or there is no room in
        memory.
    """
    position_um = np.asarray(position_um, float)
    if position_um.ndim != 2 or position_um.shape[0] not in {domain.dimensions, 3}:
        raise errors.DesignError(f"positions must have {domain.dimensions} rows", position_um.shape)
    cells = position_um.shape[1]
    check_memory(population.count + cells, len(population.species))
    place = np.zeros((3, cells))
    place[: len(position_um)] = position_um
    outside = np.flatnonzero(domain.outside(place))
    if len(outside):
        raise errors.DesignError(
            f"cells must lie inside the domain, but {len(outside)} do not; the first, cell {outside[0]}, must lie "
            f"between {domain.low_um} and {domain.high_um} um",
            tuple(round(each, 3) for each in place[:, outside[0]].tolist()),
            hint="a larger domain, or fewer cells",
        )
    clones = np.broadcast_to(np.asarray(clone, np.int64), cells)
    if np.any((clones < 0) | (clones >= len(phenotypes.clones))):
        raise errors.DesignError(f"a clone must be a number below {len(phenotypes.clones)}", int(clones.max()))
    volume = phenotypes.resting_volume(clones)
    check_apart(np.hstack([population.position, place]), np.hstack([population.total_volume, volume.sum(axis=0)]))
    new = population.add(cells)
    population.position[:, new], population.volume[:, new] = place, volume
    population.clone[new], population.producer[new] = clones, producer
    return new


def check_apart(position_um: np.ndarray, volume_um3: np.ndarray) -> None:
    """Refuse cells of no volume, and cells that lie on one another.

    Raises
    ------
    DesignError
        With the first such cells.
    """
    empty = np.flatnonzero(~(volume_um3 > 0) | ~np.isfinite(volume_um3))
    if len(empty):
        raise errors.DesignError(f"the volume of cell {empty[0]} must be positive", float(volume_um3[empty[0]]))
    if not len(volume_um3):
        return
    radius = np.cbrt(volume_um3 * (3 / (4 * np.pi)))
    order = np.arange(len(radius))
    bins = Bins(np.ascontiguousarray(position_um.T), 2 * _NEAREST * float(radius.max()))
    for a, b in _close_bins(bins, order):
        distance = np.linalg.norm(position_um[:, a] - position_um[:, b], axis=0)
        close = np.flatnonzero(distance < _NEAREST * (radius[a] + radius[b]))
        if len(close):
            first = close[0]
            raise errors.DesignError(
                f"seeds must not lie on one another: cells {a[first]} and {b[first]} must be at least "
                f"{_NEAREST * (radius[a[first]] + radius[b[first]]):.3g} um apart",
                f"{distance[first]:.3g} um",
                hint="other positions, or fewer cells",
            )


def _close_bins(bins: Bins, order: np.ndarray):
    """Yield pairs of cells whose bins touch, as two arrays at a time."""
    shape = bins.shape
    of = bins.of.astype(np.int64)
    axes = (of % shape[0], of // shape[0] % shape[1], of // (shape[0] * shape[1]))
    for dz in (-1, 0, 1):
        for dy in (-1, 0, 1):
            for dx in (-1, 0, 1):
                x, y, z = axes[0] + dx, axes[1] + dy, axes[2] + dz
                inside = (x >= 0) & (x < shape[0]) & (y >= 0) & (y < shape[1]) & (z >= 0) & (z < shape[2])
                bin_ = ((z * shape[1] + y) * shape[0] + x)[inside]
                cells, start = order[inside], bins.starts[bin_]
                filled = bins.starts[bin_ + 1] - start
                for k in range(int(filled.max(initial=0))):
                    has = filled > k
                    a, b = cells[has], bins.members[start[has] + k]
                    yield a[a < b], b[a < b]


def ball(
    cells: int, spacing_um: float, dimensions: int = 3, centre_um: tuple[float, ...] = (0.0, 0.0, 0.0)
) -> np.ndarray:
    """Return the places nearest to a centre in a dense packing of spheres or discs, shape (3, cells).

    Raises
    ------
    DesignError
        If the spacing or the number of cells is none.
    """
    if not (np.isfinite(spacing_um) and spacing_um > 0 and cells >= 0):
        raise errors.DesignError("a ball must have cells at a positive spacing (um)", (cells, spacing_um))
    # two lattice sites for each unit of the packing in the plane, four in space
    half = int(np.ceil((cells * (1.0 if dimensions == 2 else 0.6)) ** (1 / dimensions))) + 2
    steps = np.arange(-half, half + 1)
    if dimensions == 2:
        a, b = (each.ravel() for each in np.meshgrid(steps, steps, indexing="ij"))
        sites = np.stack([a + b / 2, b * np.sqrt(3) / 2, np.zeros(a.size)])
    else:
        a, b, c = (each.ravel() for each in np.meshgrid(steps, steps, steps, indexing="ij"))
        even = (a + b + c) % 2 == 0
        sites = np.stack([a, b, c])[:, even] / np.sqrt(2)
    nearest = np.argsort(np.round((sites**2).sum(axis=0), 9), kind="stable")[:cells]
    return sites[:, nearest] * spacing_um + np.asarray(centre_um, float)[:, None]
