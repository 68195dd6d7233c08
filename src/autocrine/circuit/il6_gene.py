"""The IL6 gene: what switches it on, its mRNA, and the IL-6 that leaves the cell."""

from __future__ import annotations

from autocrine.circuit.cebp import cebp_activity
from autocrine.circuit.jak_stat import stat3_activity
from autocrine.engine import Names, Reaction, Species

SPECIES = (Species("il6_mrna", "molecule/cell"),)


def il6_gene(y: Names, p: Names, x: Names) -> list[Reaction]:
    """Return the reactions of the IL6 gene of one cell.

    The promoter adds a basal leak, a transgene (transfection), the NF-kB input and the positive feedback, for which
    C/EBP and STAT3 are both needed. All are relative to one transgene.
    """
    feedback = p.edge_feedback_il6 * p.il6_feedback * cebp_activity(y, p) * stat3_activity(y, p)
    drive = p.il6_basal + p.il6_transgene + p.edge_nfkb_il6 * p.il6_nfkb + feedback
    return [
        Reaction("IL6 transcription", {"il6_mrna": +1}, p.s_il6 * drive * (1 - p.sirna_il6)),
        Reaction("IL6 mRNA decay", {"il6_mrna": -1}, p.d_il6_mrna * y.il6_mrna),
        Reaction("IL-6 secretion", {"il6": +1}, il6_secretion_rate(y, p)),
    ]


def il6_secretion_rate(y: Names, p: Names):
    """Return the IL-6 that one cell secretes, in molecules per cell and hour."""
    return p.k_il6_secretion * y.il6_mrna
