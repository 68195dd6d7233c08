"""Voxels with vessels, which exchange with plasma through a wall."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from autocrine.core import errors
from autocrine.tissue.fields.grid import Grid
from autocrine.tissue.fields.plasma import Plasma


@dataclass(frozen=True)
class Vessels:
    """Voxels with vessels.

    Parameters
    ----------
    positions_um : (m, 3) array
        A point in each voxel (um).
    area_um2 : float or (m,) array
        Surface of the vessel in each voxel (um²).
    permeability_um_h : mapping
        Permeability of the wall (um/h) for each substrate that passes it.
    plasma : mapping
        Level in plasma for each of them: a number or a `Plasma`.

    Raises
    ------
    InputError
        If a number is negative or not finite, or a substrate has a permeability and no plasma, or the other way.
    """

    positions_um: ArrayLike
    area_um2: ArrayLike
    permeability_um_h: Mapping[str, float]
    plasma: Mapping[str, Plasma | float]

    def __post_init__(self) -> None:
        alone = sorted(set(self.permeability_um_h) ^ set(self.plasma))
        if alone:
            raise errors.InputError("a substrate at vessels must have a permeability and a level in plasma", alone[0])
        for name, value in self.permeability_um_h.items():
            if not (np.isfinite(value) and value >= 0):
                raise errors.InputError(f"the permeability of vessels to {name} must be finite and not negative", value)
        area = np.asarray(self.area_um2, dtype=float)
        if area.shape not in {(), (len(np.asarray(self.positions_um)),)} or not (
            np.isfinite(area).all() and (area >= 0).all()
        ):
            raise errors.InputError(
                "the area of vessels must be one number of um² or one for each, not negative", area.tolist()
            )

    def voxels(self, grid: Grid) -> NDArray[np.int64]:
        """Return the voxels of the vessels."""
        scaled = np.minimum(grid.scaled(self.positions_um).astype(np.int64), np.array(grid.shape) - 1)
        return np.asarray(np.ravel_multi_index(tuple(scaled.T), grid.shape), dtype=np.int64)

    def clearance_um3_h(self, name: str) -> NDArray[np.float64]:
        """Return permeability times area of each vessel (um³/h); none for what does not pass."""
        area = np.broadcast_to(np.asarray(self.area_um2, dtype=float), (len(np.asarray(self.positions_um)),))
        return area * self.permeability_um_h.get(name, 0.0)

    def course(self, name: str) -> Plasma | None:
        """Return the level in plasma over time, where the substrate passes."""
        found = self.plasma.get(name)
        return found if found is None or isinstance(found, Plasma) else Plasma(found)
