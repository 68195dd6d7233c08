"""The network of a well: cells of several populations in one medium, with IL-6 and drugs outside shared and depleted.

Medium species are concentrations in nM. Every population holds the whole circuit once, at its mean P-gp, and bins of
cells that differ in P-gp; each bin has its own drug, damage and cell number. Nothing that a cell takes, gives or
carries is lost: a dying cell returns its drug and its bound IL-6 to the medium.
"""

from __future__ import annotations

import functools
from dataclasses import replace
from importlib.resources import files
from typing import TYPE_CHECKING

from autocrine.assay.population import population_parameters
from autocrine.assay.schedule import MEDIUM_BLOCKS, medium_events, schedule_parameters
from autocrine.circuit import Pharmacology, cell
from autocrine.core import Document, Parameters
from autocrine.engine import Names, Network, Reaction, Species

if TYPE_CHECKING:
    from sympy import Expr

#: solutes that every well has, beside its drugs
SOLUTES = ("il6", "sil6r", "il6_sil6r", "siltuximab", "il6_siltuximab")


@functools.cache
def well_parameters() -> Parameters:
    """Return the parameters of medium, dish and geometry."""
    text = (files("autocrine.assay") / "well.toml").read_text(encoding="utf-8")
    return Parameters.from_document(Document.parse(text, "well.toml"), "well")


@functools.cache
def well_network(populations: int = 1, drugs: int = 1, bins: int = 5) -> Network:
    """Return the network of a well with so many populations, drugs and bins of P-gp.

    Species of population i start with ``p<i>_``, those of its bin k with ``p<i>_b<k>_``, parameters of drug j with
    ``d<j>_``. The network is the same for all experiments; what differs stands in parameters.
    """
    shape = populations, drugs, bins
    return Network.recalled(lambda: _written(*shape), ["autocrine.circuit", "autocrine.assay"], "well", *shape)


def _written(populations: int, drugs: int, bins: int) -> Network:
    builder = _Builder(populations, drugs, bins)
    return Network(
        name=f"well with {populations} population(s), {drugs} drug(s), {bins} bins of P-gp",
        species=builder.species,
        parameters=builder.parameters,
        reactions=builder.reactions(),
        rules={},
        events=medium_events([*SOLUTES, *builder.drug_names, *MEDIUM_BLOCKS]),
        observables=builder.observables(),
    )


class _Builder:
    """Names and reactions of one shape of well."""

    def __init__(self, populations: int, drugs: int, bins: int) -> None:
        self.populations = range(1, populations + 1)
        self.drugs = range(1, drugs + 1)
        self.bins = range(1, bins + 1)
        self.drug_names = [f"drug{j}" for j in self.drugs]
        self.parameters = self._parameters()
        self.p = Names.of(self.parameters, "parameter")
        self.species = self._species()
        self.y = Names.of([s.name for s in self.species], "species")

    def _species(self) -> list[Species]:
        medium = [Species(name, "nM", self.p[f"start_{name}"]) for name in (*SOLUTES, *self.drug_names)]
        blocks = [Species(name, "1", self.p[f"start_{name}"]) for name in MEDIUM_BLOCKS]
        inside = [Species(f"p{i}_{s.name}", s.unit, s.initial) for i in self.populations for s in cell.SPECIES]
        binned = []
        for i in self.populations:
            for k in self.bins:
                binned.append(Species(f"p{i}_b{k}_cells", "cell", self.p[f"p{i}_seeded"] / len(self.bins)))
                for j in self.drugs:
                    binned.append(Species(f"p{i}_b{k}_drug{j}", "nM"))
                    binned.append(Species(f"p{i}_b{k}_damage{j}", "1"))
        return [*medium, *blocks, *inside, *binned]

    def _parameters(self) -> Parameters:
        tables = [well_parameters(), schedule_parameters(SOLUTES, self.drug_names)]
        for i in self.populations:
            tables.append(_prefixed(cell.cell_parameters(), f"p{i}_"))
            tables.append(population_parameters(i, len(self.bins)))
        doxorubicin = Pharmacology.load()["doxorubicin"].parameters
        tables.extend(_prefixed(doxorubicin, f"d{j}_") for j in self.drugs)
        return Parameters([]).joined(*tables)

    def reactions(self) -> list[Reaction]:
        """Return all reactions of the well."""
        found = self._medium()
        for i in self.populations:
            found += self._cells_of(i)
            for k in self.bins:
                found += self._bin(i, k)
        return found

    def _medium(self) -> list[Reaction]:
        y, p = self.y, self.p
        return [
            Reaction("IL-6 loss in medium", {"il6": -1}, p.il6_decay * y.il6),
            Reaction(
                "siltuximab binds IL-6",
                {"il6": -1, "siltuximab": -1, "il6_siltuximab": +1},
                p.k_siltuximab_on * (y.il6 * y.siltuximab - p.kd_siltuximab * y.il6_siltuximab),
            ),
            Reaction(
                "soluble IL-6R binds IL-6",
                {"il6": -1, "sil6r": -1, "il6_sil6r": +1},
                p.k_sil6r_on * (y.il6 * y.sil6r / (1 + y.il6r_block) - p.kd_sil6r * y.il6_sil6r),
            ),
        ]

    def _cells_of(self, i: int) -> list[Reaction]:
        """Return the circuit of population i, its exchange with the medium, and its dilution by division."""
        inside = {s.name for s in cell.SPECIES}
        per_medium = self._number(i) / (self.p.avogadro * self.p.medium_volume)
        found = []
        for reaction in cell.cell(self._y(i), self._p(i), self._x(i)):
            stoichiometry = {
                (f"p{i}_{name}" if name in inside else name): (n if name in inside else n * per_medium)
                for name, n in reaction.stoichiometry.items()
            }
            found.append(Reaction(f"p{i} {reaction.name}", stoichiometry, reaction.rate))
        mean_division = sum(self._division(i, k) * self._cells(i, k) for k in self.bins) / (
            self._number(i) + self.p.cell_trace
        )
        for name in sorted(inside - set(cell.UNDILUTED)):
            full = f"p{i}_{name}"
            found.append(Reaction(f"{full} dilution", {full: -1}, mean_division * self.y[full]))
        return found

    def _bin(self, i: int, k: int) -> list[Reaction]:
        """Return division, death, drug and damage of the cells of one bin."""
        y, p, d = self.y, self._p(i), {j: self._d(j) for j in self.drugs}
        cells = f"p{i}_b{k}_cells"
        number = self._cells(i, k)
        pgp = y[f"p{i}_pgp"] * self.p[f"p{i}_pgp_factor_{k}"]
        volume_ratio = self.p.cell_volume / self.p.medium_volume
        found = [
            Reaction(f"{cells} division", {cells: +1}, self._division(i, k) * number),
            Reaction(f"{cells} death", self._returned(i, k, volume_ratio), self._death(i, k) * number),
        ]
        for j in self.drugs:
            outside, inside, damage = f"drug{j}", f"p{i}_b{k}_drug{j}", f"p{i}_b{k}_damage{j}"
            into, out_of = {inside: +1, outside: -number * volume_ratio}, {inside: -1, outside: number * volume_ratio}
            drug_in = y[inside]
            blocked = self._pump_block(i, k, j)
            found += [
                Reaction(f"{inside} uptake", into, cell.pharmacology.uptake(y[outside], d[j])),
                Reaction(f"{inside} leak", out_of, cell.pharmacology.leak(drug_in, d[j])),
                Reaction(f"{inside} efflux", out_of, cell.pharmacology.efflux(drug_in, pgp, d[j], p, blocked)),
                Reaction(f"{inside} dilution", {inside: -1}, self._division(i, k) * drug_in),
                Reaction(f"{damage} change", {damage: +1}, cell.pharmacology.damage_change(y[damage], drug_in, d[j])),
            ]
        return found

    def _returned(self, i: int, k: int, volume_ratio) -> dict[str, Expr | float]:
        """Return what one dying cell leaves: itself less, its drugs and bound IL-6 back in the medium."""
        left: dict[str, Expr | float] = {f"p{i}_b{k}_cells": -1}
        for j in self.drugs:
            left[f"drug{j}"] = self.y[f"p{i}_b{k}_drug{j}"] * volume_ratio
        for name, carried in cell.receptor.CARRIES.items():
            for solute, count in carried.items():
                molecules = count * self.y[f"p{i}_{name}"] / (self.p.avogadro * self.p.medium_volume)
                left[solute] = left.get(solute, 0) + molecules
        return left

    def _division(self, i: int, k: int):
        crowding = sum(self._number(n) for n in self.populations) / self.p.capacity
        rate = cell.growth.division_rate(self._y(i), self._p(i), crowding)
        for j in self.drugs:
            rate *= 1 - cell.pharmacology.drug_arrest(self.y[f"p{i}_b{k}_damage{j}"], self._d(j))
        return rate

    def _death(self, i: int, k: int):
        tolerance = cell.survival.damage_tolerance(self._y(i), self._p(i))
        return sum(
            cell.pharmacology.drug_death(self.y[f"p{i}_b{k}_damage{j}"], tolerance, self._d(j)) for j in self.drugs
        )

    def _pump_block(self, i: int, k: int, j: int):
        """Return the sum of concentration over Ki: blockers of the medium, and the other substrates in the cell."""
        others = (cell.pharmacology.competition(self.y[f"p{i}_b{k}_drug{n}"], self._d(n)) for n in self.drugs if n != j)
        return self.y.pump_block + sum(others)

    def _cells(self, i: int, k: int):
        return self.y[f"p{i}_b{k}_cells"]

    def _number(self, i: int) -> Expr:
        from sympy import Add

        return Add(*(self._cells(i, k) for k in self.bins))

    def _y(self, i: int) -> Names:
        return Names({s.name: self.y[f"p{i}_{s.name}"] for s in cell.SPECIES})

    def _p(self, i: int) -> Names:
        return Names({name: self.p[f"p{i}_{name}"] for name in cell.cell_parameters()})

    def _d(self, j: int) -> Names:
        names = Pharmacology.load()["doxorubicin"].parameters
        return Names({name: self.p[f"d{j}_{name}"] for name in names})

    def _x(self, i: int) -> Names:
        own = self.p.self_exposure * cell.il6_gene.il6_secretion_rate(self._y(i), self._p(i))
        return Names(
            {
                "il6_at_cell": self.y.il6 + own,
                "il6_sil6r": self.y.il6_sil6r,
                "il6r_block": self.y.il6r_block,
                "jak_block": self.y.jak_block,
            }
        )

    def observables(self) -> dict[str, Expr]:
        """Return what readouts and conservation laws need."""
        from sympy import Add

        y, p = self.y, self.p
        found: dict[str, Expr] = {"cells": Add(*(self._number(i) for i in self.populations))}
        for i in self.populations:
            found[f"p{i}_cells"] = self._number(i)
            found[f"p{i}_cebp_activity"] = cell.cebp.cebp_activity(self._y(i), self._p(i))
            found[f"p{i}_stat3_activity"] = cell.jak_stat.stat3_activity(self._y(i), self._p(i))
            found[f"p{i}_pstat3_fraction"] = cell.jak_stat.pstat3_fraction(self._y(i), self._p(i))
            found[f"p{i}_pgp_surface"] = y[f"p{i}_pgp"] * self._pgp_of_living(i)
            found[f"p{i}_il6_secretion"] = cell.il6_gene.il6_secretion_rate(self._y(i), self._p(i))
            for j in self.drugs:
                found[f"p{i}_drug{j}"] = self._content(i, f"drug{j}") / (self._number(i) + p.cell_trace)
        for j in self.drugs:
            inside = sum(self._content(i, f"drug{j}") for i in self.populations)
            found[f"drug{j}_total"] = y[f"drug{j}"] + inside * p.cell_volume / p.medium_volume
        bound = sum(self._number(i) * self._bound(i) for i in self.populations)
        found["il6_total"] = y.il6 + y.il6_sil6r + y.il6_siltuximab + bound / (p.avogadro * p.medium_volume)
        return found

    def _content(self, i: int, what: str):
        return sum(self._cells(i, k) * self.y[f"p{i}_b{k}_{what}"] for k in self.bins)

    def _pgp_of_living(self, i: int):
        """Return P-gp of the cells that live over that of those that were seeded: a substrate selects high P-gp."""
        alive = sum(self._cells(i, k) * self.p[f"p{i}_pgp_factor_{k}"] for k in self.bins)
        return alive / (self._number(i) + self.p.cell_trace)

    def _bound(self, i: int):
        return sum(self.y[f"p{i}_{name}"] for name in cell.receptor.CARRIES)


def _prefixed(parameters: Parameters, prefix: str) -> Parameters:
    return Parameters(replace(q, name=prefix + q.name) for q in parameters.values())
