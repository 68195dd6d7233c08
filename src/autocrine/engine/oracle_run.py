"""Ensembles with triggered events by the oracle, one trajectory after the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from autocrine.engine.chunk import Chunk
from autocrine.engine.compiled import System
from autocrine.engine.ensemble_run import EnsembleRun
from autocrine.engine.oracle_chunk import OracleChunk


@dataclass(frozen=True, kw_only=True)
class OracleRun(EnsembleRun):
    """What all trajectories of a call share; they are solved with one ``system``, so in one thread."""

    system: System

    def chunk(self, part: slice, **given: Any) -> Chunk:
        """Return a row on its way."""
        return OracleChunk(system=self.system, **given)
