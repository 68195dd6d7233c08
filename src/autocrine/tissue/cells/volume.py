"""How cells swell and shrink: fluid and solids relax to what their phase wants.

References
----------
Macklin et al. 2012, J Theor Biol 301:122-140, doi:10.1016/j.jtbi.2012.02.002.
Ghaffarizadeh et al. 2018, PLoS Comput Biol 14:e1005991, doi:10.1371/journal.pcbi.1005991 (the equations).
"""

from __future__ import annotations

import numpy as np

from autocrine.tissue.cells.phase import Phase
from autocrine.tissue.cells.phenotype import Phenotypes
from autocrine.tissue.cells.population import Population

FLUID, NUCLEAR, CYTOPLASMIC = 0, 1, 2
_RATES = {
    (Phase.G1, Phase.S, Phase.G2M): ("fluid_rate", "nuclear_rate", "cytoplasmic_rate"),
    (Phase.APOPTOTIC,): ("apoptosis_fluid_rate", "apoptosis_nuclear_rate", "apoptosis_cytoplasmic_rate"),
    (Phase.SWELLING,): ("swelling_fluid_rate", "necrosis_nuclear_rate", "necrosis_cytoplasmic_rate"),
    (Phase.LYSED,): ("lysed_fluid_rate", "necrosis_nuclear_rate", "necrosis_cytoplasmic_rate"),
}


def step_volume(population: Population, phenotypes: Phenotypes, dt_h: float) -> None:
    """Let all volumes change over a step.

    Notes
    -----
    Solids s follow ``s' = r (target - s)``, the fluid F of a cell of volume V follows ``F' = r (f V - F)``. Solids are
    taken to their exact value, then the fluid to the exact value that it has beside these solids: with ``V = F + s`` it
    relaxes to ``f s/(1 - f)`` at the rate ``r (1 - f)``; with f = 1, before a necrotic cell bursts, it grows by ``r s``
    per hour. A cell in S, G2 or M wants twice the solids of one in G1, a dead one none. The levels of the circuit are
    per volume and are thinned as the volume grows, so that what is in the cell stays.
    """
    clone, phase, volume = population.clone, population.phase, population.volume
    rates = rates_of(phase, phenotypes, clone)
    wanted = phenotypes.resting_volume(clone)
    size = np.where(phase >= Phase.APOPTOTIC, 0.0, np.where(phase == Phase.G1, 1.0, 2.0))
    before = volume.sum(axis=0)
    for part in (NUCLEAR, CYTOPLASMIC):
        target = size * wanted[part]
        volume[part] = target + (volume[part] - target) * np.exp(-rates[part] * dt_h)
    solid = volume[NUCLEAR] + volume[CYTOPLASMIC]
    share = np.where(phase >= Phase.APOPTOTIC, 0.0, phenotypes.of("fluid_fraction", clone))
    target, rest = share * solid / (1 - share), 1 - share
    relaxed = target + (volume[FLUID] - target) * np.exp(-rates[FLUID] * rest * dt_h)
    swollen = volume[FLUID] + rates[FLUID] * solid * dt_h
    volume[FLUID] = np.where(phase == Phase.SWELLING, swollen, relaxed)
    population.state[population.amounts] *= before / volume.sum(axis=0)
    population.resized()


def rates_of(phase: np.ndarray, phenotypes: Phenotypes, clone: np.ndarray) -> np.ndarray:
    """Return the rates at which fluid and the two solids relax, shape (3, cells), in 1/h."""
    rates = np.zeros((3, len(phase)))
    for phases, names in _RATES.items():
        among = np.isin(phase, phases)
        for part, name in enumerate(names):
            rates[part, among] = phenotypes.of(name, clone[among])
    return rates
