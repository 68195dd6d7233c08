"""Exact wells at points near the posteriors of all models, and the polynomials that are fitted to them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from autocrine.calibration import fits
from autocrine.core import generator
from autocrine.studies.explain.effort import Effort
from autocrine.studies.explain.emulator import Emulator
from autocrine.studies.explain.fast_target import FastTarget
from autocrine.studies.explain.models import MODELS, free_names
from autocrine.studies.explain.polynomial import Polynomials

#: draws around a fit are spread by this factor, so that polynomials hold beyond what is believed so far
_SPREAD = 1.5


@dataclass(frozen=True)
class Training:
    """Points at which all wells were simulated.

    Attributes
    ----------
    values : ndarray of shape (n, E)
        Parameters of the wells.
    levels : ndarray of shape (n, L)
        What was simulated.
    """

    values: np.ndarray
    levels: np.ndarray

    def joined(self, other: Training) -> Training:
        """Return these points and others."""
        return Training(np.concatenate([self.values, other.values]), np.concatenate([self.levels, other.levels]))

    def fit(self, emulator: Emulator, near: np.ndarray | None = None) -> Polynomials:
        """Fit polynomials; with points near which they must hold, shape (k, E), others count less."""
        return emulator.fit(self.values, self.levels, near)


def exactly(emulator: Emulator, draw: Mapping[str, np.ndarray]) -> Training:
    """Simulate all wells at draws; causes that they lack are not there."""
    values = emulator.values(draw)
    return Training(values, emulator.exact(dict(zip(emulator.causes.names, values.T, strict=True))))


def trained(emulator: Emulator, effort: Effort, *, seed: int, step: Callable[[int], None] = lambda _: None) -> Training:
    """Simulate wells where the posteriors of all models lie.

    The first points come from the prior. Each round fits every model with the polynomials so far, whose error counts
    as noise, and simulates the wells exactly at draws around these fits.
    """
    priors = emulator.causes.priors
    points = priors.as_is(priors.sample(effort.first, seed))
    found = exactly(emulator, dict(zip(priors.names, points.T, strict=True)))
    step(1)
    best: dict[str, np.ndarray] = {}
    for number in range(effort.rounds):
        polynomials = found.fit(emulator)
        more = [_near(emulator, polynomials, model, effort, seed=seed + number, best=best) for model in MODELS]
        new = exactly(emulator, {name: np.concatenate([part[name] for part in more]) for name in more[0]})
        # after the first round the points of the prior are far away
        found = found.joined(new) if number or effort.rounds == 1 else new
        step(1)
    return found


def target_of(emulator: Emulator, model: str, polynomials: Polynomials) -> FastTarget:
    """Return the posterior of a model for fits and samplers."""
    return FastTarget(emulator, free_names(emulator.causes, model), polynomials)


def _near(
    emulator: Emulator, polynomials: Polynomials, model: str, effort: Effort, *, seed: int, best: dict[str, np.ndarray]
) -> dict[str, np.ndarray]:
    """Return draws around the fit of a model, of all parameters of the wells; causes that it lacks are absent."""
    target = target_of(emulator, model, polynomials)
    best[model] = fitted(target, seed=seed, start=best.get(model))
    points = around(target, best[model], effort.points, seed=seed, spread=_SPREAD)
    draw = dict(zip(target.names, target.priors.as_is(points).T, strict=True))
    return dict(zip(emulator.causes.names, emulator.values(draw).T, strict=True))


def fitted(target: FastTarget, *, seed: int, start: np.ndarray | None = None, starts: int = 2) -> np.ndarray:
    """Return the best point: of a search that goes on from a start, or of some, the first from the priors' centre."""
    priors = target.priors
    if start is None:
        others = priors.centre + 0.5 * (priors.sample(starts, seed) - priors.centre)
        points = np.vstack([priors.centre, others])
    else:
        points = start[None]
    points = np.clip(points, priors.lower, priors.upper)
    return fits.multi_start(target, points, seed=seed, method="gradient", iterations=250, tolerance=1e-8).point


def around(target: FastTarget, best: np.ndarray, count: int, *, seed: int, spread: float) -> np.ndarray:
    """Return draws from a normal density around a fit, in coordinates without bounds."""
    priors = target.priors
    root = np.linalg.cholesky(target.covariance(best))
    steps = generator(seed, "around").standard_normal((count, len(best)))
    return priors.from_free(priors.to_free(best[None]) + spread * steps @ root.T)[0]
