"""The survival arm: an MCL-1/BCL-xL-like factor that lets a cell bear more damage of any drug."""

from __future__ import annotations

from autocrine.circuit.jak_stat import stat3_activity
from autocrine.circuit.receptor import active_receptors
from autocrine.engine import Names, Reaction, Species

SPECIES = (Species("mcl1", "fold", initial=1.0),)


def survival(y: Names, p: Names, x: Names) -> list[Reaction]:
    """Return the reactions of the survival factor, relative to its level without IL-6.

    STAT3 and the ERK/Akt branch, which leaves the receptor directly, share the drive. Synthesis keeps pace with growth,
    therefore the relative level is not diluted.
    """
    receptors = active_receptors(y, p, x)
    erk_akt = receptors / (p.k_erk_akt + receptors)
    drive = p.stat3_share * stat3_activity(y, p) + (1 - p.stat3_share) * erk_akt
    return [
        Reaction(
            "survival factor synthesis",
            {"mcl1": +1},
            p.d_mcl1 * p.mcl1_resting * (1 + p.edge_il6_survival * p.survival_gain * drive) * (1 - p.sirna_mcl1),
        ),
        Reaction("survival factor decay", {"mcl1": -1}, p.d_mcl1 * y.mcl1),
    ]


def damage_tolerance(y: Names, p: Names):
    """Return the factor by which the survival factor raises the damage that kills (1 without IL-6)."""
    return p.tolerance_floor + (1 - p.tolerance_floor) * y.mcl1 / p.mcl1_resting
