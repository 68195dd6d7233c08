"""The ABCB1 (mdr1) promoter as a gate, its mRNA, and P-glycoprotein."""

from __future__ import annotations

from autocrine.circuit.cebp import cebp_activity
from autocrine.circuit.jak_stat import stat3_activity
from autocrine.engine import Names, Reaction, Species

SPECIES = (Species("abcb1_mrna", "molecule/cell"), Species("pgp", "molecule/cell"))


def abcb1(y: Names, p: Names, x: Names) -> list[Reaction]:
    """Return the reactions of ABCB1 in one cell.

    C/EBP works only through an intact Y box (Chen 2004 Mol Pharmacol 65:906; Combates 1994 J Biol Chem 269:29715), a
    leak does not need it. Amplification multiplies the gene, whatever opens it. In some tissues (hepatoma) IL-6 lowers
    ABCB1: ``abcb1_stat3_repression`` is zero in breast cells.
    """
    gate = p.y_box * p.edge_cebp_abcb1 * cebp_activity(y, p)
    promoter_open = (p.abcb1_leak + gate) / (1 + p.abcb1_stat3_repression * stat3_activity(y, p))
    return [
        Reaction(
            "ABCB1 transcription",
            {"abcb1_mrna": +1},
            p.s_abcb1 * p.abcb1_copies * promoter_open * (1 - p.sirna_abcb1),
        ),
        Reaction("ABCB1 mRNA decay", {"abcb1_mrna": -1}, p.d_abcb1_mrna * y.abcb1_mrna),
        Reaction("P-gp translation", {"pgp": +1}, p.k_pgp_translation * y.abcb1_mrna),
        Reaction("P-gp decay", {"pgp": -1}, p.d_pgp * y.pgp),
    ]


def resting_pgp(p: Names):
    """Return the P-gp of one gene dose through the leak alone: the amount to which the pump ratio of a drug refers."""
    mrna = p.s_abcb1 * p.abcb1_leak / p.d_abcb1_mrna
    return p.k_pgp_translation * mrna / p.d_pgp
