"""Time courses of ensembles."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from autocrine.core import errors
from autocrine.engine.chance_run import ChanceRun, repeated
from autocrine.engine.compiled import System
from autocrine.engine.delayed_network import DelayedNetwork
from autocrine.engine.delayed_run import DelayedRun
from autocrine.engine.ensemble import Ensemble, Values, check_names
from autocrine.engine.ensemble_run import EnsembleRun
from autocrine.engine.event import Event
from autocrine.engine.event_table import EventTable
from autocrine.engine.gradient_run import GradientRun
from autocrine.engine.integrator import Integrator
from autocrine.engine.lsoda import Lsoda
from autocrine.engine.network import Network
from autocrine.engine.one_by_one import OneByOne
from autocrine.engine.oracle_run import OracleRun
from autocrine.engine.output_times import OutputTimes
from autocrine.engine.rodas4 import RODAS4
from autocrine.engine.rodas5p import RODAS5P
from autocrine.engine.rosenbrock import Rosenbrock
from autocrine.engine.schedule import Schedule
from autocrine.engine.sink import Sink
from autocrine.engine.trajectories import Trajectories

#: rows of an ensemble, their values, and why some of them failed
Parts = Generator[tuple[slice, np.ndarray, dict[int, errors.SolverError]], None, None]
Tolerance = ArrayLike | Mapping[str, ArrayLike]
_DEFAULT_ATOL = 1e-9
#: measured on two networks, of 28 and 42 species: see docs/decisions/lanes.md
_RODAS4_ABOVE = 3e-4


def simulate(
    network: Network,
    times: ArrayLike,
    parameters: Values | None = None,
    *,
    events: Sequence[Event] = (),
    initial: Values | None = None,
    outputs: Sequence[str] | None = None,
    rtol: ArrayLike = 1e-6,
    atol: Tolerance = _DEFAULT_ATOL,
    on_failure: Literal["raise", "nan"] = "raise",
    progress: Callable[[int], None] | None = None,
    start: float = 0.0,
    end: ArrayLike | None = None,
    integrator: Rosenbrock | type[Integrator] | None = None,
    threads: int | None = None,
    gradient: Sequence[str] | None = None,
    gradient_tolerance: float = 1.0,
    chance: Literal["direct", "next_reaction", "tau"] | None = None,
    seed: int = 0,
    runs: int | range | None = None,
    epsilon: float = 0.03,
    reduce: Any = None,
) -> Trajectories:
    """Simulate a network, or an ensemble of it.

    Parameters
    ----------
    network : Network
        What to simulate.
    times : array_like of shape (T,) or (n, T)
        Output times (h), increasing, not before ``start``, of all trajectories or of each; a row of the latter may
        end with NaN.
    parameters, initial : mapping of str to float or array of shape (n,), optional
        Other values of parameters and other initial values; arrays make an ensemble of n trajectories.
    events : sequence of Event, optional
        What happens besides the events of the network.
    outputs : sequence of str, optional
        Species, rules and observables to return; without it all of them.
    rtol : float or array of shape (n,)
        Relative tolerance of one step.
    atol : float, array of shape (n,), or mapping of str to such
        Absolute tolerance of one step, in the unit of the species; species that a mapping leaves out have 1e-9.
    on_failure : {"raise", "nan"}
        Whether a failed trajectory raises, or is NaN with its reason in `Trajectories.failures`.
    progress : callable, optional
        Called with the number of finished trajectories, for each one, in order.
    start : float
        The time (h) at which the initial values hold.
    end : float or array of shape (n,), optional
        Where each trajectory ends (h): values at later times are NaN.
    integrator : Rosenbrock or type of Integrator, optional
        The method; without it the one that suits ``rtol``.
    threads : int, optional
        Threads to use, by default one for each processor; the result does not depend on them.
    gradient : sequence of str, optional
        Parameters, and species behind ``initial:``, that the outputs are differentiated by.
    gradient_tolerance : float
        Tolerance of the derivatives (times the size of the parameter) in units of that of the states; infinite for
        steps that only mind the states.
    chance : {"direct", "next_reaction", "tau"}, optional
        Simulate whole numbers of molecules by chance: exactly, by Gillespie's direct method or by the next-reaction
        method of Gibson & Bruck, or by tau-leaping. Rates are propensities (turnovers per hour) in molecules;
        tolerances have no effect.
    seed : int
        With ``chance``: the seed. What trajectory i draws follows from the seed and i, from nothing else.
    runs : int or range, optional
        With ``chance``: how many trajectories, or which ones of a larger ensemble; by default as many as the arrays
        have.
    epsilon : float
        With ``chance="tau"``: share of itself by which a propensity may change in a leap.
    reduce : str, callable, sequence or mapping, optional
        What to keep instead of all values: see `Sink.of`.

    Returns
    -------
    Trajectories
        Values of shape (n, T, k), and derivatives of shape (n, T, k, p) if a gradient is asked for; with ``reduce``
        no values, but what was kept in `Trajectories.reduced`.

    Raises
    ------
    InputError
        If something given cannot be used.
    SolverError
        If a trajectory fails and ``on_failure`` is ``"raise"``.

    Notes
    -----
    Where an expression of the network or of an event has a `Delay`, each trajectory is integrated with its past, one
    after the other: see `DelayedSolver`.
    """
    if on_failure not in {"raise", "nan"}:
        raise errors.InputError("on_failure must be 'raise' or 'nan'", on_failure)
    given, delayed = Ensemble.of(network, parameters, initial), DelayedNetwork.of(network, events)
    if delayed is not None:
        _check_delays(integrator, gradient, chance)
        network, events, given = delayed.network, delayed.events, given.with_more(len(delayed.terms))
    ensemble, numbers = (given, range(0)) if chance is None else repeated(given, runs)
    grid = OutputTimes.of(times, start, len(ensemble), end)
    columns, names = chosen(network, outputs)
    relative, absolute = tolerances(network, len(ensemble), rtol, atol)
    method = best_method(relative) if integrator is None or isinstance(integrator, type) else integrator
    table = EventTable.of(network, events)
    run = EnsembleRun(network, method, table, ensemble, relative, absolute, grid, start, columns)
    if gradient is not None or chance is not None:
        _check_alone(run, "gradient" if chance is None else "chance", reduce, end)
    if gradient is not None:
        run = _with_gradient(run, gradient, gradient_tolerance, integrator, chance)
    if chance is not None:
        run = ChanceRun.of(run, chance, seed, numbers, epsilon)
    if delayed is not None:
        parts = DelayedRun.of(run, delayed).each()
    elif isinstance(integrator, type) and chance is None:
        parts = _one_by_one(run, integrator, events)
    else:
        parts = run.chunks(threads)
    found = _collected(parts, Sink.of(reduce, grid, names, len(ensemble)), on_failure, progress)
    return replace(found, by=run.gradient.names, gradient=run.values) if isinstance(run, GradientRun) else found


def _with_gradient(
    run: EnsembleRun, names: Sequence[str], tolerance: float, integrator: object, chance: str | None
) -> GradientRun:
    if chance is not None:
        raise errors.InputError("chance must not be asked for together with a gradient", chance)
    if isinstance(integrator, type):
        must = "the integrator must be a Rosenbrock method where a gradient is asked for"
        raise errors.InputError(must, integrator.__name__)
    return GradientRun.of(run, names, tolerance)


def _check_alone(run: EnsembleRun, what: str, reduce: Any, end: ArrayLike | None) -> None:
    """Refuse what derivatives, or simulation by chance, cannot be combined with."""
    must = f"{what} must be asked for without"
    if run.events.triggers is not None:
        raise errors.InputError(f"{must} events that have triggers, delays or priorities")
    if run.times.values.ndim > 1:
        raise errors.InputError(f"{must} times of each trajectory", run.times.values.shape)
    if what == "gradient" and (reduce is not None or end is not None):
        raise errors.InputError(f"{must} {'reduce' if reduce is not None else 'end'}")


def _check_delays(integrator: object, gradient: object, chance: object) -> None:
    for name, given in (("an integrator", integrator), ("a gradient", gradient), ("chance", chance)):
        if given is not None:
            shown = getattr(given, "__name__", None) or getattr(given, "name", given)
            raise errors.InputError(f"a network with delays must be simulated without {name}", shown)


def chosen(network: Network, outputs: Sequence[str] | None) -> tuple[list[int], tuple[str, ...]]:
    """Return places and names of the outputs among species, rules and observables."""
    known = (*(each.name for each in network.species), *network.rules, *network.observables)
    names = known if outputs is None else tuple(outputs)
    check_names(names, known, "output")
    return [known.index(name) for name in names], names


def _collected(parts: Parts, sink: Sink, on_failure: str, progress: Callable[[int], None] | None) -> Trajectories:
    """Return all values and failures, or what is kept of them, or raise the first failure."""
    # closed at once when this is interrupted, so that no thread goes on
    with contextlib.closing(parts):
        for part, found, failed in parts:
            if failed and on_failure == "raise":
                raise failed[min(failed)]
            sink.take(part, found, failed)
            if progress is not None:
                for finished in range(part.start, part.stop):
                    progress(finished + 1)
    return sink.result()


def _one_by_one(run: EnsembleRun, integrator: type[Integrator], events: Sequence[Event]) -> Parts:
    system = System(run.network)
    if run.events.triggers is not None:
        if integrator is not Lsoda:
            must = "events with triggers, delays or priorities must be integrated by a Rosenbrock method or Lsoda"
            raise errors.InputError(must, integrator.__name__)
        yield from OracleRun(**vars(run), system=system).each()
        return
    schedule = Schedule.of(run.network, events)

    def method(index: int) -> Integrator:
        return integrator(float(run.rtol[index]), run.atol[index])

    yield from OneByOne(system, method, schedule, run.ensemble, run.times, run.start, run.columns).each()


def best_method(rtol: np.ndarray) -> Rosenbrock:
    """Return the method that reaches the smallest of some relative tolerances soonest."""
    return RODAS4 if rtol.min() > _RODAS4_ABOVE else RODAS5P


def tolerances(network: Network, count: int, rtol: ArrayLike, atol: Tolerance) -> tuple[np.ndarray, np.ndarray]:
    """Return the relative tolerance of each trajectory, shape (count,), and the absolute ones, shape (count, n)."""
    names = tuple(each.name for each in network.species)
    if isinstance(atol, Mapping):
        check_names(atol, names, "species")
        given = [_positive(f"atol of {name}", atol.get(name, _DEFAULT_ATOL), count) for name in names]
    else:
        given = [_positive("atol", atol, count)] * len(names)
    rows = np.stack(np.broadcast_arrays(*given), axis=-1)
    relative = np.broadcast_to(_positive("rtol", rtol, count), (count,))
    # one row that stands for all takes no memory for 10^6 trajectories
    return relative, np.broadcast_to(rows, (count, len(names)))


def _positive(name: str, value: ArrayLike, count: int) -> np.ndarray:
    """Return a positive number for all trajectories, shape (1,), or one for each, shape (count,)."""
    try:
        numbers = np.asarray(value, dtype=float)
    except (TypeError, ValueError) as error:
        raise errors.InputError(f"{name} must be a positive number", value) from error
    if numbers.shape not in {(), (1,), (count,)}:
        raise errors.InputError(f"{name} must be one number, or one for each of {count} trajectories", numbers.shape)
    if not ((numbers > 0) & (numbers < np.inf)).all():
        raise errors.InputError(f"{name} must be a positive number", value)
    return np.atleast_1d(numbers)
