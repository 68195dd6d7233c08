"""Work and precision: trajectories per second at an achieved error, and what compilation costs.

All simulators solve the same trajectories in turn, in one process on one processor. Run as
``python benchmarks/ensembles.py [blocks of four species] [trajectories]``.
"""

from __future__ import annotations

import itertools
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from autocrine.engine import Network, simulate
from autocrine.engine.ensemble_run import available_processors
from autocrine.engine.kernel import Kernel
from autocrine.engine.lsoda import Lsoda
from autocrine.engine.machine_code import machine_code
from autocrine.engine.rodas4 import RODAS4
from autocrine.engine.rodas5p import RODAS5P
from autocrine.engine.step_statements import step_program
from ensembles_models import chain
from ensembles_peers import RoadRunner

OUTPUTS = 20
ERRORS = (1e-3, 1e-4, 1e-5, 1e-6)
TOLERANCES = 10.0 ** -np.arange(2.0, 9.5, 0.5)
#: slow simulators solve the first of the trajectories only
FEW = 40
Solve = Callable[[np.ndarray, float], np.ndarray]


def processor() -> str:
    """Describe the machine."""
    facts = Path("/proc/cpuinfo")
    lines = facts.read_text().splitlines() if facts.exists() else []
    named = (line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.processor() or platform.machine())


def seconds(function: Callable[[], object]) -> float:
    began = time.perf_counter()
    function()
    return time.perf_counter() - began


def engine(network: Network, times: np.ndarray, outputs: list[str], integrator: object, threads: int = 1) -> Solve:
    """Return the engine as a function of parameters (n, m) and tolerance."""
    names = list(network.parameters)

    def solve(parameters: np.ndarray, rtol: float) -> np.ndarray:
        values = dict(zip(names, parameters.T, strict=True))
        options = {"outputs": outputs, "rtol": rtol, "atol": rtol * 1e-3, "integrator": integrator, "threads": threads}
        return simulate(network, times, values, **options).values

    return solve


def measured(tools: dict[str, tuple[Solve, int]], parameters: np.ndarray, reference: np.ndarray, repeats: int) -> dict:
    """Return (error, trajectories/s) at each tolerance for each tool; the tools take turns."""
    size = np.abs(reference).max(axis=(0, 1))
    points: dict[str, list[tuple[float, float]]] = {name: [] for name in tools}
    for rtol in TOLERANCES:
        best = dict.fromkeys(tools, np.inf)
        errors: dict[str, float] = {}
        for _ in range(repeats):
            for name, (solve, count) in tools.items():
                began = time.perf_counter()
                found = solve(parameters[:count], rtol)
                best[name] = min(best[name], (time.perf_counter() - began) / count)
                off = np.abs(found - reference[:count]) / (np.abs(reference[:count]) + 1e-3 * size)
                errors[name] = float(off.max(axis=(1, 2)).mean())
        for name, each in best.items():
            points[name].append((errors[name], 1 / each))
    return points


def speed_at(points: list[tuple[float, float]], error: float) -> float:
    """Return the largest speed, interpolated between neighbouring tolerances, at which an error is reached."""
    speeds = [speed for found, speed in points if found <= error]
    for (e1, s1), (e2, s2) in itertools.pairwise(points):
        if min(e1, e2) <= error < max(e1, e2):
            share = np.log(error / e1) / np.log(e2 / e1)
            speeds.append(float(np.exp(np.log(s1) + share * np.log(s2 / s1))))
    return max(speeds, default=float("nan"))


def table(points: dict[str, list[tuple[float, float]]]) -> None:
    print(f"{'trajectories/s at mean error':32}" + "".join(f"{error:>12.0e}" for error in ERRORS))
    for name, each in points.items():
        print(f"{name:32}" + "".join(f"{speed_at(each, error):12.0f}" for error in ERRORS))
    best = [max(speed_at(points[name], error) for name in ("Rodas4", "Rodas5P")) for error in ERRORS]
    for name, each in points.items():
        if name not in {"Rodas4", "Rodas5P"}:
            ratios = (ours / speed_at(each, error) for ours, error in zip(best, ERRORS, strict=True))
            print(f"{'ratio to ' + name:32}" + "".join(f"{ratio:12.1f}" for ratio in ratios))


def compilation(size: int) -> None:
    """Print what it takes to compile a kernel, and to load it again."""
    kept = os.environ.get("AUTOCRINE_CACHE")
    with tempfile.TemporaryDirectory() as place:
        os.environ["AUTOCRINE_CACHE"] = place
        for method in (RODAS4, RODAS5P):
            program = chain(size).program
            first = seconds(lambda p=program, m=method: Kernel(step_program(p), m))
            machine_code.cache_clear()
            again = seconds(lambda p=program, m=method: Kernel(step_program(p), m))
            print(f"{method.name}: statements and code {first:.2f} s, from the cache {again:.3f} s")
    os.environ.pop("AUTOCRINE_CACHE")
    if kept is not None:
        os.environ["AUTOCRINE_CACHE"] = kept


def lanes_of(network: Network, times: np.ndarray, parameters: np.ndarray) -> None:
    """Print the time of a step, and how well the lanes are filled."""
    outcomes = []
    run = Kernel.run

    def watched(self, batch, stop):
        outcomes.append((run(self, batch, stop), self.lanes))
        return outcomes[-1][0]

    for method in (RODAS4, RODAS5P):
        solve = engine(network, times, [network.species[0].name], method)
        solve(parameters[:8], 1e-4)  # compiles
        outcomes.clear()
        Kernel.run = watched
        took = seconds(lambda s=solve: s(parameters, 1e-4))
        Kernel.run = run
        steps = sum(int(each.steps.sum()) for each, _ in outcomes)
        paid = sum(each.iterations * lanes for each, lanes in outcomes)
        text = f"{took / steps * 1e6:.3f} us per lane-step, lane efficiency {steps / paid:.3f}"
        print(f"{method.name} at 1e-4: {text}, {outcomes[0][1]} lanes, {steps / len(parameters):.0f} steps each")


def main(size: int, count: int) -> None:
    processors = available_processors()
    network, times = chain(size), np.linspace(0.0, 120.0, OUTPUTS)
    outputs = [each.name for each in network.species][:OUTPUTS]
    print(f"{processor()}, Python {platform.python_version()}, NumPy {np.__version__}, {count} trajectories")
    print(f"{len(network.species)} species, {len(network.parameters)} parameters, {len(network.reactions)} reactions")
    compilation(size)
    base = np.array([each.value for each in network.parameters.values()])
    parameters = base * np.exp(np.random.default_rng(1).normal(0.0, 0.1, (count, len(base))))
    for threads in range(1, min(processors, 2) + 1):
        solve = engine(network, times, outputs, RODAS5P, threads)
        solve(parameters, 1e-5)
        took = min(seconds(lambda s=solve: s(parameters, 1e-5)) for _ in range(3))
        print(f"{threads} thread(s), Rodas5P at 1e-5: {count / took:.0f} trajectories/s")
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    lanes_of(network, times, parameters)
    tools: dict[str, tuple[Solve, int]] = {
        "Rodas4": (engine(network, times, outputs, RODAS4), count),
        "Rodas5P": (engine(network, times, outputs, RODAS5P), count),
        "LSODA (SciPy)": (engine(network, times, outputs, Lsoda), FEW),
    }
    if RoadRunner.installed():
        tools["libRoadRunner"] = (RoadRunner(network, times, outputs).solve, FEW)
    reference = engine(network, times, outputs, RODAS5P)(parameters, 1e-11)
    check = engine(network, times, outputs, Lsoda)(parameters[:FEW], 1e-11)
    off = np.abs(check - reference[:FEW]) / (np.abs(reference[:FEW]) + 1e-3 * np.abs(reference).max(axis=(0, 1)))
    print(f"largest difference of the reference and LSODA at 1e-11: {off.max():.1e}")
    table(measured(tools, parameters, reference, repeats=3))


if __name__ == "__main__":
    given = [int(each) for each in sys.argv[1:3]]
    main(*given, *(7, 2000)[len(given) :])
