"""Time to fit and effective draws per second on published problems, against pyPESTO with AMICI.

    taskset -c 0 python benchmarks/calibration.py FOLDER --seconds 60

FOLDER holds the problems of the PEtab benchmark collection. Both sides take turns in one process on one processor, at
equal tolerances. pyPESTO searches with Fides and the Fisher information of AMICI; it samples by adaptive Metropolis, as
it has no sampler with gradients of its own. Seconds are those of the processor.
"""

from __future__ import annotations

import argparse
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

#: problems, and how we search
PROBLEMS = {"Boehm_JProteomeRes2014": "scoring", "Raia_CancerResearch2011": "reflective"}
RTOL, ATOL = 1e-6, 1e-9
#: an optimum counts as reached within this distance of log likelihood
WITHIN = 0.1


@dataclass
class Side:
    """What one side did: searches with minus log likelihoods, and draws."""

    name: str
    seconds: float = 0.0
    found: list[float] = field(default_factory=list)
    sampling: float = float("nan")
    effective: float = float("nan")

    def row(self, best: float) -> str:
        """Return a row of the table."""
        hits = sum(value < best + WITHIN for value in self.found)
        per_hit = f"{self.seconds / hits:.2f}" if hits else f"more than {self.seconds:.0f}"
        return (
            f"| {self.name} | {len(self.found)} | {self.seconds / len(self.found):.3f} | {hits} | {per_hit} | "
            f"{min(self.found):.3f} | {self.effective:.1f} | {self.sampling:.1f} | "
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

    def fit(self, starts: np.ndarray, method: Any) -> fits.Fit:
        """Search from starts, all in step."""
        return fits.multi_start(self.target, starts, together=len(starts), method=method)

    def draw(self, side: Side, best: np.ndarray, count: int) -> None:
        """Draw around the best point."""
        began = time.process_time()
        found = draws.sample(self.target, count, tune=count, chains=4, start=best, cores=4)
        side.sampling = time.process_time() - began
        points = draws.points_of(self.target.priors, found).reshape(4, count, -1)
        side.effective = effective(points)


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
        # what came before is burn-in, as for us
        side.effective = effective(found.sample_result.trace_x[:, count // 2 :])


def prepared(source: Path, place: Path) -> Path:
    """Return a copy of a problem without the tables for figures, which the peer wants to read."""
    shutil.copytree(source, place, dirs_exist_ok=True)
    path = place / f"{source.name}.yaml"
    text = yaml.safe_load(path.read_text(encoding="utf-8"))
    for problem in text["problems"]:
        problem.pop("visualization_files", None)
    path.write_text(yaml.safe_dump(text), encoding="utf-8")
    return path


def compare(source: Path, seconds: float, place: Path, sampled: int) -> None:
    path = prepared(source, place / source.name)
    began = time.perf_counter()
    ours = Ours(path)
    ready = time.perf_counter()
    theirs = Theirs(path)
    print(f"\n## {source.name}\n\nReady after {ready - began:.1f} s and {time.perf_counter() - ready:.1f} s.\n")
    lower, upper = ours.target.priors.lower, ours.target.priors.upper
    rng = np.random.default_rng(7)
    here, there = Side("this project"), Side("pyPESTO with AMICI, Fides")
    best, lowest = ours.objective.nominal, np.inf
    while there.seconds < seconds:
        starts = rng.uniform(lower, upper, (16, len(lower)))
        began = time.process_time()
        fit = ours.fit(starts, PROBLEMS[source.name])
        here.seconds += time.process_time() - began
        here.found += (-fit.waterfall).tolist()
        if here.found[-16] < lowest:
            best, lowest = fit.point, -fit.best.log_density
        turn = time.process_time()
        for start in starts:
            began = time.process_time()
            there.found.append(theirs.fit(start))
            there.seconds += time.process_time() - began
            if time.process_time() - turn > seconds / 3:
                break
    if sampled:
        ours.draw(here, best, sampled)
        theirs.draw(there, best, seconds)
    least = min(*here.found, *there.found)
    print(f"Best minus log likelihood {least:.3f}, of the file {-ours.objective.llh():.3f}.\n")
    print("| | starts | s a start | reached | s for each | best | effective draws | s | effective draws a s |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    print(here.row(least))
    print(there.row(least), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("collection", type=Path)
    parser.add_argument("--seconds", type=float, default=60.0, help="of the processor for the peer, for each part")
    parser.add_argument("--draws", type=int, default=0, help="for each of our chains; without them nothing is drawn")
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as place:
        sys.path.insert(0, place)
        for name in PROBLEMS:
            compare(given.collection / name, given.seconds, Path(place), given.draws)


if __name__ == "__main__":
    main()
