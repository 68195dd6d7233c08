"""From measurements to draws: fits, polynomials where the posterior lies, NUTS, and weights from exact wells."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from autocrine.calibration import Posterior, draws, fits, given
from autocrine.core import generator
from autocrine.studies.explain.emulator import Emulator
from autocrine.studies.explain.fast_target import FastTarget
from autocrine.studies.explain.models import MODELS, free_names
from autocrine.studies.explain.polynomial import Polynomials

if TYPE_CHECKING:
    from arviz import InferenceData

#: draws of a fit are spread by this factor, so that polynomials hold beyond what is believed so far
_SPREAD = 1.5
_LARGEST_K = 0.7
#: doublings of a step of the sampler: without a limit most of the time goes into steps before the metric is known
_DEEPEST = 6
_FOR_EVIDENCE = 21


@dataclass(frozen=True)
class Effort:
    """How much is computed.

    Attributes
    ----------
    first : int
        Points from the prior at which all wells are simulated.
    rounds, points : int
        How often polynomials are fitted again, and points of each model in a round.
    draws, tune, chains : int
        Of the sampler, for each model.
    exact : int
        Draws at which all wells are simulated exactly, for their weights.
    counterfactual : int
        Draws at which causes are switched off one by one.
    """

    first: int = 400
    rounds: int = 3
    points: int = 70
    draws: int = 500
    tune: int = 400
    chains: int = 4
    exact: int = 400
    counterfactual: int = 150


QUICK = Effort(first=250, rounds=2, points=50, draws=200, tune=200, chains=2, exact=150, counterfactual=50)


def emulated(
    emulator: Emulator, effort: Effort, *, seed: int, step: Callable[[int], None] = lambda _: None
) -> Polynomials:
    """Return polynomials that hold where the posteriors of all models lie.

    The first points come from the prior. Each round fits every model with the polynomials so far, whose error counts
    as noise, and simulates the wells exactly at draws around these fits.
    """
    priors = emulator.causes.priors
    names = emulator.causes.names
    points = priors.as_is(priors.sample(effort.first, seed))
    draw = {name: points[:, priors.names.index(name)] for name in names}
    levels = emulator.exact(draw)
    found = emulator.fit(draw, levels)
    step(1)
    best: dict[str, np.ndarray] = {}
    for number in range(effort.rounds):
        parts = [_near(emulator, found, model, effort, seed=seed + number, best=best) for model in MODELS]
        new = {name: np.concatenate([part[name] for part in parts]) for name in names}
        more = emulator.exact(new)
        if number:  # the points of the prior are far away by now
            new = {name: np.concatenate([draw[name], new[name]]) for name in names}
            more = np.concatenate([levels, more])
        draw, levels = new, more
        found = emulator.fit(draw, levels)
        step(1)
    return found


def posterior_of(emulator: Emulator, model: str, polynomials: Polynomials | None) -> Posterior:
    """Return the posterior of a model: fast with polynomials, or exact without."""
    names = free_names(emulator.causes, model)
    priors = emulator.causes.priors
    inner = tuple(name for name in names if name in emulator.causes.names)
    errors = None if polynomials is None else emulator.spread(polynomials.errors)
    return Posterior(
        emulator.simulator(inner, polynomials),
        emulator.observations(errors),
        given.Priors(priors[name] for name in names),
    )


def target_of(emulator: Emulator, model: str, polynomials: Polynomials) -> FastTarget:
    """Return the posterior of a model for fits and samplers."""
    return FastTarget(emulator, free_names(emulator.causes, model), polynomials)


def _near(
    emulator: Emulator, polynomials: Polynomials, model: str, effort: Effort, *, seed: int, best: dict[str, np.ndarray]
) -> dict[str, np.ndarray]:
    """Return draws around the fit of a model, of all parameters; causes that it lacks are absent."""
    target = posterior_of(emulator, model, polynomials)
    best[model] = fitted(target_of(emulator, model, polynomials), seed=seed, start=best.get(model))
    points = around(target, best[model], effort.points, seed=seed, spread=_SPREAD)
    return complete(emulator, dict(zip(target.names, target.priors.as_is(points).T, strict=True)))


def fitted(target: FastTarget, *, seed: int, start: np.ndarray | None = None, starts: int = 3) -> np.ndarray:
    """Return the best point: of a search that goes on from a start, or of some, the first from the priors' centre."""
    priors = target.priors
    if start is None:
        others = priors.centre + 0.5 * (priors.sample(starts, seed) - priors.centre)
        points = np.vstack([priors.centre, others])
    else:
        points = start[None]
    points = np.clip(points, priors.lower, priors.upper)
    return fits.multi_start(target, points, seed=seed, method="gradient", iterations=400, tolerance=1e-9).point


def around(target: Posterior, best: np.ndarray, count: int, *, seed: int, spread: float) -> np.ndarray:
    """Return draws from a normal distribution around a fit, kept within bounds."""
    widths = np.array([prior.width for prior in target.priors.values()])
    information = np.nan_to_num(target.information(best)[0]) + np.diag(widths**-2.0)
    values, vectors = np.linalg.eigh(information)
    steps = generator(seed, "around").standard_normal((count, len(best)))
    reach = spread / np.sqrt(np.maximum(values, 1e-9))
    points = best + (steps * reach) @ vectors.T
    # reflected at bounds, which are those of priors
    low = np.array([prior.lower for prior in target.priors.values()])
    return np.where(points < low, 2 * low - points, points)


def complete(emulator: Emulator, draw: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return draws with every parameter of the wells; causes that are absent have no effect."""
    return dict(zip(emulator.causes.names, emulator.values(draw).T, strict=True))


@dataclass(frozen=True)
class Weights:
    """What exact wells say of draws that were made with polynomials.

    Attributes
    ----------
    places : ndarray of int, shape (k,)
        The draws at which all wells were simulated.
    shares : ndarray of shape (k,)
        Their weights, smoothed; they sum to one.
    pareto_k : float
        The shape of the tail of the weights.
    """

    places: np.ndarray
    shares: np.ndarray
    pareto_k: float

    @property
    def trusted(self) -> bool:
        """Whether the weights have a finite variance, near enough (Vehtari et al. 2024, J Mach Learn Res 25:72)."""
        return self.pareto_k < _LARGEST_K

    @property
    def effective(self) -> float:
        """How many draws of equal weight they are worth."""
        return float(1.0 / np.sum(self.shares**2))


@dataclass(frozen=True)
class Drawn:
    """Draws from the posterior of a model.

    Attributes
    ----------
    model : str
        The model.
    target : Posterior
        What was drawn from.
    data : arviz.InferenceData
        The draws.
    """

    model: str
    target: FastTarget
    data: InferenceData
    weights: Weights | None = None

    def draw(self, count: int, seed: int) -> dict[str, np.ndarray]:
        """Return some draws of the parameters as they are, by name, each of shape (count,).

        Where exact wells gave the draws weights that can be trusted, they are drawn with these.
        """
        points, rng = draws.points_of(self.target.priors, self.data), generator(seed, "some draws")
        if self.weights is not None and self.weights.trusted:
            points = points[self.weights.places]
            chosen = rng.choice(len(points), count, p=self.weights.shares)
        else:
            chosen = rng.choice(len(points), min(count, len(points)), replace=False)
        return dict(zip(self.target.names, self.target.priors.as_is(points[chosen]).T, strict=True))


def drawn(
    emulator: Emulator,
    polynomials: Polynomials,
    model: str,
    effort: Effort,
    *,
    seed: int,
    path: Path | None = None,
) -> Drawn:
    """Draw from the posterior of a model, with polynomials in the place of wells; to a file, if there is a path."""
    target = target_of(emulator, model, polynomials)
    start = fitted(target, seed=seed)
    # the bridge to the evidence needs twenty draws for each parameter
    enough = max(effort.draws, -(-_FOR_EVIDENCE * len(start) // effort.chains))
    data = draws.sample(
        target, enough, tune=effort.tune, chains=effort.chains, seed=seed, start=start, path=path,
        maxdepth=_DEEPEST,
    )  # fmt: skip
    return Drawn(model, target, data)


def weighed(emulator: Emulator, one: Drawn, effort: Effort, *, seed: int) -> Drawn:
    """Return draws with weights from exact wells: Pareto smoothed importance sampling."""
    points = draws.points_of(one.target.priors, one.data)
    places = generator(seed, "exact wells").choice(len(points), min(effort.exact, len(points)), replace=False)
    chosen = points[places]
    draw = dict(zip(one.target.names, one.target.priors.as_is(chosen).T, strict=True))
    exact = one.target.of_levels(chosen, emulator.exact(complete(emulator, draw))).sum(axis=1)
    logs = np.where(np.isfinite(exact), exact, -np.inf) - one.target.log_likelihoods(chosen).sum(axis=1)
    shares, pareto_k = draws.smoothed_weights(logs)
    return Drawn(one.model, one.target, one.data, Weights(places, shares, pareto_k))
