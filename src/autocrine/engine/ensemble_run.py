"""All trajectories of an ensemble on all processors; the result does not depend on their number."""

from __future__ import annotations

import contextlib
from collections.abc import Generator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from autocrine.core import errors
from autocrine.engine.chunk import Chunk
from autocrine.engine.compiled import System, compiled
from autocrine.engine.ensemble import Ensemble
from autocrine.engine.event_table import EventTable
from autocrine.engine.kernel import Kernel, kernel
from autocrine.engine.lsoda import worst_species
from autocrine.engine.network import Network
from autocrine.engine.output_times import OutputTimes
from autocrine.engine.rosenbrock import Rosenbrock
from autocrine.engine.threads import available_processors, in_order


@dataclass(frozen=True)
class EnsembleRun:
    """What all trajectories of a call share.

    Attributes
    ----------
    network : Network
        The network.
    method : Rosenbrock
        The method.
    events : EventTable
        What happens.
    ensemble : Ensemble
        Parameters and initial values of N trajectories.
    rtol, atol : ndarray of shape (N,) and (N, n)
        Tolerances.
    times : OutputTimes
        Times that are asked for, and where trajectories end.
    start : float
        The time of the initial values.
    columns : list of int
        Places of what is asked for among species, rules and observables.
    """

    network: Network
    method: Rosenbrock
    events: EventTable
    ensemble: Ensemble
    rtol: np.ndarray
    atol: np.ndarray
    times: OutputTimes
    start: float
    columns: list[int]

    #: trajectories of a chunk: many enough that lanes seldom idle, few enough that their states fit the cache
    largest_chunk: ClassVar[int] = 512
    smallest_chunk: ClassVar[int] = 32
    #: chunks that are given to each thread before the first of them is asked for
    ahead: ClassVar[int] = 4

    def chunks(self, threads: int | None) -> Generator[tuple[slice, np.ndarray, dict[int, errors.SolverError]]]:
        """Yield the values, shape (rows, T, k), and the failures of some rows after the other, in order."""
        stop = np.zeros(1, np.int64)
        count, workers = len(self.ensemble), self.workers(threads)
        size = self.chunk_size(workers)
        self.prepare()  # before there are threads that would compile it twice
        parts = (slice(first, min(first + size, count)) for first in range(0, count, size))
        solved = in_order(parts, lambda part: self.solve(part, stop), workers, stop, self.ahead)
        with contextlib.closing(solved):
            for part, (values, failures) in solved:
                yield part, values, failures

    def workers(self, threads: int | None) -> int:
        """Return how many threads solve chunks, if so many are asked for."""
        return threads or available_processors()

    def chunk_size(self, workers: int) -> int:
        """Return how many trajectories a chunk has."""
        return min(self.largest_chunk, max(self.smallest_chunk, -(-len(self.ensemble) // workers)))

    def prepare(self) -> None:
        """Compile what all chunks need."""
        compiled(self.network)
        self._kernel()

    def chunk(self, part: slice, **given: Any) -> Chunk:
        """Return some rows on their way, with what a `Chunk` needs beside its kernel."""
        if self.events.triggers is None:
            return Chunk(kernel=self._kernel(), **given)
        from autocrine.engine.triggered_chunk import TriggeredChunk

        return TriggeredChunk(kernel=self._kernel(), **given)

    def solve(self, part: slice, stop: np.ndarray) -> tuple[np.ndarray, dict[int, errors.SolverError]]:
        """Return the values, shape (rows, T, k), and the failures of some rows."""
        chunk = self._begin(part, stop)
        chunk.run()
        failures = {each: self.explained(chunk, each, part.start) for each in sorted(chunk.failures)}
        species = chunk.state.shape[1]
        values = np.empty((len(chunk.state), len(self.times), len(self.columns)))
        for place, column in enumerate(self.columns):
            source = chunk.shown if column < species else chunk.outputs
            values[:, :, place] = source[:, :, column if column < species else column - species]
        values[list(failures)] = np.nan
        self._keep(part, chunk)
        return values, {part.start + each: error for each, error in failures.items()}

    def _keep(self, part: slice, chunk: Chunk) -> None:
        """Keep what else a finished chunk has."""

    def taken(self, part: slice) -> np.ndarray | None:
        """Return the derivatives of finished rows, shape (rows, T, k, p), if any, and keep them no longer."""
        return None

    def _kernel(self) -> Kernel:
        """Return the compiled loop over steps."""
        return kernel(self.network, self.method, self.events.conditions)

    def _begin(self, part: slice, stop: np.ndarray) -> Chunk:
        names, functions = self.network.outline, compiled(self.network)
        parameters = np.array(self.ensemble.parameters[part])
        count, species = len(parameters), len(names.species)
        state = functions.many("start", parameters, functions.many("hoist", parameters))
        for place, values in self.ensemble.initial.items():
            state[:, place] = values[part]
        asks_outputs = any(column >= species for column in self.columns)
        chunk = self.chunk(
            part,
            functions=functions,
            events=self.events,
            stop=stop,
            state=state,
            parameters=parameters,
            now=np.full(count, self.start),
            event_times=self.events.times(parameters, self.start),
            rtol=self.rtol[part],
            atol=self.atol[part],
            times=self.times.part(part),
            shown=np.full((count, len(self.times), species), np.nan),
            outputs=np.full((count, len(self.times), len(names.outputs) if asks_outputs else 0), np.nan),
        )
        for row, place in np.argwhere(~np.isfinite(state))[::-1]:
            cause, name = "the initial value is not finite", names.species[place]
            chunk.failures[int(row)] = errors.SolverError(cause, time_h=self.start, species=name)
        return chunk

    def explained(self, chunk: Chunk, row: int, first: int) -> errors.SolverError:
        """Return why a trajectory failed, with its index and the species that looks worst."""
        error = chunk.failures[row]
        species = error.species
        if not species:
            system = System(self.network)
            system.set_parameters(chunk.parameters[row])
            species = worst_species(system, chunk.state[row], error.time_h, chunk.atol[row])
        return errors.SolverError(error.cause, trajectory=first + row, time_h=error.time_h, species=species)
