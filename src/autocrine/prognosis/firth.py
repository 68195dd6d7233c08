"""Logistic regression with Firth's penalty: finite also where a column separates the two outcomes.

The penalty is Jeffreys' prior; intervals and p are of the penalised profile likelihood, because Wald's are useless
where the likelihood is lopsided (Heinze and Schemper 2002, Stat Med 21:2409, doi:10.1002/sim.1047).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import numpy as np

from autocrine.core import errors

if TYPE_CHECKING:
    from numpy.typing import NDArray

_STEPS, _SMALL, _LARGEST_STEP = 200, 1e-9, 5.0
#: half the 95 % quantile of chi-squared with one degree of freedom
_DROP = 1.920729


@dataclass(frozen=True)
class PenalisedLogistic:
    """A fit.

    Attributes
    ----------
    coefficient : ndarray (k,)
        Log odds ratios.
    low, high : ndarray (k,)
        95 % limits of the penalised profile likelihood.
    p : ndarray (k,)
        Penalised likelihood ratio tests.
    covariance : ndarray (k, k)
        Inverse information at the maximum.
    log_likelihood : float
        Penalised.
    """

    coefficient: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    p: NDArray[np.float64]
    covariance: NDArray[np.float64]
    log_likelihood: float


def fit_penalised(X: NDArray[np.float64], y: NDArray[np.float64]) -> PenalisedLogistic:
    """Fit by Newton's method on the modified score.

    Parameters
    ----------
    X : ndarray (n, k)
        Columns, with one of ones.
    y : ndarray (n,)
        0 or 1.

    Raises
    ------
    InputError
        If no maximum is found.
    """
    from scipy import stats

    best = _climb(X, y, np.zeros(X.shape[1]), None)
    top, covariance = _penalised(X, y, best)
    limits, p = [], []
    for at in range(X.shape[1]):
        fixed = _climb(X, y, _moved(best, covariance, at, 0.0), at)
        p.append(float(stats.chi2.sf(max(2 * (top - _penalised(X, y, fixed)[0]), 0.0), 1)))
        limits.append([_limit(X, y, best, covariance, at=at, side=side, top=top) for side in (-1.0, 1.0)])
    low, high = np.array(limits).T
    return PenalisedLogistic(best, low, high, np.array(p), covariance, top)


def _parts(X: NDArray[np.float64], beta: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    from scipy.special import expit

    fitted = expit(X @ beta)
    return fitted, fitted * (1 - fitted)


def _penalised(
    X: NDArray[np.float64], y: NDArray[np.float64], beta: NDArray[np.float64]
) -> tuple[float, NDArray[np.float64]]:
    """Return log likelihood + half the log determinant of the information, and its inverse."""
    _, weight = _parts(X, beta)
    information = X.T @ (weight[:, None] * X)
    sign, logarithm = np.linalg.slogdet(information)
    if sign <= 0:
        return -np.inf, np.full(information.shape, np.nan)
    predictor = X @ beta
    likelihood = float((y * predictor - np.logaddexp(0.0, predictor)).sum())
    return likelihood + 0.5 * float(logarithm), np.asarray(np.linalg.inv(information), dtype=np.float64)


def _climb(
    X: NDArray[np.float64], y: NDArray[np.float64], start: NDArray[np.float64], fixed: int | None
) -> NDArray[np.float64]:
    """Return the maximum, with one coefficient held where it is if ``fixed`` names it."""
    beta = start.copy()
    free = [at for at in range(beta.size) if at != fixed]
    value, inverse = _penalised(X, y, beta)
    for _ in range(_STEPS):
        fitted, weight = _parts(X, beta)
        hat = weight * np.einsum("ij,jk,ik->i", X, inverse, X)
        score = X.T @ (y - fitted + hat * (0.5 - fitted))
        information = X[:, free].T @ (weight[:, None] * X[:, free])
        step = np.zeros(beta.size)
        try:
            step[free] = np.linalg.solve(information, score[free])
        except np.linalg.LinAlgError as error:
            raise _no_maximum() from error
        step /= max(1.0, float(np.abs(step).max()) / _LARGEST_STEP)
        scale, tried = 1.0, _penalised(X, y, beta + step)
        while tried[0] < value - _SMALL and scale > 1e-6:
            scale /= 2
            tried = _penalised(X, y, beta + scale * step)
        beta, (value, inverse) = beta + scale * step, tried
        if np.abs(scale * step).max() < _SMALL:
            return beta
    raise _no_maximum()


def _no_maximum() -> errors.InputError:
    return errors.InputError(
        "the penalised logistic regression must have a maximum, but none was found",
        hint="--adjust without a covariate that others determine",
    )


def _moved(best: NDArray[np.float64], covariance: NDArray[np.float64], at: int, value: float) -> NDArray[np.float64]:
    """Return where the others about stand when one coefficient is moved: far away all fitted values would be 0 or 1."""
    found = best + (value - best[at]) * covariance[:, at] / covariance[at, at]
    found[at] = value
    return found


def _limit(
    X: NDArray[np.float64], y: NDArray[np.float64], best: NDArray[np.float64], covariance: NDArray[np.float64], *,
    at: int, side: float, top: float,
) -> float:  # fmt: skip
    """Return where the profile has fallen by the quantile; infinite if it never does."""

    def fall(value: float) -> float:
        return top - _penalised(X, y, _climb(X, y, _moved(best, covariance, at, value), at))[0] - _DROP

    width = float(np.sqrt(covariance[at, at]))
    return _crossing(fall, float(best[at]), side * width)


def _crossing(fall: Callable[[float], float], start: float, step: float) -> float:
    from scipy.optimize import brentq

    inner = start
    for times in (1, 2, 3, 4, 6, 8, 12, 16, 24):
        outer = start + times * step
        if fall(outer) > 0:
            return cast("float", brentq(fall, min(inner, outer), max(inner, outer), xtol=1e-6))
        inner = outer
    return float(np.copysign(np.inf, step))
