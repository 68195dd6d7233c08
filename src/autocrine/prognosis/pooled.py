"""Estimates of several imputations become one: Rubin's rules."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Pooled:
    """Coefficients with their covariance over imputations.

    Attributes
    ----------
    names : tuple of str
        One per coefficient.
    coefficient : ndarray (k,)
        Mean over imputations.
    within, between : ndarray (k, k)
        Mean covariance, and covariance of the means.
    count : int
        How many imputations.
    freedom : float
        Degrees of freedom of complete data; infinite for a normal reference.

    References
    ----------
    Rubin 1987, Multiple Imputation for Nonresponse in Surveys; Barnard and Rubin 1999, Biometrika 86:948,
    doi:10.1093/biomet/86.4.948; Li, Raghunathan and Rubin 1991, J Am Stat Assoc 86:1065,
    doi:10.1080/01621459.1991.10475152.
    """

    names: tuple[str, ...]
    coefficient: NDArray[np.float64]
    within: NDArray[np.float64]
    between: NDArray[np.float64]
    count: int
    freedom: float = math.inf

    @property
    def covariance(self) -> NDArray[np.float64]:
        """Total covariance: within + (1 + 1/m) between."""
        return self.within + (1 + 1 / self.count) * self.between

    @property
    def standard_error(self) -> NDArray[np.float64]:
        """Square root of the total variance."""
        return np.sqrt(np.diag(self.covariance))

    def degrees(self) -> NDArray[np.float64]:
        """Return the degrees of freedom of each coefficient; infinite without imputation."""
        if self.count == 1:
            return np.full(len(self.names), math.inf)
        total = np.diag(self.covariance)
        lost = (1 + 1 / self.count) * np.diag(self.between) / total
        with np.errstate(divide="ignore"):
            large = (self.count - 1) / lost**2
        if math.isinf(self.freedom):
            return large
        observed = (self.freedom + 1) / (self.freedom + 3) * self.freedom * (1 - lost)
        with np.errstate(divide="ignore"):
            return 1 / (1 / large + 1 / observed)

    def fraction_missing(self) -> NDArray[np.float64]:
        """Return how much of the variance of each coefficient comes from imputation."""
        return (1 + 1 / self.count) * np.diag(self.between) / np.diag(self.covariance)

    def table(self, *, level: float = 0.95) -> pd.DataFrame:
        """Return one row per coefficient: term, coefficient, standard_error, low, high, ratio ..., p, df."""
        import pandas as pd
        from scipy import stats

        degrees, error = self.degrees(), self.standard_error
        half = stats.t.ppf(0.5 + level / 2, degrees) * error
        p = 2 * stats.t.sf(np.abs(self.coefficient / error), degrees)
        low, high = self.coefficient - half, self.coefficient + half
        return pd.DataFrame(
            {
                "term": self.names,
                "coefficient": self.coefficient,
                "standard_error": error,
                "ratio": np.exp(self.coefficient),
                "ratio_low": _exp(low),
                "ratio_high": _exp(high),
                "p": p,
                "df": degrees,
                "fraction_missing": self.fraction_missing(),
            }
        )

    def row(self, name: str) -> dict[str, float]:
        """Return the row of one coefficient."""
        table = self.table()
        found = table.loc[(table["term"] == name).to_numpy()].iloc[0]
        return {str(key): float(found[key]) for key in table.columns if key != "term"}

    def contrast(self, weights: NDArray[np.float64], name: str) -> Pooled:
        """Return a weighted sum of coefficients as an estimate of its own."""
        w = np.asarray(weights, dtype=float)
        return Pooled(
            (name,),
            np.array([w @ self.coefficient]),
            np.array([[w @ self.within @ w]]),
            np.array([[w @ self.between @ w]]),
            self.count,
            self.freedom,
        )

    def test(self, names: Sequence[str]) -> tuple[float, int, float]:
        """Test that several coefficients are all 0: the Wald statistic, its degrees of freedom and p.

        With imputations the statistic is D1 of Li, Raghunathan and Rubin.
        """
        from scipy import stats

        at = [self.names.index(name) for name in names]
        k, b = len(at), self.coefficient[at]
        within, between = self.within[np.ix_(at, at)], self.between[np.ix_(at, at)]
        inverse = np.linalg.pinv(within)
        if self.count == 1:
            wald = float(b @ inverse @ b)
            return wald, k, float(stats.chi2.sf(wald, k))
        r = (1 + 1 / self.count) * float(np.trace(between @ inverse)) / k
        d1 = float(b @ inverse @ b) / (k * (1 + r))
        t = k * (self.count - 1)
        if r < 1e-12:
            return d1 * k, k, float(stats.chi2.sf(d1 * k, k))
        spread = 4 + (t - 4) * (1 + (1 - 2 / t) / r) ** 2 if t > 4 else t * (1 + 1 / k) * (1 + 1 / r) ** 2 / 2
        return d1 * k, k, float(stats.f.sf(d1, k, spread))


def pool(
    coefficients: Sequence[NDArray[np.float64]],
    covariances: Sequence[NDArray[np.float64]],
    names: Sequence[str],
    *,
    freedom: float = math.inf,
) -> Pooled:
    """Combine the estimates of several imputations.

    Parameters
    ----------
    coefficients : sequence of ndarray (k,)
        One per imputation.
    covariances : sequence of ndarray (k, k)
        One per imputation.
    names : sequence of str
        Names of the k coefficients.
    freedom : float
        Degrees of freedom of complete data.
    """
    stacked = np.asarray(coefficients, dtype=float)
    m, k = stacked.shape
    between = np.atleast_2d(np.cov(stacked.T, ddof=1)) if m > 1 else np.zeros((k, k))
    within = np.mean(np.asarray(covariances, dtype=float), axis=0)
    return Pooled(tuple(names), stacked.mean(axis=0), within, between, m, freedom)


def _exp(value: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a ratio; beyond what a number can hold it is infinite, as an interval without end."""
    with np.errstate(over="ignore"):
        return np.exp(value)
