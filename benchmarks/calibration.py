"""Time to fit and effective draws per second on published problems, against pyPESTO with AMICI.

    taskset -c 0 python benchmarks/calibration.py FOLDER --seconds 60

FOLDER holds the problems of the PEtab benchmark collection. Both sides take turns in one process on one processor, at
equal tolerances, from the same starts. pyPESTO searches with Fides and the Fisher information of AMICI; it samples by
adaptive Metropolis, as it has no sampler with gradients of its own. Both draw for equally long, from the best point on.
Seconds are those of the processor. A side reaches a problem where a search ends within 0.1 of the log likelihood at the
parameters of the file, or above it.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import logging
import shutil
import sys
import tempfile
import time
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from autocrine.calibration import PetabTarget, draws, fits
from autocrine.engine import petab

PROBLEMS = ("Boehm_JProteomeRes2014", "Raia_CancerResearch2011")
RTOL, ATOL = 1e-6, 1e-9
#: of the starts
SEED = 7
#: steps of a chain before its draws
TUNE = 100
#: chains, and doublings of a trajectory at most: with 10, as nutpie has it, not one draw of Boehm was had in 15 s
CHAINS, DOUBLINGS = 2, 6
HEAD = """| | starts | s a start | reached | s to first | s for each | best | draws | effective | s | effective a s |
| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"""
#: an optimum counts as reached within this distance of log likelihood
WITHIN = 0.1


@dataclass
class Side:
    """What one side did: searches with minus log likelihoods, and draws."""

    name: str
    goal: float
    seconds: float = 0.0
    first: float = float("nan")
    found: list[float] = field(default_factory=list)
    sampling: float = float("nan")
    drawn: int = 0
    effective: float = float("nan")

    def add(self, found: list[float], seconds: float) -> None:
        """Add searches that ended, and what they cost together."""
        self.found += found
        self.seconds += seconds
        if not self.first < float("inf") and min(found) < self.goal:
            self.first = self.seconds

    def row(self) -> str:
        """Return a row of the table."""
        hits = sum(value < self.goal for value in self.found)
        each = f"{self.first:.1f} | {self.seconds / hits:.1f}" if hits else f"not in {self.seconds:.0f} | "
        return (
            f"| {self.name} | {len(self.found)} | {self.seconds / len(self.found):.3f} | {hits} | {each} | "
            f"{min(self.found):.3f} | {self.drawn} | {self.effective:.1f} | {self.sampling:.1f} | "
            f"{self.effective / self.sampling:.3g} |"
        )


def effective(chains: np.ndarray) -> float:
    """Return the smallest bulk effective size of parameters, from draws of shape (chains, n, p)."""
    arviz = importlib.import_module("arviz")
    return float(min(arviz.ess(arviz.convert_to_dataset({"x": chains}))["x"].to_numpy()))


class Ours:
    """The engine of this project."""

    def __init__(self, path: Path) -> None:
        self._problem = petab.read_petab(path)
        self.objective = petab.Objective(self._problem, rtol=RTOL, atol=ATOL, threads=1)
        scales: list[Any] = [self._problem.parameters[name].scale for name in self.objective.names]
        self.target = PetabTarget(self.objective, scales)
        self.target.scores(self.objective.nominal)

    def fit(self, starts: np.ndarray) -> fits.Fit:
        """Search from starts, all in step."""
        return fits.multi_start(self.target, starts, together=len(starts))

    def draw(self, side: Side, best: np.ndarray, seconds: float, path: Path) -> None:
        """Draw around the best point for so many seconds, those before the draws included."""
        began = time.process_time()

        def watch(_: int) -> None:
            if time.process_time() - began > seconds:
                raise KeyboardInterrupt

        with contextlib.suppress(KeyboardInterrupt):
            draws.sample(
                self.target,
                20_000,
                tune=TUNE,
                chains=CHAINS,
                start=best,
                path=path,
                progress=watch,
                maxdepth=DOUBLINGS,
            )
        side.sampling = time.process_time() - began
        if not path.is_file():
            return
        found = draws.load(path)
        table = draws.points_of(self.target.priors, found)
        chains = found["posterior"].sizes["chain"]
        side.drawn = len(table)
        if len(table) >= 4 * chains:
            side.effective = effective(table.reshape(chains, len(table) // chains, -1))


class Theirs:
    """The peer.

    References
    ----------
    Schaelte et al. 2023, Bioinformatics 39:btad711, doi:10.1093/bioinformatics/btad711.
    """

    def __init__(self, path: Path) -> None:
        logging.disable(logging.WARNING)
        self._optimize: Any = importlib.import_module("pypesto.optimize")
        self._sample: Any = importlib.import_module("pypesto.sample")
        importer = importlib.import_module("pypesto.petab").PetabImporter.from_yaml(str(path), simulator_type="amici")
        self.problem = importer.create_problem()
        self.problem.objective.amici_solver.set_relative_tolerance(RTOL)
        self.problem.objective.amici_solver.set_absolute_tolerance(ATOL)

    def fit(self, start: np.ndarray) -> float:
        """Search from a start."""
        self.problem.set_x_guesses(self.problem.get_full_vector(start)[None])
        optimizer = self._optimize.FidesOptimizer(
            hessian_update=None, verbose=logging.CRITICAL, options={"maxiter": 1000, "fatol": 1e-5, "frtol": 0.0}
        )
        found = self._optimize.minimize(
            self.problem, optimizer=optimizer, n_starts=1, progress_bar=False, filename=None
        )
        return float(found.optimize_result.list[0].fval)

    def draw(self, side: Side, best: np.ndarray, seconds: float) -> None:
        """Draw from the best point on, for about so many seconds."""
        one = time.process_time()
        for _ in range(5):
            self.problem.objective(best)
        count = int(seconds / ((time.process_time() - one) / 5))
        began = time.process_time()
        found = self._sample.sample(
            self.problem, count, sampler=self._sample.AdaptiveMetropolisSampler(), x0=best, filename=None
        )
        side.sampling = time.process_time() - began
        # what came before is burn-in
        kept = found.sample_result.trace_x[:, count // 2 :]
        side.drawn, side.effective = kept.shape[1], effective(kept)


def prepared(source: Path, place: Path) -> Path:
    """Return a copy of a problem without the tables for figures, which the peer wants to read."""
    shutil.copytree(source, place, dirs_exist_ok=True)
    path = place / f"{source.name}.yaml"
    text = yaml.safe_load(path.read_text(encoding="utf-8"))
    for problem in text["problems"]:
        problem.pop("visualization_files", None)
    path.write_text(yaml.safe_dump(text), encoding="utf-8")
    return path


def race(ours: Ours, theirs: Theirs, sides: tuple[Side, Side], seconds: float) -> np.ndarray:
    """Let both search until each has spent so many seconds; return the best point of ours."""
    here, there = sides
    lower, upper = ours.target.priors.lower, ours.target.priors.upper
    ahead, behind = (np.random.default_rng(SEED) for _ in sides)
    best, lowest = ours.objective.nominal, np.inf
    while here.seconds < seconds or there.seconds < seconds:
        if there.seconds >= seconds or here.seconds <= min(there.seconds, seconds):
            began = time.process_time()
            fit = ours.fit(ahead.uniform(lower, upper, (16, len(lower))))
            here.add((-fit.waterfall).tolist(), time.process_time() - began)
            if here.found[-16] < lowest:
                best, lowest = fit.point, here.found[-16]
            continue
        began = time.process_time()
        found = theirs.fit(behind.uniform(lower, upper))
        there.add([found], time.process_time() - began)
    return best


def compare(source: Path, seconds: float, place: Path, sampling: float) -> None:
    path = prepared(source, place / source.name)
    began = time.perf_counter()
    ours = Ours(path)
    ready = time.perf_counter()
    theirs = Theirs(path)
    print(f"\n## {source.name}\n\nReady after {ready - began:.1f} s and {time.perf_counter() - ready:.1f} s.\n")
    goal = WITHIN - ours.objective.llh()
    here, there = Side("this project", goal), Side("pyPESTO with AMICI, Fides", goal)
    best = race(ours, theirs, (here, there), seconds)
    if sampling:
        ours.draw(here, best, sampling, place / f"{source.name}.nc")
        theirs.draw(there, best, sampling)
    print(f"Minus log likelihood of the file {goal - WITHIN:.3f}.\n")
    print(HEAD)
    print(here.row())
    print(there.row(), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("collection", type=Path)
    parser.add_argument("--seconds", type=float, default=60.0, help="of the processor, for searches of each side")
    parser.add_argument("--sampling", type=float, default=0.0, help="the same for draws; by default nothing is drawn")
    parser.add_argument("--problems", nargs="*", default=PROBLEMS)
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as place:
        sys.path.insert(0, place)
        for name in given.problems:
            compare(given.collection / name, given.seconds, Path(place), given.sampling)


if __name__ == "__main__":
    main()
