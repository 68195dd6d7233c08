"""Mechanics of pyphysicell, in a Python that has it: run by ``tumours.py --peer PYTHON``, not by hand.

Takes a file of positions (um), steps, and a file for velocities of the first step (um/min); prints seconds of the
processor for one step.
"""

from __future__ import annotations

import sys
import time

import numpy as np

_HALF_UM = 2000.0


def main(places: str, steps: int, velocities: str) -> None:
    from pyphysicell import CellType, Domain, Model, Simulation  # pyright: ignore[reportMissingImports]

    domain = Domain(*[edge for _ in range(3) for edge in (-_HALF_UM, _HALF_UM)], dx=100, dy=100, dz=100, use_2D=False)
    simulation = Simulation(Model(domain=domain, cell_types=[CellType(name="cell")]), seed=1)
    simulation.add_cells(np.load(places).T, "cell")
    simulation._mechanics(0.1)
    np.save(velocities, simulation.cells.velocity[: simulation.cells.n].T)
    began = time.process_time()
    for _ in range(steps):
        simulation._mechanics(0.1)
    print((time.process_time() - began) / steps)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
