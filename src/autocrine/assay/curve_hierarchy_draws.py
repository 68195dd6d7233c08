"""What draws of a hierarchical curve say: potencies, levels, areas, and whether the chains agree."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autocrine.assay.curve_fit import HALF, logistic
from autocrine.assay.potency import Potency

Array = NDArray[np.float64]

_TAIL = (0.025, 0.975)
#: places over log dose at which a curve is averaged
_AREA_PLACES = 101


@dataclass(frozen=True)
class CurveDraws:
    """Draws from the posterior, chain after chain.

    Attributes
    ----------
    mu, tau : ndarray, shape (chains, draws, 4)
        Typical E_0, g, log10 EC50, ln hill_slope, and their standard deviations between plates.
    sigma : ndarray, shape (chains, draws)
        Noise of a well, fraction of control.
    theta : ndarray, shape (chains, draws, plates, 4)
        The parameters of every plate.
    floor : float
        The lowest possible effect.
    """

    mu: Array
    tau: Array
    sigma: Array
    theta: Array
    floor: float

    @property
    def typical(self) -> Array:
        """The typical parameters of all chains, shape (n, 4)."""
        return self.mu.reshape(-1, 4)

    def plate(self, number: int) -> Array:
        """Return the parameters of one plate, shape (n, 4)."""
        return self.theta[:, :, number].reshape(-1, 4)

    @property
    def r_hat(self) -> float:
        """The largest split R-hat of typical parameters and log spreads; below 1.05 the chains agree."""
        with np.errstate(divide="ignore"):
            spread = np.log(np.maximum(self.tau, 1e-12))
        return float(max(_split_r_hat(values[..., k]) for values in (self.mu, spread) for k in range(4)))

    @property
    def effective(self) -> float:
        """The effective number of draws of the typical log10 EC50, from the means of batches."""
        values = self.mu[..., 2]
        batches = np.stack(np.split(values[:, : values.shape[1] // 20 * 20], 20, axis=1)).mean(axis=2)
        length, spread = values.shape[1] // 20, float(np.var(values))
        between = float(np.var(batches, ddof=1)) * length
        return float(min(values.size, values.size * spread / between)) if between > 0 else float(values.size)


def _split_r_hat(values: Array) -> float:
    """Return R-hat of chains cut into halves (Gelman et al., Bayesian Data Analysis, 3rd ed., 11.4)."""
    half = values.shape[1] // 2
    parts = np.concatenate([values[:, :half], values[:, half : 2 * half]])
    within = float(np.mean(np.var(parts, axis=1, ddof=1)))
    if within == 0:
        return 1.0
    between = half * float(np.var(parts.mean(axis=1), ddof=1))
    return math.sqrt((half - 1) / half + between / half / within)


def half_doses(theta: Array, floor: float) -> Array:
    """Return log10 of the doses where curves cross half of control; inf or -inf where they do not.

    Parameters
    ----------
    theta : ndarray, shape (n, 4)
    floor : float
    """
    e_0, g, a, b = theta.T
    e_max = e_0 - (e_0 - floor) * g
    with np.errstate(divide="ignore", invalid="ignore"):
        crossed = a + np.log10((e_0 - HALF) / (HALF - e_max)) * np.exp(-b)
    return np.where(e_0 <= HALF, -np.inf, np.where(e_max >= HALF, np.inf, crossed))


def areas(theta: Array, floor: float, low: float, high: float) -> Array:
    """Return the means of curves over log10 dose from ``low`` to ``high``, shape (n,); 1 is no effect."""
    places = np.linspace(low, high, _AREA_PLACES)
    return np.asarray(np.trapezoid(logistic(theta, places, floor), places, axis=-1) / (high - low), dtype=np.float64)


def potency_of(log_dose: Array, low: float, high: float) -> Potency:
    """Return the median of draws of a log10 dose with its 95 % interval, censored at the tested range.

    Parameters
    ----------
    log_dose : ndarray, shape (n,)
        Draws; may be infinite.
    low, high : float
        log10 of the lowest and highest tested dose.

    Returns
    -------
    Potency
        A value where the median lies within the tested doses, else a bound. An end outside of them is open.
    """
    # the draws themselves as quantiles: infinite ones have no mean with their neighbours
    ends, middle = np.quantile(log_dose, _TAIL, method="nearest"), float(np.quantile(log_dose, 0.5, method="nearest"))
    below = 0.0 if ends[0] < low else 10.0 ** min(float(ends[0]), high)
    above = math.inf if ends[1] > high else 10.0 ** max(float(ends[1]), low)
    if middle > high:
        return Potency(None, below or 10.0**low, math.inf, ">", 10.0**high)
    if middle < low:
        return Potency(None, 0.0, 10.0**high if math.isinf(above) else above, "<", 10.0**low)
    return Potency(10.0**middle, below, above)


def interval(values: Array) -> tuple[float, float, float]:
    """Return median and 95 % interval."""
    low, high = np.quantile(values, _TAIL)
    return float(np.median(values)), float(low), float(high)
