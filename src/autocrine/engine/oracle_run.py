"""Ensembles with triggered events by the oracle, one trajectory after the other."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

import numpy as np

from autocrine.core import errors
from autocrine.engine.chunk import Chunk
from autocrine.engine.compiled import System
from autocrine.engine.ensemble_run import EnsembleRun
from autocrine.engine.oracle_chunk import OracleChunk

Parts = Generator[tuple[slice, np.ndarray, dict[int, errors.SolverError]], None, None]


@dataclass(frozen=True, kw_only=True)
class OracleRun(EnsembleRun):
    """What all trajectories of a call share; they are solved with one ``system``, so in one thread."""

    system: System

    def each(self) -> Parts:
        """Yield the values, shape (1, T, k), and the failure, if there is one, of each trajectory."""
        for index in range(len(self.ensemble)):
            part = slice(index, index + 1)
            yield part, *self.solve(part, np.zeros(1, np.int64))

    def chunk(self, part: slice, **given: Any) -> Chunk:
        """Return a row on its way."""
        return OracleChunk(system=self.system, **given)
