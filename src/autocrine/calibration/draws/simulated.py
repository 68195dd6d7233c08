"""Simulation-based calibration: whether intervals hold what they promise."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.stats import chi2

from autocrine.calibration.draws.drawn import points_of
from autocrine.calibration.draws.sampling import sample
from autocrine.calibration.posterior import Posterior
from autocrine.core import errors, generator

_BINS = 10


@dataclass(frozen=True)
class Ranks:
    """Where true parameters lie among draws from posteriors of data that they made.

    Attributes
    ----------
    names : tuple of str
        The parameters.
    shares : ndarray of shape (r, p)
        The share of the draws below the truth, in each of r repetitions; even between 0 and 1 if all is right.
    """

    names: tuple[str, ...]
    shares: np.ndarray

    def covered(self, level: float = 0.9) -> dict[str, float]:
        """Return how often the interval in the middle held the truth, by parameter."""
        held = np.abs(self.shares - 0.5) <= 0.5 * level
        return dict(zip(self.names, held.mean(axis=0).tolist(), strict=True))

    @property
    def probability(self) -> dict[str, float]:
        """The p-value of evenness by parameter: chi squared over ten bins."""
        expected = len(self.shares) / _BINS
        found = {}
        for name, column in zip(self.names, self.shares.T, strict=True):
            counts = np.histogram(column, _BINS, (0.0, 1.0))[0]
            found[name] = float(chi2.sf(((counts - expected) ** 2 / expected).sum(), _BINS - 1))
        return found


def simulated_ranks(
    posterior: Posterior,
    repetitions: int = 200,
    *,
    seed: int = 1,
    sampler: Callable[[Posterior, int], np.ndarray] | None = None,
    progress: Callable[[int], None] | None = None,
) -> Ranks:
    """Draw parameters from the prior and data from them, and rank the truth among draws from the posterior.

    Parameters
    ----------
    posterior : Posterior
        The design: its measured values are replaced.
    repetitions : int
        How many synthetic laboratories.
    seed : int
        The seed.
    sampler : callable, optional
        From a posterior and a seed to nearly independent draws, shape (n, p); by default 2 chains of 250 draws, of
        which every fifth is used.
    progress : callable, optional
        Called with the number of finished repetitions.

    Raises
    ------
    InputError
        If measurements are censored: what would be censored in another data set is not known here.

    References
    ----------
    Talts et al. (2018), arXiv:1804.06788.
    """
    data = posterior.observations
    if set(data.kinds or ()) != {"exact"}:
        raise errors.InputError("data must be exact to be simulated", sorted(set(data.kinds or ())))
    truths, rng = posterior.priors.sample(repetitions, seed), generator(seed, "laboratories")
    draw, shares = sampler or _draw, []
    for number, truth in enumerate(truths):
        values = posterior.draw(truth[None], rng)[0]
        simulated = Posterior(posterior.simulator, dataclasses.replace(data, values=values), posterior.priors)
        points = draw(simulated, seed + number)
        # between the draws its rank is a half-open interval: a place in it by chance makes shares even
        shares.append(((points < truth).sum(axis=0) + rng.uniform(size=len(truth))) / (len(points) + 1))
        if progress is not None:
            progress(number + 1)
    return Ranks(posterior.names, np.array(shares))


def _draw(posterior: Posterior, seed: int) -> np.ndarray:
    return points_of(posterior.priors, sample(posterior, 250, tune=300, chains=2, seed=seed))[::5]
