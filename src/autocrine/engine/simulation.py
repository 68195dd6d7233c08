"""Time courses of ensembles."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from autocrine.core import errors
from autocrine.engine.compiled import System
from autocrine.engine.ensemble import Ensemble, Values, check_names
from autocrine.engine.event import Event
from autocrine.engine.integrator import Integrator
from autocrine.engine.lsoda import Lsoda
from autocrine.engine.network import Network
from autocrine.engine.schedule import Schedule
from autocrine.engine.trajectories import Trajectories

Tolerance = float | Mapping[str, float]
_DEFAULT_ATOL = 1e-9


def simulate(
    network: Network,
    times: Sequence[float] | np.ndarray,
    parameters: Values | None = None,
    *,
    events: Sequence[Event] = (),
    initial: Values | None = None,
    outputs: Sequence[str] | None = None,
    rtol: float = 1e-6,
    atol: Tolerance = _DEFAULT_ATOL,
    on_failure: Literal["raise", "nan"] = "raise",
    progress: Callable[[int], None] | None = None,
    start: float = 0.0,
    integrator: type[Integrator] = Lsoda,
) -> Trajectories:
    """Simulate a network, or an ensemble of it.

    Parameters
    ----------
    network : Network
        What to simulate.
    times : array_like of shape (T,)
        Output times (h), increasing, not before ``start``.
    parameters, initial : mapping of str to float or array of shape (n,), optional
        Other values of parameters and other initial values; arrays make an ensemble of n trajectories.
    events : sequence of Event, optional
        What happens besides the events of the network.
    outputs : sequence of str, optional
        Species, rules and observables to return; without it all of them.
    rtol : float
        Relative tolerance of one step.
    atol : float or mapping of str to float
        Absolute tolerance of one step, in the unit of the species; species that a mapping leaves out have 1e-9.
    on_failure : {"raise", "nan"}
        Whether a failed trajectory raises, or is NaN with its reason in `Trajectories.failures`.
    progress : callable, optional
        Called with the number of finished trajectories after each one.
    start : float
        The time (h) at which the initial values hold.
    integrator : type of Integrator
        The method.

    Returns
    -------
    Trajectories
        Values of shape (n, T, k).

    Raises
    ------
    InputError
        If something given cannot be used.
    SolverError
        If a trajectory fails and ``on_failure`` is ``"raise"``.
    """
    grid = _checked_times(times, start)
    if on_failure not in {"raise", "nan"}:
        raise errors.InputError("on_failure must be 'raise' or 'nan'", on_failure)
    ensemble = Ensemble.of(network, parameters, initial)
    method = integrator(_positive("rtol", rtol), tolerances(network, atol))
    schedule = Schedule.of(network, events)
    columns, names = chosen(network, outputs)
    run = _Run(System(network), method, schedule, ensemble, grid, start)
    values = np.full((len(ensemble), len(grid), len(names)), np.nan)
    failures: dict[int, errors.SolverError] = {}
    for index in range(len(ensemble)):
        try:
            values[index] = run.trajectory(index)[:, columns]
        except errors.SolverError as error:
            failures[index] = failed(error, index)
            if on_failure == "raise":
                raise failures[index] from error
        if progress is not None:
            progress(index + 1)
    return Trajectories(grid, names, values, failures)


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


def chosen(network: Network, outputs: Sequence[str] | None) -> tuple[list[int], tuple[str, ...]]:
    """Return places and names of the outputs among species, rules and observables."""
    known = (*(each.name for each in network.species), *network.rules, *network.observables)
    names = known if outputs is None else tuple(outputs)
    check_names(names, known, "output")
    return [known.index(name) for name in names], names


def tolerances(network: Network, atol: Tolerance) -> np.ndarray:
    """Return the absolute tolerance of each species, shape (n,)."""
    names = tuple(each.name for each in network.species)
    if isinstance(atol, Mapping):
        check_names(atol, names, "species")
        return np.array([_positive(f"atol of {name}", atol.get(name, _DEFAULT_ATOL)) for name in names])
    return np.full(len(names), _positive("atol", atol))


@dataclass(frozen=True)
class _Run:
    """What all trajectories of a call share."""

    system: System
    method: Integrator
    schedule: Schedule
    ensemble: Ensemble
    times: np.ndarray
    start: float

    def trajectory(self, index: int) -> np.ndarray:
        """Return species, rules and observables at all times, shape (T, n + k)."""
        state = start_of(self.system, self.ensemble, index, self.start)
        rows: list[np.ndarray] = []
        now, first = self.start, 0
        for time, numbers in self.schedule.due(self.system.parameters, self.start, self.times[-1]):
            until = int(np.searchsorted(self.times, time, side="left"))  # at an event the state after it is shown
            state, table = self._segment(state, now, self.times[first:until], time)
            rows.append(table)
            for number in numbers:
                self.schedule.carry_out(number, time, self.system, state)
            now, first = time, until
        rows.append(self._segment(state, now, self.times[first:], self.times[-1])[1])
        return np.concatenate(rows)

    def _segment(self, state: np.ndarray, now: float, times: np.ndarray, until: float) -> tuple[np.ndarray, np.ndarray]:
        """Return the state at ``until``, and species and outputs at ``times``, which lie between ``now`` and it."""
        grid = np.unique(np.concatenate([[now], times, [until]]))
        states = self.method.integrate(self.system, state, grid) if until > now else state[None, :]
        asked = states[np.searchsorted(grid, times)]
        return states[-1].copy(), np.hstack([asked, self.system.outputs(times, asked)])


def _checked_times(times: Sequence[float] | np.ndarray, start: float) -> np.ndarray:
    try:
        grid = np.atleast_1d(np.asarray(times, dtype=float))
    except (TypeError, ValueError) as error:
        raise errors.InputError("times must be numbers (h)", times) from error
    if grid.ndim != 1 or not grid.size or not np.isfinite(grid).all():
        raise errors.InputError("times must be a list of finite numbers (h)", times)
    if (np.diff(grid) <= 0).any():
        raise errors.InputError("times must increase", times)
    if not np.isfinite(start) or grid[0] < start:
        raise errors.InputError(f"times must not lie before the start, {start:g} h,", float(grid[0]))
    return grid


def _positive(name: str, value: float) -> float:
    if not isinstance(value, int | float | np.floating) or not 0 < value < np.inf:
        raise errors.InputError(f"{name} must be a positive number", value)
    return float(value)
