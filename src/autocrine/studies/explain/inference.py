"""Draws from the posterior of each model: NUTS with polynomials, weights from exact wells, better polynomials."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from autocrine.calibration import Posterior, draws, given
from autocrine.core import generator
from autocrine.studies.explain.effort import Effort
from autocrine.studies.explain.emulator import Emulator
from autocrine.studies.explain.fast_target import FastTarget
from autocrine.studies.explain.models import WHOLE, free_names
from autocrine.studies.explain.polynomial import Polynomials
from autocrine.studies.explain.training import Training, fitted, target_of
from autocrine.studies.explain.weights import Weights

if TYPE_CHECKING:
    from arviz import InferenceData

#: doublings of a step of the sampler
_DEEPEST = 7
_FOR_EVIDENCE = 21
#: draws and steps before them of the two chains from which polynomials are corrected
_FEW = 150


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


@dataclass(frozen=True)
class Drawn:
    """Draws from the posterior of a model.

    Attributes
    ----------
    model : str
        The model.
    target : FastTarget
        What was drawn from.
    data : arviz.InferenceData
        The draws.
    weights : Weights
        What exact wells say of some of them.
    """

    model: str
    target: FastTarget
    data: InferenceData
    weights: Weights

    def draw(self, count: int, seed: int) -> dict[str, np.ndarray]:
        """Return some draws of the parameters as they are, by name, each of shape (count,).

        Where exact wells gave the draws weights that can be trusted, they are drawn with these.
        """
        points = draws.points_of(self.target.priors, self.data)
        if self.weights.trusted:
            chosen = self.weights.places[self._systematic(min(count, len(self.weights.places)), seed)]
        else:
            rng = generator(seed, "some draws")
            chosen = rng.choice(len(points), min(count, len(points)), replace=False)
        return dict(zip(self.target.names, self.target.priors.as_is(points[chosen]).T, strict=True))

    def weighted(self, seed: int) -> InferenceData:
        """Return the draws with exact wells, each as often as its weight says, with exact densities of measurements.

        Where the weights cannot be trusted, these are all draws, with the densities of the polynomials.
        """
        from arviz import from_dict

        if not self.weights.trusted:
            return self.data
        points = draws.points_of(self.target.priors, self.data)[self.weights.places]
        chosen = self._systematic(len(points), seed)
        values = self.target.priors.as_is(points[chosen])
        each: Any = self.weights.each[chosen][None]
        columns = {name: values[None, :, k] for k, name in enumerate(self.target.names)}
        return from_dict(posterior=columns, log_likelihood={"measurement": each})

    def _systematic(self, count: int, seed: int) -> np.ndarray:
        """Choose by weights with the least chance: a draw of twice the mean weight is there twice, at random places."""
        shares = self.weights.shares
        rng = generator(seed, "weighted draws")
        ends = np.cumsum(shares)
        chosen = np.searchsorted(ends / ends[-1], (np.arange(count) + rng.uniform()) / count)
        return rng.permutation(np.minimum(chosen, len(shares) - 1))


def drawn(
    emulator: Emulator,
    training: Training,
    model: str,
    effort: Effort,
    *,
    seed: int,
    path: Path | None = None,
    progress: Callable[[int], None] | None = None,
) -> tuple[Drawn, Training]:
    """Draw from the posterior of a model, with polynomials in the place of wells; to files, if there is a path.

    A few draws are weighted with exact wells, and polynomials are fitted again to these, until the weights are even;
    then come the draws that are kept, of which some are weighted too. The wells are returned for the next model.
    """
    polynomials, start, covariance = training.fit(emulator), None, None
    few = replace(effort, draws=_FEW, tune=_FEW, chains=2)
    for number in range(effort.corrections):
        target = target_of(emulator, model, polynomials)
        start = fitted(target, seed=seed, start=start)
        first = _sampled(target, start, few, seed=seed + number, covariance=covariance)
        weights, more = weighed(emulator, target, first, effort, seed=seed)
        training = training.joined(more)
        polynomials = training.fit(emulator, more.values)
        covariance = _covariance(target, first, start)
        if weights.good:
            break
    target = target_of(emulator, model, polynomials)
    start = fitted(target, seed=seed, start=start)
    # the bridge to the evidence needs twenty draws for each parameter
    wanted = effort.draws if model == WHOLE else effort.draws // 2
    many = replace(effort, draws=max(wanted, -(-_FOR_EVIDENCE * len(start) // effort.chains)))
    found = _sampled(target, start, many, seed=seed, covariance=covariance, progress=progress)
    weights, more = weighed(emulator, target, found, effort, seed=seed)
    one = Drawn(model, target, found, weights)
    if path is not None:
        keep(one, path)
    return one, training.joined(more)


def _sampled(
    target: FastTarget,
    start: np.ndarray,
    effort: Effort,
    *,
    seed: int,
    covariance: np.ndarray | None,
    progress: Callable[[int], None] | None = None,
) -> InferenceData:
    return draws.sample(
        target, effort.draws, tune=effort.tune, chains=effort.chains, seed=seed, start=start, maxdepth=_DEEPEST,
        covariance=target.covariance(start) if covariance is None else covariance, progress=progress,
    )  # fmt: skip


def _covariance(target: FastTarget, data: InferenceData, start: np.ndarray) -> np.ndarray:
    """Return the covariance of draws, in part that of the curvature at the fit: draws are few."""
    free = target.priors.to_free(draws.points_of(target.priors, data))
    return 0.7 * np.cov(free.T) + 0.3 * target.covariance(start)


def weighed(
    emulator: Emulator, target: FastTarget, data: InferenceData, effort: Effort, *, seed: int
) -> tuple[Weights, Training]:
    """Return weights of some draws from exact wells, and these wells."""
    points = draws.points_of(target.priors, data)
    places = generator(seed, "exact wells").choice(len(points), min(effort.exact, len(points)), replace=False)
    chosen = points[places]
    values = emulator.values(dict(zip(target.names, target.priors.as_is(chosen).T, strict=True)))
    levels = emulator.exact(dict(zip(emulator.causes.names, values.T, strict=True)))
    each = target.of_levels(chosen, levels)
    logs = each.sum(axis=1) - target.log_likelihoods(chosen).sum(axis=1)
    return Weights(places, np.where(np.isfinite(logs), logs, -np.inf), each), Training(values, levels)


def keep(one: Drawn, path: Path) -> None:
    """Write draws (netCDF) with what was drawn from and the weights (beside them)."""
    polynomials, weights = one.target.polynomials, one.weights
    path.parent.mkdir(parents=True, exist_ok=True)
    parts: dict[str, Any] = {name: getattr(polynomials, name) for name in polynomials.__dataclass_fields__}
    parts |= {f"of_{name}": getattr(weights, name) for name in weights.__dataclass_fields__}
    np.savez(path.with_suffix(".npz"), **parts)
    draws.save(one.data, path)  # the last: where it is, all is


def kept(emulator: Emulator, model: str, path: Path) -> Drawn:
    """Read what `keep` wrote."""
    with np.load(path.with_suffix(".npz")) as stored:
        own = {name: stored[name] for name in stored.files if not name.startswith("of_")}
        weights = {name.removeprefix("of_"): stored[name] for name in stored.files if name.startswith("of_")}
    return Drawn(model, target_of(emulator, model, Polynomials(**own)), draws.load(path), Weights(**weights))
