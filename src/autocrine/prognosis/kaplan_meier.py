"""Kaplan-Meier curves with numbers at risk, medians and the log-rank test."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class SurvivalCurves:
    """Curves of groups.

    Attributes
    ----------
    curves : DataFrame
        Columns ``group``, ``time``, ``survival``, ``low``, ``high``: steps.
    at_risk : DataFrame
        Columns ``group``, ``time``, ``at_risk``.
    groups : DataFrame
        Columns ``group``, ``patients``, ``events``, ``median``, ``median_low``, ``median_high``.
    statistic, p : float
        Log-rank over all groups; NaN for one group.
    """

    curves: pd.DataFrame
    at_risk: pd.DataFrame
    groups: pd.DataFrame
    statistic: float
    p: float


def survival_curves(
    time: NDArray[np.float64], event: NDArray[np.float64], group: NDArray[np.object_], names: Sequence[str]
) -> SurvivalCurves:
    """Estimate survival in groups.

    Parameters
    ----------
    time, event : ndarray (n,)
        Follow-up, and 1 where the event was seen.
    group : ndarray (n,)
        Group of each patient.
    names : sequence of str
        The groups in their order.

    Notes
    -----
    Intervals are those of log(-log S), and for the median where these cross one half.
    """
    from lifelines.statistics import multivariate_logrank_test

    parts = [_curve(time[group == name], event[group == name], name) for name in names if np.any(group == name)]
    ticks = _ticks(float(time.max()))
    risk = pd.DataFrame(
        [
            {"group": name, "time": tick, "at_risk": int(((group == name) & (time >= tick)).sum())}
            for name in names
            for tick in ticks
        ]
    )
    statistic = p = float("nan")
    if len(parts) > 1:
        found = multivariate_logrank_test(time, group, event)
        statistic, p = float(found.test_statistic), float(found.p_value)
    curves = pd.concat([part[0] for part in parts], ignore_index=True)
    return SurvivalCurves(curves, risk, pd.DataFrame([part[1] for part in parts]), statistic, p)


def _curve(time: NDArray[np.float64], event: NDArray[np.float64], name: str) -> tuple[pd.DataFrame, dict]:
    from lifelines import KaplanMeierFitter
    from lifelines.utils import median_survival_times

    fitter = KaplanMeierFitter().fit(time, event)
    band = fitter.confidence_interval_
    curve = pd.DataFrame(
        {
            "group": name,
            "time": fitter.survival_function_.index.to_numpy(dtype=float),
            "survival": fitter.survival_function_.iloc[:, 0].to_numpy(dtype=float),
            "low": band.iloc[:, 0].to_numpy(dtype=float),
            "high": band.iloc[:, 1].to_numpy(dtype=float),
        }
    )
    limits = np.asarray(median_survival_times(band), dtype=float).ravel()
    row = {
        "group": name,
        "patients": time.size,
        "events": int(event.sum()),
        "median": float(fitter.median_survival_time_),
        "median_low": float(limits[0]),
        "median_high": float(limits[1]),
    }
    return curve, row


def _ticks(last: float) -> NDArray[np.float64]:
    """Return about six round times from 0 on."""
    rough = last / 5
    scale = 10 ** np.floor(np.log10(rough))
    step = next(k for k in (1, 2, 2.5, 5, 10) if k * scale >= rough) * scale
    return np.arange(0.0, last, step)


def median_follow_up(time: NDArray[np.float64], event: NDArray[np.float64]) -> float:
    """Return the median follow-up by the reverse Kaplan-Meier estimate; infinite if it is not reached."""
    from lifelines import KaplanMeierFitter

    return float(KaplanMeierFitter().fit(time, 1 - event).median_survival_time_)


def thirds(values: NDArray[np.float64]) -> tuple[NDArray[np.object_], list[str]]:
    """Put values into thirds, which no outcome has chosen; unknown values are in no group.

    Returns
    -------
    groups : ndarray of str
        ``low``, ``middle``, ``high``, or an empty text where the value is unknown.
    names : list of str
        Groups that have patients; two halves where a third would be empty.
    """
    known = values[~np.isnan(values)]
    for quantiles, names in (((1 / 3, 2 / 3), ["low", "middle", "high"]), ((0.5,), ["low", "high"])):
        cuts = np.quantile(known, quantiles)
        place = np.searchsorted(cuts, values, side="left")
        groups = np.array(names, dtype=object)[np.minimum(place, len(names) - 1)]
        groups[np.isnan(values)] = ""
        if all(np.any(groups == name) for name in names):
            return groups, names
    middle = float((known.min() + known.max()) / 2)
    groups = np.where(np.isnan(values), "", np.where(values <= middle, "low", "high")).astype(object)
    return groups, ["low", "high"]
