"""Several cohorts together: random effects by DerSimonian and Laird or REML, intervals by Hartung and Knapp."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import numpy as np
import pandas as pd

from autocrine.core import errors, notebook

if TYPE_CHECKING:
    from numpy.typing import NDArray

METHODS = ("REML", "DL")


@dataclass(frozen=True)
class MetaAnalysis:
    """A pooled log hazard ratio.

    Attributes
    ----------
    method : str
        How the variance between cohorts was estimated.
    coefficient, standard_error : float
        Pooled; the error is that of Hartung and Knapp, never below the usual one.
    low, high, p : float
        95 % interval and test on k - 1 degrees of freedom.
    normal_low, normal_high : float
        The interval on the normal distribution with the usual error, as most published analyses have it: too narrow
        with few cohorts unless these are known not to differ.
    tau2, i2, q, p_q : float
        Variance between cohorts, the share of it in all variance, Cochran's Q and its p.
    prediction_low, prediction_high : float
        95 % prediction interval for a further cohort; NaN with fewer than three.
    table : DataFrame
        Columns ``cohort``, ``coefficient``, ``standard_error``, ``ratio``, ``ratio_low``, ``ratio_high``, ``weight``.
    """

    method: str
    coefficient: float
    standard_error: float
    low: float
    high: float
    p: float
    tau2: float
    i2: float
    q: float
    p_q: float
    normal_low: float
    normal_high: float
    prediction_low: float
    prediction_high: float
    table: pd.DataFrame

    def _repr_html_(self) -> str:
        ends = [math.exp(each) for each in (self.coefficient, self.low, self.high)]
        title = f"hazard ratio {ends[0]:.3g} ({ends[1]:.3g} to {ends[2]:.3g}) over {len(self.table)} cohorts"
        columns = ["cohort", "ratio", "ratio_low", "ratio_high", "weight"]
        return notebook.page(title, notebook.table(columns, self.table[columns].itertuples(index=False)))


def meta_analyse(
    cohorts: Sequence[str],
    coefficient: NDArray[np.float64],
    standard_error: NDArray[np.float64],
    *,
    method: str = "REML",
) -> MetaAnalysis:
    """Pool the effects of cohorts.

    Parameters
    ----------
    cohorts : sequence of str (k,)
        Names.
    coefficient, standard_error : ndarray (k,)
        Log hazard ratios on one scale, and their errors.
    method : str
        ``REML`` or ``DL``.

    Raises
    ------
    InputError
        If there are fewer than two cohorts, or an error is not positive.

    References
    ----------
    DerSimonian and Laird 1986, Control Clin Trials 7:177; Viechtbauer 2005, J Educ Behav Stat 30:261; Hartung and Knapp
    2001, Stat Med 20:3875, doi:10.1002/sim.1009; at least the usual error: Jackson et al. 2017, Stat Med 36:3923,
    doi:10.1002/sim.7411; prediction: Higgins et al. 2009, J R Stat Soc A 172:137.
    """
    from scipy import stats

    y, se = np.asarray(coefficient, dtype=float), np.asarray(standard_error, dtype=float)
    if y.size < 2:
        raise errors.InputError("a meta-analysis must have at least two cohorts", y.size)
    if not (np.isfinite(y).all() and np.isfinite(se).all() and np.all(se > 0)):
        raise errors.InputError("every cohort must have a finite effect with a positive standard error")
    if method not in METHODS:
        raise errors.InputError("--method must be REML or DL", method)
    fixed = 1 / se**2
    centre = float((fixed * y).sum() / fixed.sum())
    q = float((fixed * (y - centre) ** 2).sum())
    tau2 = _reml(y, se) if method == "REML" else _moments(fixed, q, y.size)
    weight = 1 / (se**2 + tau2)
    mean = float((weight * y).sum() / weight.sum())
    spread = float((weight * (y - mean) ** 2).sum()) / (y.size - 1)
    error = math.sqrt(max(spread, 1.0) / weight.sum())
    half = float(stats.t.ppf(0.975, y.size - 1)) * error
    typical = (y.size - 1) * fixed.sum() / (fixed.sum() ** 2 - (fixed**2).sum())
    ahead = math.sqrt(tau2 + error**2) * float(stats.t.ppf(0.975, y.size - 2)) if y.size > 2 else math.nan
    return MetaAnalysis(
        method=method,
        coefficient=mean,
        standard_error=error,
        low=mean - half,
        high=mean + half,
        p=float(2 * stats.t.sf(abs(mean / error), y.size - 1)),
        tau2=tau2,
        i2=tau2 / (tau2 + float(typical)),
        q=q,
        p_q=float(stats.chi2.sf(q, y.size - 1)),
        normal_low=mean - 1.959964 / math.sqrt(weight.sum()),
        normal_high=mean + 1.959964 / math.sqrt(weight.sum()),
        prediction_low=mean - ahead,
        prediction_high=mean + ahead,
        table=_table(cohorts, y, se, weight / weight.sum()),
    )


def _table(
    cohorts: Sequence[str], y: NDArray[np.float64], se: NDArray[np.float64], weight: NDArray[np.float64]
) -> pd.DataFrame:
    table = pd.DataFrame({"cohort": list(cohorts), "coefficient": y, "standard_error": se, "ratio": np.exp(y)})
    table["ratio_low"], table["ratio_high"] = np.exp(y - 1.959964 * se), np.exp(y + 1.959964 * se)
    return table.assign(weight=weight)


def _moments(fixed: NDArray[np.float64], q: float, count: int) -> float:
    scale = float(fixed.sum() - (fixed**2).sum() / fixed.sum())
    return max((q - (count - 1)) / scale, 0.0)


def _reml(y: NDArray[np.float64], se: NDArray[np.float64]) -> float:
    """Return the variance between cohorts that maximises the restricted likelihood, by its score equation."""
    from scipy.optimize import brentq

    def score(tau2: float) -> float:
        w = 1 / (se**2 + tau2)
        mean = (w * y).sum() / w.sum()
        return float((w**2 * (y - mean) ** 2).sum() - w.sum() + (w**2).sum() / w.sum())

    high = float(y.var(ddof=1)) + float((se**2).max())
    if score(0.0) <= 0:
        return 0.0
    while score(high) > 0:
        high *= 2
    return cast("float", brentq(score, 0.0, high, xtol=1e-12))
