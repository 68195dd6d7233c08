"""Wang 2010: IL-6, added or made by a gene, in ovarian A2780; antisense IL-6 in SKOV3."""

from __future__ import annotations

import numpy as np

from autocrine.assay import Arm, Bench, Protocol, readout
from autocrine.studies.published import Predictions, PublishedStudy

VIABILITY = Protocol(seeded_cells=2e4, preincubation_h=24.0, duration_h=72.0)
DRUGS = ("cisplatin", "paclitaxel")
#: the dose is not in the abstract; the one that is usual for lines (fact P111), chosen by us
ADDED_NG_ML = 10.0
#: the knock-down by antisense is not in the abstract; chosen by us
ANTISENSE = 0.9

FINDINGS = (
    "wang2010-exogenous-cisplatin",
    "wang2010-exogenous-paclitaxel",
    "wang2010-transfected-cisplatin",
    "wang2010-transfected-paclitaxel",
    "wang2010-antisense-cisplatin",
    "wang2010-antisense-paclitaxel",
    "wang2010-mdr1",
    "wang2010-survival",
)


def predict(bench: Bench) -> Predictions:
    """Return folds of IC50 over the parent, ABCB1 mRNA and the survival factor."""
    plain = Arm()
    added = Arm("IL-6 added", il6_nM=ADDED_NG_ML / readout.NG_PER_ML_PER_NM)
    antisense = Arm("antisense IL-6", changes={"sirna_il6": ANTISENSE})
    found: dict[str, float | None] = {}
    for drug in DRUGS:
        doses = bench.drug(drug).parameters["potency"].value * np.geomspace(0.01, 300.0, 14)
        wanted = (("a2780", plain), ("a2780", added), ("a2780_il6", plain), ("skov3", plain), ("skov3", antisense))
        parent, exogenous, transfected, skov3, silenced = bench.exact_ic50s(
            [bench.series(line, drug, VIABILITY, arm, doses) for line, arm in wanted]
        )
        found[f"wang2010-exogenous-{drug}"] = exogenous / parent
        found[f"wang2010-transfected-{drug}"] = transfected / parent
        found[f"wang2010-antisense-{drug}"] = silenced / skov3
    parent_course, added_course = bench.run([bench.well("a2780", VIABILITY, arm) for arm in (plain, added)])
    for key, species in (("wang2010-mdr1", "p1_abcb1_mrna"), ("wang2010-survival", "p1_mcl1")):
        found[key] = added_course.levels[species][0] / parent_course.levels[species][0]
    return found


STUDY = PublishedStudy(
    "wang2010",
    "IL-6 in ovarian lines: a substrate and a drug that is none",
    ((FINDINGS, predict),),
)
