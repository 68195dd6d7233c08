"""How far a measurement lies from what is true."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import special

from autocrine.core import errors

FAMILIES = ("normal", "log-normal", "student")
_LOG_ROOT_2PI = 0.5 * math.log(2 * math.pi)


@dataclass(frozen=True)
class Noise:
    """The density of a measurement around what it measures.

    Attributes
    ----------
    family : {"normal", "log-normal", "student"}
        Its form. ``log-normal``: the logarithm of the measurement is normal around the logarithm of the readout.
    additive, proportional : float or str
        Its width is the root of ``additive² + (proportional · readout)²`` and of the square of the standard deviation
        that is known for each measurement. A number is known, a name is a parameter that is estimated. The width of
        ``log-normal`` is that of the logarithm, and has no proportional part.
    freedom : float
        Degrees of freedom of ``student``.

    Raises
    ------
    InputError
        If the family is unknown, a number is negative, or a log-normal noise has a proportional part.
    """

    family: Literal["normal", "log-normal", "student"] = "normal"
    additive: float | str = 0.0
    proportional: float | str = 0.0
    freedom: float = 4.0

    def __post_init__(self) -> None:
        if self.family not in FAMILIES:
            raise errors.InputError(f"noise must be one of {', '.join(FAMILIES)}", self.family)
        for part in (self.additive, self.proportional):
            if not isinstance(part, str) and not 0 <= part < math.inf:
                raise errors.InputError("a width of noise must be a number of at least 0, or a parameter", part)
        if self.family == "log-normal" and self.proportional != 0.0:
            must = "log-normal noise must not have a proportional part: its width is one already"
            raise errors.InputError(must, self.proportional, hint="additive")
        if not self.freedom > 0:
            raise errors.InputError("degrees of freedom must be positive", self.freedom)

    @property
    def names(self) -> tuple[str, ...]:
        """The parameters of the width that are estimated."""
        return tuple(part for part in (self.additive, self.proportional) if isinstance(part, str))

    @property
    def on_log(self) -> bool:
        """Whether measurement and readout are compared by their logarithms."""
        return self.family == "log-normal"

    def log_density(self, far: np.ndarray, width: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the log density of distances in units of the width, and derivatives by readout and width.

        Parameters
        ----------
        far : ndarray
            (measurement - readout) / width; of logarithms where `on_log`. The Jacobian of a logarithm is not here.
        width : ndarray
            The width.
        """
        if self.family == "student":
            nu = self.freedom
            constant = special.gammaln((nu + 1) / 2) - special.gammaln(nu / 2) - 0.5 * math.log(nu * math.pi)
            density = constant - (nu + 1) / 2 * np.log1p(far**2 / nu) - np.log(width)
            pull = (nu + 1) * far / (nu + far**2)
        else:
            density = -0.5 * far**2 - np.log(width) - _LOG_ROOT_2PI
            pull = far
        return density, pull / width, (pull * far - 1.0) / width

    def log_below(self, far: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the logarithm of the share of measurements below a limit, and its derivative by ``far``.

        Parameters
        ----------
        far : ndarray
            (limit - readout) / width.
        """
        below = self._log_share(far)
        density = self.log_density(far, np.ones_like(far))[0]
        return below, np.exp(density - below)

    def log_between(self, low: np.ndarray, high: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the logarithm of the share between two limits, and its derivatives by both.

        Parameters
        ----------
        low, high : ndarray
            (limit - readout) / width.
        """
        # densities are even: the side with the smaller tail keeps its digits
        mirrored = low + high > 0
        left, right = np.where(mirrored, -high, low), np.where(mirrored, -low, high)
        big, small = self._log_share(right), self._log_share(left)
        between = big + np.log1p(-np.exp(np.minimum(small - big, -1e-300)))
        ones = np.ones_like(low)
        at_low, at_high = self.log_density(low, ones)[0], self.log_density(high, ones)[0]
        return between, -np.exp(at_low - between), np.exp(at_high - between)

    def _log_share(self, far: np.ndarray) -> np.ndarray:
        if self.family == "student":
            with np.errstate(divide="ignore"):
                return np.log(special.stdtr(self.freedom, far))
        return special.log_ndtr(far)

    def information(self) -> tuple[float, float]:
        """Return the expected information of one measurement about readout and width, times the width squared."""
        if self.family == "student":
            return (self.freedom + 1) / (self.freedom + 3), 2 * self.freedom / (self.freedom + 3)
        return 1.0, 2.0

    def draw(self, rng: np.random.Generator, readout: np.ndarray, width: np.ndarray) -> np.ndarray:
        """Draw measurements around readouts."""
        if self.family == "student":
            return readout + width * rng.standard_t(self.freedom, readout.shape)
        steps = width * rng.standard_normal(readout.shape)
        return readout * np.exp(steps) if self.on_log else readout + steps
