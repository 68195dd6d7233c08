"""Multiple imputation by chained equations with predictive mean matching.

The outcome is among the predictors as event and cumulative hazard: leaving it out pulls effects to 0 (White and
Royston 2009, Stat Med 28:1982, doi:10.1002/sim.3618).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: donors of one gap: van Buuren, Flexible Imputation of Missing Data, 2nd ed., 3.4.3
_DONORS = 5
_SWEEPS = 10
#: against columns that say the same; the ridge of van Buuren's algorithm 3.1
_RIDGE = 1e-5


def impute(table: pd.DataFrame, always: pd.DataFrame, random: np.random.Generator) -> pd.DataFrame:
    """Fill the gaps of a table once.

    Parameters
    ----------
    table : DataFrame
        Numbers or codes of categories; NaN where missing.
    always : DataFrame
        Predictors without gaps, such as event and cumulative hazard.
    random : Generator
        Draws coefficients and donors.

    Returns
    -------
    DataFrame
        As ``table``; known values are untouched, and each gap holds a value that some patient has.
    """
    filled = table.copy()
    gaps = {name: table[name].isna().to_numpy() for name in table.columns}
    order = sorted((name for name in table.columns if gaps[name].any()), key=lambda name: int(gaps[name].sum()))
    for name in order:
        known = table[name].to_numpy(dtype=float)[~gaps[name]]
        filled.loc[gaps[name], name] = random.choice(known, size=int(gaps[name].sum()))
    for _ in range(_SWEEPS if len(order) > 1 else 1):
        for name in order:
            others = [filled.drop(columns=[name]), always]
            predictors = _standardised(pd.concat(others, axis=1).to_numpy(dtype=float))
            values = table[name].to_numpy(dtype=float)
            filled.loc[gaps[name], name] = _matched(values, predictors, gaps[name], random)
    return filled


def _standardised(columns: NDArray[np.float64]) -> NDArray[np.float64]:
    spread = columns.std(axis=0)
    spread[spread == 0] = 1.0
    scaled = (columns - columns.mean(axis=0)) / spread
    return np.column_stack([np.ones(len(columns)), scaled])


def _matched(
    values: NDArray[np.float64], X: NDArray[np.float64], gap: NDArray[np.bool_], random: np.random.Generator
) -> NDArray[np.float64]:
    """Draw the values of patients whose prediction is near that of the gap (type 1 matching)."""
    y, known = values[~gap], X[~gap]
    gram = known.T @ known
    inverse = np.linalg.inv(gram + _RIDGE * np.diag(np.diag(gram)))
    estimate = inverse @ known.T @ y
    freedom = max(y.size - X.shape[1], 1)
    variance = float(((y - known @ estimate) ** 2).sum()) / random.chisquare(freedom)
    drawn = estimate + np.sqrt(variance) * np.linalg.cholesky(inverse) @ random.normal(size=estimate.size)
    distance = np.abs((X[gap] @ drawn)[:, None] - (known @ estimate)[None, :])
    nearest = np.argsort(distance, axis=1, kind="stable")[:, : min(_DONORS, y.size)]
    chosen = random.integers(nearest.shape[1], size=nearest.shape[0])
    return y[nearest[np.arange(nearest.shape[0]), chosen]]
