"""One step in the history of a record or a claim."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Event:
    """One step of the workflow: from which state to which, by whom, and when (UTC)."""

    before: str
    after: str
    who: str
    at: str
