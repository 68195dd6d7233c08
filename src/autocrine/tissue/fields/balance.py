"""Where an amount came from and where it went, in one step."""

from __future__ import annotations

from dataclasses import dataclass, field, fields

import numpy as np
from numpy.typing import NDArray


@dataclass
class Balance:
    """Amounts (level · um³) of one substrate in one step.

    Attributes
    ----------
    before, after : float
        In the whole domain.
    secreted, taken_up : float
        Given and taken by cells.
    decayed, from_faces, from_vessels, reacted : float
        Lost by decay; come in through faces and from vessels; made by binding in the fluid.
    taken_by_cell, mean_at_cell : (cells,) array
        Taken by each cell, and the mean level that each cell saw during the step.
    largest_term : float
        The largest of all amounts moved, by which the residual is measured.
    parts, redone : int
        Steps that were made, and those among them that were made again by the positive scheme.
    """

    before: float = 0.0
    after: float = 0.0
    secreted: float = 0.0
    taken_up: float = 0.0
    decayed: float = 0.0
    from_faces: float = 0.0
    from_vessels: float = 0.0
    reacted: float = 0.0
    taken_by_cell: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    mean_at_cell: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    parts: int = 0
    redone: int = 0

    @property
    def gained(self) -> float:
        """What came less what went."""
        return self.secreted - self.taken_up - self.decayed + self.from_faces + self.from_vessels + self.reacted

    @property
    def residual(self) -> float:
        """What is not accounted for, over the largest amount; round-off."""
        terms = [abs(getattr(self, each.name)) for each in fields(self)[:8]]
        largest = max(terms)
        return (self.after - self.before - self.gained) / largest if largest > 0 else 0.0
