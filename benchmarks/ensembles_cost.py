"""What the engine pays: for compilation, for each step, for idle lanes, for derivatives, for memory, with threads."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from autocrine.engine import Network, simulate
from autocrine.engine.ensemble import Ensemble
from autocrine.engine.ensemble_run import EnsembleRun
from autocrine.engine.event_table import EventTable
from autocrine.engine.ir_writer import Writer
from autocrine.engine.kernel import Batch, Kernel, Outcome
from autocrine.engine.machine_code import machine_code
from autocrine.engine.output_times import OutputTimes
from autocrine.engine.rosenbrock import Rosenbrock
from autocrine.engine.step_kernel import write_functions
from autocrine.engine.step_statements import StepProgram, step_program
from ensembles_machine import peak_memory_mib
from ensembles_models import Case

_ARITHMETIC = ("fadd ", "fsub ", "fmul ", "fdiv ", "@llvm.sqrt")


def seconds(function: Callable[[], object], repeats: int = 1, clock: Callable[[], float] = time.process_time) -> float:
    """Return the shortest time that a function took, by default of the processor, so that other work counts less."""
    fastest = np.inf
    for _ in range(repeats):
        began = clock()
        function()
        fastest = min(fastest, clock() - began)
    return fastest


class CountingKernel(Kernel):
    """A kernel that keeps how its runs ended."""

    def __init__(self, step: StepProgram, method: Rosenbrock) -> None:
        super().__init__(step, method)
        self.outcomes: list[Outcome] = []

    def run(self, batch: Batch, stop: np.ndarray, companion: np.ndarray | None = None) -> Outcome:
        """Integrate a batch and keep its outcome."""
        outcome = super().run(batch, stop, companion)
        self.outcomes.append(outcome)
        return outcome


@dataclass(frozen=True, kw_only=True)
class CountedRun(EnsembleRun):
    """An ensemble that runs on a given kernel."""

    given: CountingKernel

    def _kernel(self) -> Kernel:
        return self.given


@dataclass(frozen=True)
class Steps:
    """Steps of an ensemble: how many were taken, how many lanes stood ready for them, and how long it took (s)."""

    taken: int
    offered: int
    took: float

    @property
    def efficiency(self) -> float:
        """Share of the lanes that had a trajectory."""
        return self.taken / self.offered


def steps_of(case: Case, method: Rosenbrock, parameters: np.ndarray, rtol: float) -> Steps:
    """Solve an ensemble on one thread and count its steps."""
    network, count = case.network, len(parameters)
    kernel = CountingKernel(step_program(network.program), method)
    run = CountedRun(
        network=network,
        method=method,
        events=EventTable.of(network, ()),
        ensemble=Ensemble.of(network, dict(zip(network.parameters, parameters.T, strict=True)), None),
        rtol=np.full(count, rtol),
        atol=np.full((count, len(network.species)), rtol * case.floor),
        times=OutputTimes.of(case.times, 0.0, count, None),
        start=0.0,
        columns=[0],
        given=kernel,
    )
    took = seconds(lambda: [len(values) for _, values, _ in run.chunks(1)])
    taken = sum(int(each.steps.sum()) for each in kernel.outcomes)
    return Steps(taken, sum(each.iterations for each in kernel.outcomes) * kernel.lanes, took)


def operations(network: Network, method: Rosenbrock) -> int:
    """Return floating-point operations of a step in one lane: functions of the network, and sums over stages.

    Additions, products, quotients and roots count one each, as does each of those of an exp, log or power. Step control
    and dense output are left out.
    """
    step = step_program(network.program)
    writer = Writer(lanes=2)
    write_functions(writer, step)
    count = {name: sum(text.count(each) for each in _ARITHMETIC) for name, text in writer.functions.items()}
    sums = 0
    for stage in range(1, method.stages):
        adds_one = method.A[stage] == (*method.A[stage - 1], 1.0)
        sums += 1 if adds_one else 2 * np.count_nonzero(method.A[stage])
        sums += 2 * np.count_nonzero(method.C[stage]) + 1
    within = count["linearise"] + (method.stages - 1) * count["rhs"] + method.stages * count["solve"]
    return within + (int(sums) + 1) * step.species


def compilation(case: Case, fresh: Callable[[], Network], method: Rosenbrock) -> str:
    """Describe what it takes to compile a case, and to load it again."""
    kept = os.environ.get("AUTOCRINE_CACHE")
    network = fresh()
    with tempfile.TemporaryDirectory() as place:
        os.environ["AUTOCRINE_CACHE"] = place
        machine_code.cache_clear()
        statements = seconds(lambda: step_program(network.program))
        first = seconds(lambda: Kernel(step_program(network.program), method))
        machine_code.cache_clear()
        step = step_program(network.program)
        again = seconds(lambda: Kernel(step, method))
    os.environ.pop("AUTOCRINE_CACHE")
    if kept is not None:
        os.environ["AUTOCRINE_CACHE"] = kept
    return (
        f"{case.name}, {method.name}: statements {statements:.2f} s, code {first:.2f} s, from the cache {again:.3f} s"
    )


def solver(case: Case, integrator: object, **options: object) -> Callable[[np.ndarray, float], np.ndarray]:
    """Return the engine on one thread as a function of parameters (n, m) and tolerance."""
    names = list(case.network.parameters)

    def solve(parameters: np.ndarray, rtol: float) -> np.ndarray:
        values = dict(zip(names, parameters.T, strict=True))
        given = {"outputs": case.outputs, "rtol": rtol, "atol": rtol * case.floor, "integrator": integrator}
        return simulate(case.network, case.times, values, **{"threads": 1, **given, **options}).values

    return solve


def gradient_cost(case: Case, method: Rosenbrock, parameters: np.ndarray, names: list[str], rtol: float) -> list[float]:
    """Return seconds per trajectory: plain, with derivatives, and with derivatives that no step waits for."""
    ways = [solver(case, method)]
    ways += [solver(case, method, gradient=names, gradient_tolerance=each) for each in (1.0, np.inf)]
    for solve in ways:
        solve(parameters[:8], rtol)
    return [seconds(lambda s=solve: s(parameters, rtol), 3) / len(parameters) for solve in ways]


def differentiator(case: Case, method: Rosenbrock, names: list[str]) -> Callable[[np.ndarray, float], np.ndarray]:
    """Return the derivatives, shape (n, T, k, p), as a function of parameters (n, m) and tolerance."""

    def differentiate(parameters: np.ndarray, rtol: float) -> np.ndarray:
        values = dict(zip(case.network.parameters, parameters.T, strict=True))
        given = {"outputs": case.outputs, "rtol": rtol, "atol": rtol * case.floor, "integrator": method}
        return simulate(case.network, case.times, values, threads=1, gradient=names, **given).gradient

    return differentiate


def threads(case: Case, method: Rosenbrock, parameters: np.ndarray, most: int) -> list[float]:
    """Return trajectories per second with 1 to ``most`` threads."""
    found = []
    for count in range(1, most + 1):
        solve = solver(case, method, threads=count)
        solve(parameters, 1e-5)
        found.append(len(parameters) / seconds(lambda s=solve: s(parameters, 1e-5), 3, time.perf_counter))
    return found


def memory(case: Case, method: Rosenbrock, parameters: np.ndarray) -> str:
    """Describe the memory that an ensemble takes beside its result."""
    solve, before = solver(case, method), peak_memory_mib()
    result = solve(parameters, 1e-3).nbytes / 2**20
    after = peak_memory_mib()
    return (
        f"{len(parameters)} trajectories: result {result:.0f} MiB, peak of the process {before:.0f} to {after:.0f} MiB"
    )
