"""Ensembles simulated by chance."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from autocrine.core import errors
from autocrine.engine import philox
from autocrine.engine.chance_chunk import ChanceChunk
from autocrine.engine.chance_kernel import ChanceKernel, chance_kernel
from autocrine.engine.chunk import Chunk
from autocrine.engine.compiled import compiled
from autocrine.engine.ensemble import Ensemble
from autocrine.engine.ensemble_run import EnsembleRun
from autocrine.engine.triggered_chance_chunk import TriggeredChanceChunk


@dataclass(frozen=True)
class ChanceRun(EnsembleRun):
    """What all trajectories of a call share.

    Attributes
    ----------
    chance : str
        The method.
    seed : int
        The seed.
    numbers : range
        The number that each trajectory has in its ensemble.
    epsilon : float
        The bound of tau-leaping.
    """

    chance: str = "direct"
    seed: int = 0
    numbers: range = range(0)
    epsilon: float = 0.03

    @classmethod
    def of(cls, run: EnsembleRun, chance: str, seed: int, numbers: range, epsilon: float) -> ChanceRun:
        """Let a run go by chance.

        Raises
        ------
        InputError
            If the seed or the bound cannot be used.
        """
        if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)) or not 0 <= seed < 2**64:
            raise errors.InputError("seed must be a whole number from 0 to 2^64 - 1", seed)
        if not 0 < epsilon < 1:
            raise errors.InputError("epsilon must lie between 0 and 1", epsilon)
        given = {each.name: getattr(run, each.name) for each in fields(EnsembleRun)}
        return cls(**given, chance=chance, seed=int(seed), numbers=numbers, epsilon=epsilon)

    def prepare(self) -> None:
        """Compile what all chunks need."""
        compiled(self.network)
        self._jumps()

    def chunk(self, part: slice, **given: Any) -> Chunk:
        """Return some rows on their way."""
        streams = np.zeros((part.stop - part.start, philox.WORDS), np.int64)
        streams[:, philox.SEED] = np.array(self.seed, np.uint64).astype(np.int64)
        streams[:, philox.TRAJECTORY] = self.numbers[part]
        kind = ChanceChunk if self.events.triggers is None else TriggeredChanceChunk
        chunk = kind(kernel=self._jumps(), streams=streams, **given)  # type: ignore[arg-type]
        chunk.check(np.arange(len(chunk.state)), "the initial value")
        return chunk

    def _jumps(self) -> ChanceKernel:
        return chance_kernel(self.network, self.chance, self.epsilon, self.events.conditions)

    def explained(self, chunk: Chunk, row: int, first: int) -> errors.SolverError:
        """Return why a trajectory failed, with its index."""
        error = chunk.failures[row]
        return errors.SolverError(error.cause, trajectory=first + row, time_h=error.time_h, species=error.species)


def repeated(ensemble: Ensemble, runs: int | range | None) -> tuple[Ensemble, range]:
    """Return an ensemble of so many trajectories, and their numbers.

    Raises
    ------
    InputError
        If the ensemble has another length already, or runs are no number or range.
    """
    count = len(ensemble)
    numbers = range(runs) if isinstance(runs, (int, np.integer)) else range(count) if runs is None else runs
    if not isinstance(numbers, range) or not len(numbers) or min(numbers) < 0:
        raise errors.InputError("runs must be a positive number, or a range of numbers from 0", runs)
    if count not in {1, len(numbers)}:
        raise errors.InputError(f"runs must be as many as the {count} trajectories of the arrays", len(numbers))
    if count == len(numbers):
        return ensemble, numbers
    initial = {place: np.repeat(values, len(numbers)) for place, values in ensemble.initial.items()}
    return Ensemble(np.repeat(ensemble.parameters, len(numbers), axis=0), initial), numbers
