"""Work and precision: trajectories per second at an achieved error, what compilation costs, and where the time goes.

All simulators solve the same trajectories in turn, in one process on one processor; those that are not installed are
named and left out. Times are those of the processor, so that other work on the machine counts less; only threads are
measured by the clock on the wall. Run as
``python benchmarks/ensembles.py [--trajectories N] [--collection FOLDER] [--only NAME]``.
"""

from __future__ import annotations

import argparse
import importlib.util
import itertools
import os
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

import ensembles_cost as cost
import ensembles_machine as machine
from autocrine.engine.ensemble_run import available_processors
from autocrine.engine.lsoda import Lsoda
from autocrine.engine.rodas4 import RODAS4
from autocrine.engine.rodas5p import RODAS5P
from ensembles_amici import Amici
from ensembles_models import Case, chain_case, well_case
from ensembles_numbalsoda import NumbaLsoda
from ensembles_peers import Copasi, RoadRunner
from published import published_cases

ERRORS = (1e-3, 1e-4, 1e-5, 1e-6)
TOLERANCES = 10.0 ** -np.arange(2.0, 9.5, 0.5)
OURS = {"Rodas4": RODAS4, "Rodas5P": RODAS5P}
PEERS = (RoadRunner, NumbaLsoda, Amici, Copasi)
#: slow simulators solve the first of the trajectories only
FEW = 24
#: parameters of the derivatives
DERIVATIVES = 30
COLLECTION = Path(__file__).resolve().parents[2] / "shared" / "suites" / "petab-benchmark"
Solve = Callable[[np.ndarray, float], np.ndarray]
Points = dict[str, list[tuple[float, float]]]


def measured(
    tools: dict[str, tuple[Solve, int]], parameters: np.ndarray, reference: np.ndarray, repeats: int
) -> Points:
    """Return (error, trajectories/s) at each tolerance for each tool; the tools take turns."""
    size = scale(reference)
    points: Points = {name: [] for name in tools}
    for rtol in TOLERANCES:
        best = dict.fromkeys(tools, np.inf)
        errors: dict[str, float] = {}
        for _ in range(repeats):
            for name, (solve, count) in tools.items():
                began = time.process_time()
                found = attempted(solve, parameters[:count], rtol)
                best[name] = min(best[name], (time.process_time() - began) / count)
                errors[name] = np.nan if found is None else mean_error(found, reference[:count], size)
        for name, each in best.items():
            points[name].append((errors[name], 1 / each))
    return points


def attempted(solve: Solve, parameters: np.ndarray, rtol: float) -> np.ndarray | None:
    """Return what a simulator found, or nothing if it gave up, which peers say with exceptions of any kind."""
    try:
        return solve(parameters, rtol)
    except Exception:
        return None


def scale(reference: np.ndarray) -> np.ndarray:
    """Return the largest level of each output; 1 for one that is always zero."""
    size = np.abs(reference).max(axis=(0, 1))
    return np.where(size > 0, size, 1.0)


def mean_error(found: np.ndarray, reference: np.ndarray, size: np.ndarray) -> float:
    """Return the largest relative error of a trajectory, in the mean; levels below 0.1 % of the largest count less."""
    off = np.abs(found - reference) / (np.abs(reference) + 1e-3 * size)
    return float(off.max(axis=(1, 2)).mean())


def speed_at(points: list[tuple[float, float]], error: float) -> float:
    """Return the largest speed, interpolated between neighbouring tolerances, at which an error is reached."""
    speeds = [speed for found, speed in points if found <= error]
    for (e1, s1), (e2, s2) in itertools.pairwise(points):
        if min(e1, e2) <= error < max(e1, e2):
            share = np.log(error / e1) / np.log(e2 / e1)
            speeds.append(float(np.exp(np.log(s1) + share * np.log(s2 / s1))))
    return max(speeds, default=float("nan"))


def table(points: Points) -> None:
    """Print speeds at errors, and ratios, as Markdown."""
    rows = [
        ("trajectories/s at a mean error of", [f"{error:.0e}" for error in ERRORS]),
        ("---", ["---:"] * len(ERRORS)),
    ]
    rows += [(name, [cell(speed_at(each, error), ",.0f") for error in ERRORS]) for name, each in points.items()]
    best = [max(speed_at(points[name], error) for name in OURS) for error in ERRORS]
    for name, each in points.items():
        if name not in OURS:
            ratios = [cell(ours / speed_at(each, error), ".1f") for ours, error in zip(best, ERRORS, strict=True)]
            rows.append((f"best of ours to {name}", ratios))
    for name, cells in rows:
        print(f"| {name} | {' | '.join(cells)} |")


def cell(number: float, form: str) -> str:
    """Write a number, or that there is none."""
    return format(number, form) if np.isfinite(number) else "not reached"


def present() -> list[Any]:
    """Return the peers that can be imported, and name all."""
    found = [each for each in PEERS if importlib.util.find_spec(each.module) is not None]
    for each in PEERS:
        state = machine.version(each.package) if each in found else "not installed"
        print(f"* {each.name}: {state}")
    return found


def work_precision(case: Case, peers: list[Any], count: int) -> dict[str, Any]:
    """Print the table of one case, and return the peers that are ready."""
    parameters = case.parameters(count)
    tools: dict[str, tuple[Solve, int]] = {name: (cost.solver(case, each), count) for name, each in OURS.items()}
    tools["LSODA (SciPy)"] = (cost.solver(case, Lsoda), FEW)
    ready = {}
    for each in peers:
        try:
            ready[each.name] = each(case)
        except Exception as error:
            print(f"{each.name} cannot: {str(error)[:200]}")
    tools |= {name: (peer.solve, FEW) for name, peer in ready.items()}
    reference = tools["Rodas5P"][0](parameters, 1e-11)
    check = tools["LSODA (SciPy)"][0](parameters[:FEW], 1e-11)
    off = mean_error(check, reference[:FEW], scale(reference))
    print(f"reference: Rodas5P at 1e-11, LSODA at 1e-11 differs by {off:.1e}\n")
    table(measured(tools, parameters, reference, repeats=2))
    return ready


def costs(case: Case, count: int, peak: float) -> None:
    """Print steps, lanes and share of the peak."""
    for method in OURS.values():
        steps = cost.steps_of(case, method, case.parameters(count), 1e-4)
        flops = cost.operations(case.network, method)
        speed = steps.taken * flops / steps.took
        print(
            f"* {method.name} at 1e-4, {count} trajectories: {steps.took / steps.taken * 1e6:.3f} us per lane-step,"
            f" {steps.taken / count:.0f} steps each, lane efficiency {steps.efficiency:.3f},"
            f" {flops} operations a step, {speed / 1e9:.1f} GFLOP/s, {speed / peak:.0%} of the peak"
        )


def derivatives(case: Case, ready: dict[str, Any]) -> None:
    """Print what derivatives cost."""
    names, parameters = case.varied[-DERIVATIVES:], case.parameters(64)
    for rtol in (1e-4, 1e-6):
        plain, careful, free = cost.gradient_cost(case, RODAS5P, parameters, names, rtol)
        print(
            f"* Rodas5P at {rtol:.0e}, {len(names)} parameters: {careful * 1e3:.2f} ms, {careful / plain:.1f} plain"
            f" trajectories ({free * 1e3:.2f} ms, {free / plain:.1f}, if steps mind the states only)"
        )
    tools: dict[str, tuple[Solve, int]] = {"Rodas5P": (cost.differentiator(case, RODAS5P, names), len(parameters))}
    if "AMICI" in ready:
        tools["AMICI"] = (partial(ready["AMICI"].gradient, names=names), 8)
    places = [list(case.network.parameters).index(name) for name in names]
    derivative_table(tools, parameters, parameters[:, places], cost.solver(case, RODAS5P)(parameters, 1e-6))


def finest_derivatives(differentiate: Solve, parameters: np.ndarray) -> tuple[float, np.ndarray]:
    """Return the smallest tolerance at which the derivatives can be had in a permitted number of steps, and them."""
    for rtol in (1e-10, 1e-9, 1e-8):
        found = attempted(differentiate, parameters, rtol)
        if found is not None:
            return rtol, found
    raise SystemExit("derivatives failed at 1e-8, too loose for a reference")


def derivative_table(
    tools: dict[str, tuple[Solve, int]], parameters: np.ndarray, by: np.ndarray, levels: np.ndarray
) -> None:
    """Print milliseconds per trajectory with derivatives at an achieved error of the derivatives."""
    finest, found = finest_derivatives(tools["Rodas5P"][0], parameters)
    reference = found * by[:, None, None, :]
    # each derivative by the logarithm of a parameter counts by its largest value, or 0.1 % of that of its output
    size = np.maximum(np.abs(reference).max(axis=(0, 1)), 1e-3 * scale(levels)[:, None])
    points: Points = {name: [] for name in tools}
    for rtol in TOLERANCES[2:-1]:
        for name, (differentiate, count) in tools.items():
            began = time.process_time()
            found = attempted(differentiate, parameters[:count], rtol)
            took = (time.process_time() - began) / count
            if found is None:
                continue
            off = np.abs(found * by[:count, None, None, :] - reference[:count]) / size
            points[name].append((float(off.max(axis=(1, 2, 3)).mean()), 1 / took))
    print(
        f"\nreference: Rodas5P at {finest:.0e}\n\n| ms with derivatives at a mean error of them of | "
        + " | ".join(f"{error:.0e}" for error in ERRORS)
        + " |"
    )
    print("| --- |" + " ---: |" * len(ERRORS))
    speeds = {name: [speed_at(each, error) for error in ERRORS] for name, each in points.items()}
    for name, each in speeds.items():
        print(f"| {name} | " + " | ".join(cell(1e3 / speed, ".2f") for speed in each) + " |")
    if "AMICI" in speeds:
        pairs = zip(speeds["Rodas5P"], speeds["AMICI"], strict=True)
        print("| Rodas5P to AMICI | " + " | ".join(cell(ours / other, ".1f") for ours, other in pairs) + " |")


def before_pinning(cases: dict[str, Case]) -> None:
    """Print what needs the whole machine, or a fresh network."""
    case = cases.get("chain") or next(iter(cases.values()))
    found = cost.threads(case, RODAS5P, case.parameters(4096), min(available_processors(), 2))
    text = ", ".join(f"{count} thread(s) {speed:,.0f}/s" for count, speed in enumerate(found, start=1))
    print(f"* {case.name}, Rodas5P at 1e-5, 4096 trajectories: {text}, ratio {found[-1] / found[0]:.2f}")
    print(f"* {case.name}, {cost.memory(case, RODAS5P, case.parameters(10_000))}")


def selected(arguments: argparse.Namespace) -> dict[str, Callable[[], Case]]:
    """Return the cases that are asked for; each call makes a new network."""
    cases, missing = published_cases(arguments.collection)
    for each in missing:
        print(f"* skipped {each}")
    made: dict[str, Callable[[], Case]] = {"chain": partial(chain_case, 7), "well": well_case}
    made |= {each.name: partial(lambda case: case, each) for each in cases}
    return {name: make for name, make in made.items() if not arguments.only or name in arguments.only}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trajectories", type=int, default=1000, help="that the engine solves for each table")
    parser.add_argument("--collection", type=Path, default=COLLECTION, help="folder of the published models")
    parser.add_argument("--without", nargs="*", default=[], help="names of simulators to leave out")
    parser.add_argument("--only", nargs="*", help="names of cases")
    arguments = parser.parse_args()
    for line in machine.description():
        print(f"* {line}")
    peers = [each for each in present() if each.name not in arguments.without]
    makers = selected(arguments)
    cases = {name: make() for name, make in makers.items()}
    if not cases:
        parser.error(f"no case is called {' or '.join(arguments.only or ())}, or none can be read")
    before_pinning(cases)
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    peak = machine.fma_peak()
    print(f"* multiply-adds of one processor: {peak / 1e9:.1f} GFLOP/s")
    for name, case in cases.items():
        network = case.network
        counts = (
            f"{len(network.species)} species, {len(network.parameters)} parameters, {len(network.reactions)} reactions"
        )
        print(
            f"\n## {case.name}\n\n{counts}, {len(case.outputs)} outputs at {len(case.times)} times; {machine.load()}\n"
        )
        for method in OURS.values():
            print("* " + cost.compilation(case, lambda n=name: makers[n]().network, method))
        costs(case, 10_000, machine.fma_peak())
        ready = work_precision(case, peers, arguments.trajectories)
        derivatives(case, ready)


if __name__ == "__main__":
    main()
