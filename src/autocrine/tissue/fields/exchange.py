"""What cells do to one substrate."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from autocrine.core import errors

#: molecules in one um³ at 1 nM: turns molecules per hour of a cell into nM um³/h
MOLECULES_PER_UM3_NM = 0.602214076


@dataclass(frozen=True)
class Exchange:
    """What cells do to one substrate; each number is one for all cells or an array (n,).

    Parameters
    ----------
    secretion : array
        What a cell gives (level · um³/h); molecules/h over `MOLECULES_PER_UM3_NM` where the level is in nM.
    clearance_um3_h : array
        Volume that a cell clears (um³/h): it takes clearance times level. Secretion towards a level c* at a rate S,
        as in PhysiCell, is a secretion of S c* and a clearance of S, each times the volume of the cell.
    most : array
        What a cell takes at most by a saturable way (level · um³/h): most · level / (half + level).
    half : float
        Level at which that is half.
    """

    secretion: ArrayLike = 0.0
    clearance_um3_h: ArrayLike = 0.0
    most: ArrayLike = 0.0
    half: float = 1.0

    def arrays(self, cells: int, name: str) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """Return secretion, clearance and most, one number for all cells or one for each.

        Raises
        ------
        InputError
            If one is negative, not finite, or of another length.
        """
        found = []
        for what, given in (
            ("secretion", self.secretion),
            ("clearance_um3_h", self.clearance_um3_h),
            ("most", self.most),
        ):
            values = np.asarray(given, dtype=float)
            if values.shape not in {(), (cells,)}:
                raise errors.InputError(
                    f"{what} must be one number or one for each of {cells} cells", values.shape, where=name
                )
            if not (np.isfinite(values).all() and (values >= 0).all()):
                wrong = values[~(np.isfinite(values) & (values >= 0))] if values.shape else values
                raise errors.InputError(
                    f"{what} must be finite and not negative", float(np.ravel(wrong)[0]), where=f"exchange of {name}"
                )
            found.append(values)
        if not (np.isfinite(self.half) and self.half > 0):
            raise errors.InputError("half must be a positive level", self.half, where=f"exchange of {name}")
        return found[0], found[1], found[2]
