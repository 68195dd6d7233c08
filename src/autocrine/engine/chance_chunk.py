"""Trajectories that one thread simulates by chance: jumps in the place of steps."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from autocrine.core import errors
from autocrine.engine import chance_loop, philox
from autocrine.engine.chance_kernel import ChanceKernel
from autocrine.engine.chunk import Chunk
from autocrine.engine.kernel import Batch, Outcome

#: above this whole numbers are no longer exact
_LARGEST = 2.0**53


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
            truth=truth,
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
