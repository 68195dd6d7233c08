"""Mechanics of pyphysicell, in a Python that has it: run by ``tumours.py --peer PYTHON``, not by hand.

Takes a file of positions (um), steps, and a file for velocities of the first step (um/min); prints seconds of the
processor for one step of its mechanics, and for the compiled part of it alone: list, forces, positions.
"""

from __future__ import annotations

import sys
import time

import numpy as np

_MARGIN_UM = 30.0


def main(places: str, steps: int, velocities: str) -> None:
    from pyphysicell import CellType, Domain, Model, Simulation  # pyright: ignore[reportMissingImports]

    place = np.load(places)
    edges = np.column_stack([place.min(axis=1) - _MARGIN_UM, place.max(axis=1) + _MARGIN_UM]).ravel()
    domain = Domain(*edges.tolist(), dx=100, dy=100, dz=100, use_2D=False)
    simulation = Simulation(Model(domain=domain, cell_types=[CellType(name="cell")]), seed=1)
    simulation.add_cells(place.T, "cell")
    simulation._mechanics(0.1)
    np.save(velocities, simulation.cells.velocity[: simulation.cells.n].T)
    print(seconds(lambda: simulation._mechanics(0.1), steps), seconds(compiled_part(simulation, edges[::2]), steps))


def seconds(work, steps: int) -> float:
    began = time.process_time()
    for _ in range(steps):
        work()
    return (time.process_time() - began) / steps


def compiled_part(simulation, low: np.ndarray):
    """Return the work of the kernels alone, on arrays that are made once."""
    from pyphysicell import _kernels  # pyright: ignore[reportMissingImports]

    cells, side = simulation.cells, 30.0
    n = cells.n
    names = ("radius", "rel_max_adhesion", "adhesion", "repulsion", "type_idx", "adhesive_affinity", "movable")
    given = [np.ascontiguousarray(getattr(cells, name)[:n]) for name in names]
    place, before = np.ascontiguousarray(cells.position[:n]), np.zeros((n, 3))
    shape = tuple(int(each) for each in np.ceil((place.max(axis=0) + _MARGIN_UM - low) / side))
    following, grid = np.full(n, -1, np.int64), (tuple(low.tolist()), side, shape)
    found = np.zeros((n, 3)), np.zeros(n), np.zeros(n, np.int64)

    def work() -> None:
        head = np.full(int(np.prod(shape)), -1, np.int64)
        _kernels.build_cell_list(place, *grid, head, following)
        for each in found:
            each[:] = 0
        _kernels.forces(place, *given, *grid, head, following, False, *found)
        _kernels.update_positions(place, found[0], before, given[-1], 0.1, False)

    return work


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
