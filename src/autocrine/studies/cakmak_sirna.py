"""Cakmak: siRNA against IL-6 in doxorubicin-selected MCF-7 lowers IL-6 by 36 % and ABCB1 by 45 %."""

from __future__ import annotations

import numpy as np

from autocrine.assay import Arm, Bench, Protocol
from autocrine.studies.published import Predictions, PublishedStudy, per_cent_change

#: conditions are ours: the abstract gives none
CULTURE = Protocol(seeded_cells=2e4, preincubation_h=0.0, duration_h=72.0)
VIABILITY = Protocol(seeded_cells=1e4, preincubation_h=24.0, duration_h=72.0)


def predict_fitted(bench: Bench) -> Predictions:
    """Return the changes of IL-6 and ABCB1 in per cent."""
    silenced, control = _arms(bench)
    wells = [bench.well("mcf7_dox", CULTURE, arm) for arm in (silenced, control)]
    il6, abcb1 = bench.levels("il6", wells), bench.levels("abcb1_mrna", wells)
    return {"cakmak-il6": per_cent_change(il6[0] / il6[1]), "cakmak-abcb1": per_cent_change(abcb1[0] / abcb1[1])}


def predict_held_out(bench: Bench) -> Predictions:
    """Return the IC50 under the siRNA over that of the control; MRP1 is no variable of the model."""
    doses = bench.drug("doxorubicin").parameters["potency"].value * np.geomspace(0.1, 1000.0, 13)
    silenced, control = bench.exact_ic50s(
        [bench.series("mcf7_dox", "doxorubicin", VIABILITY, arm, doses) for arm in _arms(bench)]
    )
    return {"cakmak-mrp1": None, "cakmak-doxorubicin": silenced / control}


def _arms(bench: Bench) -> tuple[Arm, Arm]:
    knockdown = bench.line("mcf7_dox_il6_sirna").values["sirna_il6"]
    return Arm("IL-6 siRNA", changes={"sirna_il6": knockdown}), Arm("control siRNA", changes={"sirna_il6": 0.0})


STUDY = PublishedStudy(
    "cakmak_sirna",
    "IL-6 siRNA in doxorubicin-selected MCF-7",
    (
        (("cakmak-il6", "cakmak-abcb1"), predict_fitted),
        (("cakmak-mrp1", "cakmak-doxorubicin"), predict_held_out),
    ),
)
