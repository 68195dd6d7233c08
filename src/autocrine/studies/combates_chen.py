"""Combates 1994, Chen 2004, Raguz 2008: what the mdr1 promoter needs to answer to C/EBP beta."""

from __future__ import annotations

from autocrine.assay import Arm, Bench, Protocol, readout
from autocrine.studies.published import Predictions, PublishedStudy

TRANSFECTED = Protocol(seeded_cells=2e4, preincubation_h=0.0, duration_h=48.0)
#: a vector makes C/EBP beta as a fully active IL-6 signal does; a dominant-negative in large excess: chosen by us
VECTOR = {"cebpb_basal": 1.0, "lip_fraction": 0.0}
LIP = {"cebpb_basal": 1.0, "lip_fraction": 1.0}
ADDED_NG_ML = 10.0

FINDINGS = (
    "chen2004-cebpb",
    "chen2004-lip",
    "chen2004-ybox",
    "combates1994-nfil6",
    "combates1994-element",
    "mdr1b-cebpb",
    "mdr1b-ybox",
    "raguz2008-promoter",
)


def predict(bench: Bench) -> Predictions:
    """Return ABCB1 mRNA over its control for vectors and promoter mutants."""
    arms = {
        "control": Arm(),
        "vector": Arm("C/EBP beta", changes=VECTOR),
        "lip": Arm("LIP", changes=LIP),
        "no Y box": Arm("C/EBP beta, Y box mutated", changes={**VECTOR, "y_box": 0.0}),
        "no element": Arm("C/EBP beta, element mutated", changes={**VECTOR, "edge_cebp_abcb1": 0.0}),
        "il6": Arm("IL-6", il6_nM=ADDED_NG_ML / readout.NG_PER_ML_PER_NM),
    }
    wells = [bench.well("sensitive", TRANSFECTED, arm) for arm in arms.values()]
    level = dict(zip(arms, bench.levels("abcb1_mrna", wells), strict=True))
    up = level["vector"] / level["control"]
    without_y_box = level["no Y box"] / level["vector"]
    return {
        "chen2004-cebpb": up,
        "chen2004-lip": level["lip"] / level["control"],
        "chen2004-ybox": without_y_box,
        "combates1994-nfil6": up,
        "combates1994-element": level["no element"] / level["vector"],
        "mdr1b-cebpb": up,
        "mdr1b-ybox": without_y_box,
        "raguz2008-promoter": level["il6"] / level["control"],
    }


STUDY = PublishedStudy(
    "combates_chen",
    "The mdr1 promoter: C/EBP beta, LIP, Y box",
    ((FINDINGS, predict),),
)
