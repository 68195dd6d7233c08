"""Networks to measure.

The chain is one in the size of the built-in circuit: receptor binding, phosphorylation with Hill terms, mRNA and
protein turnover over six decades of rate constants, one dose. Its constants are chosen for stiffness, not taken from a
cell.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import sympy

from autocrine.assay.population import pgp_factors
from autocrine.assay.well_network import well_network
from autocrine.core import Document, Parameters
from autocrine.engine import Event, Names, Network, Reaction, Species

OUTPUTS = 20


@dataclass(frozen=True)
class Case:
    """Trajectories to solve.

    Attributes
    ----------
    name : str
        What it is called.
    network : Network
        The network.
    times : ndarray of shape (T,)
        Output times, at equal distances.
    outputs : list of str
        Species that are asked for.
    floor : float
        Absolute tolerance in units of the relative one; all simulators use it.
    """

    name: str
    network: Network
    times: np.ndarray
    outputs: list[str]
    floor: float

    @property
    def varied(self) -> list[str]:
        """Parameters that differ between trajectories: all but those of initial values and times of events."""
        fixed = {str(s) for each in self.network.species for s in sympy.sympify(each.initial).free_symbols}
        fixed |= {str(s) for each in self.network.events for s in sympy.sympify(each.time).free_symbols}
        return [name for name, each in self.network.parameters.items() if name not in fixed and each.value]

    def parameters(self, count: int) -> np.ndarray:
        """Return parameters of some trajectories, shape (count, m): each varied one off by about 10 %."""
        table = np.tile([each.value for each in self.network.parameters.values()], (count, 1))
        places = [list(self.network.parameters).index(name) for name in self.varied]
        table[:, places] *= np.exp(np.random.default_rng(1).normal(0.0, 0.1, (count, len(places))))
        return table


def chain_case(size: int) -> Case:
    """Return the chain of 4 ``size`` species over five days, with a dose after one."""
    network = chain(size)
    names = [each.name for each in network.species][:OUTPUTS]
    return Case(f"chain of {4 * size} species", network, np.linspace(0.0, 120.0, OUTPUTS), names, 1e-3)


def well_case() -> Case:
    """Return the built-in circuit in a well that gets a drug after one day and is followed for three more."""
    base = well_network()
    values = {"addition_time": 24.0, "added_drug1": 300.0}
    values |= {f"p1_pgp_factor_{k}": factor for k, factor in enumerate(pgp_factors(0.5, 5), start=1)}
    network = Network(
        base.name,
        base.species,
        base.parameters.changed(values),
        base.reactions,
        events=base.events,
        observables=base.observables,
    )
    names = [each.name for each in network.species if each.name.startswith("p1_")][:OUTPUTS]
    return Case("IL-6 circuit in its well", network, np.linspace(0.0, 96.0, OUTPUTS), names, 1e-5)


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
