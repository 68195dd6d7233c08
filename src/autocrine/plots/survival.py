"""Figures of cohorts of patients: survival, ratios, a marker's shape, predictions, power."""

from autocrine.plots.forest import draw_forest
from autocrine.plots.kaplan_meier import draw_incidence, draw_kaplan_meier
from autocrine.plots.marker_shape import draw_hazard_curve, draw_marker
from autocrine.plots.power import draw_power
from autocrine.plots.prediction import draw_calibration, draw_decision_curve

__all__ = [
    "draw_calibration",
    "draw_decision_curve",
    "draw_forest",
    "draw_hazard_curve",
    "draw_incidence",
    "draw_kaplan_meier",
    "draw_marker",
    "draw_power",
]
