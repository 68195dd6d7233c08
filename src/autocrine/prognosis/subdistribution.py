"""Fine and Gray's regression: what a marker does to how many have the event, the other cause being there.

A patient with the competing event stays at risk, with a weight that falls as censoring would have taken him: the
probability to be uncensored, over that at his own event. With these rows a Cox regression, by lifelines, has the
maximum of the subdistribution. Its standard errors come from score residuals summed over the rows of a patient;
lifelines' own do not know of late entry.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from autocrine.core import errors
from autocrine.prognosis.completed import EVENT, STATUS, TIME
from autocrine.prognosis.cox import fit_cox
from autocrine.prognosis.pooled import Pooled, pool

if TYPE_CHECKING:
    from numpy.typing import NDArray

ENTRY, WEIGHT = "_entry", "_weight"
#: rows beyond which the search for the maximum takes minutes
_MOST_ROWS = 400_000


@dataclass(frozen=True)
class Rows:
    """Patients as rows of a weighted Cox regression.

    Attributes
    ----------
    patient : ndarray of int (r,)
        Place of the patient of each row.
    entry, end, weight : ndarray (r,)
        From when to when a row is at risk, and with which weight.
    event : ndarray (r,)
        1 where it ends with the cause.
    """

    patient: NDArray[np.int64]
    entry: NDArray[np.float64]
    end: NDArray[np.float64]
    weight: NDArray[np.float64]
    event: NDArray[np.float64]


def uncensored_before(time: NDArray[np.float64], status: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the probability to be uncensored just before each patient's time, by Kaplan and Meier.

    Events of a time come before the censorings of the same time.
    """
    order, place = np.unique(time, return_inverse=True)
    censored = np.bincount(place, weights=status == 0, minlength=len(order))
    risk = np.bincount(place, minlength=len(order))[::-1].cumsum()[::-1]
    events = np.bincount(place, weights=status != 0, minlength=len(order))
    share = 1 - censored / np.maximum(risk - events, 1)
    return np.concatenate([[1.0], np.cumprod(share)[:-1]])[place]


def rows_of(time: NDArray[np.float64], status: NDArray[np.int64], cause: int) -> Rows:
    """Return patients as rows: one each, and more for those with another cause, as censoring goes on.

    Parameters
    ----------
    time : ndarray (n,)
        Follow-up.
    status : ndarray of int (n,)
        0 censored, else the cause.
    cause : int
        The cause whose incidence is asked for.
    """
    before = uncensored_before(time, status)
    times, first = np.unique(time[status == cause], return_index=True)
    level = before[status == cause][first]
    last = np.flatnonzero(np.append(np.diff(level) != 0, True))
    ends, levels = times[last], level[last]
    starts = np.concatenate([[0.0], ends[:-1]])
    other = np.flatnonzero((status != 0) & (status != cause))
    later = ends[None, :] > time[other][:, None]
    who, period = np.nonzero(later)
    own, count = other[who], len(time)
    return Rows(
        np.concatenate([np.arange(count), own]),
        np.concatenate([np.zeros(count), np.maximum(starts[period], time[own])]),
        np.concatenate([time, ends[period]]),
        np.concatenate([np.ones(count), levels[period] / before[own]]),
        np.concatenate([(status == cause).astype(float), np.zeros(len(own))]),
    )


def fit_subdistribution(frames: Sequence[pd.DataFrame], terms: Sequence[str], cause: int) -> Pooled:
    """Fit Fine and Gray's regression on every imputation and combine them.

    Parameters
    ----------
    frames : sequence of DataFrame
        Columns ``_time``, ``_status`` and the terms.
    terms : sequence of str
        Columns of the regression.
    cause : int
        The cause whose incidence is asked for.

    Raises
    ------
    InputError
        If there is no maximum, or the weighted patients are too many rows.

    References
    ----------
    Fine and Gray 1999, J Am Stat Assoc 94:496, doi:10.1080/01621459.1999.10474144; rows as in Geskus 2011, Biometrics
    67:39, doi:10.1111/j.1541-0420.2010.01420.x.
    """
    time, status = frames[0][TIME].to_numpy(dtype=float), frames[0][STATUS].to_numpy(dtype=int)
    rows = rows_of(time, status, cause)
    if len(rows.patient) > _MOST_ROWS:
        raise errors.InputError(f"a Fine-Gray regression must have at most {_MOST_ROWS} rows", len(rows.patient))
    fits = []
    for frame in frames:
        columns = {TIME: rows.end, EVENT: rows.event, ENTRY: rows.entry, WEIGHT: rows.weight}
        wide = frame[list(terms)].iloc[rows.patient].reset_index(drop=True).assign(**columns)
        fit = fit_cox(wide, terms, entry=ENTRY, weight=WEIGHT)
        X = frame[list(terms)].to_numpy(dtype=float)
        residual = score_residuals(time, status, cause, X, fit.coefficient)
        change = residual @ fit.covariance
        fits.append((fit.coefficient, change.T @ change))
    events = float((status == cause).sum())
    freedom = max(events - len(terms), 1.0)
    return pool([b for b, _ in fits], [v for _, v in fits], tuple(terms), freedom=freedom)


def score_residuals(
    time: NDArray[np.float64],
    status: NDArray[np.int64],
    cause: int,
    X: NDArray[np.float64],
    coefficient: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return what each patient gives to the score at the maximum, ties by Efron; shape (n, k), its sum is 0."""
    before = uncensored_before(time, status)
    other = (status != 0) & (status != cause)
    centred = X - X.mean(axis=0)
    risk = np.exp(centred @ coefficient)
    found = np.zeros_like(centred)
    for at in np.unique(time[status == cause]):
        dead = (time == at) & (status == cause)
        now = before[dead][0]
        weight = risk * np.where(time >= at, 1.0, np.where(other, now / before, 0.0))
        whole, moment = weight.sum(), weight @ centred
        gone, gone_moment = weight[dead].sum(), weight[dead] @ centred[dead]
        deaths = int(dead.sum())
        for tied in range(deaths):
            share = tied / deaths
            total = whole - share * gone
            distance = centred - (moment - share * gone_moment) / total
            present = np.where(dead, (1 - share) * weight, weight)
            found -= present[:, None] * distance / total
            found[dead] += distance[dead] / deaths
    return found
