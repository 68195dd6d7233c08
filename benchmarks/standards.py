"""Seconds from an SBML file to its first time course: reading, compiling, simulating, beside other simulators.

Twenty models of the SBML Test Suite (every n-th case that the engine reads) and the published models of the PEtab
benchmark collection. Each tool reads a file, makes it ready and simulates it once, in turns, in one process; modules
are imported before. The engine starts with an empty cache of code, and again with a full one. Times are those of
the processor, compilers that a tool starts included, so that other work on the machine counts less; AMICI, which
compiles C++, is asked for the first models only (``--amici N``). Run as
``python benchmarks/standards.py [--suite FOLDER] [--collection FOLDER] [--models N] [--amici N]``.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import os
import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import ensembles_machine as machine
from autocrine.engine import read_sbml, simulate
from autocrine.engine.machine_code import machine_code

SHARED = Path(__file__).resolve().parents[2] / "shared" / "suites"
POINTS, RTOL, ATOL = 51, 1e-6, 1e-9
#: name of a tool → seconds from a file to its first time course, up to an end of time
Tools = dict[str, Callable[[Path, float], Any]]


def engine(path: Path, end: float) -> np.ndarray:
    """Read, compile and simulate with the engine."""
    return simulate(read_sbml(path), np.linspace(0.0, end, POINTS), rtol=RTOL, atol=ATOL).values


def roadrunner(path: Path, end: float) -> np.ndarray:
    """Read, compile and simulate with libRoadRunner."""
    module: Any = importlib.import_module("roadrunner")
    runner = module.RoadRunner(str(path))
    runner.integrator.relative_tolerance, runner.integrator.absolute_tolerance = RTOL, ATOL
    return np.array(runner.simulate(0.0, end, POINTS))


def amici(path: Path, end: float) -> np.ndarray:
    """Read, write and compile C++, and simulate with AMICI."""
    importer: Any = importlib.import_module("amici.importers.sbml")
    sundials: Any = importlib.import_module("amici.sim.sundials")
    with tempfile.TemporaryDirectory() as place:
        name = f"m{time.time_ns()}"
        importer.SbmlImporter(str(path)).sbml2amici(name, Path(place) / name)
        model = importlib.import_module("amici").import_model_module(name, Path(place) / name).get_model()
        model.set_timepoints(np.linspace(0.0, end, POINTS).tolist())
        solver = model.create_solver()
        solver.set_relative_tolerance(RTOL)
        solver.set_absolute_tolerance(ATOL)
        return np.array(sundials.run_simulation(model, solver).x)


def seconds(function: Callable[[Path, float], Any], path: Path, end: float) -> float:
    """Return how long a tool took, or NaN where it gave up, which peers say with exceptions of any kind."""
    began = processor_seconds()
    try:
        function(path, end)
    except Exception:
        return float("nan")
    return processor_seconds() - began


def processor_seconds() -> float:
    """Return what this process and those that it waited for have used."""
    waited = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + waited.ru_utime + waited.ru_stime


def with_cache(place: str) -> Callable[[Path, float], Any]:
    """Return the engine with a directory of compiled code, as a new process would find it."""

    def run(path: Path, end: float) -> Any:
        os.environ["AUTOCRINE_CACHE"] = place
        machine_code.cache_clear()
        return engine(path, end)

    return run


def suite_models(suite: Path, count: int) -> list[tuple[Path, float]]:
    """Return evenly spread cases of the suite that the engine reads, with the end of their time course."""
    files = sorted(suite.glob("*/*-sbml-l3v*.xml"))
    found: list[tuple[Path, float]] = []
    for path in files[:: max(1, len(files) // count)]:
        settings = (path.parent / f"{path.parent.name}-settings.txt").read_text(encoding="utf-8")
        words = dict(line.split(":", 1) for line in settings.splitlines() if ":" in line)
        end = float(words["duration"] or 0.0)
        if end > 0 and np.isfinite(seconds(engine, path, end)):
            found.append((path, end))
    return found[:count]


def published_models(collection: Path) -> list[tuple[Path, float]]:
    """Return the models of the collection, with the last time of their data."""
    found = []
    for path in sorted(collection.glob("*/model_*.xml")):
        table = next(path.parent.glob("measurementData_*.tsv"))
        lines = [line.split("\t") for line in table.read_text(encoding="utf-8").splitlines()]
        place = lines[0].index("time")
        times = [float(line[place]) for line in lines[1:] if len(line) > place]
        found.append((path, max(each for each in times if np.isfinite(each))))
    return found


def report(title: str, models: list[tuple[Path, float]], tools: Tools, amici_models: int) -> None:
    """Print the seconds of each model and their medians."""
    print(f"\n## {title}\n\n| model | {' | '.join(tools)} |\n| --- |{' ---: |' * len(tools)}")
    took: dict[str, list[float]] = {name: [] for name in tools}
    for number, (path, end) in enumerate(models):
        for name, tool in tools.items():
            skipped = name == "AMICI" and number >= amici_models
            took[name].append(float("nan") if skipped else seconds(tool, path, end))
        cells = " | ".join(f"{each[-1]:.3f}" if np.isfinite(each[-1]) else "" for each in took.values())
        print(f"| {path.stem} | {cells} |", flush=True)
    medians = []
    for each in took.values():
        done = [value for value in each if np.isfinite(value)]
        medians.append(f"{statistics.median(done):.3f} ({len(done)})" if done else "")
    print(f"| median (of how many) | {' | '.join(medians)} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--suite", type=Path, default=SHARED / "sbml-semantic", help="folder of test cases")
    parser.add_argument("--collection", type=Path, default=SHARED / "petab-benchmark", help="published models")
    parser.add_argument("--models", type=int, default=20, help="cases of the suite")
    parser.add_argument("--amici", type=int, default=2, help="models that AMICI compiles, of each table")
    arguments = parser.parse_args()
    for line in machine.description():
        print(f"* {line}")
    suite, published = suite_models(arguments.suite, arguments.models), published_models(arguments.collection)
    with tempfile.TemporaryDirectory() as place:
        tools: Tools = {"engine, first": with_cache(place), "engine, again": with_cache(place)}
        if importlib.util.find_spec("roadrunner") is not None:
            module: Any = importlib.import_module("roadrunner")
            module.Logger.setLevel(module.Logger.LOG_FATAL)
            tools["libRoadRunner"] = roadrunner
        if importlib.util.find_spec("amici") is not None and arguments.amici:
            importlib.import_module("amici.importers.sbml")
            tools["AMICI"] = amici
        report("SBML Test Suite", suite, tools, arguments.amici)
        report("PEtab benchmark collection", published, tools, arguments.amici)


if __name__ == "__main__":
    main()
