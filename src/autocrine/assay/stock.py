"""The state of the cells that are seeded: that of a flask of the line, conditioned by its own IL-6."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field

from autocrine.assay.well_network import well_network
from autocrine.circuit import Drug, Line, cell
from autocrine.engine import simulate, steady_state

#: the flask: days since the last passage, and cells and medium as they are usual
FLASK_H = 96.0
_FLASK = {"medium_volume": 1e-2, "capacity": 8e6, "p1_seeded": 1e6}


@dataclass(frozen=True)
class Overrides:
    """Other values of parameters than the records hold, for every well of a simulation.

    Attributes
    ----------
    cell : mapping
        Circuit parameters of every population; a line's own changes win over them.
    well : mapping
        Parameters of the well, e.g. ``{"il6_decay": 0.0}``.
    drugs : mapping of str to mapping
        Parameters by drug name.
    """

    cell: Mapping[str, float] = field(default_factory=dict)
    well: Mapping[str, float] = field(default_factory=dict)
    drugs: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    def of_drug(self, drug: Drug) -> dict[str, float]:
        """Return all numbers of a drug."""
        return drug.parameters.values_by_name | dict(self.drugs.get(drug.name, {}))


def stock_state(line: Line, overrides: Overrides | None = None) -> dict[str, float]:
    """Return the levels inside the cells of a line, 96 h after passage, without any agent.

    Raises
    ------
    errors.SolverError
        If the line has no resting state.
    """
    overrides = overrides or Overrides()
    values = {**overrides.cell, **line.values}
    return dict(_flask(tuple(sorted(values.items())), tuple(sorted(overrides.well.items()))))


@functools.lru_cache(maxsize=4096)
def _flask(cell_values: tuple[tuple[str, float], ...], well_values: tuple[tuple[str, float], ...]) -> dict[str, float]:
    names = [species.name for species in cell.SPECIES]
    alone = cell.cell_network()
    known = {name: value for name, value in cell_values if name in alone.parameters}
    resting = steady_state(alone, known)
    network = well_network(1, 1, 1)
    result = simulate(
        network,
        [0.0, FLASK_H],
        {**_FLASK, **{f"p1_{name}": value for name, value in cell_values}, **dict(well_values)},
        initial={f"p1_{name}": float(resting[name][0]) for name in names},
        outputs=[f"p1_{name}" for name in names],
    )
    return {name: float(result[f"p1_{name}"][0, -1]) for name in names}
