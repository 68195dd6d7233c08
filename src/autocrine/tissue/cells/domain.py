"""The box in which cells live."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from autocrine.core import errors


@dataclass(frozen=True)
class Domain:
    """A box with walls that cells do not pass.

    Attributes
    ----------
    low_um, high_um : tuple of float
        Two opposite corners, of three numbers, or of two for a tissue in two dimensions.
    """

    low_um: tuple[float, ...]
    high_um: tuple[float, ...]

    def __post_init__(self) -> None:
        """Refuse a box that is none."""
        if len(self.low_um) not in {2, 3} or len(self.high_um) != len(self.low_um):
            raise errors.DesignError("a domain must have two or three dimensions", (self.low_um, self.high_um))
        if not all(np.isfinite([*self.low_um, *self.high_um])) or not np.all(np.less(self.low_um, self.high_um)):
            raise errors.DesignError(
                "the low corner of a domain must lie below the high one", (self.low_um, self.high_um)
            )

    @property
    def dimensions(self) -> int:
        """2 or 3."""
        return len(self.low_um)

    @property
    def corners(self) -> np.ndarray:
        """Low and high corner, shape (2, 3); in two dimensions all cells lie at z = 0."""
        flat = (0.0,) * (3 - self.dimensions)
        return np.array([self.low_um + flat, self.high_um + flat])

    def outside(self, position: np.ndarray) -> np.ndarray:
        """Return which positions of shape (3, cells) lie outside, or are no numbers."""
        low, high = self.corners
        return ~np.all((position >= low[:, None]) & (position <= high[:, None]), axis=0)
