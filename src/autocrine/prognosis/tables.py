"""An analysis as plain tables and as one object for JSON."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pandas as pd

from autocrine.prognosis.question import NOTICE

if TYPE_CHECKING:
    from autocrine.prognosis.analysis import Analysis
    from autocrine.prognosis.pooled import Pooled


def tables_of(analysis: Analysis) -> dict[str, pd.DataFrame]:
    """Return every table of an analysis by the name of its file; parts without an estimate are absent.

    Parameters
    ----------
    analysis : Analysis
        What was estimated.
    """
    a = analysis
    remedy, validation, competing = a.remedy, a.validation, a.competing
    tables: dict[str, pd.DataFrame | None] = {
        "flow": pd.DataFrame(a.cohort.flow, columns=pd.Index(["step", "patients"])),
        "excluded": a.cohort.excluded,
        "variables": a.distribution.variables,
        "marker_and_variables": a.distribution.relation,
        "survival_curves": a.curves.curves,
        "at_risk": a.curves.at_risk,
        "survival_groups": a.curves.groups,
        "cox_univariable": a.univariable,
        "cox_multivariable": _pooled(a.full),
        "proportional_hazards": remedy and remedy.checks,
        "cox_stratified": _pooled(remedy and remedy.adjusted),
        "cox_periods": _pooled(remedy and remedy.periods),
        "spline": a.spline and a.spline.curve,
        "cut_points": a.cutpoint and a.cutpoint.cuts,
        "cumulative_incidence": competing and competing.incidence,
        "cause_specific": competing and competing.hazards,
        "subdistribution": competing and competing.subdistribution,
        "gray_test": competing and competing.gray,
        "naive_incidence": competing and competing.naive,
        "performance": validation and validation.table,
        "added_value": validation and validation.added,
        "decision_curve": validation and validation.net_benefit,
        "calibration": a.calibration and a.calibration.groups,
        "auc": a.auc,
        "interaction": a.interaction and a.interaction.arms,
        "response": a.response and a.response.table,
        "power": a.power.table,
    }
    return {name: table for name, table in tables.items() if table is not None}


def _pooled(pooled: Pooled | None) -> pd.DataFrame | None:
    return None if pooled is None else pooled.table()


def object_of(analysis: Analysis) -> dict[str, Any]:
    """Return what a program needs of an analysis; numbers that JSON cannot write are null."""
    a = analysis
    question, cut, remedy = a.cohort.question, a.cutpoint, a.remedy
    told: dict[str, Any] = {
        "notice": NOTICE,
        "cohort": a.cohort.name,
        "marker": question.marker,
        "patients": a.cohort.time.size,
        "events": a.cohort.events,
        "time_unit": a.cohort.time_unit,
        "median_follow_up": a.follow_up,
        "imputations": len(a.completed.frames),
        "marker_mean": a.completed.centre,
        "marker_sd": a.completed.scale,
        "adjusted_for": a.completed.clinical,
        "effect_per_sd": {"adjusted": a.adjusted_fits, **a.effect},
        "effect_per_sd_alone": a.alone.row(a.completed.marker),
        "log_rank": {"statistic": a.curves.statistic, "p": a.curves.p},
        "not_proportional": [] if remedy is None else _failed(remedy.checks),
        "spline": None if a.spline is None else {"p_any": a.spline.p_any, "p_curved": a.spline.p_curved},
        "cut_point": None if cut is None else {k: v for k, v in vars(cut).items() if k != "cuts"},
        "interaction": None if a.interaction is None else a.interaction.ratio,
        "horizon": a.horizon,
        "bootstraps": None if a.validation is None else a.validation.bootstraps,
        "observed_over_expected": None if a.calibration is None else a.calibration.ratio,
        "detectable_ratio": a.power.detectable,
        "response": None if a.response is None else {"method": a.response.method, "separated": a.response.separated},
        "notes": a.cohort.notes,
        "cautions": [vars(caution) for caution in a.cautions],
        "conclusion": a.conclusion,
    }
    skipped = {"survival_curves", "cut_points", "spline", "cumulative_incidence", "excluded"}
    told["tables"] = {k: _records(v) for k, v in tables_of(a).items() if k not in skipped}
    return {key: _plain(value) for key, value in told.items()}


def _failed(checks: pd.DataFrame) -> list[str]:
    return [str(term) for term, p in zip(checks["term"], checks["p"], strict=True) if p < 0.05 and term != "all"]


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(key): value for key, value in row.items()} for row in table.to_dict("records")]


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    value = value.item() if hasattr(value, "item") else value
    return None if isinstance(value, float) and not math.isfinite(value) else value
