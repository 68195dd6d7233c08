"""Whether the marker says for whom a treatment works: predictive, which is not prognostic."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from autocrine.prognosis.completed import EVENT
from autocrine.prognosis.cox import fit_cox, pool_fits

if TYPE_CHECKING:
    from autocrine.prognosis.cohort import Cohort
    from autocrine.prognosis.completed import Completed
    from autocrine.prognosis.pooled import Pooled


@dataclass(frozen=True)
class Interaction:
    """Marker by treatment.

    Attributes
    ----------
    pooled : Pooled
        The full model with the product of marker and treatment.
    arms : DataFrame
        Columns ``arm``, ``patients``, ``events`` and the marker's effect in each arm.
    ratio : dict
        The ratio of the two hazard ratios, with interval and p: the test of prediction.
    """

    pooled: Pooled
    arms: pd.DataFrame
    ratio: dict[str, float]


def fit_interaction(cohort: Cohort, completed: Completed) -> Interaction:
    """Fit the full model with the product of marker and treatment.

    Parameters
    ----------
    cohort : Cohort
        Names the arms.
    completed : Completed
        Patients without gaps, with a treatment.
    """
    marker, treatment = completed.marker, completed.treatment
    product = f"{marker} x {treatment}"
    terms = [*completed.full, product]
    fits = [fit_cox(f.assign(**{product: f[marker] * f[treatment]}), terms) for f in completed.frames]
    pooled = pool_fits(fits)
    frame, rows = completed.frames[0], []
    for code, arm in enumerate(cohort.arms):
        weights = np.zeros(len(terms))
        weights[terms.index(marker)], weights[terms.index(product)] = 1.0, float(code)
        mine = (frame[treatment] == code).to_numpy()
        events = int(frame.loc[mine, EVENT].sum())
        effect = pooled.contrast(weights, arm).row(arm)
        rows.append({"arm": f"{treatment} = {arm}", "patients": int(mine.sum()), "events": events, **effect})
    return Interaction(pooled, pd.DataFrame(rows), pooled.row(product))
