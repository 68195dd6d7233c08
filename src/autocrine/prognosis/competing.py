"""Competing events: cumulative incidence by Aalen and Johansen, Gray's test, and two regressions for each cause.

The cause-specific hazard ratio says what the marker does to the rate of a cause among those still free of both; the
subdistribution hazard ratio (Fine and Gray) what it does to how many will have it. The two may differ in direction.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from autocrine.core import errors
from autocrine.prognosis.completed import EVENT, STATUS
from autocrine.prognosis.cox import fit_cox, pool_fits
from autocrine.prognosis.gray import compare_incidence
from autocrine.prognosis.subdistribution import fit_subdistribution

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from autocrine.prognosis.completed import Completed
    from autocrine.prognosis.pooled import Pooled

CAUSES = {1: "event", 2: "competing event"}


@dataclass(frozen=True)
class CompetingRisks:
    """Both causes.

    Attributes
    ----------
    incidence : DataFrame
        Columns ``group``, ``cause``, ``time``, ``incidence``, ``low``, ``high``.
    hazards : DataFrame
        The marker's row of the full model for each cause, with column ``cause``.
    subdistribution : DataFrame
        The same of Fine and Gray's regression.
    gray : DataFrame
        Columns ``cause``, ``statistic``, ``degrees``, ``p``: Gray's test between the groups.
    naive : DataFrame
        Columns ``group``, ``time``, ``naive``, ``incidence``: 1 - Kaplan-Meier with competing events censored, beside
        the incidence, at the last time; their difference is what ignoring the other cause does.
    notes : list of str
        Causes that could not be fitted.
    """

    incidence: pd.DataFrame
    hazards: pd.DataFrame
    subdistribution: pd.DataFrame
    gray: pd.DataFrame
    naive: pd.DataFrame
    notes: list[str]


def competing_risks(completed: Completed, group: NDArray[np.object_], names: Sequence[str]) -> CompetingRisks:
    """Estimate incidences in groups of the marker and the marker's effect on each cause.

    Parameters
    ----------
    completed : Completed
        Patients without gaps.
    group : ndarray (n,)
        Group of each patient.
    names : sequence of str
        Groups in their order.
    """
    frame = completed.frames[0]
    time, status = completed.times, frame[STATUS].to_numpy(dtype=int)
    parts = [cumulative_incidence(time[group == name], status[group == name]).assign(group=name) for name in names]
    incidence = pd.concat(parts, ignore_index=True)
    notes: list[str] = []
    hazards = _marker_rows(completed, status, _cause_specific, "cause-specific", notes)
    subdistribution = _marker_rows(completed, status, _subdistribution, "Fine-Gray", notes)
    known = np.isin(group, list(names))
    tests = [
        {"cause": words, **dict(zip(("statistic", "degrees", "p"), tested, strict=True))}
        for cause, words in CAUSES.items()
        for tested in (compare_incidence(time[known], status[known], group[known], cause),)
    ]
    naive = pd.DataFrame([_naive(time, status, group, name, incidence) for name in names])
    return CompetingRisks(incidence, hazards, subdistribution, pd.DataFrame(tests), naive, notes)


def _cause_specific(completed: Completed, cause: int) -> Pooled:
    frames = [one.assign(**{EVENT: (one[STATUS] == cause).astype(float)}) for one in completed.frames]
    return pool_fits([fit_cox(one, completed.full) for one in frames])


def _subdistribution(completed: Completed, cause: int) -> Pooled:
    return fit_subdistribution(completed.frames, completed.full, cause)


def _marker_rows(
    completed: Completed,
    status: NDArray[np.int64],
    fit: Callable[[Completed, int], Pooled],
    kind: str,
    notes: list[str],
) -> pd.DataFrame:
    """Return the marker's row of a regression for each cause, and note where there is no estimate."""
    rows = []
    for cause, words in CAUSES.items():
        try:
            row = fit(completed, cause).row(completed.marker)
        except errors.InputError as error:
            notes.append(f"{words}, {kind}: {error}")
            continue
        rows.append({"cause": words, "events": int((status == cause).sum()), **row})
    return pd.DataFrame(rows)


def cumulative_incidence(time: NDArray[np.float64], status: NDArray[np.int64]) -> pd.DataFrame:
    """Return the Aalen-Johansen estimate of each cause.

    Parameters
    ----------
    time : ndarray (n,)
        Follow-up.
    status : ndarray of int (n,)
        0 censored, 1 and 2 the causes.

    Returns
    -------
    DataFrame
        Columns ``cause``, ``time``, ``incidence``, ``low``, ``high`` (95 %, on the scale log(-log(1 - F))).
    """
    from statsmodels.duration.survfunc import CumIncidenceRight

    # where the last patients at risk all have an event, the variance divides by their number less their events: 0
    with np.errstate(divide="ignore", invalid="ignore"):
        found = CumIncidenceRight(time, status)
    parts = []
    for cause, words in CAUSES.items():
        if cause > len(found.cinc):
            continue
        level, error = np.asarray(found.cinc[cause - 1]), np.asarray(found.cinc_se[cause - 1])  # pyright: ignore[reportOptionalSubscript]
        # at that last time the standard error is that of the time before
        error = pd.Series(np.where(np.isfinite(error), error, np.nan)).ffill().to_numpy()
        inside = (level > 0) & (level < 1) & np.isfinite(error)
        safe = np.where(inside, level, 0.5)
        half = 1.959964 * error / ((1 - safe) * np.abs(np.log1p(-safe)))
        low = np.where(inside, 1 - (1 - safe) ** np.exp(-half), level)
        high = np.where(inside, 1 - (1 - safe) ** np.exp(half), level)
        columns = {"cause": words, "time": found.times, "incidence": level, "low": low, "high": high}
        parts.append(pd.DataFrame(columns))
    return pd.concat(parts, ignore_index=True)


def _naive(
    time: NDArray[np.float64], status: NDArray[np.int64], group: NDArray[np.object_], name: str, incidence: pd.DataFrame
) -> dict[str, object]:
    from lifelines import KaplanMeierFitter

    mine = group == name
    fitter = KaplanMeierFitter().fit(time[mine], status[mine] == 1)
    own = incidence.loc[((incidence["group"] == name) & (incidence["cause"] == CAUSES[1])).to_numpy()]
    last = float(own["time"].max())
    return {
        "group": name,
        "time": last,
        "naive": 1 - float(np.asarray(fitter.predict(last))),
        "incidence": float(own["incidence"].iloc[-1]),
    }
