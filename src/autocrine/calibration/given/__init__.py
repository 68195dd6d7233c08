"""What is given to a calibration: beliefs about parameters, measurements with their noise, and a simulator."""

from autocrine.calibration.given.noise import Noise
from autocrine.calibration.given.observations import Observations, Scaling
from autocrine.calibration.given.prior import Prior
from autocrine.calibration.given.priors import Priors
from autocrine.calibration.given.simulator import Function, Simulator

__all__ = ["Function", "Noise", "Observations", "Prior", "Priors", "Scaling", "Simulator"]
