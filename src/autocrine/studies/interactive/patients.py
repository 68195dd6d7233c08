"""Virtual patients while a person waits: survival by serum IL-6 under one regimen. No basis for decisions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from autocrine.core import errors

if TYPE_CHECKING:
    import pandas as pd

MOST_PATIENTS = 2000
NOTICE = "Virtual patients, for research: no basis for decisions about a person."
_SEED, _REGIMEN = 1, "ac_t"
#: key of the slider → attribute of the population
_KEYS = ("loop_strength", "producer_prevalence", "amplification_prevalence")


@dataclass(frozen=True)
class Group:
    """Patients of a group: steps of Kaplan-Meier with 95 % limits, and how many are still followed at some times."""

    label: str
    patients: int
    events: int
    median_days: float
    time_days: np.ndarray
    survival: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    at_risk: np.ndarray


@dataclass(frozen=True)
class VirtualPatients:
    """Progression-free survival of two groups, and their hazard ratio with its 95 % interval (value, lower, upper)."""

    groups: tuple[Group, ...]
    at_risk_days: np.ndarray
    hazard_ratio: tuple[float, float, float]

    @property
    def sentence(self) -> str:
        """What the patients say, in one sentence."""
        value, low, high = self.hazard_ratio
        if not np.isfinite(value):
            return "Too few of these virtual patients progress to compare the groups."
        holds = "does not exclude 1" if low <= 1 <= high else "excludes 1"
        return (
            f"High serum IL-6 goes with {value:.2f} times the hazard of progression ({low:.2f} to {high:.2f}, which "
            f"{holds}) in {sum(group.patients for group in self.groups)} virtual patients."
        )


def virtual_patients(values: Mapping[str, float], count: int) -> VirtualPatients:
    """Simulate a cohort under doxorubicin, cyclophosphamide and a taxane, and compare high with low serum IL-6.

    Parameters
    ----------
    values : mapping of str to float
        Any of ``loop_strength``, ``producer_prevalence``, ``amplification_prevalence``.
    count : int
        20 to 2000 patients; plausible ones, as they are drawn and not matched to publications.

    Raises
    ------
    errors.InputError
        If a value or the count cannot be used.
    """
    from autocrine.cohort import Campaign, Population, Protocol, find_weights, load_regimens

    if not 20 <= count <= MOST_PATIENTS:
        raise errors.InputError(f"patients must be 20 to {MOST_PATIENTS}", count)
    for key in values:
        if key not in _KEYS:
            raise errors.InputError("a slider of patients must be one that is known", key, hint=", ".join(_KEYS))
    population = Population(**values)
    protocol = Protocol({_REGIMEN: (load_regimens()[_REGIMEN], 1.0)}, population)
    weights = find_weights(population, _SEED, matched=False)
    # one batch is simulated here and written nowhere
    table = Campaign(protocol, weights, count, _SEED, Path(), count).batch(0)
    high = table["il6_pg_ml"].to_numpy() > float(table["il6_pg_ml"].median())
    end = float(table["pfs_days"].max())
    ticks = np.linspace(0.0, end, 6)
    groups = tuple(
        _group(label, table.loc[chosen], ticks)
        for label, chosen in (("IL-6 at or below the median", ~high), ("IL-6 above the median", high))
    )
    return VirtualPatients(groups, ticks, _hazard_ratio(table, high))


def _group(label: str, rows: pd.DataFrame, ticks: np.ndarray) -> Group:
    from lifelines import KaplanMeierFitter

    time, event = rows["pfs_days"].to_numpy(), rows["pfs_event"].to_numpy()
    fitted = KaplanMeierFitter().fit(time, event)
    limits = fitted.confidence_interval_.to_numpy()
    return Group(
        label,
        len(rows),
        int(event.sum()),
        float(fitted.median_survival_time_),
        fitted.survival_function_.index.to_numpy(dtype=float),
        fitted.survival_function_.to_numpy()[:, 0],
        limits[:, 0],
        limits[:, 1],
        np.array([(time >= tick).sum() for tick in ticks], np.int32),
    )


def _hazard_ratio(table: pd.DataFrame, high: np.ndarray) -> tuple[float, float, float]:
    """Return the hazard ratio of high over low; NaN where a group has no event."""
    from lifelines import CoxPHFitter

    frame = table[["pfs_days", "pfs_event"]].assign(high=high.astype(float))
    if frame.groupby("high")["pfs_event"].sum().min() < 1 or frame["high"].nunique() < 2:
        return (np.nan, np.nan, np.nan)
    fitted = CoxPHFitter().fit(frame, "pfs_days", "pfs_event")
    low, top = np.exp(fitted.confidence_intervals_.to_numpy()[0])
    return float(np.exp(fitted.params_.iloc[0])), float(low), float(top)
