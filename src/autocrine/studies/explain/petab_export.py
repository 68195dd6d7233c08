"""An explanation as a problem of PEtab 2, which other programs can fit, with every cause free.

The wells are the exact ones, so the likelihood is that with which draws are weighted. Values below or above a limit of
detection cannot be said in PEtab: they are left out, and counted in a note.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from autocrine.assay import readout
from autocrine.calibration import given
from autocrine.core import errors
from autocrine.engine import standards
from autocrine.studies.explain.causes import OF_DRUG, WITHOUT, scale_of
from autocrine.studies.explain.emulator import Emulator
from autocrine.studies.explain.laboratory import LEVELS, line_of, plain

if TYPE_CHECKING:
    from autocrine.assay.well import Well
    from autocrine.engine.petab import Problem

#: priors without bounds are cut so many standard deviations from their centres: 1e-9 of their mass is beyond
_REACH = 6.0
_REF = "ref_"


def export_petab(emulator: Emulator, folder: Path) -> list[str]:
    """Write the problem to a folder, and return notes on what it does not hold.

    Parameters
    ----------
    emulator : Emulator
        The laboratory.
    folder : Path
        Where; it is made.

    Raises
    ------
    OutputError
        If a file cannot be written.
    """
    try:
        problem, notes = problem_of(emulator)
    except errors.InputError as error:
        return [f"No PEtab: {error}"]
    standards.write_petab(problem, folder, 2)
    return notes


def problem_of(emulator: Emulator) -> tuple[Problem, list[str]]:
    """Return the problem, and notes on what it does not hold.

    Raises
    ------
    InputError
        If it cannot be said in PEtab.
    """
    lab, priors = emulator.laboratory, emulator.causes.priors
    names = identifiers(priors)
    exact = [row for row in lab.measurements if row.kind == "exact"]
    notes = []
    if len(exact) < len(lab.measurements):
        left = len(lab.measurements) - len(exact)
        notes.append(f"PEtab has no censored values: {left} below or above a limit of detection are left out of it.")
    if not exact:
        raise errors.InputError("there must be a value that is not censored", 0)
    formulas = {place: _formulas(well, names) for place, well in enumerate(lab.wells)}
    values = []
    for row in exact:
        against = row.well if row.against is None else row.against
        place = {"observableId": _observable(row.readout, row.against is not None), "measurement": row.value}
        if row.readout == "viability":
            place["observableParameters"] = names[scale_of(lab.wells[row.well])]
        values.append((lab.wells[row.well], lab.wells[against], formulas[row.well], formulas[against], place))
    used = {(row.readout, row.against is not None) for row in exact}
    observables = pd.DataFrame([_observed(*each, names) for each in sorted(used)])
    problem = emulator.bench.paired_problem(values, _parameters(priors, names), observables)
    return problem, notes


def identifiers(priors: given.Priors) -> dict[str, str]:
    """Return names that PEtab can read, each once, by the names of parameters."""
    found: dict[str, str] = {}
    for name in priors.names:
        one = re.sub(r"\W", "_", name, flags=re.ASCII)
        taken = set(found.values())
        found[name] = (
            one if one not in taken else next(f"{one}_{k}" for k in range(2, 1000) if f"{one}_{k}" not in taken)
        )
    return found


def _formulas(well: Well, names: Mapping[str, str]) -> dict[str, str]:
    """Return `Causes.line_values` as formulas."""
    line = line_of(well)

    def at(*words: str) -> str:
        return names.get(plain(*words), repr(WITHOUT.get(words[0], 0.0)))

    found = {
        "p1_edge_il6_cebp": at("pump_arm"),
        "p1_survival_gain": at("survival_arm"),
        "p1_il6_nfkb": at("loop", line),
        "p1_abcb1_copies": at("copies", line),
        "p1_division_rate_max": at("division", line),
    }
    if not well.drugs:
        return found
    drug = well.drugs[0][0]
    found |= {f"d1_{name}": at(name, drug.name) for name in (*OF_DRUG, *(("pump_ratio",) if drug.is_substrate else ()))}
    other = [names[name] for name in (plain("other", line), plain("other", line, drug.name)) if name in names]
    if other:
        found["d1_potency"] += f" * exp({' + '.join(other)})"
    return found


def _observable(name: str, compared: bool) -> str:
    # species of the model have the plain names
    return f"measured_{name}" if compared or name == "il6" else f"measured_{name}_alone"


def _observed(name: str, compared: bool, names: Mapping[str, str]) -> dict[str, str]:
    level = LEVELS[name]
    formula = f"{level} / {_REF}{level}" if compared else level
    if name == "viability":
        formula = f"{names['offset_viability']} + scale * {formula}"
    if name == "il6":
        formula = f"{names['scale_il6']} * {readout.NG_PER_ML_PER_NM!r} * {formula}"
    return {
        "observableId": _observable(name, compared),
        "observableFormula": formula,
        "observablePlaceholders": "scale" if name == "viability" else "",
        "noiseFormula": names[plain("noise", name)],
        "noiseDistribution": "normal" if name == "viability" else "log-normal",
    }


def _parameters(priors: given.Priors, names: Mapping[str, str]) -> pd.DataFrame:
    rows = []
    for name, prior in priors.items():
        low = max(prior.lower, prior.centre - _REACH * prior.width)
        high = min(prior.upper, prior.centre + _REACH * prior.width)
        on_log = prior.scale == "log"
        low, middle, high = (math.exp(each) if on_log else each for each in (low, prior.inside, high))
        rows.append(
            {
                "parameterId": names[name],
                "parameterName": name,
                "lowerBound": low,
                "upperBound": high,
                "nominalValue": middle,
                "estimate": "true",
                "priorDistribution": "log-normal" if on_log else "normal",
                "priorParameters": f"{prior.centre!r};{prior.width!r}",
            }
        )
    return pd.DataFrame(rows)
