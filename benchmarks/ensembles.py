"""Trajectories per second of a representative stiff network, and what its compilation costs.

The network is a signalling chain in the size of the built-in circuit: receptor binding, phosphorylation with Hill
terms, mRNA and protein turnover over six decades of rate constants, one dose. Its constants are chosen for stiffness,
not taken from a cell. Run as ``python benchmarks/ensembles.py [blocks of four species] [trajectories]``.
"""

from __future__ import annotations

import platform
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from autocrine.core import Document, Parameters
from autocrine.engine import Event, Names, Network, Reaction, Species, simulate

OUTPUTS = 20


def chain_reactions(y: Names, p: Names, size: int) -> list[Reaction]:
    """Return blocks of four species: receptor, complex, mRNA, protein; the protein feeds the next block."""
    reactions = []
    for b in range(size):
        receptor, active, mrna, protein = (y[f"{kind}{b}"] for kind in ("r", "c", "m", "x"))
        before = y[f"x{(b - 1) % size}"]
        gate = (active / p[f"k{b}"]) ** p[f"n{b}"]
        reactions += [
            Reaction(f"binding {b}", {f"r{b}": -1, f"c{b}": 1}, p[f"on{b}"] * receptor * before),
            Reaction(f"unbinding {b}", {f"r{b}": 1, f"c{b}": -1}, p[f"off{b}"] * active),
            Reaction(f"internalisation {b}", {f"c{b}": -1}, p[f"int{b}"] * active),
            Reaction(f"synthesis {b}", {f"r{b}": 1}, p[f"s{b}"] / (1 + before / p[f"k{b}"])),
            Reaction(f"turnover {b}", {f"r{b}": -1}, p[f"d{b}"] * receptor),
            Reaction(f"transcription {b}", {f"m{b}": 1}, p[f"leak{b}"] + p[f"v{b}"] * gate / (1 + gate)),
            Reaction(f"mRNA decay {b}", {f"m{b}": -1}, p[f"dm{b}"] * mrna),
            Reaction(f"translation {b}", {f"x{b}": 1}, p[f"tl{b}"] * mrna),
            Reaction(f"protein decay {b}", {f"x{b}": -1}, p[f"dx{b}"] * protein),
        ]
    return reactions


def chain(size: int) -> Network:
    """Return a network of 4 ``size`` species."""
    rates = {
        "on": 360.0,
        "off": 90.0,
        "int": 2.0,
        "s": 1.0,
        "d": 0.3,
        "leak": 0.01,
        "v": 3.0,
        "dm": 0.7,
        "tl": 1.5,
        "dx": 0.1,
    }
    table = [(f"{name}{b}", value * (1 + 0.1 * b), "1/h") for b in range(size) for name, value in rates.items()]
    table += [(f"k{b}", 0.5, "nM") for b in range(size)] + [(f"n{b}", 1.7, "1") for b in range(size)]
    text = "\n".join(f'[{n}]\nvalue = {v}\nunit = "{u}"\nbasis = "chosen"' for n, v, u in [*table, ("dose", 5.0, "nM")])
    parameters = Parameters.from_document(Document.parse(text, "chain"), "chain")
    species = [Species(f"{kind}{b}", "nM", 1.0 if kind == "r" else 0.0) for b in range(size) for kind in "rcmx"]
    return Network.from_function(
        "chain",
        lambda y, p, _: chain_reactions(y, p, size),
        species,
        parameters,
        events=lambda y, p, _: [Event(24.0, {"x0": y.x0 + p.dose}, "dose")],
    )


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


def main(size: int, count: int) -> None:
    times = np.linspace(0.0, 120.0, OUTPUTS)
    names = [f"x{b}" for b in range(size)]
    print(f"{processor()}, Python {platform.python_version()}, NumPy {np.__version__}")
    print(f"building: {seconds(lambda: chain(size)):.3f} s")
    network = chain(size)
    print(f"statements: {seconds(lambda: network.program):.3f} s")
    lengths = {name: len(block.statements) for name, block in network.program.blocks.items()}
    print(f"{len(network.species)} species, {len(network.parameters)} parameters, {len(network.reactions)} reactions")
    print(f"statements of each function: {lengths}")
    print(f"first simulation (code is made): {seconds(lambda: simulate(network, times)):.3f} s")
    print(f"equal network in the same process: {seconds(lambda: simulate(chain(size), times)):.3f} s")
    doses = np.random.default_rng(1).uniform(0.0, 10.0, count)
    best = simulate(network, times, {"dose": doses}, outputs=names, rtol=1e-10, atol=1e-12)
    for rtol in (1e-4, 1e-6):
        began = time.perf_counter()
        found = simulate(network, times, {"dose": doses}, outputs=names, rtol=rtol, atol=rtol * 1e-3)
        took = time.perf_counter() - began
        error = np.max(np.abs(found.values - best.values) / (np.abs(best.values) + 1e-3))
        speed = f"{count / took:.0f} trajectories/s, {1000 * took / count:.2f} ms each"
        print(f"rtol {rtol:g}: {speed}, achieved error {error:.1e}")


if __name__ == "__main__":
    given = [int(each) for each in sys.argv[1:3]]
    main(*given, *(12, 100)[len(given) :])
