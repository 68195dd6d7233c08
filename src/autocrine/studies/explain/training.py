"""Exact wells at points near the posteriors of all models, and the polynomials that are fitted to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from autocrine.studies.explain.effort import Effort
from autocrine.studies.explain.emulator import Emulator
from autocrine.studies.explain.fast_target import FastTarget
from autocrine.studies.explain.models import MODELS, free_names
from autocrine.studies.explain.polynomial import Polynomials


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


def trained(emulator: Emulator, effort: Effort, *, seed: int) -> Training:
    """Simulate wells at draws from the priors of all models, as many of each, but at least one of each."""
    causes = emulator.causes
    points = causes.priors.as_is(causes.priors.sample(max(effort.first, len(MODELS)), seed))
    rows = []
    for number, model in enumerate(MODELS):
        own = free_names(causes, model)
        part = points[number :: len(MODELS)]
        rows.append(emulator.values({name: part[:, causes.priors.names.index(name)] for name in own}))
    return exactly(emulator, dict(zip(causes.names, np.concatenate(rows).T, strict=True)))


def target_of(emulator: Emulator, model: str, polynomials: Polynomials) -> FastTarget:
    """Return the posterior of a model for samplers."""
    return FastTarget(emulator, free_names(emulator.causes, model), polynomials)
