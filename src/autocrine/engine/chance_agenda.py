"""An agenda of trajectories in which nothing but time changes between two jumps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from autocrine.engine.agenda import Agenda
from autocrine.engine.chance_loop import JUST_AFTER


@dataclass
class ChanceAgenda(Agenda):
    """Triggered events of N trajectories of chance.

    Attributes
    ----------
    after : bool
        Whether triggers are looked at just after now and not now.
    """

    after: bool = False

    def settle(self, who: np.ndarray) -> None:
        """Do everything that is due now in some trajectories, and just after: ``t > 5`` turns true between jumps."""
        for self.after in (False, True):
            super().settle(self._alive(who))

    def _times(self, who: np.ndarray) -> np.ndarray:
        now = self.now[who]
        return now + np.maximum(np.abs(now), 1.0) * JUST_AFTER if self.after else now
