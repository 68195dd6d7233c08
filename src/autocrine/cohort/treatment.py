"""Patients under a regimen, by the compiled engine."""

from __future__ import annotations

import numpy as np
import pandas as pd

from autocrine.cohort.outcome import RESPONSES, Visits, day_of_death, diameter_mm, judge_response
from autocrine.cohort.patient import patient_network
from autocrine.cohort.population import Population, start_of
from autocrine.cohort.regimen import Regimen
from autocrine.core import errors
from autocrine.engine import simulate

#: relative and absolute tolerance of a step; against 1e-8 a logarithm of cells differs by less than 0.001
_RTOL, _ATOL = 1e-4, 1e-5
_OUTPUTS = ("log_burden", "hazard", "il6_serum", "il6_total")


def treat(
    patients: pd.DataFrame,
    population: Population,
    regimen: Regimen,
    visits: Visits,
    random: np.random.Generator,
    *,
    horizon_days: float = 365.0,
    threads: int | None = 1,
) -> pd.DataFrame:
    """Simulate patients under a regimen and judge what becomes of them.

    Parameters
    ----------
    patients : DataFrame of n rows
        As `Population.draw` gives them.
    population : Population
        How strong the loop is.
    regimen : Regimen
        What is given.
    visits : Visits
        When and how tumours are measured.
    random : Generator
        Of errors of measurement and of deaths.
    horizon_days : float
        How long patients are followed.
    threads : int, optional
        Threads of the engine; the result does not depend on them.

    Returns
    -------
    DataFrame of n rows, with the index of the patients
        ``best_response``, ``responded`` (CR or PR), ``pcr``, ``progression_day`` and ``death_day`` (infinite where not
        within the horizon), ``il6_true_pg_ml`` at the start, ``il6_assayed_visit_pg_ml`` (serum IL-6 at the first
        visit with what an antibody holds) and ``log10_burden_end``.

    Raises
    ------
    SolverError
        If a patient cannot be integrated.
    InputError
        If the horizon ends before the first visit.
    """
    if not visits.every_days <= horizon_days < 1e5:
        must = f"the horizon must reach the first visit on day {visits.every_days:g}"
        raise errors.InputError(must, horizon_days)
    parameters = population.parameters(patients, regimen.drugs)
    measured = visits.days(horizon_days)
    days = np.unique(np.concatenate([np.arange(0.0, horizon_days, 7.0), measured, [horizon_days, visits.surgery_day]]))
    days = days[days <= horizon_days]
    found = simulate(
        patient_network(regimen.drugs),
        days,
        parameters,
        events=regimen.events(),
        initial=start_of(patients, parameters, regimen.drugs),
        outputs=_OUTPUTS,
        rtol=_RTOL,
        atol=_ATOL,
        threads=threads,
    )
    log_burden = found["log_burden"]
    true_mm = diameter_mm(log_burden[:, np.searchsorted(days, measured)])
    seen_mm = true_mm * np.exp(visits.error * random.standard_normal(true_mm.shape))
    best, progressed = judge_response(seen_mm, visits)
    at_surgery = log_burden[:, min(np.searchsorted(days, visits.surgery_day), len(days) - 1)]
    late = random.uniform(-visits.window_days, visits.window_days, len(patients))
    death = day_of_death(days, found["hazard"], random.standard_exponential(len(patients)))
    return pd.DataFrame(
        {
            "best_response": np.array(RESPONSES)[best],
            "responded": best <= 1,
            "pcr": at_surgery < np.log(visits.cleared_cells),
            "progression_day": np.append(measured, np.inf)[progressed] + late,
            "death_day": death,
            "il6_true_pg_ml": found["il6_serum"][:, 0],
            "il6_assayed_visit_pg_ml": found["il6_total"][:, np.searchsorted(days, visits.every_days)],
            "log10_burden_end": log_burden[:, -1] / np.log(10.0),
        },
        index=patients.index,
    )
