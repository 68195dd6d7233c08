"""The figures of the report of a cohort, as SVG by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from autocrine.prognosis.analysis import Analysis


def figures(found: Analysis) -> dict[str, str]:
    """Draw what an analysis has estimates of.

    Parameters
    ----------
    found : Analysis
        What was estimated.

    Returns
    -------
    dict
        Name → SVG; a figure whose part is missing is absent.
    """
    from autocrine.plots import survival, svg

    cohort = found.cohort
    known = ~np.isnan(cohort.marker)
    values, event = cohort.marker[known], (cohort.event[known] == 1).astype(float)
    unit = cohort.units.get(cohort.question.marker, "")
    label = cohort.question.marker + (f" ({unit})" if unit else "")
    time = f"time ({cohort.time_unit})" if cohort.time_unit else "time"
    drawn = {
        "marker": survival.draw_marker(values, event, label=label),
        "survival": survival.draw_kaplan_meier(
            found.curves.curves, found.curves.at_risk, time_label=time, note=f"log-rank p {_p(found.curves.p)}"
        ),
        "ratios": survival.draw_forest(_ratios(found), label="hazard ratio: marker per SD, numbers per unit"),
    }
    if found.spline is not None:
        note = f"any effect: p {_p(found.spline.p_any)}\ncurved: p {_p(found.spline.p_curved)}"
        drawn["spline"] = survival.draw_hazard_curve(found.spline.curve, values, label=label, note=note)
    if found.competing is not None:
        drawn["incidence"] = survival.draw_incidence(found.competing.incidence, time_label=time)
    if found.calibration is not None:
        note = f"observed / expected {found.calibration.ratio:.2f}"
        drawn["calibration"] = survival.draw_calibration(found.calibration.groups, note=note)
    if found.validation is not None:
        drawn["decision"] = survival.draw_decision_curve(found.validation.net_benefit)
    if found.interaction is not None:
        arms = found.interaction.arms.rename(columns={"arm": "name"})
        drawn["arms"] = survival.draw_forest(arms, label="hazard ratio per SD of the marker")
    return {name: svg(figure) for name, figure in drawn.items()}


def _ratios(found: Analysis) -> pd.DataFrame:
    """Return the rows of the adjusted model, or of each column alone where that has no estimate."""
    table = found.full.table() if found.full is not None else found.univariable
    return table.rename(columns={"term": "name"})


def _p(value: float) -> str:
    return f"= {value:.2g}" if value >= 0.001 else "< 0.001"
