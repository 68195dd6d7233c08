"""Events per second of the simulation by chance, and the price of building it.

Three networks: immigration and death of one molecule, a ring of 60 species with 60 reactions, and a gene with mRNA
and thousands of molecules of protein. Leaps count the events that they stand for.
Run as ``python benchmarks/chance.py [trajectories]``.
"""

from __future__ import annotations

import sys
import time

import numpy as np
import sympy

from autocrine.core import Parameters
from autocrine.engine import Network, Reaction, Species, simulate
from ensembles_machine import description

METHODS = ("direct", "next_reaction", "tau")


def turnover() -> Network:
    n = sympy.Symbol("n")
    made = Reaction("made", {"n": 1}, sympy.Integer(100))
    return Network("turnover", [Species("n", "1")], Parameters([]), [made, Reaction("lost", {"n": -1}, n)])


def ring(count: int = 60) -> Network:
    names = [f"x{i}" for i in range(count)]
    x = sympy.symbols(names)
    walks = [Reaction(f"walk {i}", {names[i]: -1, names[(i + 1) % count]: 1}, (1 + i % 7) * x[i]) for i in range(count)]
    return Network("ring", [Species(name, "1", 20) for name in names], Parameters([]), walks)


def gene() -> Network:
    on, mrna, protein = sympy.symbols("on mrna protein")
    reactions = [
        Reaction("opens", {"on": 1}, 2 * (1 - on)),
        Reaction("closes", {"on": -1}, 4 * on),
        Reaction("transcription", {"mrna": 1}, 60 * on),
        Reaction("mRNA decay", {"mrna": -1}, mrna),
        Reaction("translation", {"protein": 1}, 400 * mrna),
        Reaction("protein decay", {"protein": -1}, protein / 2),
    ]
    return Network("gene", [Species(name, "1") for name in ("on", "mrna", "protein")], Parameters([]), reactions)


def events_of(network: Network, end: float, trajectories: int) -> float:
    """Return the expected number of reactions, from the mean propensities of a fine sample in time."""
    times = np.linspace(0.0, end, 201)[1:]
    found = simulate(network, times, chance="direct", seed=9, runs=min(trajectories, 50))
    symbols = [sympy.Symbol(name, real=True) for name in found.names]
    total = sympy.lambdify(symbols, sum((each.rate for each in network.reactions), sympy.Integer(0)))
    return float(np.mean(total(*(found[name] for name in found.names)))) * end * trajectories


def main(trajectories: int) -> None:
    print(f"{description()[0]}, one thread, {trajectories} trajectories")
    for make, end in ((turnover, 20.0), (ring, 0.5), (gene, 1.0)):
        network = make()
        events = events_of(network, end, trajectories)
        for method in METHODS:
            began = time.perf_counter()
            simulate(network, [end], chance=method, seed=1, runs=1)
            made = time.perf_counter() - began
            rounds = []
            for _ in range(3):
                began = time.perf_counter()
                simulate(network, [end], chance=method, seed=1, runs=trajectories, threads=1)
                rounds.append(time.perf_counter() - began)
            speed = events / min(rounds)
            each = f"{events / trajectories:.0f} events each"
            print(f"{network.name:>9} {method:>13}: {each}, {speed / 1e6:.1f} million/s, made in {made:.2f} s")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2000)
