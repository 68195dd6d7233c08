"""A response such as pCR by logistic regression; separation is found before anything is fitted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from autocrine.core import errors
from autocrine.prognosis.firth import fit_penalised
from autocrine.prognosis.pooled import pool

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from autocrine.prognosis.completed import Completed

_FEWEST = 3
#: a direction that separates moves some patient by more than the linear programme errs
_STRICT = 1e-6


@dataclass(frozen=True)
class Response:
    """Odds of response.

    Attributes
    ----------
    table : DataFrame
        Columns ``model``, ``term``, ``coefficient``, ``ratio``, ``ratio_low``, ``ratio_high``, ``p``, ``method``.
    method : str
        Maximum likelihood, or Firth's penalty where a column separates the outcomes.
    separated : list of str
        Terms whose maximum likelihood coefficient is infinite.
    patients, responders : int
        Patients with a known response.
    """

    table: pd.DataFrame
    method: str
    separated: list[str]
    patients: int
    responders: int


def fit_response(completed: Completed, response: NDArray[np.float64], name: str) -> Response:
    """Fit a response on the marker alone and with the clinical columns.

    Parameters
    ----------
    completed : Completed
        Patients without gaps in the covariates.
    response : ndarray (n,)
        0 or 1; patients with NaN are left out.
    name : str
        What the response is called.

    Raises
    ------
    InputError
        If nearly all patients have the same response.
    """
    known = ~np.isnan(response)
    y = response[known]
    if min(y.sum(), y.size - y.sum()) < _FEWEST:
        raise errors.InputError(
            f"--response must have at least {_FEWEST} patients with each response",
            f"{int(y.sum())} of {y.size} with {name} = 1",
        )
    tables, separated = [], []
    for model, terms in (("marker alone", [completed.marker]), ("with clinical variables", completed.full)):
        columns = [frame.loc[known, terms].to_numpy(dtype=float) for frame in completed.frames]
        apart = [terms[at - 1] for at in find_separation(with_ones(columns[0]), y) if at > 0]
        separated += [term for term in apart if term not in separated]
        fitted = _penalised(columns, y, terms) if apart else _likelihood(columns, y, terms)
        tables.append(fitted.assign(model=model, method="Firth" if apart else "maximum likelihood"))
    method = "Firth's penalised likelihood" if separated else "maximum likelihood"
    return Response(pd.concat(tables, ignore_index=True), method, separated, int(y.size), int(y.sum()))


def with_ones(columns: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the columns after one of ones."""
    return np.column_stack([np.ones(len(columns)), columns])


def find_separation(X: NDArray[np.float64], y: NDArray[np.float64]) -> list[int]:
    """Return the columns whose maximum likelihood coefficient is infinite.

    Parameters
    ----------
    X : ndarray (n, k)
        Columns, with one of ones.
    y : ndarray (n,)
        0 or 1.

    Notes
    -----
    The outcomes are separated if some direction b has (2y - 1) x·b >= 0 for all patients and > 0 for one (Konis 2007,
    thesis, Oxford). A coefficient is infinite if some such direction moves it: two linear programmes per column.
    """
    from scipy.optimize import linprog

    scaled = X / np.abs(X).max(axis=0)
    signed = (2 * y - 1)[:, None] * scaled
    moved = []
    for at in range(X.shape[1]):
        for side in (-1.0, 1.0):
            goal = np.where(np.arange(X.shape[1]) == at, side, 0.0)
            found = linprog(goal, A_ub=-signed, b_ub=np.zeros(y.size), bounds=[(-1, 1)] * X.shape[1])
            if found.x is not None and float((signed @ found.x).sum()) > _STRICT and abs(found.x[at]) > _STRICT:
                moved.append(at)
                break
    return moved


def _likelihood(columns: Sequence[NDArray[np.float64]], y: NDArray[np.float64], terms: Sequence[str]) -> pd.DataFrame:
    from statsmodels.discrete.discrete_model import Logit

    fits = [Logit(y, with_ones(one)).fit(disp=0, maxiter=100) for one in columns]
    coefficients = [np.asarray(fit.params, dtype=float)[1:] for fit in fits]
    covariances = [np.asarray(fit.cov_params(), dtype=float)[1:, 1:] for fit in fits]
    return pool(coefficients, covariances, terms, freedom=max(y.size - len(terms) - 1, 1)).table()


def _penalised(columns: Sequence[NDArray[np.float64]], y: NDArray[np.float64], terms: Sequence[str]) -> pd.DataFrame:
    """Return the penalised fit; of several imputations the mean of coefficients, limits and p on their scales."""
    from scipy import stats

    fits = [fit_penalised(with_ones(one), y) for one in columns]
    mean = {name: np.mean([getattr(fit, name)[1:] for fit in fits], axis=0) for name in ("coefficient", "low", "high")}
    # the likelihood ratio statistics are averaged, not the probabilities
    statistic = np.mean([stats.chi2.isf(fit.p[1:], 1) for fit in fits], axis=0)
    return pd.DataFrame(
        {
            "term": list(terms),
            "coefficient": mean["coefficient"],
            "standard_error": np.mean([np.sqrt(np.diag(fit.covariance))[1:] for fit in fits], axis=0),
            "ratio": np.exp(mean["coefficient"]),
            "ratio_low": np.exp(mean["low"]),
            "ratio_high": np.exp(mean["high"]),
            "p": stats.chi2.sf(statistic, 1),
        }
    )
