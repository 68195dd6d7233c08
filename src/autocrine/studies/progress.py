"""How a run tells how far it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Progress:
    """How a run tells how far it is.

    Attributes
    ----------
    begin : callable
        Called with what is done next and how many steps it has.
    step : callable
        Called with the number of steps that are newly finished.
    """

    begin: Callable[[str, int], None] = lambda _what, _steps: None
    step: Callable[[int], None] = lambda _steps: None
