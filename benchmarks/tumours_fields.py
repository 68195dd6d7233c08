"""Fields of a tumour: voxel-updates per second, and what a simulated minute costs at what error.

Three schemes: ours; BioFVM's (one axis after the other, cells split from diffusion), written here for its error;
and pyphysicell 0.1.4, which has BioFVM's loops in C++, for its speed. Run as
``python benchmarks/tumours_fields.py [PYTHON]``, where PYTHON is the interpreter of an environment with pyphysicell;
without it that line is left out. Numbers are processor time of one pinned thread.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable

import numpy as np
from scipy.linalg import solve_banded

from autocrine.tissue.fields import Exchange, Face, Fields, Grid, Substrate
from autocrine.tissue.fields.fields import LARGEST_LOSS
from ensembles_machine import description

SPACING, SIDE, CELLS, MINUTE = 20.0, 128, 100_000, 1 / 60
#: oxygen as in PhysiCell's templates (1e5 um²/min, 0.1/min, uptake 10/min of a cell of 2494 um³); IL-6 of about 1.7
#: molecules/cell/s
OXYGEN = Substrate("oxygen", 6e6, 6.0, 38.0, Face.held(38.0), unit="mmHg"), Exchange(clearance_um3_h=600 * 2494.0)
IL6 = Substrate("il6", 1.44e5, 0.1), Exchange(secretion=1.7 * 3600 / 0.602, clearance_um3_h=300.0)
PEER = """
import time, numpy as np
from pyphysicell import _kernels as K
n, cells = {side}, {cells}
rho = np.ones((n, n, n, 1)); c1 = np.array([0.01 * 2400 / 400])
denom = np.full((n, 1), 1 + 2 * c1[0] + 1e-5); denom[0] = denom[-1] = 1 + c1[0] + 1e-5
cc = np.full((n, 1), -c1[0]); cc[0] /= denom[0]
for i in range(1, n):
    denom[i] += c1 * cc[i - 1]; cc[i] /= denom[i]
generator = np.random.default_rng(0)
voxel = np.sort(generator.integers(0, n**3, cells)).astype(np.int64); volume = np.full(cells, 2494.0)
flat = [np.full((cells, 1), x) for x in (1.0, 0.1, 1.0, 0.0)]
def sweeps():
    for axis in range(3):
        K.thomas_sweep(rho, axis, denom, cc, c1)
def whole():
    sweeps(); K.secretion_uptake(rho, voxel, volume, *flat, 8000.0, 0.01)
for f in (sweeps, whole):
    f(); best = 1e9
    for _ in range(12):
        start = time.process_time(); f(); best = min(best, time.process_time() - start)
    print(best)
"""


def fastest(run: Callable[[], object], *, rounds: int = 12, wall: bool = False) -> float:
    """Return the seconds of the fastest of some rounds."""
    clock = time.perf_counter if wall else time.process_time
    run()
    best = np.inf
    for _ in range(rounds):
        start = clock()
        run()
        best = min(best, clock() - start)
    return float(best)


def tick_of(what: tuple[Substrate, Exchange], cells: int, dt_min: float, threads: int = 1) -> Callable[[], object]:
    """Return a tick of one field at full size."""
    grid = Grid((SIDE,) * 3, SPACING)
    fields = Fields(grid, [what[0]], threads=threads)
    positions = np.random.default_rng(0).random((cells, 3)) * SIDE * SPACING
    contacts = fields.contacts(positions)
    exchange = {what[0].name: what[1]} if cells else {}
    return lambda: fields.step(dt_min * MINUTE, contacts, exchange)


def ball() -> tuple[Grid, np.ndarray]:
    """Return a small grid and the cells in its middle, for errors."""
    grid = Grid((40,) * 3, SPACING)
    return grid, 200 + np.random.default_rng(1).random((4000, 3)) * 400


def ours(what: tuple[Substrate, Exchange], minutes: float, dt_min: float) -> np.ndarray:
    """Return the levels at the cells."""
    grid, positions = ball()
    fields = Fields(grid, [what[0]])
    contacts = fields.contacts(positions)
    for _ in range(round(minutes / dt_min)):
        fields.step(dt_min * MINUTE, contacts, {what[0].name: what[1]})
    return fields.at(what[0].name, contacts)


def biofvm(what: tuple[Substrate, Exchange], minutes: float, dt_min: float) -> np.ndarray:
    """Return the levels at the cells by BioFVM's scheme (doi:10.1093/bioinformatics/btv730), on the same grid."""
    grid, positions = ball()
    substrate, exchange = what
    dt, n = dt_min * MINUTE, grid.shape[0]
    rate = substrate.diffusion_um2_h * dt / SPACING**2
    held = isinstance(substrate.faces, Face) and substrate.faces.permeability_um_h > 0
    ends, outside = (2.0, 38.0) if held else (0.0, 0.0)
    bands = np.zeros((3, n))
    bands[0, 1:] = bands[2, :-1] = -rate
    bands[1] = 1 + 2 * rate + substrate.decay_1_h * dt / 3
    bands[1, [0, -1]] += rate * (ends - 1)
    voxel = np.ravel_multi_index(tuple((positions // SPACING).astype(int).T), grid.shape)
    cells = np.bincount(voxel, minlength=grid.voxels).reshape(grid.shape) / grid.voxel_um3
    level = np.broadcast_to(np.asarray(substrate.initial, dtype=float), grid.shape).copy()
    for _ in range(round(minutes / dt_min)):
        for axis in range(3):
            level = np.moveaxis(level, axis, 0)
            level[[0, -1]] += rate * ends * outside
            level = np.moveaxis(solve_banded((1, 1), bands, level.reshape(n, -1)).reshape(n, n, n), 0, axis)
        given, cleared = float(np.asarray(exchange.secretion)), float(np.asarray(exchange.clearance_um3_h))
        level = (level + dt * given * cells) / (1 + dt * cleared * cells)
    return level.ravel()[voxel]


def errors() -> None:
    """Print the error at the cells against the length of the tick."""
    print("\n| field | scheme | tick (min) | largest error at a cell | root mean square |")
    print("|---|---|---|---|---|")
    for what, minutes in ((OXYGEN, 2.0), (IL6, 10.0)):
        best = ours(what, minutes, 0.1 / 32)
        fastest_loss = what[0].decay_1_h * MINUTE
        rows = [("BioFVM's", biofvm, 0.01), *(("ours", ours, dt) for dt in (0.05, 0.1, 0.2, 0.5, 1.0))]
        for name, scheme, dt in rows:
            if name == "ours" and what is OXYGEN and (fastest_loss + 15.6) * dt > LARGEST_LOSS:
                continue
            off = np.abs(scheme(what, minutes, dt) / best - 1)
            print(
                f"| {what[0].name} | {name} | {dt:g} | {off.max():.2g} | {np.sqrt(np.mean(off**2)):.2g} |", flush=True
            )


def speeds(peer: str | None) -> None:
    """Print the speed at 128³."""
    print(f"\n| {SIDE}³ voxels | ms per tick | million voxel-updates/s |")
    print("|---|---|---|")
    voxels = SIDE**3

    def row(name: str, seconds: float, steps: int = 1) -> None:
        print(f"| {name} | {1e3 * seconds:.1f} | {steps * voxels / seconds / 1e6:.0f} |", flush=True)

    row("ours, IL-6 at 0.1 min", fastest(tick_of(IL6, 0, 0.1)))
    row("ours, IL-6 at 0.1 min, 10^5 cells", fastest(tick_of(IL6, CELLS, 0.1)))
    row("ours, oxygen at 0.1 min, 10^5 cells (three steps)", fastest(tick_of(OXYGEN, CELLS, 0.1)), 3)
    if peer:
        text = PEER.format(side=SIDE, cells=CELLS)
        found = subprocess.run(
            [peer, "-c", text],
            capture_output=True,
            text=True,
            check=True,
            env=os.environ | {"OMP_NUM_THREADS": "1"},
        )
        bare, whole = map(float, found.stdout.split())
        row("pyphysicell, diffusion alone", bare)
        row("pyphysicell, 10^5 cells", whole)
        print("\n| a simulated minute, 10^5 cells | s | times less than pyphysicell at 0.01 min |\n|---|---|---|")
        for what, dt_min in ((IL6, 0.1), (IL6, 0.2), (IL6, 1.0), (OXYGEN, 0.1), (OXYGEN, 0.2), (OXYGEN, 1.0)):
            each = fastest(tick_of(what, CELLS, dt_min)) / dt_min
            print(f"| {what[0].name} at {dt_min:g} min | {each:.3f} | {100 * whole / each:.0f} |", flush=True)


def threads() -> None:
    """Print what a second thread brings, by the clock; meaningful on a quiet machine only."""
    one, two = (fastest(tick_of(IL6, CELLS, 0.1, n), wall=True) for n in (1, 2))
    print(f"\ntwo threads, by the clock: {1e3 * one:.1f} ms and {1e3 * two:.1f} ms, {one / two:.2f} times")


def main() -> None:
    peer = sys.argv[1] if len(sys.argv) > 1 else None
    print(description())
    threads()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    speeds(peer)
    errors()


if __name__ == "__main__":
    main()
