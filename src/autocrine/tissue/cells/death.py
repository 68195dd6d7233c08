"""How cells die: apoptosis, necrosis without oxygen, and their removal."""

from __future__ import annotations

import numpy as np

from autocrine.tissue.cells.draws import Purpose, uniforms
from autocrine.tissue.cells.phase import Phase
from autocrine.tissue.cells.phenotype import Phenotypes
from autocrine.tissue.cells.population import Population


def necrosis_rate(oxygen_mmHg: np.ndarray, phenotypes: Phenotypes, clone: np.ndarray) -> np.ndarray:
    """Return the rate at which cells become necrotic (1/h): none with oxygen, full without, linear between."""
    high, low = phenotypes.of("necrosis_oxygen", clone), phenotypes.of("necrosis_oxygen_full", clone)
    return phenotypes.of("necrosis_rate", clone) * np.clip((high - oxygen_mmHg) / (high - low), 0.0, 1.0)


def step_death(
    population: Population,
    phenotypes: Phenotypes,
    death_rate: np.ndarray,
    oxygen_mmHg: np.ndarray,
    dt_h: float,
    seed: int,
    step: int,
) -> np.ndarray:
    """Let living cells die over a step; return those that begin to, in order.

    Parameters
    ----------
    death_rate : ndarray of shape (cells,)
        Rate of death that drugs cause (1/h), beside that of the clone.
    """
    clone, alive = population.clone, population.alive
    apoptosis = np.maximum(death_rate, 0.0) + phenotypes.of("apoptosis_rate", clone)
    necrosis = necrosis_rate(oxygen_mmHg, phenotypes, clone)
    dies, how = uniforms(seed, population.id, step, Purpose.DEATH, 2)
    total = apoptosis + necrosis
    dead = alive & (dies < -np.expm1(-total * dt_h))
    necrotic = dead & (how * total < necrosis)
    population.phase[dead], population.clock_h[dead] = Phase.APOPTOTIC, 0.0
    population.phase[necrotic] = Phase.SWELLING
    ratio = phenotypes.of("rupture_ratio", clone[necrotic])
    population.rupture[necrotic] = ratio * population.total_volume[necrotic]
    return np.flatnonzero(dead)


def step_decay(population: Population, phenotypes: Phenotypes) -> np.ndarray:
    """Let swollen cells burst; return which cells are gone."""
    phase, clone, clock = population.phase, population.clone, population.clock_h
    burst = (phase == Phase.SWELLING) & (population.total_volume >= population.rupture)
    phase[burst], clock[burst] = Phase.LYSED, 0.0
    apoptotic = (phase == Phase.APOPTOTIC) & (clock >= phenotypes.of("apoptosis_duration", clone))
    return apoptotic | ((phase == Phase.LYSED) & (clock >= phenotypes.of("lysed_duration", clone)))
