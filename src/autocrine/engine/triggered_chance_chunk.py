"""Trajectories of chance with triggers, delays or priorities."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from autocrine.engine import chance_loop
from autocrine.engine.agenda import Agenda
from autocrine.engine.chance_agenda import ChanceAgenda
from autocrine.engine.chance_chunk import ChanceChunk
from autocrine.engine.triggered_chunk import TriggeredChunk


@dataclass
class TriggeredChanceChunk(TriggeredChunk, ChanceChunk):
    """Some trajectories on their way, with an agenda of triggered events.

    Notes
    -----
    Between two jumps nothing changes but time. The compiled loop looks at the triggers after each jump; comparisons
    that follow time are solved beforehand, and what they may turn are ends of segments. So no turn is missed, and its
    time is exact.
    """

    def _agenda(self) -> Agenda:
        return ChanceAgenda(self.events, self.state, self.parameters, self.now, self.event_times, self.failures)

    def _arrive(self, who: np.ndarray) -> np.ndarray:
        who = super()._arrive(who)
        self.check(self._alive(who), "what an event sets")
        return self._alive(who)

    def _follow(self, who: np.ndarray, end: np.ndarray, first: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        past = np.maximum(first, self.times.up_to(who, end))
        outcome = self._integrate(who, end, first, past, self.agenda.truth[who].astype(float))
        if outcome is None:
            return np.empty(0, int), np.empty(0, bool)
        self.now[who] = np.where(outcome.verdict == chance_loop.FINISHED, end, outcome.reached)
        turned = np.flatnonzero(outcome.verdict == chance_loop.TURNED)
        return turned, np.zeros(len(turned), bool)
