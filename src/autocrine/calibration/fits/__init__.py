"""Fits from many starts that can go on after an interruption, and profiles with verdicts."""

from autocrine.calibration.fits.multi_start import Fit, multi_start
from autocrine.calibration.fits.profile import Profile, profiles
from autocrine.calibration.fits.search import Search

__all__ = ["Fit", "Profile", "Search", "multi_start", "profiles"]
