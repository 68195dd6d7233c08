"""Data meet a simulator, which is seen as a function from parameters to predictions."""

from autocrine.calibration import design, draws, fits, given
from autocrine.calibration.petab_target import PetabTarget
from autocrine.calibration.posterior import Posterior

__all__ = ["PetabTarget", "Posterior", "design", "draws", "fits", "given"]
