"""What is due, where conditions and new values may ask for the past."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from autocrine.engine.agenda import Agenda


@dataclass(kw_only=True)
class DelayedAgenda(Agenda):
    """Triggered events; ``refresh`` sets the parameters that hold delayed values to those of now."""

    refresh: Callable[[], None]

    def _trigger(self, who: np.ndarray, timed: np.ndarray) -> None:
        self.refresh()
        super()._trigger(who, timed)

    def _execute(self, who: np.ndarray) -> np.ndarray:
        self.refresh()
        return super()._execute(who)
