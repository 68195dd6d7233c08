"""Steady states of an ensemble on all processors."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass

import numpy as np

from autocrine.core import errors
from autocrine.engine.compiled import System, compiled
from autocrine.engine.ensemble import Ensemble
from autocrine.engine.kernel import kernel
from autocrine.engine.lsoda import worst_species
from autocrine.engine.network import Network
from autocrine.engine.reduced_system import reduced_system
from autocrine.engine.rodas5p import RODAS5P
from autocrine.engine.steady_search import SteadySearch
from autocrine.engine.threads import available_processors, in_order

_LARGEST_PART, _SMALLEST_PART = 256, 16


@dataclass(frozen=True)
class SteadyPart:
    """Steady states of some trajectories: values (rows, k), residuals (rows,), eigenvalues, and why some failed."""

    values: np.ndarray
    residuals: np.ndarray
    eigenvalues: list[np.ndarray]
    failures: dict[int, errors.SolverError]


@dataclass(frozen=True)
class SteadyRun:
    """What all trajectories of a call of `steady_state` share."""

    network: Network
    ensemble: Ensemble
    rtol: float
    atol: np.ndarray
    longest_h: float
    columns: list[int]

    def parts(self, threads: int | None) -> Generator[tuple[slice, SteadyPart], None, None]:
        """Yield the steady states of some rows after the other, in order."""
        if not self.longest_h > 0:
            raise errors.InputError("longest_h must be a positive time (h)", self.longest_h)
        if reduced_system(self.network).follows_time:
            must = "rates must not depend on time t where a steady state is asked"
            raise errors.InputError(must, self.network.name)
        compiled(self.network)  # before there are threads that would compile it twice
        kernel(self.network, RODAS5P)
        stop, count, workers = np.zeros(1, np.int64), len(self.ensemble), threads or available_processors()
        size = min(_LARGEST_PART, max(_SMALLEST_PART, -(-count // workers)))
        rows = (slice(first, min(first + size, count)) for first in range(0, count, size))
        yield from in_order(rows, lambda part: self._solve(part, stop), workers, stop)

    def _solve(self, part: slice, stop: np.ndarray) -> SteadyPart:
        search = self._begin(part, stop)
        search.run()
        found = np.array([each for each in range(len(search.state)) if each not in search.failures], int)
        state, parameters = search.state[found], search.parameters[found]
        values = np.full((len(search.state), len(self.columns)), np.nan)
        values[found] = self._shown(state, parameters)[:, self.columns]
        residuals = np.full(len(search.state), np.nan)
        residuals[found] = search.residuals(state, parameters).max(axis=1, initial=0.0)
        eigenvalues = [np.empty(0, complex)] * len(search.state)
        matrices = search.system.within_laws(search.system.jacobians(state, parameters), search.laws[found])
        for row, each in zip(found.tolist(), np.linalg.eigvals(matrices), strict=True):
            eigenvalues[row] = np.asarray(each[np.argsort(-np.real(each), kind="stable")], complex)
        failures = {part.start + row: self._explained(search, row, part.start) for row in sorted(search.failures)}
        return SteadyPart(values, residuals, eigenvalues, failures)

    def _begin(self, part: slice, stop: np.ndarray) -> SteadySearch:
        species, functions = self.network.outline.species, compiled(self.network)
        parameters = np.array(self.ensemble.parameters[part])
        state = functions.many("start", parameters, functions.many("hoist", parameters))
        for place, values in self.ensemble.initial.items():
            state[:, place] = values[part]
        system, method = reduced_system(self.network), kernel(self.network, RODAS5P)
        given = (self.rtol, self.atol, self.longest_h, stop)
        search = SteadySearch(system, method, species, state, parameters, *given)
        for row, place in np.argwhere(~np.isfinite(state))[::-1]:
            cause, name = "the initial value is not finite", species[place]
            search.failures[int(row)] = errors.SolverError(cause, time_h=0.0, species=name)
        return search

    def _shown(self, state: np.ndarray, parameters: np.ndarray) -> np.ndarray:
        functions = compiled(self.network)
        hoisted = functions.many("hoist", parameters)
        return np.hstack([state, functions.many("outputs", parameters, hoisted, y=state)])

    def _explained(self, search: SteadySearch, row: int, first: int) -> errors.SolverError:
        error = search.failures[row]
        species = error.species
        if not species:
            system = System(self.network)
            system.set_parameters(search.parameters[row])
            species = worst_species(system, search.state[row], error.time_h, self.atol)
        return errors.SolverError(error.cause, trajectory=first + row, time_h=error.time_h, species=species)
