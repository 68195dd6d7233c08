"""Competing events: cumulative incidence by Aalen and Johansen, and a Cox regression for each cause.

The cause-specific hazard ratio says what the marker does to the rate of a cause among those still free of both; it says
nothing direct about how many will have it. A subdistribution (Fine-Gray) regression is not fitted: no library with a
permissive licence has one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from autocrine.core import errors
from autocrine.prognosis.completed import EVENT, STATUS
from autocrine.prognosis.cox import fit_cox, pool_fits

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from autocrine.prognosis.completed import Completed

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
    naive : DataFrame
        Columns ``group``, ``time``, ``naive``, ``incidence``: 1 - Kaplan-Meier with competing events censored, beside
        the incidence, at the last time; their difference is what ignoring the other cause does.
    notes : list of str
        Causes that could not be fitted.
    """

    incidence: pd.DataFrame
    hazards: pd.DataFrame
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
    rows, notes = [], []
    for cause, words in CAUSES.items():
        frames = [one.assign(**{EVENT: (one[STATUS] == cause).astype(float)}) for one in completed.frames]
        try:
            pooled = pool_fits([fit_cox(one, completed.full) for one in frames])
        except errors.InputError as error:
            notes.append(f"{words}: {error}")
            continue
        row = pooled.row(completed.marker)
        rows.append({"cause": words, "events": int((status == cause).sum()), **row})
    naive = [_naive(time, status, group, name, incidence) for name in names]
    return CompetingRisks(incidence, pd.DataFrame(rows), pd.DataFrame(naive), notes)


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

    found = CumIncidenceRight(time, status)
    parts = []
    for cause, words in CAUSES.items():
        if cause > len(found.cinc):
            continue
        level, error = np.asarray(found.cinc[cause - 1]), np.asarray(found.cinc_se[cause - 1])  # pyright: ignore[reportOptionalSubscript]
        inside = (level > 0) & (level < 1)
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
