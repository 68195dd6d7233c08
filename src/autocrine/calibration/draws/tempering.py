"""Draws and evidence by a path from the prior to the posterior, for posteriors that may have several modes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from autocrine.calibration.draws.arviz_library import arviz
from autocrine.calibration.draws.cloud import KEPT_FROM_PRIOR, Cloud, free_posterior, free_prior
from autocrine.calibration.draws.drawn import points_of
from autocrine.calibration.draws.evidence import Evidence
from autocrine.calibration.given.priors import Priors
from autocrine.calibration.target import Target
from autocrine.core import errors, generator

if TYPE_CHECKING:
    from arviz import InferenceData

    from autocrine.calibration.draws.cloud import Density


@dataclass(frozen=True)
class Tempered:
    """What a path from the prior gave.

    Attributes
    ----------
    data : arviz.InferenceData
        Draws; each population is a chain.
    evidence : Evidence
        Of the model.
    """

    data: InferenceData
    evidence: Evidence


def temper(target: Target, points: int = 400, *, populations: int = 4, keep: int = 4, seed: int = 1) -> Tempered:
    """Draw from a posterior by a path of densities from the prior, all points evaluated together.

    Parameters
    ----------
    target : Target
        What to draw from; its density must be complete, with the constants of priors and noise.
    points, populations : int
        Points of each population, and populations that know nothing of one another.
    keep : int
        How often each point is kept as a draw at the end, moved in between.
    seed : int
        The seed.

    Raises
    ------
    InputError
        If a number is too small, or no point has a density.
    """
    if keep < 1:
        raise errors.InputError("each point must be kept once at least", keep)
    rng = generator(seed, "tempering")
    before, after = free_prior(target.priors), free_posterior(target)
    first = target.priors.to_free(target.priors.sample(points * populations, seed))
    cloud = Cloud.of(first, before, populations).advanced(before, after, rng, KEPT_FROM_PRIOR)
    data, cloud = kept_draws(cloud, after, target.priors, rng, keep)
    densities = getattr(target, "log_likelihoods", None)
    if densities is not None:
        drawn = points_of(target.priors, data)
        each = np.concatenate([densities(drawn[k : k + 500]) for k in range(0, len(drawn), 500)])
        data.add_groups({"log_likelihood": {"measurement": each.reshape(populations, points * keep, -1)}})
    return Tempered(data, Evidence(*cloud.evidence))


def kept_draws(
    cloud: Cloud, density: Density, priors: Priors, rng: np.random.Generator, keep: int
) -> tuple[InferenceData, Cloud]:
    """Return draws of a cloud: each population is a chain, in which the places of one point follow one another.

    Points that have a common origin stand beside one another too, so that what draws owe to one another is seen as
    in a chain.
    """
    seen = [cloud.free]
    for _ in range(keep - 1):
        cloud = cloud.moved(density, rng)
        seen.append(cloud.free)
    together = np.stack(seen, axis=1).reshape(cloud.populations, -1, cloud.free.shape[1])
    values = priors.as_is(priors.from_free(together.reshape(-1, together.shape[2]))[0]).reshape(together.shape)
    columns = {name: values[:, :, place] for place, name in enumerate(priors.names)}
    return arviz().from_dict(posterior=columns, attrs={"stuck": cloud.stuck}), cloud
