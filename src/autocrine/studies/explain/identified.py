"""What the design of a laboratory can tell of the causes of resistance, before any value is looked at."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from autocrine.calibration import Posterior, design
from autocrine.studies.explain.laboratory import Laboratory

#: a cause whose uncertainty stays above this share of what was believed before is not told
_UNTOLD = 0.7
_CAUSES = ("pump_arm", "survival_arm", "loop", "copies", "other")


@dataclass(frozen=True)
class Identified:
    """What can be told.

    Attributes
    ----------
    sentences : tuple of str
        In words, the most important first.
    shrinkage : dict of str to float
        The expected uncertainty of each cause, in units of that before: 1 where nothing is told.
    """

    sentences: tuple[str, ...]
    shrinkage: dict[str, float]


def identified(laboratory: Laboratory, posterior: Posterior, points: np.ndarray) -> Identified:
    """Say what can be told.

    Parameters
    ----------
    laboratory : Laboratory
        Its arms and readouts.
    posterior : Posterior
        Of the model with every cause.
    points : ndarray of shape (n, p)
        Where the design is looked at, on the scales.
    """
    found = design.identify(posterior, points)
    causes = {
        name: share for name, share in found.shrinkage.items() if name.split("_")[0] in _CAUSES or name in _CAUSES
    }
    main = {name: share for name, share in causes.items() if name.count("_") < 2 or name in _CAUSES}
    told = [name for name, share in main.items() if share <= _UNTOLD]
    untold = [name for name in main if name not in told]
    sentences = []
    if untold:
        sentences.append(f"This design tells next to nothing of {', '.join(untold)}.")
    if told:
        sentences.append(f"It can tell {', '.join(told)}.")
    return Identified((*_by_arms(laboratory), *sentences), causes)


def _by_arms(laboratory: Laboratory) -> list[str]:
    """Say what is missing in the arms and drugs."""
    agents = {agent.target for well in laboratory.wells for agent, _ in well.arm.agents}
    found = []
    carried = [drug.name for drug in laboratory.drugs if drug.is_substrate]
    free = [drug.name for drug in laboratory.drugs if not drug.is_substrate]
    if not agents & {"il6", "il6r", "jak"}:
        text = "With no arm that blocks IL-6, its receptor or JAK, the loop cannot be told from other causes"
        found.append(text + (" but by the IL-6 that was measured." if "il6" in laboratory.readouts else "."))
    if "pgp" not in agents and "abcb1_mrna" not in laboratory.readouts and "pgp" not in laboratory.readouts:
        found.append("With no P-gp blocker and no measured ABCB1 or P-gp, only drugs tell the pump from other causes.")
    if not carried:
        found.append("No drug is carried by P-gp: pump arm and amplification cannot be seen.")
    if not free:
        found.append("Every drug is carried by P-gp: pump and survival arm are told apart by a P-gp blocker only.")
    return found
