"""JAK phosphorylates STAT3, nuclear pSTAT3 acts, SOCS3 brakes."""

from __future__ import annotations

from autocrine.circuit.receptor import active_receptors
from autocrine.engine import Names, Reaction, Species

#: real powers need a base above zero: below this ratio a promoter counts as empty
FLOOR = 1e-9

SPECIES = (
    Species("pstat3", "molecule/cell"),
    Species("pstat3_nuclear", "molecule/cell"),
    Species("socs3_mrna", "molecule/cell"),
    Species("socs3", "molecule/cell"),
)


def jak_stat(y: Names, p: Names, x: Names) -> list[Reaction]:
    """Return the reactions of STAT3 and SOCS3 in one cell.

    STAT3 itself is abundant and long-lived: its total is a parameter. SOCS3 slows the kinase (Sobotta 2017,
    doi 10.3389/fphys.2017.00775) and speeds the loss of active receptors (page ``receptor``).
    """
    unphosphorylated = 1 - (y.pstat3 + y.pstat3_nuclear) / (p.stat3_total * (1 - p.sirna_stat3) + p.stat3_trace)
    brake = 1 + p.edge_socs3 * y.socs3 / p.k_socs3_brake
    return [
        Reaction(
            "STAT3 phosphorylation",
            {"pstat3": +1},
            p.k_stat3_phosphorylation * active_receptors(y, p, x) * unphosphorylated / brake,
        ),
        Reaction("pSTAT3 nuclear import", {"pstat3": -1, "pstat3_nuclear": +1}, p.k_pstat3_import * y.pstat3),
        Reaction("pSTAT3 dephosphorylation", {"pstat3_nuclear": -1}, p.k_stat3_dephosphorylation * y.pstat3_nuclear),
        Reaction(
            "SOCS3 transcription",
            {"socs3_mrna": +1},
            p.s_socs3 * (1 - p.sirna_socs3) * _hill(y.pstat3_nuclear, p.k_pstat3_socs3, p.n_stat3_socs3),
        ),
        Reaction("SOCS3 mRNA decay", {"socs3_mrna": -1}, p.d_socs3_mrna * y.socs3_mrna),
        Reaction("SOCS3 translation", {"socs3": +1}, p.k_socs3_translation * y.socs3_mrna),
        Reaction("SOCS3 decay", {"socs3": -1}, p.d_socs3 * y.socs3),
    ]


def stat3_activity(y: Names, p: Names):
    """Return the occupancy of STAT3's target promoters, between 0 and 1."""
    return _hill(y.pstat3_nuclear, p.k_pstat3_target, p.n_stat3_target)


def pstat3_fraction(y: Names, p: Names):
    """Return the phosphorylated share of the STAT3 that a cell has without siRNA."""
    return (y.pstat3 + y.pstat3_nuclear) / p.stat3_total


def _hill(level, half, n):
    import sympy

    raised = sympy.Max(level / half, FLOOR) ** n
    return raised / (1 + raised)
