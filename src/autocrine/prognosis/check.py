"""What a cohort must be before it is analysed, and what a reader must know of it."""

from __future__ import annotations

import numpy as np

from autocrine.core import errors
from autocrine.prognosis.cohort import Caution, Cohort

#: Peduzzi et al. 1995, J Clin Epidemiol 48:1503; doi:10.1016/0895-4356(95)00048-8
EVENTS_PER_COVARIATE = 10
_FEWEST_EVENTS, _FEWEST_PATIENTS = 5, 20


def check_cohort(cohort: Cohort) -> None:
    """Refuse a cohort that cannot answer, and add to the cautions of one that can hardly.

    Raises
    ------
    InputError
        If patients, events or values of the marker are too few, or the marker or a covariate does not vary.
    """
    question = cohort.question
    marker = f"{cohort.name}, column {question.marker}"
    if cohort.time.size < _FEWEST_PATIENTS:
        raise errors.InputError(
            f"a cohort must have at least {_FEWEST_PATIENTS} usable patients", cohort.time.size, where=cohort.name
        )
    missing = float(np.isnan(cohort.marker).mean())
    if missing > question.most_missing:
        raise errors.InputError(
            f"the marker must be missing in at most {question.most_missing:.0%} of patients", f"{missing:.0%}",
            where=marker, hint="patients with a sample only; --most-missing where the gaps are known to be by chance",
        )  # fmt: skip
    known = cohort.marker[~np.isnan(cohort.marker)]
    if np.unique(known).size < 2:
        raise errors.InputError("the marker must vary between patients", float(known[0]), where=marker)
    if cohort.events < _FEWEST_EVENTS:
        raise errors.InputError(
            f"a cohort must have at least {_FEWEST_EVENTS} events", cohort.events, where=cohort.name,
            hint="a longer follow-up or a pooled analysis",
        )  # fmt: skip
    for name in cohort.covariates.columns:
        values = cohort.covariates[name].dropna()
        if values.nunique() < 2:
            raise errors.InputError("a covariate must vary between patients", where=f"{cohort.name}, column {name}")
    _arms(cohort)
    _horizon(cohort)
    cohort.cautions.extend(_cautions(cohort, missing))


def _arms(cohort: Cohort) -> None:
    if cohort.treatment is None:
        return
    known = cohort.treatment[~np.isnan(cohort.treatment)]
    if np.unique(known).size < 2:
        raise errors.InputError(
            "--treatment must have patients in both arms",
            where=f"{cohort.name}, column {cohort.question.treatment}",
        )


def _horizon(cohort: Cohort) -> None:
    horizon = cohort.question.horizon
    if horizon is None:
        return
    first, last = float(cohort.time[cohort.event == 1].min()), float(cohort.time.max())
    if not first <= horizon < last:
        raise errors.InputError(
            "--horizon must lie between the first event and the end of follow-up", horizon, where=cohort.name,
            hint=f"a time from {first:g} to below {last:g}",
        )  # fmt: skip


def _cautions(cohort: Cohort, missing: float) -> list[Caution]:
    said = []
    columns = 1 + cohort.columns_of_covariates + (cohort.treatment is not None)
    ratio = cohort.events / columns
    if ratio < EVENTS_PER_COVARIATE:
        said.append(
            Caution(
                "events per covariate",
                f"{cohort.events} events for {columns} covariates are {ratio:.1f} each, fewer than "
                f"{EVENTS_PER_COVARIATE}: coefficients are biased away from 0, intervals are too narrow and the model "
                "is overfitted; adjust for fewer covariates, or read the corrected numbers only",
            )
        )
    if missing > 0:
        said.append(Caution("missing marker", f"the marker is missing in {missing:.0%} of patients and is imputed"))
    if not cohort.time_unit:
        said.append(Caution("time unit", "nothing tells the unit of the times; --time-unit days, months or years"))
    if cohort.treatment is not None:
        for code, arm in enumerate(cohort.arms):
            count = int(((cohort.event == 1) & (cohort.treatment == code)).sum())
            if count < EVENTS_PER_COVARIATE:
                said.append(
                    Caution(
                        "events per arm",
                        f"{count} events in the arm {cohort.question.treatment} = {arm}: too few to say whether the "
                        "effect of the marker differs between the arms",
                    )
                )
    return said
