"""Duan 2002: the IL6 gene in osteosarcoma U-2OS gives resistance while the transporters stay as they were."""

from __future__ import annotations

import numpy as np

from autocrine.assay import Arm, Bench, Protocol
from autocrine.studies.published import Predictions, PublishedStudy

#: 1e6 cells/ml for two days give about 10 ng/ml; density and time are assumed (fact P118)
CULTURE = Protocol(seeded_cells=1e5, capacity_cells=1.2e5, preincubation_h=0.0, duration_h=48.0)
#: viability after three days, from the same wells that have conditioned their medium
VIABILITY = Protocol(seeded_cells=5e4, capacity_cells=1.2e5, preincubation_h=24.0, duration_h=72.0)
FITTED = ("paclitaxel", "doxorubicin")
HELD_OUT = ("mitoxantrone", "topotecan")


def predict_fitted(bench: Bench) -> Predictions:
    """Return folds of IC50 of the transfectant, its IL-6, and its P-gp."""
    folds = _folds(bench, FITTED, Arm())
    transfected, parental = (bench.well(name, CULTURE) for name in ("u2os_il6", "u2os"))
    il6 = bench.levels("il6", [transfected, parental])
    pgp = bench.levels("abcb1_mrna", [transfected, parental])
    return {
        **{f"duan2002-{drug}": fold for drug, fold in folds.items()},
        "duan2002-il6-transfectant": il6[0],
        "duan2002-il6-parental": il6[1],
        "duan2002-pgp": pgp[0] / pgp[1],
    }


def predict_held_out(bench: Bench) -> Predictions:
    """Return what no fit sees: two more drugs, verapamil, and controls that the model has no variable for."""
    plain = _folds(bench, (*HELD_OUT, "paclitaxel"), Arm())
    blocked = _folds(bench, ("paclitaxel",), _verapamil(bench))
    return {
        **{f"duan2002-{drug}": plain[drug] for drug in HELD_OUT},
        "duan2002-verapamil": blocked["paclitaxel"] / plain["paclitaxel"],
        "duan2002-other-transporters": None,
        "duan2002-il8": None,
    }


def _folds(bench: Bench, drugs: tuple[str, ...], arm: Arm) -> dict[str, float]:
    series = []
    for drug in drugs:
        doses = bench.drug(drug).parameters["potency"].value * np.geomspace(0.1, 100.0, 9)
        series += [bench.series(line, drug, VIABILITY, arm, doses) for line in ("u2os_il6", "u2os")]
    ic50 = bench.exact_ic50s(series)
    return {drug: ic50[2 * k] / ic50[2 * k + 1] for k, drug in enumerate(drugs)}


def _verapamil(bench: Bench) -> Arm:
    verapamil = bench.drug("verapamil")
    return Arm("verapamil", agents=((verapamil, float(verapamil.doses_nM[0])),))


STUDY = PublishedStudy(
    "duan2002",
    "IL6 gene in U-2OS: resistance without P-gp",
    (
        (
            (
                "duan2002-paclitaxel",
                "duan2002-doxorubicin",
                "duan2002-il6-transfectant",
                "duan2002-il6-parental",
                "duan2002-pgp",
            ),
            predict_fitted,
        ),
        (
            (
                "duan2002-mitoxantrone",
                "duan2002-topotecan",
                "duan2002-verapamil",
                "duan2002-other-transporters",
                "duan2002-il8",
            ),
            predict_held_out,
        ),
    ),
)
