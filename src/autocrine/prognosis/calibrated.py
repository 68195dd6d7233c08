"""Whether predicted risks are the risks that were seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from autocrine.prognosis.performance import Outcome, observed_risk

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Calibration:
    """Predicted against observed risk.

    Attributes
    ----------
    groups : DataFrame
        Columns ``group``, ``patients``, ``predicted``, ``observed``, ``low``, ``high``: means of groups of equal size
        by predicted risk, and Kaplan-Meier.
    ratio : float
        Observed over expected risk of all.
    """

    groups: pd.DataFrame
    ratio: float


def calibrate(outcome: Outcome, risk: NDArray[np.float64], *, groups: int = 5) -> Calibration:
    """Compare risks with Kaplan-Meier estimates in groups.

    Parameters
    ----------
    outcome : Outcome
        What happened.
    risk : ndarray (n,)
        Predicted risk of the event until the horizon.
    groups : int
        Number of groups, fewer where they would have under 15 patients.
    """
    from lifelines import KaplanMeierFitter

    count = max(2, min(groups, risk.size // 15))
    order = np.argsort(risk, kind="stable")
    rows = []
    for at, part in enumerate(np.array_split(order, count), start=1):
        fitter = KaplanMeierFitter().fit(outcome.time[part], outcome.event[part])
        band = fitter.confidence_interval_
        inside = band.index <= outcome.horizon
        low, high = band.loc[inside].iloc[-1].to_numpy(dtype=float)
        if low == 1.0:  # no event: the exact bound of those who were followed to the end
            low = 0.025 ** (1 / max(int((outcome.time[part] >= outcome.horizon).sum()), 1))
        rows.append(
            {
                "group": at,
                "patients": part.size,
                "predicted": float(risk[part].mean()),
                "observed": 1 - float(np.asarray(fitter.predict(outcome.horizon))),
                "low": 1 - float(high),
                "high": 1 - float(low),
            }
        )
    return Calibration(pd.DataFrame(rows), observed_risk(outcome) / float(risk.mean()))
