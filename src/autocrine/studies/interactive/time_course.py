"""One well over time while a person waits: its molecules, its cells, and the map of the circuit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from autocrine.assay import Arm, readout
from autocrine.core import errors
from autocrine.studies.design import Design
from autocrine.studies.interactive.slider import moved_design
from autocrine.studies.report_pathway import circuit_map

#: output times of a course
_TIMES = 61
_RTOL = 1e-5


@dataclass(frozen=True)
class Level:
    """One curve of a course: its name in the network, what it is called, its unit, and its node on the map."""

    name: str
    label: str
    unit: str
    node: str


LEVELS = (
    Level("il6", "IL-6 in the medium", "ng/ml", "IL-6 outside"),
    Level("p1_il6_mrna", "IL6 mRNA", "molecule/cell", "IL6 mRNA"),
    Level("p1_il6r", "free IL-6R", "molecule/cell", "IL-6R"),
    Level("p1_receptor_complex", "active receptor complex", "molecule/cell", "gp130"),
    Level("p1_pstat3_fraction", "phosphorylated STAT3", "fraction of STAT3", "STAT3"),
    Level("p1_socs3", "SOCS3", "molecule/cell", "SOCS3"),
    Level("p1_cebp_activity", "C/EBP activity", "relative", "C/EBP"),
    Level("p1_abcb1_mrna", "ABCB1 mRNA", "molecule/cell", "ABCB1 mRNA"),
    Level("p1_pgp_surface", "P-gp at the surface", "molecule/cell", "P-gp"),
    Level("drug1", "drug in the medium", "nM", "drug outside"),
    Level("p1_drug1", "drug in the cells", "nM", "drug inside"),
    Level("p1_b3_damage1", "damage of a cell with usual P-gp", "relative", "damage"),
    Level("p1_mcl1", "MCL-1", "fold", "MCL-1"),
    Level("cells", "living cells", "cell", "growth"),
)


@dataclass(frozen=True)
class TimeCourse:
    """What happens in one well.

    Attributes
    ----------
    line, arm, drug : str
    dose_nM, added_h : float
        Dose of the drug, and when it is added.
    time_h : ndarray of shape (t,)
    levels : tuple of Level
    values : ndarray of shape (s, t)
        In the unit of each level.
    nodes, edges : list of mapping
        The map of the circuit.
    """

    line: str
    arm: str
    drug: str
    dose_nM: float
    added_h: float
    time_h: np.ndarray
    levels: tuple[Level, ...]
    values: np.ndarray
    nodes: list[dict[str, Any]]
    edges: list[dict[str, Any]]

    @property
    def sentence(self) -> str:
        """What the course says, in one sentence."""
        last = {each.name: self.values[place][-1] for place, each in enumerate(self.levels)}
        start = {each.name: self.values[place][0] for place, each in enumerate(self.levels)}
        grown = last["cells"] / start["cells"]
        return (
            f"After {self.time_h[-1]:g} h, {self.line} under {self.dose_nM:.3g} nM {self.drug} (arm {self.arm}) has "
            f"{grown:.3g} times the seeded cells, {last['il6']:.3g} ng/ml IL-6 and {last['p1_pgp_surface']:.3g} P-gp "
            "per cell."
        )


def time_course(
    design: Design, drug: str, values: Mapping[str, float], *, line: str, arm: str = "none", dose_nM: float
) -> TimeCourse:
    """Simulate one well from seeding to the readout.

    Raises
    ------
    errors.InputError
        If line, arm, drug or a slider is none of the study, or the dose is none.
    """
    arms = {each.name: each for each in design.arms} | {"none": Arm()}
    for what, given, known in (("line", line, design.lines), ("arm", arm, arms), ("drug", drug, design.drugs)):
        if given not in known:
            raise errors.InputError(f"the {what} must be one of the study", given, hint=", ".join(known))
    moved = moved_design(design, drug, values)
    arms = {each.name: each for each in moved.arms} | {"none": Arm()}
    well = moved.bench.dosed(line, drug, dose_nM, moved.protocol, arms[arm])
    times = np.linspace(0.0, moved.protocol.end_h, _TIMES)
    (course,) = moved.bench.run([well], lambda _: tuple(times), _RTOL)
    found = [
        readout.READOUTS["il6"].level(course) if each.name == "il6" else course.levels[each.name] for each in LEVELS
    ]
    nodes, edges = circuit_map(arms[arm].changes)
    return TimeCourse(
        line, arm, drug, dose_nM, moved.protocol.preincubation_h, times, LEVELS, np.array(found), nodes, edges
    )
