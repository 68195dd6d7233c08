"""Virtual patients per second: the same patients under AC-T for a year here and in libRoadRunner.

Both integrate the same network with the same infusions, one processor each, and write 53 weekly values of the burden.
The tolerance of each is the loosest of a list with which no logarithm of the burden differs by more than 0.005 from a
reference at 1e-10, or, where there is none, with which it comes as near as it can: libRoadRunner places the infusions
less exactly. Processor time counts, after a first call that compiles. libRoadRunner reads the SBML that is written
here. Run as ``python benchmarks/patients.py [patients] [patients of libRoadRunner]``.
"""

from __future__ import annotations

import importlib
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from autocrine.cohort import Population, Protocol, find_weights, load_regimens
from autocrine.cohort.batch import simulate_batch
from autocrine.cohort.patient import patient_network
from autocrine.cohort.population import start_of
from autocrine.core import generator
from autocrine.engine import Network, simulate, write_sbml
from ensembles_machine import description

DAYS = np.arange(0.0, 365.0, 7.0)
TOLERANCES = (1e-3, 1e-4, 1e-5, 1e-6, 1e-7)
WANTED = 5e-3
REGIMEN = load_regimens()["ac_t"]


def main(count: int, slow: int) -> None:
    for line in description():
        print(line)
    population = Population()
    patients = population.draw(count, generator(1, "benchmark"))
    parameters = population.parameters(patients, REGIMEN.drugs)
    initial = start_of(patients, parameters, REGIMEN.drugs)
    few = {name: values[:slow] if len(values) > 1 else values for name, values in parameters.items()}
    begin = {name: values[:slow] for name, values in initial.items()}
    reference = ours(few, begin, 1e-10)
    rtol, error = _loosest(lambda rtol: ours(few, begin, rtol), reference)
    elapsed = _timed(lambda: ours(parameters, initial, rtol))
    here = count / elapsed
    print(f"autocrine: rtol {rtol:g}, error {error:.1e}, {here:.0f} patient-years per processor second")
    protocol = Protocol({"ac_t": (REGIMEN, 1.0)}, population, accrual_days=1.0, follow_up_days=364.0)
    weights = find_weights(population, 1)
    elapsed = _timed(lambda: simulate_batch(protocol, 0, 1000, 1, weights))
    print(
        f"autocrine, drawn, matched, treated and followed: {1000 / elapsed:.0f} virtual patients per processor second"
    )
    peer = RoadRunner(few, begin)
    rtol, error = _loosest(peer.solve, reference)
    elapsed = _timed(lambda: peer.solve(rtol))
    there = slow / elapsed
    print(f"libRoadRunner: rtol {rtol:g}, error {error:.1e}, {there:.1f} patient-years per processor second")
    print(f"ratio {here / there:.0f}")


def _loosest(solve: Callable[[float], np.ndarray], reference: np.ndarray) -> tuple[float, float]:
    """Return the loosest tolerance that is good enough, or as good as any, and its error."""
    errors = {rtol: float(np.abs(solve(rtol) - reference).max()) for rtol in TOLERANCES}
    bound = max(WANTED, 1.1 * min(errors.values()))
    return next((rtol, error) for rtol, error in errors.items() if error <= bound)


def _timed(call: Callable[[], object]) -> float:
    start = time.process_time()
    call()
    return time.process_time() - start


def ours(parameters: dict[str, np.ndarray], initial: dict[str, np.ndarray], rtol: float) -> np.ndarray:
    """Return the logarithm of the burden, shape (n, T)."""
    found = simulate(
        patient_network(REGIMEN.drugs), DAYS, parameters, events=REGIMEN.events(), initial=initial,
        outputs=["log_burden"], rtol=rtol, atol=rtol / 10, threads=1,
    )  # fmt: skip
    return found["log_burden"]


class RoadRunner:
    """The same patients in libRoadRunner, one after the other."""

    def __init__(self, parameters: dict[str, np.ndarray], initial: dict[str, np.ndarray]) -> None:
        roadrunner = importlib.import_module("roadrunner")  # only where the peers are installed
        roadrunner.Logger.setLevel(roadrunner.Logger.LOG_ERROR)
        plain = patient_network(REGIMEN.drugs)
        network = Network(
            "patient", plain.species, plain.parameters, plain.reactions, rules=plain.rules,
            events=REGIMEN.events(), observables=plain.observables, time_unit="day",
        )  # fmt: skip
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "patient.xml"
            write_sbml(network, file)
            self._runner = roadrunner.RoadRunner(file.read_text(encoding="utf-8"))
        self._runner.timeCourseSelections = ["time", "log_burden"]
        self._parameters, self._initial = parameters, initial

    def solve(self, rtol: float) -> np.ndarray:
        """Return the logarithm of the burden, shape (n, T)."""
        runner = self._runner
        runner.integrator.relative_tolerance, runner.integrator.absolute_tolerance = rtol, rtol / 10
        runner.integrator.maximum_num_steps = 1_000_000
        found = []
        for row in range(len(next(iter(self._initial.values())))):
            runner.resetAll()
            for name, values in (self._parameters | self._initial).items():
                runner.setValue(name, float(values[row if len(values) > 1 else 0]))
            found.append(np.asarray(runner.simulate(times=DAYS.tolist()))[:, 1])
        return np.array(found)


if __name__ == "__main__":
    main(*(int(word) for word in (sys.argv[1:] or ["4000", "50"])))
