"""A regular grid of cubic voxels in two or three dimensions."""

from __future__ import annotations

import os
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from autocrine.core import errors

#: voxels along an axis that a sweep needs at least
_FEWEST = 3


@dataclass(frozen=True)
class Grid:
    """A regular grid of cubic voxels.

    Parameters
    ----------
    shape : tuple of int
        Voxels along x, y and, in three dimensions, z; at least 3 along each.
    spacing_um : float
        Edge of a voxel (um); a grid in two dimensions is one voxel thick.
    origin_um : tuple of float
        The corner from which voxels are counted (um), one number for each of x, y and z.

    Raises
    ------
    InputError
        If the shape, the spacing or the origin cannot be used.
    """

    shape: tuple[int, ...]
    spacing_um: float
    origin_um: tuple[float, ...] = (0.0, 0.0, 0.0)

    def __post_init__(self) -> None:
        shape = tuple(self.shape)
        whole = all(isinstance(n, int | np.integer) and not isinstance(n, bool) and n >= _FEWEST for n in shape)
        if len(shape) not in {2, 3} or not whole:
            raise errors.InputError(
                f"the shape of a grid must be two or three whole numbers from {_FEWEST}",
                self.shape,
                hint="(128, 128, 128)",
            )
        if not (np.isfinite(self.spacing_um) and self.spacing_um > 0):
            raise errors.InputError("the spacing of a grid must be a positive number of um", self.spacing_um)
        origin = tuple(float(x) for x in self.origin_um)
        if len(origin) < len(shape) or len(origin) > 3 or not np.all(np.isfinite(origin)):
            raise errors.InputError("the origin of a grid must be one finite number for each axis", self.origin_um)
        object.__setattr__(self, "shape", tuple(int(n) for n in shape))
        object.__setattr__(self, "origin_um", (*origin, 0.0)[:3])

    @property
    def box(self) -> tuple[int, int, int]:
        """The shape in three dimensions; a plane is one voxel thick along its first axis, so that rows stay long."""
        return self.shape if len(self.shape) == 3 else (1, *self.shape)  # type: ignore[return-value]

    @property
    def voxels(self) -> int:
        """Number of voxels."""
        return int(np.prod(self.shape, dtype=np.int64))

    @property
    def voxel_um3(self) -> float:
        """Volume of a voxel (um³)."""
        return self.spacing_um**3

    def centres(self, axis: int) -> NDArray[np.float64]:
        """Return the middles of the voxels along an axis (um)."""
        return self.origin_um[axis] + np.arange(0.5, self.shape[axis], dtype=np.float64) * self.spacing_um

    def scaled(self, positions_um: ArrayLike) -> NDArray[np.float64]:
        """Return positions in voxels from the origin, without the axis that the grid does not have.

        Parameters
        ----------
        positions_um : (n, 2) or (n, 3) array
            Positions (um); z is not looked at in a grid of two dimensions.

        Raises
        ------
        InputError
            If a position is not finite or lies outside the grid.
        """
        axes = len(self.shape)
        given = np.asarray(positions_um, dtype=float)
        if given.ndim != 2 or given.shape[1] not in {axes, 3}:
            raise errors.InputError(f"positions must have the shape (n, {axes}) or (n, 3)", given.shape)
        found = (given[:, :axes] - np.array(self.origin_um[:axes])) / self.spacing_um
        inside = np.ones(len(found), dtype=bool)
        for axis, n in enumerate(self.shape):
            inside &= (found[:, axis] >= 0) & (found[:, axis] <= n)
        if not inside.all():
            first = int(np.flatnonzero(~inside)[0])
            low, high = (
                self.origin_um[:axes],
                [o + n * self.spacing_um for o, n in zip(self.origin_um, self.shape, strict=False)],
            )
            raise errors.InputError(
                f"positions must be finite and lie inside the grid, from {low} to {tuple(high)} um",
                given[first].tolist(),
                where=f"row {first} of the positions ({int((~inside).sum())} in all)",
                hint="a larger grid, or leave out what has left it",
            )
        return found

    def check_memory(self, fields: int, available_bytes: float | None = None) -> None:
        """Refuse a grid that does not fit, before anything of it is made.

        Raises
        ------
        InputError
            If its fields need more than the machine has free.
        """
        need = 2.0 * 8 * fields * self.voxels  # levels before and after a step
        free = _free_bytes() if available_bytes is None else available_bytes
        if need > free:
            raise errors.InputError(
                f"a grid must fit into memory; {self.voxels:,} voxels with {fields} fields need {need / 1e9:,.1f} GB",
                f"{free / 1e9:,.1f} GB free",
                hint="a coarser spacing or a smaller domain",
            )


def _free_bytes() -> float:
    """Return how much memory is free; infinite where the system does not say."""
    try:
        lines = dict(pairwise(Path("/proc/meminfo").read_text(encoding="ascii").split()))
        return float(lines["MemAvailable:"]) * 1024
    except (OSError, KeyError, ValueError):
        pass
    try:
        return float(os.sysconf("SC_PHYS_PAGES")) * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):
        return float("inf")
