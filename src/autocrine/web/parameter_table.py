"""All parameters that a page can show: of the cell, the well, the lines and the drugs, each under one name."""

from __future__ import annotations

import functools
from dataclasses import replace

from autocrine.assay import Bench
from autocrine.circuit import Lines, Pharmacology, cell
from autocrine.core import Parameters


@functools.cache
def all_parameters() -> Parameters:
    """Return the parameters as they are used, each with the evidence that it had before the fit.

    What belongs to a line or a drug is named ``line.parameter`` and ``drug.parameter``.
    """
    start = Lines.load(fitted=False)
    found = [*cell.sourced_parameters().values(), *Bench().well_parameters.values()]
    for name, line in Lines.load().items():
        found += [
            replace(each, name=f"{name}.{each.name}", evidence=start[name].changes[each.name].evidence)
            for each in line.changes.values()
        ]
    for name, drug in Pharmacology.load().items():
        found += [replace(each, name=f"{name}.{each.name}") for each in drug.parameters.values()]
    return Parameters(found)
