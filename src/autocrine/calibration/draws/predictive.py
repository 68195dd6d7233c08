"""Whether measurements look as the posterior expects them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from autocrine.calibration.draws.drawn import points_of, thinned
from autocrine.calibration.posterior import Posterior
from autocrine.core import generator

if TYPE_CHECKING:
    from arviz import InferenceData

#: a posterior predictive probability this close to 0 or 1 is an objection
_EXTREME = 0.01


@dataclass(frozen=True)
class PredictiveCheck:
    """Measurements against measurements that the posterior would make.

    Attributes
    ----------
    labels : tuple of str
        The m measurements.
    drawn : ndarray of shape (n, m)
        Measurements drawn from the posterior.
    low, high : ndarray of shape (m,)
        What holds the middle 90 % of them.
    inside : float
        The share of the exact measurements between the two.
    ranks : ndarray of shape (m,)
        The share of the draws that lie below each measurement; NaN for censored ones.
    probability : float
        How often drawn measurements lie as far from their readouts as the real ones, or farther: the posterior
        predictive probability of the mean squared distance in units of the noise. Near 0: the model or the noise is
        too narrow; near 1: the noise is too wide.
    """

    labels: tuple[str, ...]
    drawn: np.ndarray
    low: np.ndarray
    high: np.ndarray
    inside: float
    ranks: np.ndarray
    probability: float

    @property
    def surprising(self) -> tuple[str, ...]:
        """Measurements that practically no draw reaches."""
        known = np.isfinite(self.ranks)
        far = known & (np.minimum(self.ranks, 1 - self.ranks) < 0.5 / len(self.drawn) + _EXTREME / 20)
        return tuple(np.array(self.labels)[far].tolist())

    @property
    def verdict(self) -> str:
        """The verdict in words."""
        text = f"{self.inside:.0%} of the measurements lie in their 90 % intervals; p = {self.probability:.2g}: "
        if self.probability < _EXTREME:
            text += "the model does not describe these data"
        elif self.probability > 1 - _EXTREME:
            text += "the noise is wider than these data need"
        else:
            text += "the data look as the model expects"
        return text + (f"; surprising: {', '.join(self.surprising)}." if self.surprising else ".")


def check_predictions(
    posterior: Posterior, drawn: InferenceData, *, seed: int = 1, draws: int = 1000
) -> PredictiveCheck:
    """Compare the measurements with measurements drawn from the posterior.

    Parameters
    ----------
    posterior : Posterior
        What was drawn from.
    drawn : arviz.InferenceData
        Its draws.
    seed : int
        The seed.
    draws : int
        At most so many draws are used.

    References
    ----------
    Gelman, Meng & Stern (1996), Stat Sinica 6:733.
    """
    points = thinned(points_of(posterior.priors, drawn), draws, seed)
    new = posterior.draw(points, generator(seed, "predictive"))
    found = posterior.readouts(points)
    data = posterior.observations
    measured, exact = data.column("values"), np.array(list(data.kinds or ())) == "exact"
    logs = np.array([noise.on_log for noise in data.noises])
    with np.errstate(divide="ignore", invalid="ignore"):

        def far(values: np.ndarray) -> np.ndarray:
            off = np.where(logs, np.log(np.abs(values)) - np.log(found.readouts), values - found.readouts)
            return ((off / found.widths) ** 2)[:, exact].mean(axis=1)

        probability = float((far(new) >= far(np.broadcast_to(measured, new.shape))).mean()) if exact.any() else np.nan
    low, high = np.quantile(new, [0.05, 0.95], axis=0)
    ranks = np.where(exact, (new < measured).mean(axis=0), np.nan)
    inside = float(((measured >= low) & (measured <= high))[exact].mean()) if exact.any() else np.nan
    return PredictiveCheck(tuple(data.labels or ()), new, low, high, inside, ranks, probability)
