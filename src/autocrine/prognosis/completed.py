"""A cohort without gaps, as the columns of a regression; several of them where something was imputed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from autocrine.core import generator
from autocrine.prognosis.imputation import impute

if TYPE_CHECKING:
    from autocrine.prognosis.cohort import Cohort

TIME, EVENT, STATUS = "_time", "_event", "_status"


@dataclass(frozen=True)
class Completed:
    """Columns of a regression, once per imputation.

    Attributes
    ----------
    frames : list of DataFrame
        Columns ``_time``, ``_event`` (1 = the event), ``_status`` (2 = competing), the marker in standard deviations
        from its mean, the treatment, covariates and their indicators.
    marker : str
        Column of the marker.
    clinical : list of str
        Columns of the clinical model: covariates and treatment.
    centre, scale : float
        Mean and standard deviation of the known marker values, in its own unit.
    """

    frames: list[pd.DataFrame]
    marker: str
    treatment: str
    clinical: list[str]
    indicators: dict[str, str]
    centre: float
    scale: float

    @property
    def full(self) -> list[str]:
        """Columns of the clinical model with the marker."""
        return [self.marker, *self.clinical]

    @property
    def times(self) -> np.ndarray:
        """Follow-up of each patient."""
        return self.frames[0][TIME].to_numpy(dtype=float)

    @property
    def events(self) -> np.ndarray:
        """1 where the event was seen."""
        return self.frames[0][EVENT].to_numpy(dtype=float)


def complete(cohort: Cohort, *, imputations: int, seed: int) -> Completed:
    """Fill the gaps of a cohort several times.

    Parameters
    ----------
    cohort : Cohort
        Patients, with gaps or without; one frame is made where there are none.
    imputations : int
        How often gaps are filled.
    seed : int
        Seed of the draws.
    """
    question = cohort.question
    known = cohort.marker[~np.isnan(cohort.marker)]
    centre, scale = float(known.mean()), float(known.std(ddof=1))
    table = pd.concat([pd.DataFrame({question.marker: (cohort.marker - centre) / scale}), cohort.covariates], axis=1)
    if cohort.treatment is not None:
        table[question.treatment] = cohort.treatment
    if cohort.response is not None:
        table[question.response] = cohort.response
    outcome = pd.DataFrame({EVENT: (cohort.event == 1).astype(float), "_hazard": _hazard(cohort)})
    gaps = bool(table.isna().to_numpy().any())
    filled = [
        impute(table, outcome, generator(seed, "imputation", at)) if gaps else table
        for at in range(imputations if gaps else 1)
    ]
    frames = [_encoded(cohort, one) for one in filled]
    fixed = {TIME, EVENT, STATUS, question.marker, question.response}
    clinical = [name for name in frames[0].columns if name not in fixed]
    origin = {f"{name}={word}": name for name, words in cohort.levels.items() for word in words[1:]}
    return Completed(frames, question.marker, question.treatment, clinical, origin, centre, scale)


def _hazard(cohort: Cohort) -> np.ndarray:
    """Return the Nelson-Aalen estimate at each patient's time."""
    from lifelines import NelsonAalenFitter

    fitter = NelsonAalenFitter(nelson_aalen_smoothing=False).fit(cohort.time, cohort.event == 1)
    return np.asarray(fitter.cumulative_hazard_at_times(cohort.time), dtype=float)


def _encoded(cohort: Cohort, filled: pd.DataFrame) -> pd.DataFrame:
    """Turn codes of words into indicators; the first word is the reference."""
    columns: dict[str, np.ndarray] = {
        TIME: cohort.time,
        EVENT: (cohort.event == 1).astype(float),
        STATUS: cohort.event.astype(float),
    }
    for name in filled.columns:
        values = filled[name].to_numpy(dtype=float)
        if name not in cohort.levels:
            columns[str(name)] = values
            continue
        for code, word in enumerate(cohort.levels[name][1:], start=1):
            columns[f"{name}={word}"] = (values == code).astype(float)
    return pd.DataFrame(columns)
