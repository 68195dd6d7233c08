"""Draws of all models together, each as often as it is probable; causes that a model lacks are not there."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from autocrine.core import generator
from autocrine.studies.explain.causes import Causes
from autocrine.studies.explain.emulator import without
from autocrine.studies.explain.inference import Drawn


def averaged(
    causes: Causes, drawn: Mapping[str, Drawn], probability: Mapping[str, float], count: int, seed: int
) -> dict[str, np.ndarray]:
    """Return draws of all parameters, each of shape (count,), in random order.

    Parameters
    ----------
    causes : Causes
        All parameters.
    drawn : mapping of str to Drawn
        Draws by model.
    probability : mapping of str to float
        Of each model.
    count, seed : int
        How many, and the seed.

    References
    ----------
    Hoeting et al. (1999), Stat Sci 14:382, doi:10.1214/ss/1009212519.
    """
    rng = generator(seed, "averaged draws")
    names = list(drawn)
    ends = np.cumsum([probability[name] for name in names])
    places = np.searchsorted(ends / ends[-1], (np.arange(count) + rng.uniform()) / count)
    columns: dict[str, list[np.ndarray]] = {name: [] for name in causes.priors}
    for place, often in zip(*np.unique(np.minimum(places, len(names) - 1), return_counts=True), strict=True):
        own = drawn[names[place]].draw(int(often), seed)
        for name, parts in columns.items():
            parts.append(own[name] if name in own else np.full(often, without(name)))
    order = rng.permutation(count)
    return {name: np.concatenate(parts)[order] for name, parts in columns.items()}
