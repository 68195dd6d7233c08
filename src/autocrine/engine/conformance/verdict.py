"""What came out of a case of a suite."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Verdict:
    """What came out of a case.

    Attributes
    ----------
    case : str
        Its name.
    outcome : str
        ``passed``, ``failed`` or ``unsupported``.
    reason : str
        The worst point, or the feature.
    """

    case: str
    outcome: Literal["passed", "failed", "unsupported"]
    reason: str = ""

    def __str__(self) -> str:
        """Return the line that a runner prints."""
        return f"{self.case} {self.outcome}" + (f": {self.reason}" if self.reason else "")
