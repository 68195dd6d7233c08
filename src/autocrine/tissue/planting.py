"""A tumour as its design describes it, at its start."""

from __future__ import annotations

import numpy as np

from autocrine.core import errors, generator
from autocrine.tissue.cells import Circuit, Colony, Domain, seed_cells
from autocrine.tissue.cells.colony import Pace
from autocrine.tissue.cells.cycle import mix_cycle
from autocrine.tissue.cells.phenotype import Phenotypes
from autocrine.tissue.cells.seeding import ball
from autocrine.tissue.design import TumourDesign
from autocrine.tissue.fields import Fields
from autocrine.tissue.tumour import Tumour

#: ticks between two sortings of the cells in space, at least
_SORT_EVERY = 600


def plant(design: TumourDesign, seed: int = 1, threads: int = 1) -> Tumour:
    """Return a tumour at its start: cells in all phases of their cycle, in fields at their first levels.

    Parameters
    ----------
    design : TumourDesign
        What it is.
    seed : int
        All draws follow from it.
    threads : int
        Threads; results do not depend on them.

    Raises
    ------
    DesignError
        If cells do not fit into the domain.
    InputError
        If a tick is too long, with the process for which it is.
    """
    lines, phenotypes = [c.line for c in design.clones], Phenotypes([c.phenotype for c in design.clones])
    circuit = Circuit(lines, design.drugs, threads=threads)
    domain = Domain((0.0,) * design.dimensions, (design.size_um,) * design.dimensions)
    where = _places(design, seed)
    clone = generator(seed, "clone").choice(len(lines), design.cells, p=[c.fraction for c in design.clones])
    population = circuit.population(design.cells)
    seed_cells(population, phenotypes, domain, where, clone, producers(design, where, seed))
    circuit.settle(population, slice(0, design.cells))
    division, _ = circuit.rates(population, {})
    mix_cycle(population, phenotypes, division, seed)
    growth = max(1, round(design.growth_h / design.tick_h))
    pace = Pace(design.tick_h, growth, -(-_SORT_EVERY // growth) * growth, design.chemistry_ticks)
    colony = Colony(
        population, phenotypes.clones, domain, circuit=circuit, pace=pace, seed=seed, threads=threads
    )  # fmt: skip
    colony.mechanics.sort(population)
    fields = Fields(design.grid, design.substrates, bindings=design.bindings, vessels=design.vessels, threads=threads)
    tumour = Tumour(
        colony,
        fields,
        blockers=design.blockers,
        oxygen_uptake_1_h=design.oxygen_uptake_1_h,
        most_cells=design.most_cells,
        follows=design.follows,
    )
    tumour.check()
    return tumour


def producers(design: TumourDesign, position_um: np.ndarray, seed: int) -> np.ndarray:
    """Return which cells make IL-6: drawn at random, or those nearest to a place half-way out of the tumour."""
    count = round(design.producer_fraction * design.cells)
    found = np.zeros(design.cells, bool)
    if design.arrangement == "mixed":
        found[generator(seed, "producers").permutation(design.cells)[:count]] = True
        return found
    centre = position_um.mean(axis=1)
    out = position_um[0].max() - centre[0]
    place = centre + np.array([out / 2, 0.0, 0.0])
    distance = np.linalg.norm(position_um - place[:, None], axis=0)
    found[np.argsort(distance, kind="stable")[:count]] = True
    return found


def _places(design: TumourDesign, seed: int) -> np.ndarray:
    middle = (design.size_um / 2,) * design.dimensions + (0.0,) * (3 - design.dimensions)
    if design.shape == "ball":
        return ball(design.cells, design.spacing_um, design.dimensions, middle)
    per_axis = int(design.size_um // design.spacing_um)
    sites = per_axis**design.dimensions
    if design.cells > sites:
        raise errors.DesignError(
            f"scattered cells must be at most {sites}, {design.spacing_um:g} um apart in the domain", design.cells
        )
    chosen = generator(seed, "places").permutation(sites)[: design.cells]
    found = np.zeros((3, design.cells))
    at = np.stack(np.unravel_index(chosen, (per_axis,) * design.dimensions))
    found[: design.dimensions] = (at + 0.5) * (design.size_um / per_axis)
    return found
