"""When cells go through their cycle, so that a population divides at the rate that the circuit gives."""

from __future__ import annotations

import numpy as np

from autocrine.core import errors
from autocrine.tissue.cells.draws import Purpose, uniforms
from autocrine.tissue.cells.phase import Phase
from autocrine.tissue.cells.phenotype import Phenotypes
from autocrine.tissue.cells.population import Population


def rate_into_s(division_rate: np.ndarray, busy_h: np.ndarray) -> np.ndarray:
    """Return the rate at which cells leave G1 (1/h), so that a population of such cells grows at a rate.

    Parameters
    ----------
    division_rate : ndarray
        The growth rate of the population (1/h); zero or below leaves all cells in G1.
    busy_h : ndarray
        Time in S, G2 and M (h).

    Raises
    ------
    InputError
        If cells would have to divide faster than in the time of S, G2 and M.

    Notes
    -----
    Cells that wait in G1 with rate k and divide after a fixed time T grow at the rate g of Euler and Lotka,
    ``2 exp(-g T) k/(k + g) = 1``, hence ``k = g q/(1 - q)`` with ``q = exp(g T)/2``.
    """
    rate = np.maximum(division_rate, 0.0)
    q = np.exp(rate * busy_h) / 2
    if np.any(q >= 1):
        worst = int(np.argmax(q))
        raise errors.InputError(
            f"cells must divide at less than {np.log(2) / busy_h[worst]:.3g} per h, since S, G2 and M take "
            f"{busy_h[worst]:g} h",
            f"{rate[worst]:.3g} per h",
            hint="a shorter s_duration",
        )
    return rate * q / (1 - q)


def oxygen_factor(oxygen_mmHg: np.ndarray, phenotypes: Phenotypes, clone: np.ndarray) -> np.ndarray:
    """Return the share of the rate of division that oxygen allows, between 0 and 1."""
    low, high = phenotypes.of("division_oxygen", clone), phenotypes.of("division_oxygen_full", clone)
    return np.clip((oxygen_mmHg - low) / (high - low), 0.0, 1.0)


def step_cycle(
    population: Population, phenotypes: Phenotypes, division_rate: np.ndarray, dt_h: float, seed: int, step: int
) -> np.ndarray:
    """Take living cells through their cycle over a step; return the cells that divide at its end, in order.

    Parameters
    ----------
    division_rate : ndarray of shape (cells,)
        At which each cell would make its population grow (1/h).
    """
    phase, clock, clone = population.phase, population.clock_h, population.clone
    clock += dt_h
    s_h, g2m_h = phenotypes.of("s_duration", clone), phenotypes.of("g2m_duration", clone)
    rate = rate_into_s(division_rate, s_h + g2m_h)
    drawn = uniforms(seed, population.id, step, Purpose.CYCLE)[0]
    starts = (phase == Phase.G1) & (drawn < -np.expm1(-rate * dt_h))
    doubled = (phase == Phase.S) & (clock >= s_h)
    phase[doubled], clock[doubled] = Phase.G2M, (clock - s_h)[doubled]
    done = (phase == Phase.G2M) & (clock >= g2m_h)
    # on average a cell that starts within a step starts in its middle
    phase[starts], clock[starts] = Phase.S, dt_h / 2
    clock[done] -= g2m_h[done]
    return np.flatnonzero(done)


def mix_cycle(population: Population, phenotypes: Phenotypes, division_rate: np.ndarray, seed: int) -> None:
    """Put all cells where they would be in their cycle after a long growth, so that they do not divide together.

    Notes
    -----
    In a population that grows at the rate g, the time a that cells have spent in S, G2 and M has a density that falls
    with ``exp(-g a)`` up to T; there are ``k (1 - exp(-g T))/g`` of such cells for each cell in G1, which is left at
    rate k. Solids and fluid are set to what they would have reached on the way to twice their size.
    """
    clone = population.clone
    s_h, busy_h = phenotypes.of("s_duration", clone), phenotypes.of("g2m_duration", clone)
    busy_h = busy_h + s_h
    growth = np.maximum(division_rate, 1e-9)
    ratio = rate_into_s(growth, busy_h) * -np.expm1(-growth * busy_h) / growth
    which, where = uniforms(seed, population.id, 0, Purpose.START, 2)
    busy = which < ratio / (1 + ratio)
    age = -np.log1p(where * np.expm1(-growth * busy_h)) / growth
    late = age >= s_h
    population.phase = np.where(busy, np.where(late, Phase.G2M, Phase.S), Phase.G1)
    population.clock_h = np.where(busy, np.where(late, age - s_h, age), 0.0)
    grown = np.where(busy, 2 - np.exp(-phenotypes.of("cytoplasmic_rate", clone) * age), 1.0)
    population.volume = population.volume * grown
    population.resized()
