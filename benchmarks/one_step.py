"""Nanoseconds of one step of one cell of a tissue, and the error of the steps against a fine reference.

The circuit is that of one cell with its surroundings, and beside it three drugs with their pump, damage and the
hazard of death: 25 species. Every cell has other surroundings, and they change all the time: IL-6 and drugs outside
swing over hours, and jump once. The steps hold them for 0.1 min at their mean over the step; the reference, at
tolerance 1e-10, follows the same swing exactly. Run as ``python benchmarks/one_step.py [cells] [hours]``.
"""

from __future__ import annotations

import sys
import time

import numpy as np
import sympy

from autocrine.circuit import Pharmacology
from autocrine.circuit.cell import SPECIES, cell, cell_network, cell_parameters
from autocrine.circuit.pharmacology import damage_change, drug_death, efflux, leak, uptake
from autocrine.circuit.survival import damage_tolerance
from autocrine.core import Document, Parameters
from autocrine.engine import Names, Network, Reaction, Species, simulate
from ensembles_machine import description

DRUGS = ("doxorubicin", "paclitaxel", "vincristine")
DT = 1 / 600
_SETTLED = 512
#: surroundings that swing, with their mean (nM) and the period (h) of their swing
SWINGS = {"il6_at_cell": (0.02, 6.0), "il6_sil6r": (0.01, 9.0)} | {
    f"{drug}_outside": (mean, 12.0) for drug, mean in zip(DRUGS, (30.0, 3.0, 3.0), strict=True)
}
SURROUNDINGS = (*SWINGS, "il6r_block", "jak_block")


def cell_with_drugs(*, swinging: bool) -> Network:
    """Return one cell with three drugs; surroundings are parameters, or swing in time and jump."""
    pharmacology = Pharmacology.load()
    own = [f"{d}_{q}" for d in DRUGS for q in pharmacology[d].parameters]
    numbers = [(f"{d}_{n}", q.value, q.unit) for d in DRUGS for n, q in pharmacology[d].parameters.items()]
    numbers += [(name, 0.0, "1") for name in (*SURROUNDINGS, "share", "jump")]
    text = "\n".join(f'[{n}]\nvalue = {v!r}\nunit = "{u}"\nbasis = "chosen"' for n, v, u in numbers)
    parameters = cell_parameters().joined(Parameters.from_document(Document.parse(text, "drugs"), "drugs"))
    species = [*SPECIES, *(Species(f"{d}_{what}", "1") for d in DRUGS for what in ("inside", "damage"))]
    species.append(Species("hazard", "1"))

    def reactions(y: Names, p: Names, x: Names) -> list[Reaction]:
        outside = Names({n: swing(p[n], n, p, x.t) if swinging else p[n] for n in SURROUNDINGS})
        inside = {each.name for each in SPECIES}
        found = [
            Reaction(r.name, {n: c for n, c in r.stoichiometry.items() if n in inside}, r.rate)
            for r in cell(y, p, outside)
            if any(n in inside for n in r.stoichiometry)
        ]
        for d in DRUGS:
            drug = Names({q.removeprefix(f"{d}_"): p[q] for q in own if q.startswith(f"{d}_")})
            level, damage = y[f"{d}_inside"], y[f"{d}_damage"]
            gain = uptake(outside[f"{d}_outside"], drug) - leak(level, drug) - efflux(level, y.pgp, drug, p, 0)
            death = drug_death(damage, damage_tolerance(y, p), drug)
            found += [
                Reaction(f"{d} exchange", {f"{d}_inside": 1}, gain),
                Reaction(f"{d} damage", {f"{d}_damage": 1}, damage_change(damage, level, drug)),
                Reaction(f"{d} death", {"hazard": 1}, death),
            ]
        return found

    return Network.from_function("cell with drugs", reactions, species, parameters)


def swing(mean, name: str, p: Names, t):
    """Return a surrounding at time t: one share of it swings, and it jumps by a factor at 12 h."""
    if name not in SWINGS:
        return mean
    factor = 1 + p.share * sympy.sin(2 * sympy.pi * t / SWINGS[name][1])
    return mean * factor * (1 + p.jump * sympy.Piecewise((1, t > 12), (0, True)))


def surroundings_of(cells: int, seed: int = 1) -> dict[str, np.ndarray]:
    """Return the means of the surroundings of some cells."""
    generator = np.random.default_rng(seed)
    found = {name: mean * generator.lognormal(0.0, 1.0, cells) for name, (mean, _) in SWINGS.items()}
    return found | {name: generator.uniform(0.0, 1.0, cells) for name in ("il6r_block", "jak_block")}


def rested(network: Network, cells: int) -> np.ndarray:
    """Return the state of cells after a long time alone."""
    names = [each.name for each in network.species]
    end = simulate(cell_network(), [1000.0])
    start = [end[name][0, 0] if name in end.names else 0.0 for name in names]
    return np.repeat(np.array(start)[:, None], cells, axis=1)


def errors_of(hours: int, cells: int = 24, *, order: int = 2, coarser: int = 1) -> np.ndarray:
    """Return the largest error of each species at full hours, relative to the largest value in the course of a cell."""
    share, jump = 0.5, 2.0
    means = surroundings_of(cells)
    network, moving = cell_with_drugs(swinging=False), cell_with_drugs(swinging=True)
    state = rested(network, cells)
    stepper, dt = network.stepper(surroundings=SURROUNDINGS, order=order), DT * coarser
    given = means | {"share": np.full(cells, share), "jump": np.full(cells, jump)}
    initial = {each.name: state[i] for i, each in enumerate(network.species)}
    grid = np.arange(1.0, hours + 1)
    best = reference(moving, grid, given, initial)
    found, per_hour = np.empty_like(best), round(1 / dt)
    for tick in range(hours * per_hour):
        middle = (tick + 0.5) * dt
        now = dict(means)
        for name, (_, period) in SWINGS.items():
            wave = np.sin(np.pi * dt / period) / (np.pi * dt / period) * np.sin(2 * np.pi * middle / period)
            now[name] = means[name] * (1 + share * wave) * (1 + jump * (middle > 12))
        stepper.step(state, now, dt)
        if (tick + 1) % per_hour == 0:
            found[:, (tick + 1) // per_hour - 1] = state.T
    return np.max(np.abs(found - best) / np.max(np.abs(best), axis=1, keepdims=True), axis=(0, 1))


def reference(moving: Network, grid: np.ndarray, given: dict, initial: dict) -> np.ndarray:
    """Return the states of the cells at full hours; the integration starts anew at the jump."""
    names, parts = [each.name for each in moving.species], []
    begin = 0.0
    for end in (12.0, np.inf):
        times = grid[(grid > begin) & (grid <= end)]
        if len(times):
            jump = given | {"jump": given["jump"] * (begin > 0)}
            parts.append(
                simulate(
                    moving, times, jump, initial=initial, start=begin, rtol=1e-10, atol=1e-13, outputs=names
                ).values
            )
            initial = {name: parts[-1][:, -1, i] for i, name in enumerate(names)}
        begin = 12.0
    return np.concatenate(parts, axis=1)


def cost(network: Network, surroundings: tuple[str, ...], cells: int, order: int = 2, threads: int = 1) -> float:
    """Return the nanoseconds of a step of one cell, best of some rounds."""
    stepper = network.stepper(surroundings=surroundings, order=order)
    means = surroundings_of(_SETTLED)
    outside = np.array([means.get(name, np.zeros(_SETTLED)) for name in surroundings])
    state = rested(network, _SETTLED)
    for _ in range(600):  # an hour, after which cells are no longer stepped in halves
        stepper.step(state, outside, DT)
    copies = -(-cells // _SETTLED)
    state, outside = (np.ascontiguousarray(np.tile(each, copies)[:, :cells]) for each in (state, outside))
    rounds = []
    for _ in range(20):
        began = time.perf_counter()
        stepper.step(state, outside, DT, threads=threads)
        rounds.append(time.perf_counter() - began)
    return min(rounds) / cells * 1e9


def main(cells: int, hours: int) -> None:
    print(f"{description()[0]}, {cells} cells, step 0.1 min")
    whole, bare = cell_with_drugs(swinging=False), cell_network()
    for network, names in ((bare, SURROUNDINGS[:2] + SURROUNDINGS[-2:]), (whole, SURROUNDINGS)):
        for order in (2, 3):
            began = time.perf_counter()
            network.stepper(surroundings=names, order=order)
            made = time.perf_counter() - began
            speeds = [f"{cost(network, names, cells, order, threads):.1f} ns" for threads in (1, 2)]
            print(
                f"{len(network.species)} species, order {order}: {' / '.join(speeds)} on 1 / 2 threads; "
                f"made in {made:.2f} s"
            )
    names = [each.name for each in whole.species]
    for order, coarser in ((2, 1), (2, 2), (2, 4), (3, 1), (3, 2), (3, 4)):
        found = 100 * errors_of(hours, order=order, coarser=coarser)
        worst = names[int(np.argmax(found))]
        print(f"order {order}, step {0.1 * coarser:g} min: largest error over {hours} h {found.max():.2g} % ({worst})")


if __name__ == "__main__":
    given = [int(each) for each in sys.argv[1:3]]
    main(*given, *(100_000, 24)[len(given) :])
