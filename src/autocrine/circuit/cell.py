"""One whole cell: the pages of the circuit put together."""

from __future__ import annotations

import functools
import math
from dataclasses import replace
from importlib.resources import files

from autocrine.circuit import abcb1, cebp, growth, il6_gene, jak_stat, pharmacology, receptor, survival
from autocrine.circuit.baseline import Baseline
from autocrine.circuit.edge import edge_parameters
from autocrine.core import Document, Parameters, errors
from autocrine.engine import Names, Network, Reaction, Species

#: how cells divide and what drugs do in them: functions that a well or a tumour puts together
__all__ = ["SPECIES", "UNDILUTED", "cell", "cell_network", "cell_parameters", "check_value", "growth", "pharmacology"]
#: the pages, in the order in which the signal runs
PAGES = (il6_gene, receptor, jak_stat, cebp, abcb1, survival)
_TABLES = ("il6_gene", "receptor", "jak_stat", "cebp", "abcb1", "survival", "growth")
SPECIES: tuple[Species, ...] = tuple(species for page in PAGES for species in page.SPECIES)
#: molecules that are made anew in proportion to growth, and are therefore not diluted by division
UNDILUTED = ("mcl1",)

_SURROUNDINGS = """
[il6_at_cell]
value = 0.0
unit = "nM"
low = 0.0
high = 100.0
basis = "chosen"
note = "IL-6 that the cell sees"
[il6_sil6r]
value = 0.0
unit = "nM"
low = 0.0
high = 100.0
basis = "chosen"
note = "IL-6 on soluble IL-6R"
[il6r_block]
value = 0.0
unit = "1"
low = 0.0
high = 1e6
basis = "chosen"
note = "antibody against IL-6R over its Kd"
[jak_block]
value = 0.0
unit = "1"
low = 0.0
high = 1e6
basis = "chosen"
note = "JAK inhibitor over its IC50"
"""


def cell(y: Names, p: Names, x: Names) -> list[Reaction]:
    """Return all reactions of one cell at levels y, parameters p, surroundings x."""
    return [
        *il6_gene.il6_gene(y, p, x),
        *receptor.receptor(y, p, x),
        *jak_stat.jak_stat(y, p, x),
        *cebp.cebp(y, p, x),
        *abcb1.abcb1(y, p, x),
        *survival.survival(y, p, x),
    ]


@functools.cache
def cell_parameters(*, fitted: bool = True) -> Parameters:
    """Return the parameters of one cell, page by page, with the edges at the end.

    Parameters
    ----------
    fitted : bool
        Whether the values that the baseline fit found replace those from which it started.
    """
    folder = files("autocrine.circuit")
    tables = [
        Parameters.from_document(
            Document.parse((folder / f"{name}.toml").read_text(encoding="utf-8"), f"{name}.toml"), name
        )
        for name in _TABLES
    ]
    start = Parameters([]).joined(*tables, edge_parameters())
    if not fitted:
        return start
    found = Baseline.load().parameters
    return Parameters(replace(found[n], module=p.module) if n in found else p for n, p in start.items())


def sourced_parameters() -> Parameters:
    """Return the parameters of one cell as they are fitted, each with the evidence that it had before the fit."""
    before, fitted = cell_parameters(fitted=False), cell_parameters()
    return Parameters(replace(fitted[name], evidence=before[name].evidence) for name in fitted)


def check_value(name: str, value: float, where: str) -> float:
    """Return a value of a parameter of the cell, or refuse what no cell can have.

    Raises
    ------
    errors.InputError
        If it is not finite, negative where its range is not, or beyond 0 to 1 for an edge or an siRNA.
    """
    low = cell_parameters()[name].low
    if not math.isfinite(value):
        raise errors.InputError(f"{name} must be finite", value, where=where)
    if low >= 0 > value:
        raise errors.InputError(f"{name} must not be negative", value, where=where)
    if name.startswith(("edge_", "sirna_")) and value > 1:
        raise errors.InputError(f"{name} must lie between 0 and 1", value, where=where)
    return value


@functools.cache
def cell_network() -> Network:
    """Return one cell in surroundings that stay as they are: no medium, no division, no drug.

    What the cell gives to the medium or takes from it does not change the medium.
    """
    return Network.recalled(_cell_network, ["autocrine.circuit"], "cell")


def _cell_network() -> Network:
    inside = {species.name for species in SPECIES}

    def reactions(y: Names, p: Names, x: Names) -> list[Reaction]:
        return [
            Reaction(r.name, {name: n for name, n in r.stoichiometry.items() if name in inside}, r.rate)
            for r in cell(y, p, x)
            if any(name in inside for name in r.stoichiometry)
        ]

    surroundings = Parameters.from_document(Document.parse(_SURROUNDINGS, "surroundings"), "surroundings")
    return Network.from_function(
        "one cell",
        reactions,
        species=SPECIES,
        parameters=cell_parameters(),
        surroundings=surroundings,
    )
