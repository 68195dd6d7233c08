"""How well predicted risks agree with what happened: C-index, AUC at a time, Brier score, slope, net benefit.

Censored patients are stood for by others through the inverse probability of censoring, estimated by Kaplan-Meier
without covariates (Graf et al. 1999, Stat Med 18:2529; Uno et al. 2007, J Am Stat Assoc 102:527).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: risks at which a decision curve is drawn
THRESHOLDS = np.round(np.arange(0.02, 0.61, 0.02), 2)


@dataclass(frozen=True)
class Outcome:
    """Follow-up with the weights of censoring at a horizon.

    Attributes
    ----------
    time, event : ndarray (n,)
        Follow-up; 1 where the event was seen.
    horizon : float
        The time at which predictions are judged.
    weight : ndarray (n,)
        1/G(T-) for events until the horizon, 1/G(horizon) for patients followed beyond it, 0 for those lost before.
    """

    time: NDArray[np.float64]
    event: NDArray[np.float64]
    horizon: float
    weight: NDArray[np.float64]

    @classmethod
    def at(cls, time: NDArray[np.float64], event: NDArray[np.float64], horizon: float) -> Outcome:
        """Estimate the weights."""
        from lifelines import KaplanMeierFitter

        fitter = KaplanMeierFitter().fit(time, 1 - event)
        steps = fitter.survival_function_.index.to_numpy(dtype=float)
        level = fitter.survival_function_.iloc[:, 0].to_numpy(dtype=float)
        # just before a time: a patient is not censored by those who are censored at the same moment
        before = level[np.maximum(np.searchsorted(steps, time, side="left") - 1, 0)]
        beyond = level[max(int(np.searchsorted(steps, horizon, side="right")) - 1, 0)]
        weight = np.zeros(time.size)
        early, late = (time <= horizon) & (event == 1), time > horizon
        weight[early] = 1 / before[early]
        weight[late] = 1 / beyond if late.any() else 0.0
        return cls(time, event, horizon, weight)

    @property
    def case(self) -> NDArray[np.bool_]:
        """Who had the event until the horizon."""
        return (self.time <= self.horizon) & (self.event == 1)

    @property
    def control(self) -> NDArray[np.bool_]:
        """Who was followed beyond the horizon without it."""
        return self.time > self.horizon


def concordance(outcome: Outcome, risk: NDArray[np.float64]) -> float:
    """Return Harrell's C of a predicted risk; one half where nothing can be compared."""
    from lifelines.utils import concordance_index

    try:
        return float(concordance_index(outcome.time, -risk, outcome.event))
    except ZeroDivisionError:
        return 0.5


def auc_at(outcome: Outcome, risk: NDArray[np.float64]) -> float:
    """Return the cumulative/dynamic AUC at the horizon; NaN without cases or controls.

    The probability that a patient with the event until the horizon had a higher predicted risk than one without.
    """
    cases, controls = outcome.case, outcome.control
    if not cases.any() or not controls.any():
        return float("nan")
    below = np.sort(risk[controls])
    lower = np.searchsorted(below, risk[cases], side="left")
    equal = np.searchsorted(below, risk[cases], side="right") - lower
    weight = outcome.weight[cases]
    return float((weight * (lower + 0.5 * equal)).sum() / (weight.sum() * below.size))


def brier_at(outcome: Outcome, risk: NDArray[np.float64]) -> float:
    """Return the mean squared error of risks of the event until the horizon."""
    error = np.where(outcome.case, (1 - risk) ** 2, risk**2)
    return float((outcome.weight * error).sum() / outcome.time.size)


def net_benefit(outcome: Outcome, risk: NDArray[np.float64], thresholds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the net benefit of treating those whose risk is at least each threshold.

    True positives less false positives times the odds of the threshold, per patient (Vickers and Elkin 2006, Med Decis
    Making 26:565, doi:10.1177/0272989X06295361).
    """
    true = outcome.weight * outcome.case / outcome.time.size
    false = outcome.weight * outcome.control / outcome.time.size
    chosen = risk[None, :] >= thresholds[:, None]
    return chosen @ true - chosen @ false * thresholds / (1 - thresholds)


def observed_risk(outcome: Outcome) -> float:
    """Return the Kaplan-Meier risk of the event until the horizon."""
    from lifelines import KaplanMeierFitter

    survival = KaplanMeierFitter().fit(outcome.time, outcome.event).predict(outcome.horizon)
    return 1 - float(np.asarray(survival))


def usual_horizon(time: NDArray[np.float64], event: NDArray[np.float64]) -> float:
    """Return the upper quartile of the event times, or earlier where fewer than ten patients are still followed."""
    wanted = float(np.quantile(time[event == 1], 0.75))
    latest = float(np.sort(time)[-min(11, time.size)])
    return min(wanted, latest)
