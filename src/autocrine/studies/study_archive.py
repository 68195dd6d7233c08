"""A study for everybody else's programs: a COMBINE archive with one model, and a simulation for each of its wells."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from autocrine.engine import Network, standards
from autocrine.evidence import load_library
from autocrine.studies.design import Design

FILE = "study.omex"
#: points of each course
_STEPS = 96
#: what a report gives: cells, what the medium holds, and what stands for the readouts of one population
_OUTPUTS = ("cells", "il6", "drug1", "p1_drug1", "p1_pgp", "p1_pgp_surface", "p1_cebp_activity", "p1_stat3_activity")
_OUTPUTS += ("p1_pstat3_fraction", "p1_mcl1", "p1_abcb1_mrna", "p1_socs3_mrna")


def write_study_archive(path: Path, design: Design) -> None:
    """Write the wells of the dose-responses of a study: each line under each dose of each drug in each arm.

    Noise, replicates, density series and co-cultures are not in it: they are what is done with such wells.

    Parameters
    ----------
    path : Path
        The archive.
    design : Design
        The study.
    """
    wells = [
        (f"{line}, {drug} {well.drugs[0][1]:.4g} nM, {arm.name}", well)
        for line in design.lines
        for drug in design.drugs
        for arm in design.arms
        for well in design.bench.series(line, drug, design.protocol, arm, design.doses(drug)).wells()
    ]
    built = [(name, well.network(design.bench.overrides)) for name, well in wells]
    first = built[0][1]
    courses = [
        standards.Course(name, _differences(first, network), design.protocol.end_h, _STEPS) for name, network in built
    ]
    base = Network(
        f"well of the study {design.name}",
        first.species,
        first.parameters,
        first.reactions,
        events=first.events,
        observables=first.observables,
    )
    standards.write_archive(base, path, courses, outputs=_OUTPUTS, references=load_library().addresses())


def _differences(first: Network, other: Network) -> dict[str, float]:
    """Return the parameters and initial levels of a well that are not those of the first one."""
    old, new = first.parameters.values_by_name, other.parameters.values_by_name
    found = {name: value for name, value in new.items() if value != old[name]}
    for one, two in zip(first.species, other.species, strict=True):
        before, after = (_level(each.initial) for each in (one, two))
        if before is not None and after is not None and before != after:
            found[two.name] = after
    return found


def _level(initial: Any) -> float | None:
    """Return an initial level that is a number; one that follows from parameters changes with them."""
    return float(initial) if initial.is_number else None
