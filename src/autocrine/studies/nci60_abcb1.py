"""NCI-60: ABCB1 of NCI/ADR-RES over its true parent OVCAR-8."""

from __future__ import annotations

from autocrine.assay import Bench, Protocol
from autocrine.studies.published import Predictions, PublishedStudy

CULTURE = Protocol(seeded_cells=2e4, preincubation_h=0.0, duration_h=72.0)

FINDINGS = ("nci60-abcb1-rna", "nci60-abcb1-protein", "nci60-cebpb-protein")


def predict(bench: Bench) -> Predictions:
    """Return RNA and protein of the resistant line over the sensitive one, and C/EBP beta."""
    resistant, sensitive = bench.run([bench.well(name, CULTURE) for name in ("resistant", "sensitive")])

    def fold(*species: str) -> float:
        above, below = (sum(c.levels[f"p1_{name}"][-1] for name in species) for c in (resistant, sensitive))
        return float(above / below)

    return {
        "nci60-abcb1-rna": fold("abcb1_mrna"),
        "nci60-abcb1-protein": fold("pgp"),
        "nci60-cebpb-protein": fold("lap", "lip"),
    }


STUDY = PublishedStudy(
    "nci60_abcb1",
    "ABCB1 of NCI/ADR-RES over OVCAR-8",
    ((FINDINGS, predict),),
)
