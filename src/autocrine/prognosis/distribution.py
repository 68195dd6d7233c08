"""The marker by itself, and beside the clinical variables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from autocrine.prognosis.cohort import Cohort


@dataclass(frozen=True)
class Distribution:
    """Marker and variables before any model.

    Attributes
    ----------
    marker : dict
        ``known``, ``missing``, ``mean``, ``sd``, ``minimum``, quartiles, ``maximum``, ``skewness``, ``at_floor``: the
        fraction of patients who share the lowest value, as where an assay has a limit.
    variables : DataFrame
        Columns ``variable``, ``known``, ``missing``, ``summary``.
    relation : DataFrame
        Columns ``variable``, ``measure``, ``value``, ``p``: Spearman's rank correlation, or Kruskal-Wallis.
    """

    marker: dict[str, float]
    variables: pd.DataFrame
    relation: pd.DataFrame


def describe(cohort: Cohort) -> Distribution:
    """Describe marker and covariates of a cohort, as measured."""
    from scipy import stats

    known = cohort.marker[~np.isnan(cohort.marker)]
    quartiles = np.quantile(known, (0, 0.25, 0.5, 0.75, 1))
    names = ("minimum", "lower_quartile", "median", "upper_quartile", "maximum")
    marker = {
        "known": float(known.size),
        "missing": float(cohort.marker.size - known.size),
        "mean": float(known.mean()),
        "sd": float(known.std(ddof=1)),
        "skewness": float(stats.skew(known)),
        "at_floor": float((known == known.min()).mean()),
        **{name: float(value) for name, value in zip(names, quartiles, strict=True)},
    }
    columns = {str(name): cohort.covariates[name].to_numpy(dtype=float) for name in cohort.covariates.columns}
    levels = dict(cohort.levels)
    if cohort.treatment is not None:
        columns[cohort.question.treatment] = cohort.treatment
        levels[cohort.question.treatment] = list(cohort.arms)
    variables = [_row(name, values, levels.get(name)) for name, values in columns.items()]
    relation = [_relation(cohort.marker, name, values, name in levels) for name, values in columns.items()]
    return Distribution(
        marker,
        pd.DataFrame(variables, columns=pd.Index(["variable", "known", "missing", "summary"])),
        pd.DataFrame(relation, columns=pd.Index(["variable", "measure", "value", "p"])),
    )


def _row(name: str, values: np.ndarray, words: list[str] | None) -> dict[str, object]:
    known = values[~np.isnan(values)]
    if words is not None:
        told = ", ".join(f"{word} {int((known == code).sum())}" for code, word in enumerate(words))
    elif set(np.unique(known)) <= {0.0, 1.0}:
        told = f"1 in {int(known.sum())} ({known.mean():.0%})"
    else:
        low, middle, high = np.quantile(known, (0.25, 0.5, 0.75))
        told = f"median {middle:.4g} ({low:.4g} to {high:.4g})"
    return {"variable": name, "known": known.size, "missing": values.size - known.size, "summary": told}


def _relation(marker: np.ndarray, name: str, values: np.ndarray, words: bool) -> dict[str, object]:
    from scipy import stats

    both = ~np.isnan(marker) & ~np.isnan(values)
    m, v = marker[both], values[both]
    if words:
        groups = [m[v == code] for code in np.unique(v)]
        if len(groups) < 2:
            return {"variable": name, "measure": "Kruskal-Wallis H", "value": np.nan, "p": np.nan}
        found = stats.kruskal(*groups)
        return {"variable": name, "measure": "Kruskal-Wallis H", "value": float(found[0]), "p": float(found[1])}
    rho, p = np.asarray(stats.spearmanr(m, v), dtype=float)
    return {"variable": name, "measure": "Spearman rho", "value": float(rho), "p": float(p)}
