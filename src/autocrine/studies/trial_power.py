"""Power of serum IL-6 as a marker in virtual trials, by simulating them."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from autocrine.cohort import Campaign, Protocol, find_weights
from autocrine.core import errors

if TYPE_CHECKING:
    from autocrine.cohort import Trial
    from autocrine.cohort.matching import Weights

#: two-sided level, and the power that a trial is planned for
LEVEL, WANTED = 0.05, 0.8
#: events below which a Cox model with this many covariates is not fitted, so that nothing is found
_FEWEST_EVENTS = 5
#: patients of all trials together from which the number needed is estimated, at least
_LEAST_POOL = 3000


@dataclass(frozen=True)
class Effect:
    """The effect of serum IL-6 in one table of patients.

    Attributes
    ----------
    log_ratio, error : float
        Logarithm of the hazard ratio (or of its ratio between arms) per doubling, and its standard error; NaN where
        there is no estimate.
    """

    log_ratio: float
    error: float

    @property
    def z(self) -> float:
        """Return the estimate over its error."""
        return self.log_ratio / self.error

    @property
    def found(self) -> bool:
        """Whether it is significant at 5 %, two-sided."""
        return abs(self.z) > 1.959964


_NONE = Effect(math.nan, math.nan)


def fit_effects(table: pd.DataFrame, endpoint: str, *, adjusted: bool = True) -> dict[str, Effect]:
    """Fit a Cox model of log2 serum IL-6, with tumour burden and arm beside it, by lifelines.

    Parameters
    ----------
    table : DataFrame
        Patients as a campaign gives them.
    endpoint : str
        ``pfs`` or ``os``.
    adjusted : bool
        Whether the logarithm of the tumour burden is in the model. Burden makes IL-6 and a worse outcome without any
        loop, so a model without it finds a marker where there is no loop.

    Returns
    -------
    dict
        ``prognostic``, and ``predictive`` (marker by arm, the last arm against the others) where there are arms.
    """
    marker = np.log2(table["il6_pg_ml"].to_numpy())
    columns = {"marker": marker - marker.mean()}
    if adjusted:
        columns["burden"] = table["log10_burden"].to_numpy() - table["log10_burden"].mean()
    arms = sorted(table["arm"].unique())
    if len(arms) > 1:
        columns["arm"] = (table["arm"] == arms[-1]).to_numpy(dtype=float)
    data = pd.DataFrame(columns)
    data["time"], data["event"] = table[f"{endpoint}_days"].to_numpy(), table[f"{endpoint}_event"].to_numpy()
    found = {"prognostic": _cox(data, "marker")}
    if len(arms) > 1:
        data["both"] = data["marker"] * data["arm"]
        found["predictive"] = _cox(data, "both")
    return found


def effects_of(table: pd.DataFrame, endpoint: str) -> pd.DataFrame:
    """Return the effects of serum IL-6 in all patients of a trial, with and without their burden in the model."""
    rows = []
    for adjusted in (True, False):
        for name, effect in fit_effects(table, endpoint, adjusted=adjusted).items():
            low, high = (effect.log_ratio + side * 1.959964 * effect.error for side in (-1, 1))
            rows.append(
                {
                    "effect": name,
                    "adjusted_for_burden": adjusted,
                    "patients": len(table),
                    "ratio": _exp(effect.log_ratio),
                    "ratio_low": _exp(low),
                    "ratio_high": _exp(high),
                    "needed": needed(effect, len(table)),
                }
            )
    return pd.DataFrame(rows)


def _exp(value: float) -> float:
    """Return a ratio; beyond what a number can hold it is infinite."""
    return math.inf if value > 700 else math.exp(value)


def _cox(data: pd.DataFrame, name: str) -> Effect:
    """Return one coefficient; none where there are too few events or the model does not converge."""
    import warnings

    from lifelines import CoxPHFitter
    from lifelines.exceptions import ConvergenceError

    if data["event"].sum() < _FEWEST_EVENTS or data[name].std() == 0:
        return _NONE
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # lifelines warns of what the estimate itself shows
        try:
            fitted = CoxPHFitter().fit(data, "time", "event")
        except (ConvergenceError, ValueError, np.linalg.LinAlgError):
            return _NONE
    return Effect(float(fitted.params_[name]), float(fitted.standard_errors_[name]))


@dataclass(frozen=True)
class Setting:
    """One setting for which power is asked.

    Attributes
    ----------
    varied : str
        What differs from the trial, empty where nothing does.
    value : float
        Its value.
    protocol : Protocol
    """

    varied: str
    value: float
    protocol: Protocol


def settings_of(trial: Trial) -> list[Setting]:
    """Return the settings of a trial: each is varied alone."""
    found, asked, protocol = [], trial.power, trial.protocol
    for value in asked.loop_strengths:
        population = replace(protocol.population, loop_strength=value)
        found.append(Setting("loop_strength", value, replace(protocol, population=population)))
    for value in asked.producer_prevalences:
        population = replace(protocol.population, producer_prevalence=value)
        found.append(Setting("producer_prevalence", value, replace(protocol, population=population)))
    for value in asked.assay_cvs:
        found.append(Setting("assay_cv", value, replace(protocol, assay=replace(protocol.assay, cv=value))))
    return found or [Setting("", math.nan, protocol)]


def find_power(
    trial: Trial,
    seed: int,
    weights: Weights,
    *,
    workers: int = 1,
    scheduler: str = "",
    progress: Callable[[int], None] = lambda _trials: None,
) -> pd.DataFrame:
    """Simulate trials of each size in each setting and count in how many the marker is found.

    Parameters
    ----------
    trial : Trial
        With its question of power.
    seed : int
        Seed; each setting has the same patients as far as they do not depend on it.
    weights : Weights
        Of plausible patients, the same for all settings but for another prevalence.
    workers, scheduler
        As in `Campaign.run`.
    progress : callable
        Called with the number of finished trials.

    Returns
    -------
    DataFrame
        One row per setting, size, effect and model: ``power`` with its 95 % interval (Wilson), ``trials``,
        ``ratio`` (hazard ratio per doubling in all patients together) and ``needed`` patients for 80 %.
    """
    rows: list[dict[str, Any]] = []
    for setting in settings_of(trial):
        own = weights
        if setting.varied == "producer_prevalence" and trial.match:
            own = find_weights(setting.protocol.population, seed)
        count = max(trial.power.repeats * max(trial.power.sizes), _LEAST_POOL)
        with tempfile.TemporaryDirectory() as folder:
            campaign = Campaign(setting.protocol, own, count, seed, Path(folder))
            campaign.run(workers=workers, scheduler=scheduler)
            pool = pd.concat(campaign.tables(), ignore_index=True)
        rows += list(_rows(pool, trial, setting, progress))
    return pd.DataFrame(rows)


def _rows(
    pool: pd.DataFrame, trial: Trial, setting: Setting, progress: Callable[[int], None]
) -> Iterator[dict[str, Any]]:
    """Yield the rows of one setting: trials are cut from the pool one after the other, none shares a patient."""
    for adjusted in (True, False):
        whole = fit_effects(pool, trial.endpoint, adjusted=adjusted)
        for size in trial.power.sizes:
            parts = [pool.iloc[first * size : (first + 1) * size] for first in range(trial.power.repeats)]
            effects = []
            for part in parts:
                effects.append(fit_effects(part, trial.endpoint, adjusted=adjusted))
                progress(1)
            for name, effect in whole.items():
                hits = sum(each.get(name, _NONE).found for each in effects)
                low, high = wilson(hits, len(effects))
                yield {
                    "varied": setting.varied, "value": setting.value, "patients": size, "effect": name,
                    "adjusted_for_burden": adjusted, "trials": len(effects),
                    "power": hits / len(effects) if effects else math.nan, "power_low": low, "power_high": high,
                    "ratio": math.exp(effect.log_ratio), "needed": needed(effect, len(pool)),
                }  # fmt: skip


def needed(effect: Effect, patients: int) -> float:
    """Return the patients for a power of 80 %: the estimate over its error grows with their root.

    Infinite where the effect is not above the noise of the whole pool (|z| < 3).
    """
    from scipy import stats

    if not abs(effect.z) >= 3:
        return math.inf
    wanted = stats.norm.isf(LEVEL / 2) + stats.norm.ppf(WANTED)
    return math.ceil(patients * (wanted / effect.z) ** 2)


def wilson(hits: int, count: int) -> tuple[float, float]:
    """Return the 95 % interval of a fraction.

    References
    ----------
    Wilson 1927, J Am Stat Assoc 22:209.
    """
    if count < 0 or hits > count:
        raise errors.InputError("hits must not exceed the count", (hits, count))
    if not count:
        return math.nan, math.nan
    z = 1.959964
    share, scale = hits / count, 1 + z**2 / count
    middle = (share + z**2 / (2 * count)) / scale
    half = z * math.sqrt(share * (1 - share) / count + z**2 / (4 * count**2)) / scale
    return middle - half, middle + half


def count_steps(trial: Trial) -> int:
    """Return how many trials are fitted for the power of a trial."""
    return 2 * len(settings_of(trial)) * len(trial.power.sizes) * trial.power.repeats
