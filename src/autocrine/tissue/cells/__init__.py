"""Cells as a struct of arrays: what they are, how they push, divide and die, and the circuit in each."""

from autocrine.tissue.cells.circuit import Circuit
from autocrine.tissue.cells.colony import Colony, Surroundings
from autocrine.tissue.cells.domain import Domain
from autocrine.tissue.cells.phenotype import Phenotype
from autocrine.tissue.cells.population import Population
from autocrine.tissue.cells.seeding import seed_cells

__all__ = ["Circuit", "Colony", "Domain", "Phenotype", "Population", "Surroundings", "seed_cells"]
