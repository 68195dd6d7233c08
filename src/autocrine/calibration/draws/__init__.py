"""Draws from posteriors, what they say about themselves, and what follows from them."""

from autocrine.calibration.draws.cloud import Cloud, free_prior
from autocrine.calibration.draws.comparison import compare, smoothed_weights
from autocrine.calibration.draws.diagnosis import diagnose
from autocrine.calibration.draws.drawn import gathered, load, points_of, save
from autocrine.calibration.draws.evidence import bridge_evidence
from autocrine.calibration.draws.predictive import check_predictions
from autocrine.calibration.draws.sampling import sample
from autocrine.calibration.draws.shares import shapley
from autocrine.calibration.draws.simulated import simulated_ranks
from autocrine.calibration.draws.tempering import kept_draws, temper

__all__ = [
    "Cloud",
    "bridge_evidence",
    "check_predictions",
    "compare",
    "diagnose",
    "free_prior",
    "gathered",
    "kept_draws",
    "load",
    "points_of",
    "sample",
    "save",
    "shapley",
    "simulated_ranks",
    "smoothed_weights",
    "temper",
]
