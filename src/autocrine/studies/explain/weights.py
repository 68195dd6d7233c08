"""What exact wells say of draws that were made with polynomials."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from autocrine.calibration import draws

_LARGEST_K = 0.7
#: with as many draws of equal weight, and a tail as light, nothing is gained by better polynomials
_GOOD_SHARE, _GOOD_K = 0.5, 0.6


@dataclass(frozen=True)
class Weights:
    """Importance weights, Pareto smoothed (Vehtari et al. 2024, J Mach Learn Res 25:72).

    Attributes
    ----------
    places : ndarray of int, shape (k,)
        The draws at which all wells were simulated.
    logs : ndarray of shape (k,)
        Logarithms of exact likelihoods over those that were drawn from.
    each : ndarray of shape (k, m)
        The exact log density of each measurement.
    """

    places: np.ndarray
    logs: np.ndarray
    each: np.ndarray

    @cached_property
    def _smooth(self) -> tuple[np.ndarray, float]:
        return draws.smoothed_weights(self.logs)

    @property
    def shares(self) -> np.ndarray:
        """The weights, smoothed, shape (k,); they sum to one."""
        return self._smooth[0]

    @property
    def pareto_k(self) -> float:
        """The shape of the tail of the weights."""
        return self._smooth[1]

    @property
    def trusted(self) -> bool:
        """Whether the weights have a finite variance, near enough."""
        return self.pareto_k < _LARGEST_K

    @property
    def good(self) -> bool:
        """Whether the weights are so even that the polynomials need no more points."""
        return self.pareto_k < _GOOD_K and self.effective > _GOOD_SHARE * len(self.places)

    @property
    def effective(self) -> float:
        """How many draws of equal weight they are worth."""
        return float(1.0 / np.sum(self.shares**2))

    @property
    def log_ratio(self) -> tuple[float, float]:
        """The logarithm of the exact evidence over that with polynomials, and its standard error."""
        top = float(self.logs.max())
        plain = np.exp(self.logs - top)
        return top + float(np.log(plain.mean())), float(plain.std() / plain.mean() / np.sqrt(len(plain)))
