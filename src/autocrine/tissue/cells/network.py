"""The network of one cell of a tissue: the circuit, its drugs, and what it gives to its surroundings.

The equations are those of the wells. What a cell finds outside are parameters; what it gives is counted, molecule by
molecule, so that nothing is lost between a cell and the fields around it.
"""

from __future__ import annotations

import functools
from dataclasses import replace
from typing import Any

from autocrine.circuit import Pharmacology, cell
from autocrine.core import Parameters
from autocrine.engine import Names, Network, Reaction, Species

#: what circuits give and take beside drugs, each with what a cell finds of it outside
SOLUTES = {"il6": "il6_at_cell", "il6_sil6r": "il6_sil6r", "sil6r": ""}
_OUTSIDE = {"il6_at_cell": "nM", "il6_sil6r": "nM", "il6r_block": "1", "jak_block": "1", "pump_block": "1"}


def outside_names(drugs: int) -> tuple[str, ...]:
    """Return what every cell finds outside, IL-6 and drugs in nM, blockers as concentration over Ki."""
    return (*_OUTSIDE, *(f"drug{j}_outside" for j in range(1, drugs + 1)))


def solute_names(drugs: int) -> tuple[str, ...]:
    """Return what every cell gives to its surroundings or takes from them."""
    return (*SOLUTES, *(f"drug{j}" for j in range(1, drugs + 1)))


def intensive_names(drugs: int) -> tuple[str, ...]:
    """Return the species that are no amounts in a volume: growth does not thin them."""
    given = (f"given_{name}" for name in solute_names(drugs))
    return (*cell.UNDILUTED, *(f"damage{j}" for j in range(1, drugs + 1)), *given)


@functools.cache
def tissue_network(drugs: int) -> Network:
    """Return one cell with so many drugs.

    Species are those of the circuit (molecules in the volume of a cell in G1), ``drug<j>`` (nM), ``damage<j>``, and
    ``given_<solute>``: what the cell has given since it was last set to zero (molecules; drugs in nM of cell volume).
    Observables are ``division_rate`` and ``death_rate`` (1/h), and for each solute ``secretion_<solute>`` a and
    ``uptake_<solute>`` b: a cell gives ``a - b c`` per hour to surroundings of concentration c (nM).
    """
    return Network.recalled(lambda: _written(drugs), ["autocrine.circuit", "autocrine.tissue"], "tissue", drugs)


@functools.cache
def resting_network() -> Network:
    """Return the circuit alone, thinned by growth at the rate ``dilution``: cells before they are seeded."""
    return Network.recalled(_resting, ["autocrine.circuit", "autocrine.tissue"], "resting")


def _resting() -> Network:
    outside = {name: (0.0, unit) for name, unit in _OUTSIDE.items()} | {"dilution": (0.0, "1/h")}
    parameters = cell.cell_parameters().joined(Parameters.of(outside, basis="chosen"))
    inside = {each.name for each in cell.SPECIES}

    def reactions(y: Names, p: Names, x: Names) -> list[Reaction]:
        del x
        found = [
            Reaction(r.name, {n: count for n, count in r.stoichiometry.items() if n in inside}, r.rate)
            for r in cell.cell(y, p, p)
            if inside & r.stoichiometry.keys()
        ]
        thinned = sorted(inside - set(cell.UNDILUTED))
        return found + [Reaction(f"{name} dilution", {name: -1}, p.dilution * y[name]) for name in thinned]

    return Network.from_function("a growing cell", reactions, cell.SPECIES, parameters)


def _written(drugs: int) -> Network:
    doxorubicin = Pharmacology.load()["doxorubicin"].parameters
    units = _OUTSIDE | {f"drug{j}_outside": "nM" for j in range(1, drugs + 1)}
    outside = Parameters.of({name: (0.0, unit) for name, unit in units.items()}, basis="chosen")
    tables = [Parameters(replace(q, name=f"d{j}_{q.name}") for q in doxorubicin.values()) for j in range(1, drugs + 1)]
    parameters = cell.cell_parameters().joined(*tables, outside)
    species = [*cell.SPECIES]
    for j in range(1, drugs + 1):
        species += [Species(f"drug{j}", "nM"), Species(f"damage{j}", "1")]
    species += [
        Species(f"given_{name}", "nM" if name.startswith("drug") else "molecule/cell") for name in solute_names(drugs)
    ]
    y = Names.of([each.name for each in species], "species")
    written = _Writer(y, Names.of(parameters, "parameter"), drugs)
    return Network(
        f"one cell of a tissue with {drugs} drug(s)",
        species,
        parameters,
        written.reactions(),
        observables=written.rates() | written.exchange(),
    )


class _Writer:
    """Reactions and observables of a cell with some drugs."""

    def __init__(self, y: Names, p: Names, drugs: int) -> None:
        self.y, self.p, self.drugs = y, p, range(1, drugs + 1)
        self.d = {
            j: Names({n: p[f"d{j}_{n}"] for n in Pharmacology.load()["doxorubicin"].parameters}) for j in self.drugs
        }
        self.circuit = cell.cell(y, p, Names({name: p[name] for name in _OUTSIDE}))

    def reactions(self) -> list[Reaction]:
        found = [
            Reaction(r.name, {self._kept(n): count for n, count in r.stoichiometry.items()}, r.rate)
            for r in self.circuit
        ]
        for j in self.drugs:
            inside, outside = {f"drug{j}": +1, f"given_drug{j}": -1}, {f"drug{j}": -1, f"given_drug{j}": +1}
            level, d = self.y[f"drug{j}"], self.d[j]
            found += [
                Reaction(f"drug{j} uptake", inside, cell.pharmacology.uptake(self.p[f"drug{j}_outside"], d)),
                Reaction(f"drug{j} leak", outside, cell.pharmacology.leak(level, d)),
                Reaction(f"drug{j} efflux", outside, self._efflux(j)),
                Reaction(
                    f"damage{j} change",
                    {f"damage{j}": +1},
                    cell.pharmacology.damage_change(self.y[f"damage{j}"], level, d),
                ),
            ]
        return found

    def rates(self) -> dict[str, Any]:
        division: Any = cell.growth.division_rate(self.y, self.p, 0)
        death: Any = 0 * division
        tolerance = cell.survival.damage_tolerance(self.y, self.p)
        for j in self.drugs:
            damage = self.y[f"damage{j}"]
            division *= 1 - cell.pharmacology.drug_arrest(damage, self.d[j])
            death += cell.pharmacology.drug_death(damage, tolerance, self.d[j])
        return {"division_rate": division, "death_rate": death}

    def exchange(self) -> dict[str, Any]:
        """Return secretion and uptake of each solute, from the reactions, which are linear in what is outside."""
        import sympy

        found: dict[str, Any] = {}
        for solute, outside in SOLUTES.items():
            terms = [r.stoichiometry[solute] * r.rate for r in self.circuit if solute in r.stoichiometry]
            given: Any = sympy.Add(*terms)
            level = self.p[outside] if outside else sympy.Dummy()
            found[f"secretion_{solute}"] = given.subs(level, 0)
            found[f"uptake_{solute}"] = -sympy.diff(given, level)
        for j in self.drugs:
            leaving: Any = cell.pharmacology.leak(self.y[f"drug{j}"], self.d[j])
            found[f"secretion_drug{j}"] = leaving + self._efflux(j)
            found[f"uptake_drug{j}"] = cell.pharmacology.uptake(1, self.d[j])
        return found

    def _efflux(self, j: int) -> Any:
        others = (cell.pharmacology.competition(self.y[f"drug{n}"], self.d[n]) for n in self.drugs if n != j)
        blocked = self.p.pump_block + sum(others)
        return cell.pharmacology.efflux(self.y[f"drug{j}"], self.y.pgp, self.d[j], self.p, blocked)

    def _kept(self, name: str) -> str:
        return f"given_{name}" if name in SOLUTES else name
