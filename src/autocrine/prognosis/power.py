"""What these patients could have shown: power for effects named before, and the smallest effect with 80 %.

Power at the effect that was found is not given: it says nothing that its p does not (Hoenig and Heisey 2001, Am Stat
55:19, doi:10.1198/000313001300339897).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from autocrine.prognosis.completed import Completed

_LEVEL, _WANTED = 0.05, 0.8
_EFFECTS = (1.2, 1.3, 1.5, 2.0)


@dataclass(frozen=True)
class Power:
    """Power of a Cox regression with these events.

    Attributes
    ----------
    events : int
        Events in the cohort.
    explained : float
        Squared multiple correlation of the marker with the clinical columns.
    detectable : float
        Smallest hazard ratio per standard deviation found with a power of 80 % at 5 %, two-sided.
    table : DataFrame
        Columns ``ratio`` (per standard deviation), ``power``, ``events_needed`` for 80 %.
    interaction_detectable : float
        Smallest ratio of hazard ratios between the arms with 80 %; NaN without a treatment.
    """

    events: int
    explained: float
    detectable: float
    table: pd.DataFrame
    interaction_detectable: float


def power_of(events: float, ratio: float, *, explained: float = 0.0, variance: float = 1.0) -> float:
    """Return the power to find a hazard ratio per unit of a covariate at 5 %, two-sided.

    Parameters
    ----------
    events : float
        Number of events.
    ratio : float
        Hazard ratio per unit.
    explained : float
        Squared multiple correlation with the other covariates.
    variance : float
        Variance of the covariate.

    References
    ----------
    Hsieh and Lavori 2000, Control Clin Trials 21:552, doi:10.1016/S0197-2456(00)00104-5; Schoenfeld 1983, Biometrics
    39:499.
    """
    from scipy import stats

    shift = abs(math.log(ratio)) * math.sqrt(events * variance * (1 - explained))
    edge = stats.norm.isf(_LEVEL / 2)
    return float(stats.norm.sf(edge - shift) + stats.norm.cdf(-edge - shift))


def events_needed(ratio: float, *, explained: float = 0.0, variance: float = 1.0, power: float = _WANTED) -> float:
    """Return the events with which a hazard ratio is found with a given power."""
    return _quantiles(power) ** 2 / (math.log(ratio) ** 2 * variance * (1 - explained))


def detectable_ratio(events: float, *, explained: float = 0.0, variance: float = 1.0, power: float = _WANTED) -> float:
    """Return the smallest hazard ratio above 1 that is found with a given power."""
    return math.exp(_quantiles(power) / math.sqrt(events * variance * (1 - explained)))


def _quantiles(power: float) -> float:
    from scipy import stats

    return float(stats.norm.isf(_LEVEL / 2) + stats.norm.ppf(power))


def find_power(completed: Completed) -> Power:
    """Return the power of a cohort for the adjusted effect of the marker."""
    events = int(completed.events.sum())
    explained = float(np.mean([_explained(frame, completed) for frame in completed.frames]))
    rows = [
        {
            "ratio": ratio,
            "power": power_of(events, ratio, explained=explained),
            "events_needed": math.ceil(events_needed(ratio, explained=explained)),
        }
        for ratio in _EFFECTS
    ]
    between = float("nan")
    if completed.treatment:
        share = float(completed.frames[0][completed.treatment].mean())
        # the product of a marker with variance 1 and an arm of this share, given both of them
        between = detectable_ratio(events, explained=explained, variance=share * (1 - share))
    return Power(events, explained, detectable_ratio(events, explained=explained), pd.DataFrame(rows), between)


def _explained(frame: pd.DataFrame, completed: Completed) -> float:
    if not completed.clinical:
        return 0.0
    X = np.column_stack([np.ones(len(frame)), frame[completed.clinical].to_numpy(dtype=float)])
    y = frame[completed.marker].to_numpy(dtype=float)
    residual = y - X @ np.linalg.lstsq(X, y, rcond=None)[0]
    return min(float(1 - residual.var() / y.var()), 0.99)
