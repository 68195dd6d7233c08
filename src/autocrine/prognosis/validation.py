"""How much of a model's performance is optimism: Harrell's bootstrap, for the clinical model and with the marker."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from autocrine.core import errors, generator
from autocrine.prognosis.completed import EVENT, TIME
from autocrine.prognosis.cox import fit_cox
from autocrine.prognosis.performance import THRESHOLDS, Outcome, auc_at, brier_at, concordance, net_benefit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from autocrine.prognosis.completed import Completed

MODELS = ("clinical", "marker", "clinical + marker")
_MEASURES = ("C-index", "AUC", "Brier", "slope")


@dataclass(frozen=True)
class Validation:
    """Performance, apparent and corrected.

    Attributes
    ----------
    horizon : float
        Time at which AUC, Brier score and net benefit are judged.
    table : DataFrame
        Columns ``model``, ``measure``, ``apparent``, ``optimism``, ``corrected``, ``low``, ``high``: 95 % interval
        of the corrected value by the location-shifted bootstrap.
    added : DataFrame
        The same of the differences that the marker makes to the clinical model.
    net_benefit : DataFrame
        Columns ``strategy``, ``threshold``, ``net_benefit``; those of models are corrected.
    predicted : DataFrame
        Predicted risk at the horizon, a column per model, mean over imputations.
    bootstraps, failed : int
        Samples, and those among them in which a model had no maximum; these are left out.
    """

    horizon: float
    table: pd.DataFrame
    added: pd.DataFrame
    net_benefit: pd.DataFrame
    predicted: pd.DataFrame
    bootstraps: int
    failed: int


@dataclass(frozen=True)
class _Judged:
    """Measures (model, measure), net benefits (model, threshold) and risks (model, patient)."""

    measures: NDArray[np.float64]
    benefits: NDArray[np.float64]
    risks: NDArray[np.float64]


def validate(
    completed: Completed,
    horizon: float,
    *,
    bootstraps: int,
    seed: int,
    progress: Callable[[Iterable[int]], Iterable[int]] = iter,
) -> Validation:
    """Judge the models on the patients they were fitted to, and correct for that.

    Parameters
    ----------
    completed : Completed
        Patients without gaps; bootstrap b uses imputation b modulo their number.
    horizon : float
        Time at which risks are judged.
    bootstraps : int
        Samples of patients.
    seed : int
        Seed of the samples.
    progress : callable
        Wraps the samples, for a progress bar.

    Notes
    -----
    optimism = mean over samples of (performance in the sample - performance of the sample's model in the original
    patients); corrected = apparent - optimism (Harrell, Lee and Mark 1996, Stat Med 15:361). Every step of fitting is
    repeated in every sample.
    """
    models = _models(completed)
    outcomes = Outcome.at(completed.times, completed.events, horizon)
    apparent = [_judge(frame, frame, models, outcomes, outcomes)[0] for frame in completed.frames]
    random = generator(seed, "bootstrap")
    gaps, kept, failed = [], [], 0
    for at in progress(range(bootstraps)):
        frame = completed.frames[at % len(completed.frames)]
        sample = frame.iloc[random.integers(len(frame), size=len(frame))].reset_index(drop=True)
        drawn = Outcome.at(sample[TIME].to_numpy(dtype=float), sample[EVENT].to_numpy(dtype=float), horizon)
        try:
            inside, outside = _judge(sample, frame, models, drawn, outcomes)
        except errors.InputError:
            failed += 1
            continue
        gaps.append((inside.measures - outside.measures, inside.benefits - outside.benefits))
        kept.append(inside.measures)
    return _summary(models, outcomes, apparent, gaps, kept, bootstraps=bootstraps, failed=failed)


def _models(completed: Completed) -> dict[str, list[str]]:
    """Return the models by name; without a clinical model there is only the marker."""
    if not completed.clinical:
        return {"marker": [completed.marker]}
    return {"clinical": completed.clinical, "marker": [completed.marker], "clinical + marker": completed.full}


def _judge(
    train: pd.DataFrame, test: pd.DataFrame, models: dict[str, list[str]], inside: Outcome, outside: Outcome
) -> tuple[_Judged, _Judged]:
    """Fit models on one set of patients and judge them on it and on another."""
    fits = [fit_cox(train, terms, finite=False) for terms in models.values()]
    found = []
    for frame, outcome, own in ((train, inside, True), (test, outside, train is test)):
        measures, benefits, risks = [], [], []
        for fit in fits:
            risk = 1 - fit.survival_at(frame, outcome.horizon)
            # in the patients it was fitted to the slope is 1; that of a marker without effect is noise, and left out
            alone = len(fits) > 1 and fit is fits[1]
            slope = np.nan if alone else 1.0 if own else _slope(frame, fit.predictor(frame))
            measures.append([concordance(outcome, risk), auc_at(outcome, risk), brier_at(outcome, risk), slope])
            benefits.append(net_benefit(outcome, risk, THRESHOLDS))
            risks.append(risk)
        found.append(_Judged(np.array(measures), np.array(benefits), np.array(risks)))
    return found[0], found[1]


def _slope(frame: pd.DataFrame, predictor: NDArray[np.float64]) -> float:
    """Return the coefficient of a linear predictor in new patients: below 1 if it was too sure."""
    calibration = pd.DataFrame({TIME: frame[TIME], EVENT: frame[EVENT], "predictor": predictor})
    return float(fit_cox(calibration, ["predictor"], finite=False).coefficient[0])


def _summary(
    models: dict[str, list[str]],
    outcome: Outcome,
    apparent: list[_Judged],
    gaps: list[tuple[NDArray[np.float64], NDArray[np.float64]]],
    kept: list[NDArray[np.float64]],
    *,
    bootstraps: int,
    failed: int,
) -> Validation:
    measured = np.mean([one.measures for one in apparent], axis=0)
    benefits = np.mean([one.benefits for one in apparent], axis=0)
    risks = np.mean([one.risks for one in apparent], axis=0)
    if gaps:
        optimism = np.mean([gap[0] for gap in gaps], axis=0)
        benefits = benefits - np.mean([gap[1] for gap in gaps], axis=0)
    else:
        optimism = np.full(measured.shape, np.nan)
    samples = np.array(kept)
    rows = [
        {"model": name, "measure": measure}
        | _corrected(measured[m, k], optimism[m, k], samples[:, m, k] if gaps else samples, interval=measure != "slope")
        for m, name in enumerate(models)
        for k, measure in enumerate(_MEASURES)
        if not np.isnan(measured[m, k])
    ]
    added = []
    if len(models) == len(MODELS):
        for k, measure in enumerate(_MEASURES[:3]):
            difference = samples[:, 2, k] - samples[:, 0, k] if gaps else samples
            told = _corrected(measured[2, k] - measured[0, k], optimism[2, k] - optimism[0, k], difference)
            added.append({"measure": measure} | told)
    return Validation(
        outcome.horizon,
        pd.DataFrame(rows),
        pd.DataFrame(added),
        _strategies(models, outcome, benefits),
        pd.DataFrame(dict(zip(models, risks, strict=True))),
        bootstraps,
        failed,
    )


def _corrected(
    apparent: float, optimism: float, samples: NDArray[np.float64], *, interval: bool = True
) -> dict[str, float]:
    """Return the corrected value; its interval is that of the samples moved by the optimism (Noma et al. 2021)."""
    known = samples[~np.isnan(samples)] if samples.size else samples
    low, high = np.quantile(known, (0.025, 0.975)) - optimism if known.size and interval else (np.nan, np.nan)
    return {
        "apparent": float(apparent),
        "optimism": float(optimism),
        "corrected": float(apparent - optimism),
        "low": float(low),
        "high": float(high),
    }


def _strategies(models: dict[str, list[str]], outcome: Outcome, benefits: NDArray[np.float64]) -> pd.DataFrame:
    everyone = net_benefit(outcome, np.ones(outcome.time.size), THRESHOLDS)
    curves = {"nobody": np.zeros(THRESHOLDS.size), "everybody": everyone}
    curves |= dict(zip(models, benefits, strict=True))
    return pd.concat(
        [
            pd.DataFrame({"strategy": name, "threshold": THRESHOLDS, "net_benefit": values})
            for name, values in curves.items()
        ],
        ignore_index=True,
    )
