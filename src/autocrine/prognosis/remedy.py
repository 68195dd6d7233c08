"""What is done where hazards are not proportional: strata for a covariate, an effect per period for the marker."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from autocrine.prognosis.completed import EVENT, TIME
from autocrine.prognosis.cox import check_proportional, fit_cox, pool_fits
from autocrine.prognosis.pooled import Pooled

if TYPE_CHECKING:
    from autocrine.prognosis.completed import Completed

_LEVEL = 0.05
_BINS = 4


@dataclass(frozen=True)
class Remedy:
    """The model with the remedies that its test asked for.

    Attributes
    ----------
    checks : DataFrame
        The test of every term of the full model.
    stratified : list of str
        Covariates whose values have a baseline of their own; numbers in fourths, within which they stay in the model.
    adjusted : Pooled, optional
        The full model with these strata, where there are any.
    periods : Pooled, optional
        The marker before and after ``split``, where its hazards are not proportional; terms ``... before`` and
        ``... after``.
    p_periods : float
        Test that the two are equal.
    """

    checks: pd.DataFrame
    stratified: list[str] = field(default_factory=list)
    adjusted: Pooled | None = None
    periods: Pooled | None = None
    split: float = float("nan")
    p_periods: float = float("nan")


def find_remedy(completed: Completed, *, level: float = _LEVEL) -> Remedy:
    """Test proportional hazards in the full model and refit where they fail.

    Parameters
    ----------
    completed : Completed
        Patients without gaps.
    level : float
        Level of the tests.
    """
    fits = [fit_cox(frame, completed.full) for frame in completed.frames]
    checks = check_proportional(fits, completed.frames)
    failed = [str(term) for term, p in zip(checks["term"], checks["p"], strict=True) if p < level and term != "all"]
    origins = dict.fromkeys(completed.indicators.get(term, term) for term in failed if term != completed.marker)
    stratified = [str(name) for name in origins]
    adjusted = _stratify(completed, stratified) if stratified else None
    if completed.marker not in failed:
        return Remedy(checks, stratified, adjusted)
    split = float(np.median(completed.times[completed.events == 1]))
    periods = fit_periods(completed, split)
    difference = periods.contrast(_difference(periods, completed.marker), "after - before").row("after - before")
    return Remedy(checks, stratified, adjusted, periods, split, difference["p"])


def _difference(periods: Pooled, marker: str) -> np.ndarray:
    weights = np.zeros(len(periods.names))
    weights[periods.names.index(f"{marker} after")] = 1.0
    weights[periods.names.index(f"{marker} before")] = -1.0
    return weights


def _stratify(completed: Completed, names: Sequence[str]) -> Pooled:
    """Refit with strata: the indicators of a word become one stratum; a number is cut into fourths and stays as well.

    Without the number itself, patients of one stratum would no longer be adjusted for it.
    """
    fits = []
    for frame in completed.frames:
        extended, gone = frame.copy(), []
        for name in names:
            mine = [column for column, origin in completed.indicators.items() if origin == name] or [name]
            extended[f"_stratum {name}"] = _stratum(frame, mine)
            if len(mine) > 1 or frame[mine[0]].nunique() <= _BINS:
                gone += mine
        terms = [term for term in completed.full if term not in gone]
        fits.append(fit_cox(extended, terms, strata=[f"_stratum {name}" for name in names]))
    return pool_fits(fits)


def _stratum(frame: pd.DataFrame, columns: Sequence[str]) -> np.ndarray:
    if len(columns) > 1:
        return frame[list(columns)].to_numpy(dtype=float) @ (1.0 + np.arange(len(columns)))
    values = frame[columns[0]].to_numpy(dtype=float)
    if np.unique(values).size <= _BINS:
        return values
    return np.searchsorted(np.quantile(values, np.arange(1, _BINS) / _BINS), values, side="left").astype(float)


def fit_periods(completed: Completed, split: float) -> Pooled:
    """Fit the full model with one effect of the marker before a time and one after it.

    Parameters
    ----------
    completed : Completed
        Patients without gaps.
    split : float
        The time at which the effect may change.

    Returns
    -------
    Pooled
        Terms ``<marker> before``, ``<marker> after`` and the clinical columns.
    """
    terms = [f"{completed.marker} before", f"{completed.marker} after", *completed.clinical]
    return pool_fits(
        [fit_cox(_episodes(frame, completed, split, terms), terms, entry="_start") for frame in completed.frames]
    )


def _episodes(frame: pd.DataFrame, completed: Completed, split: float, terms: Sequence[str]) -> pd.DataFrame:
    """Cut the follow-up of every patient at a time, so that a column may change there."""
    early, late = frame.copy(), frame.loc[(frame[TIME] > split).to_numpy()].copy()
    early["_start"], late["_start"] = 0.0, split
    early.loc[(early[TIME] > split).to_numpy(), EVENT] = 0.0
    early[TIME] = early[TIME].clip(upper=split)
    early[terms[0]], early[terms[1]] = early[completed.marker], 0.0
    late[terms[0]], late[terms[1]] = 0.0, late[completed.marker]
    both = pd.concat([early, late], ignore_index=True)
    return both.loc[:, ["_start", TIME, EVENT, *terms]]
