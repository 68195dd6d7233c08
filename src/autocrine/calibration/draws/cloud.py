"""Clouds of points that follow a density as it changes: a sequential Monte Carlo sampler.

Points that were drawn from one density are weighted for the next one, chosen again by their weights, and moved by
Hamiltonian trajectories; all points are evaluated together. What the mean weights multiply to is the ratio of the
integrals of both densities. Several populations share step size and metric and nothing else, so that what they differ
by says how sure all of it is.

References
----------
Del Moral, Doucet & Jasra (2006), J R Stat Soc B 68:411, doi:10.1111/j.1467-9868.2006.00553.x; Buchholz, Chopin & Jacob
(2021), Bayesian Anal 16:745, doi:10.1214/20-BA1222.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.special import logsumexp

from autocrine.calibration.given.priors import Priors
from autocrine.calibration.target import Target
from autocrine.core import errors

#: from points without bounds, shape (n, p), to log densities, shape (n,), and derivatives, shape (n, p)
Density = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]

#: what share of the points a step to the next density leaves in effect: on the way from the prior, and between any
#: others, where with a half steps to wider densities had weights of nearly infinite variance
KEPT_FROM_PRIOR, _KEPT = 0.5, 0.7
#: a quarter of the period of a trajectory in a normal density of unit width: its end owes nothing to its start
_QUARTER = 0.5 * np.pi
_ACCEPTED, _MOST_STEPS = 0.75, 24
#: correlation of coordinates with what they were, at which points have moved enough, and how often this is tried at
#: most: on the way the root mean square, in the end the highest
_BETWEEN, _AT_END = (0.3, 6), (0.2, 30)
_HALVINGS = 30


def free_prior(priors: Priors) -> Density:
    """Return the density of priors in coordinates without bounds; its integral is one."""

    def density(free: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        points, slopes, gained, gains = priors.from_free(free)
        value, gradient = priors.log_density(points)
        return value + gained, gradient * slopes + gains

    return density


def free_posterior(target: Target) -> Density:
    """Return the density of a target in coordinates without bounds; its integral is the evidence."""
    own = getattr(target, "free_densities", None)
    if own is not None:
        return own

    def density(free: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        points, slopes, gained, gains = target.priors.from_free(free)
        value, gradient = target.log_density(points)
        return value + gained, gradient * slopes + gains

    return density


@dataclass(frozen=True)
class Cloud:
    """Points that are drawn from a density.

    Attributes
    ----------
    free : ndarray of shape (c m, p)
        Points without bounds, one population after the other.
    value, gradient : ndarray of shape (c m,) and (c m, p)
        Log density and its derivatives.
    log_integral : ndarray of shape (c,)
        Logarithm of the integral of the density, as each population has it.
    step : float
        Step size of trajectories.
    stuck : float
        How much coordinates owe to what they were before the last moves: near 1 where points do not move.
    """

    free: np.ndarray
    value: np.ndarray
    gradient: np.ndarray
    log_integral: np.ndarray
    step: float
    stuck: float = 0.0

    @classmethod
    def of(cls, free: np.ndarray, density: Density, populations: int) -> Cloud:
        """Return points that were drawn from a density whose integral is one.

        Raises
        ------
        InputError
            If the points do not make equal populations.
        """
        if populations < 1 or len(free) % populations or len(free) < 2 * populations:
            raise errors.InputError("points must make equal populations of two at least", (len(free), populations))
        return cls(free, *density(free), np.zeros(populations), free.shape[1] ** -0.25)

    @property
    def populations(self) -> int:
        """How many there are."""
        return len(self.log_integral)

    @property
    def evidence(self) -> tuple[float, float]:
        """The logarithm of the integral, and its standard error from the populations."""
        shares = np.exp(self.log_integral - self.log_integral.max())
        error = float(shares.std(ddof=1) / shares.mean() / np.sqrt(len(shares))) if len(shares) > 1 else np.nan
        return float(self.log_integral.max() + np.log(shares.mean())), error

    def advanced(self, before: Density, after: Density, rng: np.random.Generator, kept: float = _KEPT) -> Cloud:
        """Return points of another density, by as many densities between the two as are needed.

        Parameters
        ----------
        before : Density
            What these points are drawn from.
        after : Density
            What they will be drawn from.
        rng : Generator
            Chance.
        kept : float
            What share of the points each step leaves in effect at least.

        Raises
        ------
        InputError
            If no point has a density there.
        """
        cloud, share, (there, along) = self, 0.0, after(self.free)
        here = (self.value, self.gradient)
        while share < 1.0:
            gain = np.where(np.isfinite(there), there - here[0], -np.inf)
            if not np.isfinite(gain).any():
                raise errors.InputError("at least one point must have a density", hint="wider priors")
            step = _next(gain, 1.0 - share, kept)
            share = 1.0 if step >= 1.0 - share else share + step
            chosen, log_mean = _chosen(step * gain, self.populations, rng)
            cloud = replace(
                cloud,
                free=cloud.free[chosen],
                value=((1.0 - share) * here[0] + share * there)[chosen],
                gradient=((1.0 - share) * here[1] + share * along)[chosen],
                log_integral=cloud.log_integral + log_mean,
            )
            if share < 1.0:
                cloud = cloud.moved(_mixed(before, after, share), rng, *_BETWEEN, each=False)
                here, (there, along) = before(cloud.free), after(cloud.free)
        return cloud.moved(after, rng, *_AT_END)

    def moved(
        self, density: Density, rng: np.random.Generator, enough: float = 0.2, most: int = 30, *, each: bool = True
    ) -> Cloud:
        """Return points that moved within their density until each coordinate, or the mean, owes little to the past."""
        root = _root(self.free)
        first = np.linalg.solve(root, self.free.T)
        cloud = self
        for _ in range(most):
            cloud = cloud.swept(density, root, rng)
            cloud = replace(cloud, stuck=_likeness(first, np.linalg.solve(root, cloud.free.T), each=each))
            if cloud.stuck < enough:
                break
        return cloud

    def swept(self, density: Density, root: np.ndarray, rng: np.random.Generator) -> Cloud:
        """Return points that moved by one Hamiltonian trajectory each, as long as suits all."""
        count, wide = self.free.shape
        away = rng.standard_normal((count, wide))
        # some go on smaller steps, for where the density is narrow
        size = self.step * np.exp(rng.uniform(-0.7, 0.2, (count, 1)))
        steps = int(np.clip(round(rng.uniform(0.7, 1.2) * _QUARTER / self.step), 1, _MOST_STEPS))
        free, value, gradient = self.free, self.value, self.gradient
        energy = value - 0.5 * (away**2).sum(axis=1)
        with np.errstate(all="ignore"):
            away = away + 0.5 * size * (gradient @ root)
            for number in range(steps):
                free = free + size * (away @ root.T)
                value, gradient = density(free)
                away = away + (size if number < steps - 1 else 0.5 * size) * (gradient @ root)
            gain = np.nan_to_num(value - 0.5 * (away**2).sum(axis=1) - energy, nan=-np.inf)
        kept = np.log(rng.uniform(size=count)) < gain
        rate = float(np.exp(np.minimum(gain, 0.0)).mean())
        return replace(
            self,
            free=np.where(kept[:, None], free, self.free),
            value=np.where(kept, value, self.value),
            gradient=np.where(kept[:, None], gradient, self.gradient),
            step=float(np.clip(self.step * np.exp(0.7 * (rate - _ACCEPTED)), 1e-3, 1.5)),
        )


def _mixed(before: Density, after: Density, share: float) -> Density:
    def density(free: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        (one, along), (other, beside) = before(free), after(free)
        return (1.0 - share) * one + share * other, (1.0 - share) * along + share * beside

    return density


def _next(gain: np.ndarray, most: float, share: float) -> float:
    """Return the step to the next density that leaves a share of the points in effect."""
    below = gain - gain.max()

    def kept(step: float) -> float:
        weights = np.exp(step * below)
        return float(weights.sum() ** 2 / (weights @ weights)) / len(gain)

    if kept(most) >= share:
        return most
    low, high = 0.0, most
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if kept(middle) >= share else (low, middle)
    # where so many points are impossible that no step leaves enough, those are left behind first
    return max(low, 1e-6 * most)


def _chosen(logs: np.ndarray, populations: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Choose points by their weights within each population; return also the logarithms of mean weights."""
    rows: Any = logs.reshape(populations, -1)
    size = rows.shape[1]
    top = np.asarray(logsumexp(rows, axis=1), float)
    found = []
    for number, row in enumerate(rows):
        if not np.isfinite(top[number]):
            raise errors.InputError("each population must have a point with a density", number, hint="more points")
        ends = np.cumsum(np.exp(row - top[number]))
        places = np.searchsorted(ends / ends[-1], (np.arange(size) + rng.uniform()) / size)
        found.append(number * size + np.minimum(places, size - 1))
    return np.concatenate(found), top - np.log(size)


def _root(free: np.ndarray) -> np.ndarray:
    """Return the lower triangular root of the covariance of points, drawn a little to its diagonal."""
    centre = free - free.mean(axis=0)
    share = min(1.0, free.shape[1] / len(free))
    covariance = centre.T @ centre / len(free)
    whole = (1.0 - share) * covariance + share * np.diag(np.diag(covariance))
    return np.linalg.cholesky(whole + np.diag(1e-12 + 1e-9 * np.diag(covariance)))


def _likeness(first: np.ndarray, last: np.ndarray, *, each: bool) -> float:
    """Return the highest correlation of coordinates, shape (p, n), with what they were, or the mean without noise."""
    a, b = (one - one.mean(axis=1, keepdims=True) for one in (first, last))
    norms = np.sqrt((a**2).sum(axis=1) * (b**2).sum(axis=1))
    found = (a * b).sum(axis=1) / np.maximum(norms, 1e-300)
    return float(found.max() if each else np.sqrt(max(np.mean(found**2) - 1.0 / first.shape[1], 0.0)))
