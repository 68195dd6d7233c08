"""Trajectories one after the other: the way of integrators that solve one at a time."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass

import numpy as np

from autocrine.core import errors
from autocrine.engine.compiled import System
from autocrine.engine.ensemble import Ensemble
from autocrine.engine.integrator import Integrator
from autocrine.engine.output_times import OutputTimes
from autocrine.engine.schedule import Schedule


@dataclass(frozen=True)
class OneByOne:
    """What all trajectories of a call share that an integrator of one trajectory solves: the way of the oracle."""

    system: System
    method: Callable[[int], Integrator]
    schedule: Schedule
    ensemble: Ensemble
    times: OutputTimes
    start: float
    columns: list[int]

    def each(self) -> Generator[tuple[slice, np.ndarray, dict[int, errors.SolverError]]]:
        """Yield the values, shape (1, T, k), and the failure, if there is one, of each trajectory."""
        for index in range(len(self.ensemble)):
            try:
                values, failures = self.trajectory(index)[None][:, :, self.columns], {}
            except errors.SolverError as error:
                values, failures = np.full((1, len(self.times), len(self.columns)), np.nan), {index: error}
                failures[index] = failed(error, index)
            yield slice(index, index + 1), values, failures

    def trajectory(self, index: int) -> np.ndarray:
        """Return species, rules and observables at all times, shape (T, n + k)."""
        state, method = start_of(self.system, self.ensemble, index, self.start), self.method(index)
        rows: list[np.ndarray] = []
        now, first, final = self.start, 0, float(self.times.final[index])
        times = self.times.values if self.times.values.ndim == 1 else self.times.values[index]
        count = len(times)
        times = times[times <= final]
        for time, numbers in self.schedule.due(self.system.parameters, self.start, final):
            until = int(np.searchsorted(times, time, side="left"))  # at an event the state after it is shown
            state, table = self._segment(method, state, now, times[first:until], time)
            rows.append(table)
            for number in numbers:
                self.schedule.carry_out(number, time, self.system, state)
            now, first = time, until
        rows.append(self._segment(method, state, now, times[first:], final)[1])
        shown = np.concatenate(rows)
        return np.pad(shown, ((0, count - len(shown)), (0, 0)), constant_values=np.nan)

    def _segment(
        self, method: Integrator, state: np.ndarray, now: float, times: np.ndarray, until: float
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return the state at ``until``, and species and outputs at ``times``, which lie between ``now`` and it."""
        grid = np.unique(np.concatenate([[now], times, [until]]))
        states = method.integrate(self.system, state, grid) if until > now else state[None, :]
        asked = states[np.searchsorted(grid, times)]
        return states[-1].copy(), np.hstack([asked, self.system.outputs(times, asked)])


def failed(error: errors.SolverError, index: int) -> errors.SolverError:
    """Return the error with the index of its trajectory."""
    return errors.SolverError(error.cause, trajectory=index, time_h=error.time_h, species=error.species)


def start_of(system: System, ensemble: Ensemble, index: int, time: float = 0.0) -> np.ndarray:
    """Set the parameters of one trajectory and return its initial state, shape (n,)."""
    system.set_parameters(ensemble.parameters[index])
    state = system.initial()
    for place, values in ensemble.initial.items():
        state[place] = values[index]
    bad = np.flatnonzero(~np.isfinite(state))
    if bad.size:
        raise errors.SolverError("the initial value is not finite", time_h=time, species=system.species[bad[0]])
    return state
