"""Pharmacokinetics alone: paclitaxel in many bodies here and in Myokit, the solver below the package chi-drm.

Both integrate the same five equations (saturable elimination, saturable binding, two more tissues, AUC) for six
infusions of 3 h over 126 days, one processor each, and write plasma once a day. The tolerance of each is the loosest of
a list with which no plasma concentration differs by more than 0.1 % of the peak from a reference at 1e-10. Processor
time counts, after a first call that compiles. Myokit solves with CVODES of SUNDIALS in C. Run as
``python benchmarks/pharmacokinetics.py [bodies] [bodies of Myokit]``; without Myokit the first half runs.
"""

from __future__ import annotations

import importlib
import sys
import time
from collections.abc import Callable

import numpy as np

from autocrine.cohort.drug_file import drug_parameters
from autocrine.cohort.pharmacokinetics import drug_network
from autocrine.cohort.regimen import Course
from autocrine.core import generator
from autocrine.engine import simulate
from ensembles_machine import description

DAYS = np.arange(0.0, 127.0)
COURSE = Course("paclitaxel", 315.0, "mg", 3.0, 0.0, 21.0, 6)
TOLERANCES = (1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8)
WANTED = 1e-3
VARIED = "paclitaxel_vm"
_MODEL = """[[model]]
bag.central = 0
bag.bound = 0
bag.peripheral = 0
bag.deep = 0
bag.auc = 0

[time]
t = 0 bind time

[dose]
rate = 0 bind pace

[bag]
vm = {paclitaxel_vm}
c = central / {paclitaxel_v_central}
to_bound = {paclitaxel_vm_bound} * c / ({paclitaxel_km_bound} + c) - {paclitaxel_k_bound} * bound
to_peripheral = {paclitaxel_q_peripheral} * (c - peripheral / {paclitaxel_v_peripheral})
to_deep = {paclitaxel_q_deep} * (c - deep / {paclitaxel_v_deep})
dot(central) = dose.rate - vm * c / ({paclitaxel_km} + c) - to_bound - to_peripheral - to_deep
dot(bound) = to_bound
dot(peripheral) = to_peripheral
dot(deep) = to_deep
dot(auc) = c
"""


def main(count: int, slow: int) -> None:
    for line in description():
        print(line)
    typical = drug_parameters("paclitaxel").values_by_name
    vm = typical[VARIED] * np.exp(0.25 * generator(1, "benchmark").standard_normal(count))
    reference = ours(vm[:slow], 1e-10)
    rtol, error = _loosest(lambda rtol: ours(vm[:slow], rtol), reference)
    here = count / _timed(lambda: ours(vm, rtol))
    print(f"autocrine: rtol {rtol:g}, error {error:.1e} of the peak, {here:.0f} bodies per processor second")
    peer = Myokit(typical)
    rtol, error = _loosest(lambda rtol: peer.solve(vm[:slow], rtol), reference)
    there = slow / _timed(lambda: peer.solve(vm[:slow], rtol))
    print(f"Myokit: rtol {rtol:g}, error {error:.1e} of the peak, {there:.0f} bodies per processor second")
    print(f"ratio {here / there:.0f}")


def _loosest(solve: Callable[[float], np.ndarray], reference: np.ndarray) -> tuple[float, float]:
    """Return the loosest tolerance that is good enough, else the best, and its error over the peak."""
    errors = {rtol: float(np.abs(solve(rtol) - reference).max() / reference.max()) for rtol in TOLERANCES}
    bound = max(WANTED, 1.1 * min(errors.values()))
    return next((rtol, error) for rtol, error in errors.items() if error <= bound)


def _timed(call: Callable[[], object]) -> float:
    start = time.process_time()
    call()
    return time.process_time() - start


def ours(vm: np.ndarray, rtol: float) -> np.ndarray:
    """Return plasma concentrations, shape (n, T)."""
    found = simulate(
        drug_network("paclitaxel"), DAYS, {VARIED: vm}, events=COURSE.events(patient=False),
        outputs=["paclitaxel_plasma"], rtol=rtol, atol=rtol * 1e-3, threads=1,
    )  # fmt: skip
    return found["paclitaxel_plasma"]


class Myokit:
    """The same bodies in Myokit, one after the other."""

    def __init__(self, typical: dict[str, float]) -> None:
        myokit = importlib.import_module("myokit")  # only where the peers are installed
        protocol = myokit.Protocol()
        rate = COURSE.dose * 24.0 / COURSE.duration_h
        protocol.schedule(rate, COURSE.first_day, COURSE.duration_h / 24.0, COURSE.every_day, COURSE.count)
        model = myokit.parse_model(_MODEL.format(**typical))
        self._simulation = myokit.Simulation(model, protocol)

    def solve(self, vm: np.ndarray, rtol: float) -> np.ndarray:
        """Return plasma concentrations, shape (n, T)."""
        simulation, found = self._simulation, []
        simulation.set_tolerance(rtol * 1e-3, rtol)
        for value in vm:
            simulation.reset()
            simulation.set_constant("bag.vm", float(value))
            log = simulation.run(DAYS[-1] + 1e-6, log=["bag.c"], log_times=DAYS)
            found.append(np.asarray(log["bag.c"]))
        return np.array(found)


if __name__ == "__main__":
    main(*(int(word) for word in (sys.argv[1:] or ["4000", "200"])))
