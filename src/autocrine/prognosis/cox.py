"""Cox regression by lifelines, on one frame or on several imputations, and the test of its proportional hazards."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from autocrine.core import errors
from autocrine.prognosis.completed import EVENT, TIME
from autocrine.prognosis.pooled import Pooled, pool
from autocrine.prognosis.proportional import check_constant

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from autocrine.prognosis.completed import Completed

#: standard error of a log hazard ratio per standard deviation beyond which there is no maximum: where a coefficient
#: runs away, the likelihood is flat
_RUNAWAY = 20.0


@dataclass(frozen=True)
class Fit:
    """One Cox regression.

    Attributes
    ----------
    terms : tuple of str
        Columns, in the order of the coefficients.
    coefficient, covariance : ndarray
        Log hazard ratios.
    log_likelihood : float
        Partial, at the maximum, ties by Efron.
    mean : ndarray
        Mean of every column.
    fitter : CoxPHFitter
        What lifelines fitted.
    """

    terms: tuple[str, ...]
    coefficient: NDArray[np.float64]
    covariance: NDArray[np.float64]
    log_likelihood: float
    mean: NDArray[np.float64]
    fitter: Any

    def predictor(self, frame: pd.DataFrame) -> NDArray[np.float64]:
        """Return the linear predictor of patients; 0 is a patient with all columns 0."""
        return frame[list(self.terms)].to_numpy(dtype=float) @ self.coefficient

    def survival_at(self, frame: pd.DataFrame, time: float) -> NDArray[np.float64]:
        """Return the predicted probability to be without the event at a time (Breslow's baseline)."""
        hazard = self.fitter.baseline_cumulative_hazard_.iloc[:, 0]
        reached = hazard.loc[hazard.index <= time]
        baseline = float(reached.iloc[-1]) if len(reached) else 0.0
        # lifelines' baseline is that of a patient with the mean of every column
        centred = self.predictor(frame) - float(self.mean @ self.coefficient)
        return np.exp(-baseline * np.exp(centred))


def fit_cox(
    frame: pd.DataFrame,
    terms: Sequence[str],
    *,
    strata: Sequence[str] = (),
    entry: str = "",
    weight: str = "",
    finite: bool = True,
) -> Fit:
    """Fit a Cox regression.

    Parameters
    ----------
    frame : DataFrame
        Columns ``_time``, ``_event`` and the terms.
    terms : sequence of str
        Columns of the regression.
    strata : sequence of str
        Columns whose values have a baseline hazard of their own.
    entry : str
        Column with the time from which a row is followed; all from 0 if empty.
    weight : str
        Column with the weight of a row; all 1 if empty. The covariance is then that of known weights.
    finite : bool
        Refuse coefficients that run away, as of a word without events. Predictions can live with them.

    Raises
    ------
    InputError
        If there is no maximum: a column that others determine, or that separates patients with event from the rest.
    """
    from lifelines import CoxPHFitter
    from lifelines.exceptions import ConvergenceError, ConvergenceWarning, StatisticalWarning
    from scipy.linalg import LinAlgWarning

    columns = [TIME, EVENT, *terms, *strata, *(name for name in (entry, weight) if name)]
    with warnings.catch_warnings(), np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        # lifelines warns where a coefficient runs away; that is judged below, from the coefficients themselves. A step
        # of its search may overflow before it is halved
        warnings.simplefilter("ignore", ConvergenceWarning)
        # of weights that are no whole numbers: who gives weights makes standard errors that know of them
        warnings.simplefilter("ignore", StatisticalWarning)
        warnings.simplefilter("error", LinAlgWarning)
        try:
            fitter = CoxPHFitter().fit(
                frame[columns],
                TIME,
                EVENT,
                strata=list(strata) or None,
                entry_col=entry or None,
                weights_col=weight or None,
                # the default of steps of 0.95 ends with 4 right digits in rare categories
                fit_options={"step_size": 1.0, "precision": 1e-12, "r_precision": 1e-14},
            )
        except (ConvergenceError, np.linalg.LinAlgError, LinAlgWarning, ValueError) as error:
            raise _no_maximum(terms) from error
    coefficient = np.asarray(fitter.params_.loc[list(terms)], dtype=float)
    covariance = np.asarray(fitter.variance_matrix_.loc[list(terms), list(terms)], dtype=float)
    values = frame[list(terms)].to_numpy(dtype=float)
    known = np.isfinite(coefficient).all() and np.isfinite(covariance).all()
    if not known or (finite and np.any(np.sqrt(np.diag(covariance)) * values.std(axis=0) > _RUNAWAY)):
        raise _no_maximum(terms)
    return Fit(tuple(terms), coefficient, covariance, float(fitter.log_likelihood_), values.mean(axis=0), fitter)


def _no_maximum(terms: Sequence[str]) -> errors.InputError:
    return errors.InputError(
        "the Cox regression must have a finite maximum, which it has not with " + ", ".join(terms),
        hint="--adjust without a covariate that others determine, or that splits events from the rest",
    )


def fit_pooled(completed: Completed, terms: Sequence[str], *, strata: Sequence[str] = ()) -> Pooled:
    """Fit a Cox regression on every imputation and combine them."""
    return pool_fits([fit_cox(frame, terms, strata=strata) for frame in completed.frames])


def pool_fits(fits: Sequence[Fit]) -> Pooled:
    """Combine Cox regressions of imputations; events less coefficients are the degrees of freedom."""
    first = fits[0]
    events = float(np.asarray(first.fitter.event_observed, dtype=float).sum())
    return pool(
        [fit.coefficient for fit in fits],
        [fit.covariance for fit in fits],
        first.terms,
        freedom=max(events - len(first.terms), 1.0),
    )


def check_proportional(fits: Sequence[Fit], frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Test proportional hazards on every imputation.

    Parameters
    ----------
    fits : sequence of Fit
        One per imputation.
    frames : sequence of DataFrame
        What they were fitted to.

    Returns
    -------
    DataFrame
        Columns ``term``, ``statistic``, ``degrees``, ``p``, with a last row ``all``; medians over imputations (Eekhout
        et al. 2017, BMC Med Res Methodol 17:129, doi:10.1186/s12874-017-0404-7).
    """
    found = [
        check_constant(
            frame[TIME].to_numpy(dtype=float),
            frame[EVENT].to_numpy(dtype=float),
            frame[list(fit.terms)].to_numpy(dtype=float),
            fit.coefficient,
            fit.terms,
        )
        for fit, frame in zip(fits, frames, strict=True)
    ]
    middle = {
        name: np.median([one[name].to_numpy(dtype=float) for one in found], axis=0) for name in ("statistic", "p")
    }
    return found[0].assign(**middle)
