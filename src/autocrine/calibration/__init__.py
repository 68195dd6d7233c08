"""Data meet a simulator, which is seen as a function from parameters to predictions."""

from autocrine.calibration import design, draws, fits, given
from autocrine.calibration.posterior import Posterior

__all__ = ["Posterior", "design", "draws", "fits", "given"]
