"""Ensembles simulated by chance: the run and the chunks of an ensemble with jumps in the place of steps."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np

from autocrine.core import errors
from autocrine.engine import chance_loop, philox
from autocrine.engine.chance_kernel import ChanceKernel, chance_kernel
from autocrine.engine.chunk import Chunk
from autocrine.engine.compiled import compiled
from autocrine.engine.ensemble import Ensemble
from autocrine.engine.ensemble_run import EnsembleRun
from autocrine.engine.kernel import Batch, Outcome

#: above this whole numbers are no longer exact
_LARGEST = 2.0**53


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
        chance_kernel(self.network, self.chance, self.epsilon)

    def chunk(self, part: slice, **given: Any) -> Chunk:
        """Return some rows on their way."""
        streams = np.zeros((part.stop - part.start, philox.WORDS), np.int64)
        streams[:, philox.SEED] = np.array(self.seed, np.uint64).astype(np.int64)
        streams[:, philox.TRAJECTORY] = self.numbers[part]
        jumps = chance_kernel(self.network, self.chance, self.epsilon)
        chunk = ChanceChunk(kernel=jumps, streams=streams, **given)  # type: ignore[arg-type]
        chunk.check(np.arange(len(chunk.state)), "the initial value")
        return chunk

    def explained(self, chunk: Chunk, row: int, first: int) -> errors.SolverError:
        """Return why a trajectory failed, with its index."""
        error = chunk.failures[row]
        return errors.SolverError(error.cause, trajectory=first + row, time_h=error.time_h, species=error.species)


@dataclass
class ChanceChunk(Chunk):
    """Some trajectories on their way; ``streams``, shape (N, 7), are their random numbers."""

    streams: np.ndarray = field(default_factory=lambda: np.empty((0, philox.WORDS), np.int64))

    def check(self, who: np.ndarray, what: str) -> None:
        """Let trajectories fail whose state is not of whole numbers."""
        state = self.state[who]
        good = (state == np.floor(state)) & (state >= 0) & (state < _LARGEST)
        names = chance_names(self.kernel)
        for row, place in np.argwhere(~good)[::-1]:
            cause = f"{what} is {state[row, place]:g}, which is no whole number of molecules"
            time = float(self.now[who[row]])
            self.failures[int(who[row])] = errors.SolverError(cause, time_h=time, species=names[place])

    def _integrate(
        self, who: np.ndarray, end: np.ndarray, first: np.ndarray, past: np.ndarray, truth: np.ndarray | None = None
    ) -> Outcome | None:
        if not len(who):
            return None
        shown = np.empty((len(who), *self.shown.shape[1:]))
        times, begin_places, end_places = self.times.queue(who, first, past)
        unused = np.zeros(len(who))
        batch = Batch(
            state=self.state[who], parameters=self.parameters[who], begin=self.now[who], end=end, rtol=unused,
            atol=unused, times=times, first=begin_places, past=end_places, shown=shown, longest=0,
        )  # fmt: skip
        streams = self.streams[who]
        kernel: Any = self.kernel
        outcome = kernel.run(batch, self.stop, streams)
        self.state[who], self.streams[who] = batch.state, streams
        for row, owner in enumerate(who):
            self.shown[owner, first[row] : past[row]] = shown[row, first[row] : past[row]]
        for row in np.flatnonzero(outcome.verdict > chance_loop.FINISHED):
            cause = kernel.cause(int(outcome.verdict[row]))
            self.failures[int(who[row])] = errors.SolverError(cause, time_h=float(outcome.reached[row]))
        return outcome

    def _happen(self, who: np.ndarray) -> None:
        super()._happen(who)
        self.check(np.array([each for each in who.tolist() if each not in self.failures], int), "what an event sets")


def chance_names(kernel: Any) -> tuple[str, ...]:
    """Return the species of a kernel of chance."""
    jumps: ChanceKernel = kernel
    return jumps.jumps.species


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
