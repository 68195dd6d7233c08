"""Division: two daughters where one cell was, with all that it had shared out between them."""

from __future__ import annotations

import numpy as np

from autocrine.tissue.cells.domain import Domain
from autocrine.tissue.cells.draws import Purpose, directions, normals, uniforms
from autocrine.tissue.cells.phase import Phase
from autocrine.tissue.cells.phenotype import Phenotypes
from autocrine.tissue.cells.population import Population

#: no daughter gets less of anything
_LEAST_SHARE = 0.05


def divide(
    population: Population,
    phenotypes: Phenotypes,
    mothers: np.ndarray,
    domain: Domain,
    time_h: float,
    seed: int,
    step: int,
) -> None:
    """Replace each mother by two daughters.

    Parameters
    ----------
    mothers : ndarray of int
        The cells that divide.
    time_h : float
        When the daughters are born.

    Notes
    -----
    Daughters lie on a random axis, a radius of the mother apart, with their common centre where hers was. Volume and
    contents are shared by halves, or by random shares where the clone has a standard deviation for them; the sum over
    both daughters is what the mother had. Both daughters have new ids. One more draw for each of them, keyed by its
    own id, says whether ABCB1 is amplified in it.
    """
    if not len(mothers):
        return
    ids, clone = population.id[mothers].copy(), population.clone[mothers]
    volume_share, content_share = _shares(phenotypes, ids, clone, seed, step)
    radius = np.cbrt(population.total_volume[mothers] * (3 / (4 * np.pi)))
    axis = directions(seed, ids, step, Purpose.AXIS, domain.dimensions) * radius
    second = np.arange(population.count, population.count + len(mothers))
    population.add(len(mothers))
    for name in ("position", "heading", "volume", "clock_h", "clone", "producer", "abcb1_copies", "state"):
        column = getattr(population, name)
        column[..., second] = column[..., mothers]
    low, high = domain.corners
    for cells, share, content, toward in (
        (mothers, volume_share, content_share, 1 - volume_share),
        (second, 1 - volume_share, 1 - content_share, -volume_share),
    ):
        moved = population.position[:, cells] + toward * axis
        population.position[:, cells] = np.clip(moved, low[:, None], high[:, None])
        population.volume[:, cells] *= share
        population.state[np.ix_(population.amounts, cells)] *= content / share
        population.parent[cells], population.birth_h[cells] = ids, time_h
        population.phase[cells], population.velocity[:, cells] = Phase.G1, np.nan
    population.id[mothers] = population.new_ids(len(mothers))
    _amplify(population, phenotypes, np.concatenate([mothers, second]), seed, step)
    population.resized()


def _shares(phenotypes: Phenotypes, ids: np.ndarray, clone: np.ndarray, seed: int, step: int) -> tuple:
    """Return the shares of the volume and of the contents that the first daughter gets."""
    drawn = normals(seed, ids, step, Purpose.SHARE)
    volume = np.clip(0.5 + phenotypes.of("volume_share_sd", clone) * drawn[0], _LEAST_SHARE, 1 - _LEAST_SHARE)
    content = volume + phenotypes.of("content_share_sd", clone) * drawn[1]
    return volume, np.clip(content, _LEAST_SHARE, 1 - _LEAST_SHARE)


def _amplify(population: Population, phenotypes: Phenotypes, cells: np.ndarray, seed: int, step: int) -> None:
    clone = population.clone[cells]
    drawn = uniforms(seed, population.id[cells], step, Purpose.AMPLIFICATION)[0]
    amplified = drawn < phenotypes.of("amplification", clone)
    population.abcb1_copies[cells[amplified]] *= phenotypes.of("amplification_factor", clone[amplified])
