"""The whole analysis of a cohort, item by item."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
import pandas as pd

from autocrine.core import errors
from autocrine.prognosis.analysis import Analysis
from autocrine.prognosis.calibrated import calibrate
from autocrine.prognosis.cohort import Cohort
from autocrine.prognosis.competing import competing_risks
from autocrine.prognosis.completed import Completed, complete
from autocrine.prognosis.conclusion import conclude
from autocrine.prognosis.cox import fit_pooled
from autocrine.prognosis.cutpoint import find_cutpoint
from autocrine.prognosis.distribution import describe
from autocrine.prognosis.interaction import fit_interaction
from autocrine.prognosis.kaplan_meier import median_follow_up, survival_curves, thirds
from autocrine.prognosis.performance import Outcome, auc_at, usual_horizon
from autocrine.prognosis.power import find_power
from autocrine.prognosis.remedy import find_remedy
from autocrine.prognosis.response import fit_response
from autocrine.prognosis.spline import fit_spline
from autocrine.prognosis.validation import validate


def analyse(
    cohort: Cohort,
    *,
    seed: int = 1,
    imputations: int = 10,
    bootstraps: int = 200,
    progress: Callable[[Iterable[int]], Iterable[int]] = iter,
) -> Analysis:
    """Analyse a cohort.

    Parameters
    ----------
    cohort : Cohort
        Patients.
    seed : int
        Seed of imputations, permutations and bootstrap samples.
    imputations : int
        How often missing values are filled, where there are any.
    bootstraps : int
        Samples with which optimism is measured.
    progress : callable
        Wraps the samples, for a progress bar.

    Returns
    -------
    Analysis

    Raises
    ------
    InputError
        If a number of samples is too small, or the marker alone cannot be fitted.
    """
    if imputations < 2 or bootstraps < 10:
        raise errors.InputError(
            "there must be at least 2 imputations and 10 bootstraps", f"{imputations} and {bootstraps}"
        )
    completed = complete(cohort, imputations=imputations, seed=seed)
    event = (cohort.event == 1).astype(float)
    groups, names = thirds(cohort.marker)
    known = groups != ""
    found = Analysis(
        cohort,
        completed,
        describe(cohort),
        survival_curves(cohort.time[known], event[known], groups[known], names),
        median_follow_up(cohort.time, event),
        _univariable(completed),
        fit_pooled(completed, [completed.marker]),
        find_power(completed),
        cohort.question.horizon or usual_horizon(cohort.time, event),
        cautions=list(cohort.cautions),
    )
    _models(found)
    _judgement(found, seed=seed, bootstraps=bootstraps, progress=progress)
    found.conclusion = conclude(found)
    return found


def _univariable(completed: Completed) -> pd.DataFrame:
    """Return one row per column, each fitted alone."""
    rows = []
    for term in completed.full:
        try:
            rows.append(fit_pooled(completed, [term]).table())
        except errors.InputError:
            # the row without numbers says so; the marker's own failure is raised where it is fitted alone
            rows.append(pd.DataFrame({"term": [term]}))
    return pd.concat(rows, ignore_index=True)


def _models(found: Analysis) -> None:
    """Fit what rests on Cox and logistic regressions."""
    completed, cohort = found.completed, found.cohort
    found.full = found.attempt("multivariable model", lambda: fit_pooled(completed, completed.full))
    if found.full is not None:
        found.remedy = found.attempt("proportional hazards", lambda: find_remedy(completed))
    found.spline = found.attempt("spline", lambda: fit_spline(completed))
    if cohort.treatment is not None:
        found.interaction = found.attempt("interaction", lambda: fit_interaction(cohort, completed))
    response = cohort.response
    if response is not None:
        name = cohort.question.response
        found.response = found.attempt("response", lambda: fit_response(completed, response, name))
    if cohort.question.competing is not None:
        marker = completed.frames[0][completed.marker].to_numpy(dtype=float)
        groups, names = thirds(marker)
        found.competing = found.attempt("competing events", lambda: competing_risks(completed, groups, names))


def _judgement(
    found: Analysis, *, seed: int, bootstraps: int, progress: Callable[[Iterable[int]], Iterable[int]]
) -> None:
    """Judge cut-point and predictions, each with its optimism."""
    cohort, completed = found.cohort, found.completed
    known = ~np.isnan(cohort.marker)
    event = (cohort.event == 1).astype(float)
    found.cutpoint = found.attempt(
        "cut-point",
        lambda: find_cutpoint(
            cohort.marker[known], cohort.time[known], event[known], seed=seed, bootstraps=bootstraps
        ),
    )  # fmt: skip
    if found.full is None:
        return
    found.validation = found.attempt(
        "validation",
        lambda: validate(completed, found.horizon, bootstraps=bootstraps, seed=seed, progress=progress),
    )
    if found.validation is None:
        return
    risk = found.validation.predicted.iloc[:, -1].to_numpy(dtype=float)
    found.calibration = calibrate(Outcome.at(cohort.time, event, found.horizon), risk)
    times = np.quantile(cohort.time[event == 1], (0.25, 0.5, 0.75))
    found.auc = pd.DataFrame(
        [
            {"time": float(time), "model": model, "auc": auc_at(Outcome.at(cohort.time, event, float(time)), values)}
            for time in times
            for model, values in found.validation.predicted.to_dict("series").items()
            for values in (np.asarray(values, dtype=float),)
        ]
    )
