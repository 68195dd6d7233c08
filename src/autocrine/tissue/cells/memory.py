"""Whether the cells of a tissue fit into memory, before any of it is taken."""

from __future__ import annotations

import os

from autocrine.core import errors
from autocrine.tissue.cells.population import Population

#: bytes of what a tick keeps beside the population for each cell: lists of neighbours, sums, surroundings
BESIDE = 240


def estimate_bytes(cells: int, species: int) -> int:
    """Return the bytes that so many cells with so many species need in a run."""
    return cells * (Population([f"s{k}" for k in range(species)], 1).bytes_per_cell + BESIDE)


def fitting_cells(species: int, available_bytes: int | None = None) -> int:
    """Return how many cells with so many species fit into memory; that of this machine unless it is given."""
    return int((available_bytes or _memory()) / estimate_bytes(1, species))


def _memory() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def check_memory(cells: int, species: int, available_bytes: int | None = None) -> int:
    """Return the bytes that cells need, or refuse them.

    Parameters
    ----------
    cells, species : int
        The largest number of cells, and of species in each.
    available_bytes : int, optional
        Memory to use; that of this machine unless it is given.

    Raises
    ------
    DesignError
        With the estimate, if they need more than there is.
    """
    if cells < 0:
        raise errors.DesignError("the number of cells must not be negative", cells)
    needed = estimate_bytes(cells, species)
    available = available_bytes or _memory()
    if needed > available:
        most = int(available / (needed / cells))
        raise errors.DesignError(
            f"{cells:.3g} cells need about {needed / 2**30:.1f} GiB, which must be at most the memory here, "
            f"{available / 2**30:.1f} GiB",
            hint=f"at most {most:.1e} cells",
        )
    return needed
