"""The compiled loop over steps of a network and a method, and the batches that it runs."""

from __future__ import annotations

import functools
import weakref
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from autocrine.engine import image
from autocrine.engine.compiled import Functions, recalled
from autocrine.engine.job import JOB
from autocrine.engine.machine_code import FREE_FUNCTION, POINTER, MachineCode, best_lanes, machine_code
from autocrine.engine.network import Network

# what writes the loop is imported when there is none in the image of the network
if TYPE_CHECKING:
    from autocrine.engine.lane_loop import Companion
    from autocrine.engine.rosenbrock import Rosenbrock
    from autocrine.engine.step_statements import StepProgram

_RUN = FREE_FUNCTION(None, POINTER)
_EFFORT = 1
_ALIGNMENT = 64


@dataclass
class Batch:
    """Trajectories from a begin to an end, without events between.

    Attributes
    ----------
    state : ndarray of shape (N, n)
        At the begin; after the run at the end, or where the integration failed.
    parameters : ndarray of shape (N, m)
        Parameters.
    begin, end, rtol : ndarray of shape (N,)
        Times (h) with begin < end, relative tolerance.
    atol : ndarray of shape (N, n)
        Absolute tolerance of each species.
    times : ndarray of shape (T,) or (N, T)
        Times that are asked for, of all or of each.
    first, past : ndarray of int, shape (N,)
        Places of the first time after the begin, and after the last one up to the end.
    shown : ndarray of shape (N, T, n)
        Where the states at these times go.
    longest : int
        Steps before a trajectory fails.
    truth : ndarray of shape (N, K), optional
        1 for triggers that are true at the begin, 0 for the others.
    """

    state: np.ndarray
    parameters: np.ndarray
    begin: np.ndarray
    end: np.ndarray
    rtol: np.ndarray
    atol: np.ndarray
    times: np.ndarray
    first: np.ndarray
    past: np.ndarray
    shown: np.ndarray
    longest: int
    truth: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.state)


@dataclass
class Outcome:
    """How the trajectories of a batch ended.

    Attributes
    ----------
    verdict : ndarray of int, shape (N,)
        FINISHED, TOO_SMALL, NOT_FINITE, TOO_MANY or TURNED of `job`; 0 if it was interrupted.
    reached : ndarray of shape (N,)
        The time (h) that was reached.
    steps, rejections : ndarray of int, shape (N,)
        Attempted and rejected steps.
    iterations : int
        Steps of all lanes together; times their number these are the steps that were paid for.
    length, arrived, curve : ndarray of shape (N,), (N, n) and (N, D - 1, n)
        Where triggers are watched: the step in which one turned, which starts at ``reached`` from the state in the
        batch, with its length, the state at its end and the coefficients of its dense output.
    """

    verdict: np.ndarray
    reached: np.ndarray
    steps: np.ndarray
    rejections: np.ndarray
    iterations: int
    length: np.ndarray | None = None
    arrived: np.ndarray | None = None
    curve: np.ndarray | None = None


class Kernel:
    """The compiled loop of one network and one method.

    Parameters
    ----------
    step : StepProgram
        The functions of the network.
    method : Rosenbrock
        The method.
    lanes : int, optional
        Trajectories in one register value; without it what this processor does best.
    """

    def __init__(
        self,
        step: StepProgram,
        method: Rosenbrock,
        lanes: int | None = None,
        companion: Companion | None = None,
    ) -> None:
        lanes = lanes or best_lanes()
        code = _loop(step, method, lanes, companion)
        self._bind(code, hoist_of(step), method, lanes, sizes_of(step, method))

    @classmethod
    def recalled(cls, network: Network, method: Rosenbrock) -> Kernel:
        """Return the loop of a network that watches no triggers, from the image of the network."""
        lanes, identity, name = best_lanes(), network.identity, f"kernel {method.name}"

        def hoist() -> tuple[Functions, Any]:
            step = network_step(network)
            return hoist_of(step), sizes_of(step, method)

        def loop() -> image.Part:
            return None, _loop(network_step(network), method, lanes)

        hoisting, sizes = recalled(identity, f"{name} hoist", hoist)
        _, code = image.recall(identity, f"{name} in {lanes} lanes", loop)
        if code is None:
            raise TypeError("the image of a kernel has no code")
        found = cls.__new__(cls)
        found._bind(code, hoisting, method, lanes, sizes)
        return found

    def _bind(self, code: MachineCode, hoist: Functions, method: Rosenbrock, lanes: int, sizes: list[int]) -> None:
        self.method, self.lanes = method, lanes
        self.species, self.triggers, length = sizes
        self._code, self._hoist, self._length = code, hoist, length * lanes
        self._run: Callable[[int], None] = code.function("run", _RUN)

    def run(self, batch: Batch, stop: np.ndarray, companion: np.ndarray | None = None) -> Outcome:
        """Integrate a batch; ``stop`` (one int64) is set to 1 by another thread to end early. Runs without the GIL.

        ``companion`` are the words of what goes along.
        """
        count = len(batch)
        results = {name: np.zeros(count) for name in ("verdict", "reached", "steps", "rejections")}
        arrays = {name: getattr(batch, name) for name in ("state", "begin", "end", "rtol", "atol", "times", "shown")}
        arrays |= {"first": batch.first, "past": batch.past, "stop": stop, "queue": np.zeros(1, np.int64), **results}
        arrays["constants"] = self._hoist.many("hoist", batch.parameters)
        arrays["longest"] = np.full(count, float(batch.longest))
        turned = self._turned(count)
        arrays |= turned
        if batch.truth is not None:
            arrays["truth"] = batch.truth
        if companion is not None:
            arrays["companion"] = companion
        row_length = len(batch.times) * self.species if batch.times.ndim == 1 else 0
        iterations = self._execute(arrays, {"count": count, "row_length": row_length})
        whole = {name: results[name].astype(int) for name in ("verdict", "steps", "rejections")}
        return Outcome(reached=results["reached"], iterations=iterations, **whole, **turned)

    def _execute(self, arrays: Mapping[str, np.ndarray], counts: Mapping[str, int]) -> int:
        """Run the loop on arrays and counts by word, and return the steps of all lanes together."""
        memory = np.zeros(self._length + _ALIGNMENT)
        words = {name: address_of(each) for name, each in arrays.items()} | dict(counts)
        words["memory"] = -(-memory.ctypes.data // _ALIGNMENT) * _ALIGNMENT
        job = np.array([words.get(name, 0) for name in JOB], dtype=np.int64)
        self._run(job.ctypes.data)
        return int(job[JOB.index("iterations")])

    def _turned(self, count: int) -> dict[str, np.ndarray]:
        """Return memory for the steps in which triggers turn."""
        if not self.triggers:
            return {}
        n, rows = self.species, len(self.method.H)
        shapes = {"length": (count,), "arrived": (count, n), "curve": (count, rows, n)}
        return {name: np.zeros(shape) for name, shape in shapes.items()}


def _loop(step: StepProgram, method: Rosenbrock, lanes: int, companion: Companion | None = None) -> MachineCode:
    from autocrine.engine.lane_loop import print_loop

    return machine_code(print_loop(step, method, lanes, companion), _EFFORT)


def hoist_of(step: StepProgram) -> Functions:
    """Return what computes the terms of parameters only."""
    return Functions({"hoist": step.hoist}, {"hoist": (0, step.hoisted)})


def sizes_of(step: StepProgram, method: Rosenbrock) -> list[int]:
    """Return the numbers of species and of triggers, and the length of the memory of one lane."""
    from autocrine.engine.lanes import layout

    return [step.species, step.triggers, layout(step, method)[""][1]]


def address_of(array: np.ndarray) -> int:
    """Return the address of an array for compiled code."""
    if not array.flags.c_contiguous or array.dtype.itemsize != 8:
        raise TypeError(f"the kernel reads contiguous arrays of 8 bytes a number, not {array.dtype}")
    return array.ctypes.data


_kernels: weakref.WeakKeyDictionary[Network, dict[tuple, Kernel]] = weakref.WeakKeyDictionary()


def kernel(network: Network, method: Rosenbrock, triggers: tuple[Any, ...] = ()) -> Kernel:
    """Return the kernel of a network that watches some triggers; it is compiled when it is first asked for."""
    known = _kernels.setdefault(network, {})
    key = method.name, triggers
    if key not in known:
        known[key] = Kernel(network_step(network, triggers), method) if triggers else Kernel.recalled(network, method)
    return known[key]


@functools.lru_cache(maxsize=16)
def network_step(network: Network, triggers: tuple[Any, ...] = ()) -> StepProgram:
    """Return the functions of a step of a network that watches some triggers."""
    from autocrine.engine.step_statements import step_program

    program = network.program
    graph = program.equations.graph
    if not triggers:
        return step_program(program)
    from autocrine.engine.statements import leaves_of
    from autocrine.engine.translation import Translation
    from autocrine.engine.trigger_table import truth_nodes

    leaves = leaves_of(graph, program.species, program.parameters)
    return step_program(program, truth_nodes(Translation(graph, leaves, network.rules), triggers))
