"""Ensembles of a network with delays, one trajectory after the other."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from autocrine.engine.chunk import Chunk
from autocrine.engine.compiled import System
from autocrine.engine.delayed_chunk import DelayedChunk, DelayedNeeds
from autocrine.engine.delayed_network import DelayedNetwork
from autocrine.engine.delayed_values import DelayedTable
from autocrine.engine.ensemble_run import EnsembleRun
from autocrine.engine.oracle_run import OracleRun
from autocrine.engine.trigger_table import TriggerTable


@dataclass(frozen=True, kw_only=True)
class DelayedRun(OracleRun):
    """What all trajectories of a call share."""

    needs: DelayedNeeds

    @classmethod
    def of(cls, run: EnsembleRun, delayed: DelayedNetwork) -> DelayedRun:
        """Return a run whose network stands for one with delays."""
        network, events = delayed.network, run.events
        if events.triggers is None:
            events = replace(events, triggers=TriggerTable.of(network, (*network.events, *events.given)))
        needs = DelayedNeeds(
            DelayedTable(delayed),
            delayed.needed_by_rates(),
            delayed.needed(*events.general().conditions),
            delayed.needed(*network.rules.values(), *network.observables.values()),
        )
        return cls(**vars(replace(run, events=events)), system=System(network), needs=needs)

    def chunk(self, part: slice, **given: Any) -> Chunk:
        """Return a row on its way."""
        return DelayedChunk(system=self.system, needs=self.needs, **given)
