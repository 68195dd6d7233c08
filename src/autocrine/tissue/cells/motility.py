"""Cells that move by themselves: a persistent random walk that may follow a gradient."""

from __future__ import annotations

import numpy as np

from autocrine.tissue.cells.draws import Purpose, directions, uniforms
from autocrine.tissue.cells.phenotype import Phenotypes
from autocrine.tissue.cells.population import Population


def own_velocity(
    population: Population,
    phenotypes: Phenotypes,
    gradient: np.ndarray | None,
    dimensions: int,
    dt_h: float,
    seed: int,
    step: int,
) -> np.ndarray | None:
    """Let moving cells choose a new direction now and then; return the velocity of each cell, or None if none moves.

    Parameters
    ----------
    gradient : ndarray of shape (3, cells), optional
        Of what the cells follow; its length does not matter.

    Returns
    -------
    ndarray of shape (3, cells), or None
        In um/h; dead cells do not move by themselves.

    Notes
    -----
    A cell chooses at the rate 1/persistence. The direction is that of ``(1 - |b|) random + b gradient``, with both of
    length 1. Alone and without a gradient it diffuses with ``speed^2 persistence/dimensions`` (um^2/h).
    """
    if phenotypes.largest("speed") <= 0:
        return None
    clone, heading = population.clone, population.heading
    speed = np.where(population.alive, phenotypes.of("speed", clone), 0.0)
    drawn = uniforms(seed, population.id, step, Purpose.MOTION)[0]
    resting = (heading == 0).all(axis=0)
    chooses = (speed > 0) & (resting | (drawn < -np.expm1(-dt_h / phenotypes.of("persistence", clone))))
    chosen = np.flatnonzero(chooses)
    wanted = directions(seed, population.id[chosen], step, Purpose.DIRECTION, dimensions)
    if gradient is not None:
        bias = phenotypes.of("chemotaxis", clone[chosen])
        length = np.linalg.norm(gradient[:, chosen], axis=0)
        toward = np.divide(gradient[:, chosen], length, out=np.zeros_like(wanted), where=length > 0)
        wanted = np.where(length > 0, (1 - np.abs(bias)) * wanted + bias * toward, wanted)
        wanted /= np.maximum(np.linalg.norm(wanted, axis=0), np.finfo(float).tiny)
    heading[:, chosen] = wanted
    return heading * speed
