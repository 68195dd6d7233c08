"""The test of proportional hazards: does a coefficient change with time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from numpy.typing import NDArray


def check_constant(
    time: NDArray[np.float64],
    event: NDArray[np.float64],
    X: NDArray[np.float64],
    coefficient: NDArray[np.float64],
    terms: tuple[str, ...],
) -> pd.DataFrame:
    """Test each coefficient of a Cox regression, and all together, against a trend in 1 - Kaplan-Meier.

    Parameters
    ----------
    time, event : ndarray (n,)
        Follow-up; 1 where the event was seen.
    X : ndarray (n, k)
        Columns of the regression.
    coefficient : ndarray (k,)
        Its maximum.
    terms : tuple of str (k,)
        Names.

    Returns
    -------
    DataFrame
        Columns ``term``, ``statistic``, ``degrees``, ``p``; the last row is ``all``.

    Notes
    -----
    The score test of gamma = 0 in the hazard exp(x·(beta + gamma g(t))) with g = 1 - KM(t-), ties by Efron: that of R's
    cox.zph since version 3.0. lifelines has the older approximation, in which the variance of a column among those at
    risk does not change with time (Grambsch and Therneau 1994, Biometrika 81:515, doi:10.1093/biomet/81.3.515).
    """
    from scipy import stats

    centred = X - X.mean(axis=0)
    score, information = _sums(time, event, centred, np.exp(centred @ coefficient))
    plain, crossed, squared = information
    variance = squared - crossed @ np.linalg.solve(plain, crossed)
    single = score**2 / np.diag(variance)
    together = float(score @ np.linalg.solve(variance, score))
    statistic, degrees = np.append(single, together), np.append(np.ones(single.size), single.size)
    return pd.DataFrame(
        {
            "term": [*terms, "all"],
            "statistic": statistic,
            "degrees": degrees.astype(int),
            "p": stats.chi2.sf(statistic, degrees),
        }
    )


def _sums(
    time: NDArray[np.float64], event: NDArray[np.float64], X: NDArray[np.float64], weight: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the sums of g (x - mean) over events, and of 1, g and g² times the variance among those at risk."""
    k = X.shape[1]
    score, information, survival = np.zeros(k), np.zeros((3, k, k)), 1.0
    for at in np.unique(time[event == 1]):
        risk, dead = time >= at, (time == at) & (event == 1)
        deaths, trend = int(dead.sum()), 1 - survival
        whole, gone = _moments(X[risk], weight[risk]), _moments(X[dead], weight[dead])
        for tied in range(deaths):
            total, first, second = (a - tied / deaths * b for a, b in zip(whole, gone, strict=True))
            mean = first / total
            information += np.array([1.0, trend, trend**2])[:, None, None] * (second / total - np.outer(mean, mean))
            score -= trend * mean
        score += trend * X[dead].sum(axis=0)
        survival *= 1 - deaths / risk.sum()
    return score, information


def _moments(
    X: NDArray[np.float64], weight: NDArray[np.float64]
) -> tuple[np.float64, NDArray[np.float64], NDArray[np.float64]]:
    weighted = weight[:, None] * X
    return weight.sum(), weighted.sum(axis=0), X.T @ weighted
