"""C/EBP beta, whose long isoform LAP activates and whose short isoform LIP blocks, and C/EBP delta."""

from __future__ import annotations

from autocrine.circuit.jak_stat import stat3_activity
from autocrine.engine import Names, Reaction, Species

SPECIES = (
    Species("cebpb_mrna", "molecule/cell"),
    Species("lap", "molecule/cell"),
    Species("lip", "molecule/cell"),
    Species("cebpd_mrna", "molecule/cell"),
    Species("cebpd", "molecule/cell"),
)


def cebp(y: Names, p: Names, x: Names) -> list[Reaction]:
    """Return the reactions of the C/EBP family in one cell."""
    induction = p.edge_il6_cebp * stat3_activity(y, p)
    translation = p.k_cebp_translation * y.cebpb_mrna
    return [
        Reaction(
            "CEBPB transcription",
            {"cebpb_mrna": +1},
            p.s_cebpb * (p.cebpb_basal + induction) * (1 - p.sirna_cebpb),
        ),
        Reaction("CEBPB mRNA decay", {"cebpb_mrna": -1}, p.d_cebpb_mrna * y.cebpb_mrna),
        Reaction("LAP translation", {"lap": +1}, translation * (1 - p.lip_fraction)),
        Reaction("LAP decay", {"lap": -1}, p.d_cebpb * y.lap),
        Reaction("LIP translation", {"lip": +1}, translation * p.lip_fraction),
        Reaction("LIP decay", {"lip": -1}, p.d_cebpb * y.lip),
        Reaction("CEBPD transcription", {"cebpd_mrna": +1}, p.s_cebpd * induction * (1 - p.sirna_cebpd)),
        Reaction("CEBPD mRNA decay", {"cebpd_mrna": -1}, p.d_cebpd_mrna * y.cebpd_mrna),
        Reaction("C/EBP delta translation", {"cebpd": +1}, p.k_cebp_translation * y.cebpd_mrna),
        Reaction("C/EBP delta decay", {"cebpd": -1}, p.d_cebpd * y.cebpd),
    ]


def cebp_activity(y: Names, p: Names):
    """Return the occupancy of a C/EBP site by activating dimers, between 0 and 1.

    LIP and an expressed dominant-negative C/EBP compete for the same site.
    """
    activators = (y.lap + y.cebpd) / p.k_cebp_site
    blockers = (y.lip + p.cebp_dominant_negative) / p.k_cebp_site
    return activators / (1 + activators + blockers)
