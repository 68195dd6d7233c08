"""Cells of a tumour: speed of the mechanics, of the circuit and of a whole tick, and bytes for each cell.

A ball of cells at their resting distance, each shifted at random by about 0.6 um, moves by steps of 0.1 min; lists of
neighbours that become too old on the way are counted. The circuit has two drugs. Times are those of the processor, and
of a clock where threads are compared. ``--peer PYTHON`` names a Python in which pyphysicell is installed: it moves the
same cells, and its velocities are compared.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from autocrine.circuit import Lines, Pharmacology
from autocrine.core import Document
from autocrine.tissue import TumourDesign, plant
from autocrine.tissue.cells import Circuit, Colony, Domain, Phenotype, Population, Surroundings, seed_cells
from autocrine.tissue.cells.cycle import mix_cycle
from autocrine.tissue.cells.force import ForceLaw, add_forces
from autocrine.tissue.cells.mechanics import Mechanics
from autocrine.tissue.cells.phenotype import Phenotypes
from autocrine.tissue.cells.seeding import ball
from ensembles_machine import description

DT = 1 / 600
BOX = Domain((-2000.0,) * 3, (2000.0,) * 3)
SPACING_UM, SHIFT_UM = 16.0242, 0.6
DRUGS = ("doxorubicin", "cisplatin")


def places(cells: int) -> np.ndarray:
    return ball(cells, SPACING_UM) + np.random.default_rng(1).normal(0.0, SHIFT_UM, (3, cells))


def tumour(cells: int, population: Population | None = None) -> Population:
    population = population or Population()
    seed_cells(population, Phenotypes([Phenotype()]), BOX, places(cells), producer=np.arange(cells) % 10 == 0)
    return population


def seconds(work: Callable[[], object], rounds: int, clock: Callable[[], float] = time.process_time) -> float:
    """Return the mean time of some rounds."""
    began = clock()
    for _ in range(rounds):
        work()
    return (clock() - began) / rounds


def steps_for(cells: int) -> int:
    return max(20, min(2000, 6_000_000 // cells))


def mechanics_row(cells: int, peer: str, *, skin_um: float = 3.0) -> str:
    population, mechanics = tumour(cells), Mechanics([ForceLaw()], BOX, skin_um=skin_um)
    mechanics.sort(population)
    order = population.id.copy()
    own = np.empty_like(population.position)
    own[:, order] = mechanics.velocities(population) / 60
    mechanics.step(population, DT)
    steps, before = steps_for(cells), mechanics.builds
    each = seconds(lambda: mechanics.step(population, DT), steps)
    built = mechanics.builds - before
    kept = (mechanics.bytes + cells * population.bytes_per_cell) / cells
    row = f"| {cells:,} | {cells / each / 1e6:.1f} | {built}/{steps} | {kept:.0f} |"
    if not peer:
        return f"{row} | | | |"
    theirs, kernels, velocities = peer_step(cells, peer)
    apart = np.abs(own - velocities).max() / np.abs(velocities).max()
    rates = f"{cells / theirs / 1e6:.2f} | {cells / kernels / 1e6:.2f} | {kernels / each:.1f}"
    return f"{row} {rates} | {apart:.1e} |"


def peer_step(cells: int, peer: str) -> tuple[float, float, np.ndarray]:
    """Return seconds for a step of the peer, for its kernels alone, and velocities of its first step (um/min)."""
    with tempfile.TemporaryDirectory() as folder:
        given, found = Path(folder) / "places.npy", Path(folder) / "velocities.npy"
        np.save(given, places(cells))
        script = Path(__file__).with_name("tumours_peer.py")
        steps = max(5, min(200, 400_000 // cells))
        environment = os.environ | {"OMP_NUM_THREADS": "1"}
        command = [peer, str(script), str(given), str(steps), str(found)]
        done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
        whole, kernels = (float(each) for each in done.stdout.split()[-2:])
        return whole, kernels, np.load(found)


def unsorted_rate(cells: int) -> float:
    """Return million agent-steps per second where cells lie in memory at random."""
    population, mechanics = tumour(cells), Mechanics([ForceLaw()], BOX)
    population.reorder(np.random.default_rng(2).permutation(cells))
    mechanics.step(population, DT)
    return cells / seconds(lambda: mechanics.step(population, DT), 10) / 1e6


def thread_gain(cells: int, threads: int) -> tuple[float, float, bool]:
    """Return the gain of some threads on the wall, and in the longest share of the forces; whether all bits agree.

    The second is what a machine with nothing else to do would reach in the forces; here the shares run in turns.
    """
    ends, times, longest = [], [], []
    for count in (1, threads):
        population, mechanics = tumour(cells), Mechanics([ForceLaw()], BOX, threads=count)
        mechanics.sort(population)
        mechanics.step(population, DT)
        rounds = [seconds(lambda: mechanics.step(population, DT), 1, time.perf_counter) for _ in range(60)]  # noqa: B023
        times.append(float(np.median(rounds)))
        ends.append(population.position.copy())
        longest.append(max(share_seconds(mechanics)))
    return times[0] / times[1], longest[0] / longest[1], bool(np.array_equal(*ends))


def share_seconds(mechanics: Mechanics) -> list[float]:
    """Return seconds of the processor for the forces of each share."""
    found = []
    for s in mechanics._shares:
        lists = (s.rows, s.neighbours, s.below_rows, s.below)
        given = (mechanics._packed, mechanics._kind, mechanics._table, s.first, s.last, *lists, mechanics._sums, s.work)
        found.append(min(seconds(lambda: add_forces(*given), 1) for _ in range(30)))  # noqa: B023
    return found


def settled(cells: int) -> tuple[Circuit, Population, dict[str, np.ndarray]]:
    """Return cells with their circuit after an hour in surroundings that differ between them."""
    pharmacology = Pharmacology.load()
    circuit = Circuit([Lines.load()["sensitive"]], [pharmacology[name] for name in DRUGS])
    population = tumour(cells, circuit.population(cells))
    circuit.settle(population, slice(0, cells))
    generator = np.random.default_rng(3)
    outside = {"il6_at_cell": 0.05, "drug1_outside": 30.0, "drug2_outside": 2000.0}
    around = {name: level * generator.lognormal(0.0, 0.5, cells) for name, level in outside.items()}
    for _ in range(600):
        circuit.step(population, around, DT)
    return circuit, population, around


def circuit_rows(cells: int) -> list[str]:
    circuit, population, around = settled(cells)
    step = min(seconds(lambda: circuit.step(population, around, DT), 1) for _ in range(20)) / cells
    exchange = min(seconds(lambda: circuit.exchange(population, around), 1) for _ in range(5)) / cells
    mix_cycle(population, Phenotypes([Phenotype()]), np.full(cells, 0.0273), 1)
    colony = Colony(population, [Phenotype()], BOX, circuit=circuit)
    colony.mechanics.sort(population)

    def tick() -> None:
        n = population.count  # cells divide: who is new finds what is outside on average
        now = {name: np.resize(level, n) for name, level in around.items()}
        colony.tick(Surroundings(now))

    tick()
    whole = seconds(tick, 120)
    return [
        f"{len(circuit.species)} species, {population.bytes_per_cell} bytes for each cell in the arrays",
        f"circuit: {step * 1e9:.0f} ns for a step of a cell; secretion and uptake of solutes: {exchange * 1e9:.0f} ns",
        f"tick of 0.1 min of {cells:,} cells, circuit, mechanics, growth and division: {whole * 1e3:.1f} ms",
    ]


DESIGN = """
[tumour]
name = "benchmark"
duration = "10 h"
tick = "0.1 min"
cells = {cells}
[domain]
size = "{size} um"
voxel = "20 um"
[clone.sensitive]
line = "sensitive"
[producers]
fraction = 0.1
[substrate.il6]
outside = "0 nM"
[substrate.oxygen]
outside = "60 mmHg"
[substrate.doxorubicin]
initial = "30 nM"
outside = "30 nM"
"""
#: ticks of a step of growth, and of one before which all cells have met the drug
_GROWTH, _WARM = 60, 300


def whole_row(cells: int, threads: int, warm: int = _WARM) -> str:
    """Return what a tick of 0.1 min costs of a tumour with three fields and the circuit, growth and division in it."""
    size = 20 * round(1000 * (cells / 1e5) ** (1 / 3) / 20)
    text = DESIGN.format(cells=cells, size=size)
    whole = plant(TumourDesign.from_document(Document.parse(text, "benchmark")), 1, threads)

    def ticks() -> None:
        for _ in range(_GROWTH):
            whole.tick()

    for _ in range(warm):
        whole.tick()
    rounds = 3 if cells <= 100_000 else 1
    processor, wall = (
        min(seconds(ticks, 1, each) for _ in range(rounds)) for each in (time.process_time, time.perf_counter)
    )
    voxels, every = whole.fields.grid.shape[0], whole.colony.pace.chemistry_every
    tick_ms, clock_ms = 1e3 * processor / _GROWTH, 1e3 * wall / _GROWTH
    steps = f"{voxels}^3 | {0.1 * every:g} | {threads}"
    return f"| {cells:,} | {steps} | {tick_ms:.1f} | {clock_ms:.1f} | {0.6 * clock_ms:.1f} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peer", default="", help="a Python that has pyphysicell")
    parser.add_argument("--cells", type=int, nargs="+", default=[1000, 10_000, 100_000, 1_000_000])
    parser.add_argument("--large", action="store_true", help="a million cells with fields too: some minutes")
    given = parser.parse_args()
    for line in description():
        print(line)
    print("\n| cells | M agent-steps/s | lists made | bytes | pyphysicell | its kernels | times these | apart |")
    print("| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    for cells in given.cells:
        print(mechanics_row(cells, given.peer), flush=True)
    middle = min(100_000, max(given.cells))
    print(f"\n{middle:,} cells in random order of memory: {unsorted_rate(middle):.1f} M agent-steps/s")
    for skin_um in (1.0, 2.0, 4.0):
        print(f"skin {skin_um:g} um: {mechanics_row(middle, '', skin_um=skin_um)}", flush=True)
    gain, share, equal = thread_gain(middle, 2)
    bits = "equal" if equal else "DIFFERENT"
    print(f"2 threads: {gain:.2f} times on the wall, {share:.2f} times in the longest share of forces, bits {bits}")
    for line in circuit_rows(middle):
        print(line, flush=True)
    print("\n| cells | voxels | step of chemistry (min) | threads | ms of a tick | by the clock | s for an hour |")
    print("| ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    for cells, threads in ((10_000, 1), (middle, 1), (middle, 2), *(((1_000_000, 2),) if given.large else ())):
        print(whole_row(cells, threads, _WARM if cells <= middle else _GROWTH), flush=True)
    print(description()[-1])


if __name__ == "__main__":
    main()
