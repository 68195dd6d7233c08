"""What happens at a face of the domain."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from autocrine.core import errors
from autocrine.tissue.fields.plasma import Plasma

#: the faces by name, in the order of the kernels for a box; a plane has its own (x0 is then the second axis)
SIDES = ("x0", "x1", "y0", "y1", "z0", "z1")


@dataclass(frozen=True)
class Face:
    """A face of the domain: closed, held at a level, or permeable.

    Parameters
    ----------
    permeability_um_h : float
        Nothing passes at 0; at infinity the face has the level outside (Dirichlet); between, it is a wall with a
        permeability (um/h).
    outside : float or Plasma
        The level outside.
    """

    permeability_um_h: float = 0.0
    outside: Plasma | float = field(default=0.0)

    def __post_init__(self) -> None:
        if not self.permeability_um_h >= 0:
            raise errors.InputError("the permeability of a face must not be negative", self.permeability_um_h)
        if not isinstance(self.outside, Plasma):
            object.__setattr__(self, "outside", Plasma(self.outside))

    @property
    def plasma(self) -> Plasma:
        """The level outside."""
        assert isinstance(self.outside, Plasma)  # noqa: S101
        return self.outside

    @staticmethod
    def closed() -> Face:
        """Return a face that lets nothing through."""
        return Face()

    @staticmethod
    def held(level: Plasma | float) -> Face:
        """Return a face that is held at a level."""
        return Face(np.inf, level)

    def weight(self, diffusion_um2_h: float, spacing_um: float) -> float:
        """Return the conductance from the middle of a voxel to the outside, over D/dx."""
        if diffusion_um2_h == 0 or self.permeability_um_h == 0:
            return 0.0
        half = spacing_um / (2 * diffusion_um2_h)
        return spacing_um / diffusion_um2_h / (half + 1 / self.permeability_um_h)
