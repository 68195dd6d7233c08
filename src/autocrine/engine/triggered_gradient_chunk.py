"""Trajectories with triggers, delays or priorities, with their derivatives."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from autocrine.engine.agenda import Agenda
from autocrine.engine.gradient_agenda import GradientAgenda
from autocrine.engine.gradient_chunk import GradientChunk
from autocrine.engine.trigger_slopes import TriggerSlopes
from autocrine.engine.triggered_chunk import TriggeredChunk
from autocrine.engine.turning_point import DenseSteps


@dataclass(kw_only=True)
class TriggeredGradientChunk(TriggeredChunk, GradientChunk):
    """Some trajectories on their way, with an agenda of triggered events and derivatives along directions.

    Notes
    -----
    Derivatives are those at times that stand still, so that a step that is done again to end at a turning point needs
    nothing else: that the turning point moves is what the agenda adds. Where a turning point lies within a step they
    are those of its dense output.
    """

    trigger_slopes: TriggerSlopes

    def _agenda(self) -> Agenda:
        return GradientAgenda(
            self.events,
            self.state,
            self.parameters,
            self.now,
            self.event_times,
            self.failures,
            sensitivities=self.sensitivities,
            slopes=self.trigger_slopes,
            widths=self.widths,
            sizes=(self.rtol, self.atol),
        )

    def _stop_within(self, places: np.ndarray, who: np.ndarray, steps: DenseSteps, times: np.ndarray) -> None:
        if self.followed is None or not len(who):
            return
        n = self.state.shape[1]
        old, new, curve = self.rows[who, :, :n], self.followed.arrived[places], self.followed.curve[places]
        rows = curve.shape[2]
        flat = DenseSteps(
            steps.begin,
            steps.length,
            old.reshape(len(who), -1),
            new.reshape(len(who), -1),
            curve.swapaxes(1, 2).reshape(len(who), rows, -1),
        )
        self.rows[who, :, :n] = flat.states(times).reshape(old.shape)
