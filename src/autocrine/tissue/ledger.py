"""Where all of one substrate came from and went to, from the start of a run."""

from __future__ import annotations

from dataclasses import astuple, dataclass

import numpy as np

from autocrine.tissue.fields.balance import Balance


@dataclass
class Ledger:
    """Amounts of one substrate since the start (level · um³).

    Attributes
    ----------
    start : float
        What the fields held at the start.
    given, released : float
        What cells gave (less what they took), and what dying cells left.
    decayed, from_faces, from_vessels, reacted : float
        Lost by decay; come in through faces and from vessels; made by binding in the fluid.
    taken_up : float
        Taken by cells that have no circuit for it: oxygen.
    moved : float
        Sum of all amounts that were moved, by which the residual is measured.
    """

    start: float = 0.0
    given: float = 0.0
    released: float = 0.0
    decayed: float = 0.0
    from_faces: float = 0.0
    from_vessels: float = 0.0
    reacted: float = 0.0
    taken_up: float = 0.0
    moved: float = 0.0

    def take(self, balance: Balance) -> None:
        """Add the balance of one step of the fields."""
        self.decayed += balance.decayed
        self.from_faces += balance.from_faces
        self.from_vessels += balance.from_vessels
        self.reacted += balance.reacted
        self.taken_up += balance.taken_up
        self.moved += abs(balance.from_faces) + abs(balance.from_vessels) + balance.secreted + balance.taken_up

    def residual(self, now: float) -> float:
        """Return what is not accounted for, over the sum of what was moved.

        A substrate that no circuit gives has what cells took in ``taken_up``; for the others ``given`` says it exactly.
        """
        cells = self.given + self.released if self.given or self.released else -self.taken_up
        expected = self.start + cells - self.decayed + self.from_faces + self.from_vessels + self.reacted
        scale = self.moved + self.start
        return (now - expected) / scale if scale > 0 else 0.0

    def to_array(self) -> np.ndarray:
        """Return all amounts in order."""
        return np.array(astuple(self))

    @classmethod
    def from_array(cls, values: np.ndarray) -> Ledger:
        """Return the ledger that was saved."""
        return cls(*values.tolist())
