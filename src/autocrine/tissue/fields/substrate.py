"""One thing that diffuses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from autocrine.core import errors
from autocrine.tissue.fields.face import SIDES, Face


@dataclass(frozen=True)
class Substrate:
    """One thing that diffuses: IL-6, oxygen, a drug, an antibody, soluble IL-6R.

    Parameters
    ----------
    name : str
        Its name.
    diffusion_um2_h : float
        Diffusion coefficient (um²/h), the same everywhere.
    decay_1_h : float
        Decay in the fluid (1/h).
    initial : float or array
        Level at the start: a number, or an array of the shape of the grid.
    faces : Face or mapping from ``"x0"``, ``"x1"``, ``"y0"``, ... to Face
        What happens at the faces of the domain; a face that is not named is closed.
    unit : str
        Unit of its level, e.g. ``"nM"``; levels are plain numbers in it.

    Raises
    ------
    InputError
        If a number is negative or not finite, or a face has no such name.
    """

    name: str
    diffusion_um2_h: float
    decay_1_h: float = 0.0
    initial: float | NDArray[np.float64] = 0.0
    faces: Face | Mapping[str, Face] = field(default_factory=Face)
    unit: str = "nM"

    def __post_init__(self) -> None:
        for name, value in (("diffusion_um2_h", self.diffusion_um2_h), ("decay_1_h", self.decay_1_h)):
            if not (np.isfinite(value) and value >= 0):
                raise errors.InputError(
                    f"{name} must be finite and not negative", value, where=f"substrate {self.name}"
                )
        levels = np.asarray(self.initial, dtype=float)
        if not np.all(np.isfinite(levels)) or np.any(levels < 0):
            raise errors.InputError("initial levels must be finite and not negative", where=f"substrate {self.name}")

    def face_list(self, axes: int) -> list[Face]:
        """Return the six faces in the order of the kernels; a plane has none along the first axis."""
        names = SIDES[: 2 * axes]
        given = dict.fromkeys(names, self.faces) if isinstance(self.faces, Face) else dict(self.faces)
        unknown = sorted(set(given) - set(names))
        if unknown:
            raise errors.InputError(
                f"the faces of a substrate must be among {', '.join(names)}", unknown[0], where=f"substrate {self.name}"
            )
        found = [given.get(name, Face.closed()) for name in names]
        return found if axes == 3 else [Face.closed(), Face.closed(), *found]
