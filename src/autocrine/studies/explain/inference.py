"""Draws from the posterior of each model: clouds with polynomials, weights from exact wells, better polynomials."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from autocrine.calibration import Posterior, draws, given
from autocrine.core import generator
from autocrine.studies.explain.effort import Effort
from autocrine.studies.explain.emulator import Emulator
from autocrine.studies.explain.fast_target import FastTarget
from autocrine.studies.explain.models import free_names
from autocrine.studies.explain.polynomial import Polynomials
from autocrine.studies.explain.training import Training, target_of
from autocrine.studies.explain.weights import Weights

if TYPE_CHECKING:
    from arviz import InferenceData

#: a model whose evidence is so far behind that of another one, at best, has no share in anything (e^-12); with the
#: first polynomials near its posterior it must be farther. Nothing can be said from scouts: they were seen to put the
#: true model 177 behind
_BEHIND = 30.0, 12.0
#: what share of the points each step leaves in effect: from the prior, and from one polynomial to the next
_KEPT = 0.5, 0.7
#: scouts are the points divided by this
_SCOUTS = 3


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
    drawn_evidence : ndarray of shape (2,)
        The logarithm of the evidence with polynomials, and its standard error.
    """

    model: str
    target: FastTarget
    data: InferenceData
    weights: Weights
    drawn_evidence: np.ndarray

    @property
    def evidence(self) -> tuple[float, float]:
        """The logarithm of the evidence with exact wells, and its standard error."""
        ratio, error = self.weights.log_ratio
        return float(self.drawn_evidence[0]) + ratio, float(np.hypot(self.drawn_evidence[1], error))

    def draw(self, count: int, seed: int) -> dict[str, np.ndarray]:
        """Return some draws of the parameters as they are, by name, each of shape (count,).

        Where exact wells gave the draws weights that can be trusted, they are drawn with these.
        """
        points = draws.points_of(self.target.priors, self.data)
        if self.weights.trusted:
            chosen = self.weights.places[self._systematic(count, seed)]
        else:
            rng = generator(seed, "some draws")
            chosen = rng.choice(len(points), count, replace=count > len(points))
        return dict(zip(self.target.names, self.target.priors.as_is(points[chosen]).T, strict=True))

    def weighted(self, seed: int) -> InferenceData:
        """Return the draws with exact wells, each as often as its weight says, with exact densities of measurements.

        Where the weights cannot be trusted, these are the same draws, all alike.
        """
        points = draws.points_of(self.target.priors, self.data)[self.weights.places]
        chosen = self._systematic(len(points), seed) if self.weights.trusted else np.arange(len(points))
        values = self.target.priors.as_is(points[chosen])
        each: Any = self.weights.each[chosen][None]
        columns = {name: values[None, :, k] for k, name in enumerate(self.target.names)}
        return draws.gathered(posterior=columns, log_likelihood={"measurement": each})

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
    best: float = -np.inf,
    path: Path | None = None,
    progress: Callable[[int], None] | None = None,
) -> tuple[Drawn, Training]:
    """Draw from the posterior of a model, with polynomials in the place of wells; to files, if there is a path.

    A few points from the prior scout where the posterior lies. Then many follow it: some of them are weighted with
    exact wells, and polynomials are fitted again to these, whose posterior the points follow next, until the weights
    are even, or the model is far behind the best evidence of the others. The wells are returned for the next model.
    """
    priors = given.Priors(emulator.causes.priors[name] for name in free_names(emulator.causes, model))
    rng, prior = generator(seed, "cloud", model), draws.free_prior(priors)
    target = target_of(emulator, model, training.fit(emulator))
    scouts = _of_prior(priors, max(effort.points // _SCOUTS, 2), effort, seed)
    step = _followed(emulator, scouts, prior, target, exact=effort.exact, kept=_KEPT[0], rng=rng)
    training, told = training.joined(step.wells), progress or (lambda _: None)
    told(1)
    before, cloud = prior, _of_prior(priors, effort.points, effort, seed + 1)
    for number in range(effort.corrections + 1):
        target = target_of(emulator, model, training.fit(emulator, step.wells.values))
        step = _followed(emulator, cloud, before, target, exact=effort.exact, kept=_KEPT[min(number, 1)], rng=rng)
        training = training.joined(step.wells)
        told(number + 2)
        if step.weights.good or step.at_best < best - _BEHIND[min(number, 1)]:
            break
        before, cloud = target.free_densities, step.cloud
    data, _ = draws.kept_draws(step.cloud, target.free_densities, priors, rng, effort.keep)
    weights = Weights(step.weights.places * effort.keep, step.weights.logs, step.weights.each)
    one = Drawn(model, target, data, weights, np.array(step.cloud.evidence))
    if path is not None:
        keep(one, path)
    return one, training


def _of_prior(priors: given.Priors, points: int, effort: Effort, seed: int) -> draws.Cloud:
    free = priors.to_free(priors.sample(effort.chains * points, seed))
    return draws.Cloud.of(free, draws.free_prior(priors), effort.chains)


class _Followed(NamedTuple):
    cloud: draws.Cloud
    weights: Weights
    wells: Training

    @property
    def at_best(self) -> float:
        """The log evidence with polynomials, or if every draw were as much too rare as the worst, if that is more."""
        return self.cloud.evidence[0] + max(float(self.weights.logs.max()), 0.0)


def _followed(
    emulator: Emulator,
    cloud: draws.Cloud,
    before: Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]],
    target: FastTarget,
    *,
    exact: int,
    kept: float,
    rng: np.random.Generator,
) -> _Followed:
    """Let points follow a posterior, and look at some with exact wells."""
    cloud = cloud.advanced(before, target.free_densities, rng, kept)
    places = rng.choice(len(cloud.free), min(exact, len(cloud.free)), replace=False)
    return _Followed(cloud, *weighed(emulator, target, target.priors.from_free(cloud.free[places])[0], places))


def weighed(emulator: Emulator, target: FastTarget, points: np.ndarray, places: np.ndarray) -> tuple[Weights, Training]:
    """Return weights of some points from exact wells, and these wells."""
    values = emulator.values(dict(zip(target.names, target.priors.as_is(points).T, strict=True)))
    levels = emulator.exact(dict(zip(emulator.causes.names, values.T, strict=True)))
    each = target.of_levels(points, levels)
    logs = each.sum(axis=1) - target.log_likelihood(points)[0]
    return Weights(places, np.where(np.isfinite(logs), logs, -np.inf), each), Training(values, levels)


def keep(one: Drawn, path: Path) -> None:
    """Write draws (netCDF) with what was drawn from and the weights (beside them)."""
    polynomials, weights = one.target.polynomials, one.weights
    path.parent.mkdir(parents=True, exist_ok=True)
    parts: dict[str, Any] = {name: getattr(polynomials, name) for name in polynomials.__dataclass_fields__}
    parts["evidence"] = one.drawn_evidence
    parts |= {f"of_{name}": getattr(weights, name) for name in weights.__dataclass_fields__}
    np.savez(path.with_suffix(".npz"), **parts)
    draws.save(one.data, path)  # the last: where it is, all is


def kept(emulator: Emulator, model: str, path: Path) -> Drawn:
    """Read what `keep` wrote."""
    with np.load(path.with_suffix(".npz")) as stored:
        own = {name: stored[name] for name in stored.files if not name.startswith("of_") and name != "evidence"}
        weights = {name.removeprefix("of_"): stored[name] for name in stored.files if name.startswith("of_")}
        evidence = stored["evidence"]
    target = target_of(emulator, model, Polynomials(**own))
    return Drawn(model, target, draws.load(path), Weights(**weights), evidence)
