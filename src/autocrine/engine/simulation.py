"""Time courses of ensembles."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Generator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np

from autocrine.core import errors
from autocrine.engine.compiled import System
from autocrine.engine.ensemble import Ensemble, Values, check_names
from autocrine.engine.ensemble_run import EnsembleRun
from autocrine.engine.event import Event
from autocrine.engine.event_table import EventTable
from autocrine.engine.integrator import Integrator
from autocrine.engine.network import Network
from autocrine.engine.output_times import OutputTimes
from autocrine.engine.rodas4 import RODAS4
from autocrine.engine.rodas5p import RODAS5P
from autocrine.engine.rosenbrock import Rosenbrock
from autocrine.engine.sink import Sink
from autocrine.engine.trajectories import Trajectories

# chance, derivatives and the oracle are imported where they are asked for: they need SymPy or SciPy
if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from autocrine.engine.chance_run import ChanceRun
    from autocrine.engine.counted_network import CountedNetwork
    from autocrine.engine.delayed_network import DelayedNetwork
    from autocrine.engine.gradient_run import GradientRun

#: rows of an ensemble, their values, and why some of them failed
Parts = Generator[tuple[slice, np.ndarray, dict[int, errors.SolverError]], None, None]
Tolerance: TypeAlias = "ArrayLike | Mapping[str, ArrayLike]"
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
    molecules: Mapping[str, float] | None = None,
    device: Literal["cpu", "gpu"] = "cpu",
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
        Parameters, and species behind ``initial:``, that the outputs are differentiated by, across events of any kind.
        A trajectory fails where there is no derivative: where a trigger only touches its threshold.
    gradient_tolerance : float
        Tolerance of the derivatives (times the size of the parameter) in units of that of the states; infinite for
        steps that only mind the states.
    chance : {"direct", "next_reaction", "tau"}, optional
        Simulate whole numbers of molecules by chance: exactly, by Gillespie's direct method or by the next-reaction
        method of Gibson & Bruck, or by tau-leaping. Rates are propensities (turnovers per hour) in molecules, unless
        ``molecules`` says what a unit is; tolerances have no effect. Triggers are looked at after each turnover; leaps
        are refused if they follow species.
    seed : int
        With ``chance``: the seed. What trajectory i draws follows from the seed and i, from nothing else.
    runs : int or range, optional
        With ``chance``: how many trajectories, or which ones of a larger ensemble; by default as many as the arrays
        have.
    epsilon : float
        With ``chance="tau"``: share of itself by which a propensity may change in a leap.
    reduce : str, callable, sequence or mapping, optional
        What to keep instead of all values, and of their derivatives: see `Sink.of`.
    molecules : mapping of str to float, optional
        With ``chance``: how many molecules one unit of a species is, where that is not one. Turnovers are those of
        molecules then, at rates that keep the mean, levels of these species start and are set by events at the nearest
        whole number of molecules, and everything is given and returned in the units of the network: see
        `CountedNetwork`.
    device : {"cpu", "gpu"}
        Where to integrate: on all processors, or on the first NVIDIA GPU, one trajectory in each of its threads.
        Events, rules and reductions stay on the processor, and Ctrl-C is heard between two launches of up to 65,536
        trajectories. Not with ``gradient``, ``chance`` or a type of integrator. This has not yet run on a GPU; its
        kernel was tested on the processor (docs/decisions/gpu.md).

    Returns
    -------
    Trajectories
        Values of shape (n, T, k), and derivatives of shape (n, T, k, p) if a gradient is asked for; with ``reduce``
        neither, but what was kept in `Trajectories.reduced` and its derivatives in `Trajectories.reduced_gradient`.

    Raises
    ------
    InputError
        If something given cannot be used.
    SolverError
        If a trajectory fails and ``on_failure`` is ``"raise"``.
    DeviceError
        If the GPU or its driver fails.

    Notes
    -----
    Where an expression of the network or of an event has a `Delay`, each trajectory is integrated with its past, one
    after the other: see `DelayedSolver`.
    """
    if on_failure not in {"raise", "nan"}:
        raise errors.InputError("on_failure must be 'raise' or 'nan'", on_failure)
    _check_device(device, gradient, chance, integrator)
    counted = _counted(network, molecules, chance)
    if counted is not None:
        network, events, initial = counted.network, counted.events(events), counted.initial(initial)
    given, delayed = Ensemble.of(network, parameters, initial), _delayed(network, events)
    if delayed is not None:
        _check_delays(integrator, gradient, chance, device)
        network, events, given = delayed.network, delayed.events, given.with_more(len(delayed.terms))
    ensemble, numbers = (given, range(0)) if chance is None else _repeated(given, runs)
    grid = OutputTimes.of(times, start, len(ensemble), end)
    columns, names = chosen(network, outputs)
    relative, absolute = tolerances(network, len(ensemble), rtol, atol)
    method = best_method(relative) if integrator is None or isinstance(integrator, type) else integrator
    table = EventTable.of(network, events)
    run = EnsembleRun(network, method, table, ensemble, relative, absolute, grid, start, columns)
    if device == "gpu":
        run = _on_gpu(run)
    differentiated = None
    if gradient is not None:
        run = differentiated = _with_gradient(run, gradient, gradient_tolerance, integrator, chance)
    if chance is not None:
        run = _by_chance(run, chance, seed, numbers, epsilon)
    if delayed is not None:
        parts = _with_past(run, delayed)
    elif isinstance(integrator, type) and chance is None:
        parts = _one_by_one(run, integrator, events)
    else:
        parts = run.chunks(threads)
    if counted is not None:
        parts = counted.shown(parts, names)
    by = () if differentiated is None else differentiated.gradient.names
    sink = Sink.of(reduce, grid, names, len(ensemble), by)
    return _collected(_in_unit(parts, network), sink, run.taken, on_failure, progress)


def _check_device(device: str, gradient: object, chance: object, integrator: object) -> None:
    """Refuse what is no device, and what a GPU cannot do."""
    if device == "cpu":
        return
    from autocrine.engine.gpu_run import check_device

    asked = {"a gradient": gradient is not None, "chance": chance is not None}
    asked["a type of integrator"] = isinstance(integrator, type)
    check_device(device, [what for what, is_asked in asked.items() if is_asked])


def _on_gpu(run: EnsembleRun) -> EnsembleRun:
    from autocrine.engine.gpu_run import GpuRun

    return GpuRun(**vars(run))


def _counted(network: Network, molecules: Mapping[str, float] | None, chance: str | None) -> CountedNetwork | None:
    if molecules is None:
        return None
    from autocrine.engine.counted_network import counted_network

    return counted_network(network, molecules, chance)


def _repeated(ensemble: Ensemble, runs: int | range | None) -> tuple[Ensemble, range]:
    from autocrine.engine.chance_run import repeated

    return repeated(ensemble, runs)


def _by_chance(run: EnsembleRun, chance: str, seed: int, numbers: range, epsilon: float) -> ChanceRun:
    from autocrine.engine.chance_run import ChanceRun

    return ChanceRun.of(run, chance, seed, numbers, epsilon)


def _with_gradient(
    run: EnsembleRun, names: Sequence[str], tolerance: float, integrator: object, chance: str | None
) -> GradientRun:
    if chance is not None:
        raise errors.InputError("chance must not be asked for together with a gradient", chance)
    if isinstance(integrator, type):
        must = "the integrator must be a Rosenbrock method where a gradient is asked for"
        raise errors.InputError(must, integrator.__name__)
    from autocrine.engine.gradient_run import GradientRun

    return GradientRun.of(run, names, tolerance)


def _delayed(network: Network, events: Sequence[Event]) -> DelayedNetwork | None:
    """Return a network without delays, if there are some; events with expressions have imported SymPy before."""
    if not network.has_delays and (not events or "sympy" not in sys.modules):
        return None
    from autocrine.engine.delayed_network import DelayedNetwork

    return DelayedNetwork.of(network, events)


def _with_past(run: EnsembleRun, delayed: DelayedNetwork) -> Parts:
    from autocrine.engine.delayed_run import DelayedRun

    return DelayedRun.of(run, delayed).each()


def _check_delays(integrator: object, gradient: object, chance: object, device: str) -> None:
    others = {"an integrator": integrator, "a gradient": gradient, "chance": chance}
    others["a device"] = None if device == "cpu" else device
    for name, given in others.items():
        if given is not None:
            shown = getattr(given, "__name__", None) or getattr(given, "name", given)
            raise errors.InputError(f"a network with delays must be simulated without {name}", shown)


def chosen(network: Network, outputs: Sequence[str] | None) -> tuple[list[int], tuple[str, ...]]:
    """Return places and names of the outputs among species, rules and observables."""
    known = (*network.outline.species, *network.outline.outputs)
    names = known if outputs is None else tuple(outputs)
    check_names(names, known, "output")
    return [known.index(name) for name in names], names


def _in_unit(parts: Parts, network: Network) -> Parts:
    """Let failures say their times in the unit of the network, which is asked for it only then: it may be unwritten."""
    with contextlib.closing(parts):
        for part, found, failed in parts:
            for error in failed.values():
                error.time_unit = network.time_unit
            yield part, found, failed


def _collected(
    parts: Parts,
    sink: Sink,
    slopes: Callable[[slice], np.ndarray | None],
    on_failure: str,
    progress: Callable[[int], None] | None,
) -> Trajectories:
    """Return all values, derivatives and failures, or what is kept of them, or raise the first failure."""
    # closed at once when this is interrupted, so that no thread goes on
    with contextlib.closing(parts):
        for part, found, failed in parts:
            if failed and on_failure == "raise":
                raise failed[min(failed)]
            sink.take(part, found, failed, slopes(part))
            if progress is not None:
                for finished in range(part.start, part.stop):
                    progress(finished + 1)
    return sink.result()


def _one_by_one(run: EnsembleRun, integrator: type[Integrator], events: Sequence[Event]) -> Parts:
    from autocrine.engine.lsoda import Lsoda
    from autocrine.engine.one_by_one import OneByOne
    from autocrine.engine.oracle_run import OracleRun
    from autocrine.engine.schedule import Schedule

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
    names = network.outline.species
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
