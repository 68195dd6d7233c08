"""What designs can tell, what further experiments would, and what readouts depend on."""

from autocrine.calibration.design.identifiability import Direction, Identifiability, confirm, identify
from autocrine.calibration.design.information_gain import expected_gain
from autocrine.calibration.design.sensitivity import morris, sobol

__all__ = ["Direction", "Identifiability", "confirm", "expected_gain", "identify", "morris", "sobol"]
