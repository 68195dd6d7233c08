"""Lee and Piquette-Miller 2001: in hepatoma IL-6 lowers ABCB1 or leaves it; the model is not told so."""

from __future__ import annotations

from autocrine.assay import Arm, Bench, Protocol, readout
from autocrine.studies.published import Predictions, PublishedStudy

EXPOSURE = Protocol(seeded_cells=2e4, preincubation_h=0.0, duration_h=24.0)
#: IL-6 of the experiment (facts P106, P107)
ADDED_NG_ML = 10.0

FINDINGS = ("lee2001-huh7-mdr1", "lee2001-hepg2-mdr1", "lee2001-huh7-mrp", "lee2001-hepg2-mrp")


def predict(bench: Bench) -> Predictions:
    """Return ABCB1 mRNA under IL-6 over control; MRP is no variable of the model."""
    arms = (Arm("IL-6", il6_nM=ADDED_NG_ML / readout.NG_PER_ML_PER_NM), Arm())
    found: dict[str, float | None] = {"lee2001-huh7-mrp": None, "lee2001-hepg2-mrp": None}
    for line in ("huh7", "hepg2"):
        treated, control = bench.levels("abcb1_mrna", [bench.well(line, EXPOSURE, arm) for arm in arms])
        found[f"lee2001-{line}-mdr1"] = treated / control
    return found


STUDY = PublishedStudy(
    "lee2001",
    "IL-6 in hepatoma: the sign of the effect on ABCB1",
    ((FINDINGS, predict),),
)
