"""Cells that start or stop to make IL-6."""

from __future__ import annotations

import numpy as np

from autocrine.tissue.cells.draws import Purpose, uniforms
from autocrine.tissue.cells.phenotype import Phenotypes
from autocrine.tissue.cells.population import Population


def step_producers(population: Population, phenotypes: Phenotypes, dt_h: float, seed: int, step: int) -> None:
    """Let living cells switch over a step, each at the rate of its clone and status."""
    on, off = (phenotypes.of(name, population.clone) for name in ("producer_on", "producer_off"))
    rate = np.where(population.producer, off, on)
    if rate.any():
        drawn = uniforms(seed, population.id, step, Purpose.SWITCH)[0]
        population.producer ^= population.alive & (drawn < -np.expm1(-rate * dt_h))
