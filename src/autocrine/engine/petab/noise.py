"""Noise models: how probable a measurement is, given what is simulated."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from autocrine.engine.petab.scale import LN10, Scale, scaled, slope

_LOG_ROOT_2_PI = 0.5 * math.log(2.0 * math.pi)


@dataclass(frozen=True)
class Noise:
    """A family of densities of a measurement.

    Attributes
    ----------
    shape : {"normal", "laplace"}
        The density on its scale, around the simulated value; its width is the standard deviation of the former, the
        scale parameter of the latter.
    scale : {"lin", "log", "log10"}
        The scale.

    Notes
    -----
    With s the scale, r = (s(y) - s(m)) / σ: log p(m | y, σ) = -r²/2 - log(σ √(2π)) + log s'(m), or
    -abs(r) - log(2σ) + log s'(m).

    References
    ----------
    PEtab data format specification, "Noise distributions", petab.readthedocs.io.
    """

    shape: Literal["normal", "laplace"] = "normal"
    scale: Scale = "lin"

    def residual(self, measured: np.ndarray, simulated: np.ndarray, width: np.ndarray) -> np.ndarray:
        """Return the differences on the scale, in units of the width, shape (n,)."""
        with np.errstate(all="ignore"):
            return (scaled(simulated, self.scale) - scaled(measured, self.scale)) / width

    def log_density(self, measured: np.ndarray, simulated: np.ndarray, width: np.ndarray) -> np.ndarray:
        """Return the logarithms of the densities, shape (n,); NaN where a width is not positive."""
        r = self.residual(measured, simulated, width)
        with np.errstate(all="ignore"):
            # an infinite width (or one of zero) gives no density; it is not an error of the caller but of the point
            size = np.where(width > 0, np.log(width), np.nan)
            jacobian = np.log(slope(measured, self.scale))
            if self.shape == "normal":
                return -0.5 * r * r - size - _LOG_ROOT_2_PI + jacobian
            return -np.abs(r) - size - math.log(2.0) + jacobian

    def slopes(self, measured: np.ndarray, simulated: np.ndarray, width: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the derivatives of `log_density` by what is simulated and by the width, each of shape (n,)."""
        r = self.residual(measured, simulated, width)
        with np.errstate(all="ignore"):
            by_residual = -r if self.shape == "normal" else -np.sign(r)
            by_simulated = by_residual * slope(simulated, self.scale) / width
            return by_simulated, -(by_residual * r + 1.0) / width

    def information(self, simulated: np.ndarray, width: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the expected Fisher information about what is simulated and about the width, each of shape (n,)."""
        with np.errstate(all="ignore"):
            about = 1.0 / width**2
            return about * slope(simulated, self.scale) ** 2, (2.0 if self.shape == "normal" else 1.0) * about

    def sample(self, simulated: np.ndarray, width: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Draw measurements, shape (n,)."""
        draw = rng.normal if self.shape == "normal" else rng.laplace
        found = draw(scaled(simulated, self.scale), width)
        return found if self.scale == "lin" else np.exp(found * (LN10 if self.scale == "log10" else 1.0))
