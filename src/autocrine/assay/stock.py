"""The state of the cells that are seeded: that of a flask of the line, conditioned by its own IL-6."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from autocrine.assay.well_network import well_network
from autocrine.circuit import Drug, Line, cell
from autocrine.engine import simulate, steady_state

#: the flask: days since the last passage, and cells and medium as they are usual
FLASK_H = 96.0
FLASK = {"medium_volume": 1e-2, "capacity": 8e6, "p1_seeded": 1e6}


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
    return stock_states([line], overrides)[0]


def stock_states(lines: Sequence[Line], overrides: Overrides | None = None) -> list[dict[str, float]]:
    """Return the levels inside the cells of some lines; their flasks are simulated together, each of them once."""
    overrides = overrides or Overrides()
    well = tuple(sorted(overrides.well.items()))
    keys = [(tuple(sorted({**overrides.cell, **line.values}.items())), well) for line in lines]
    missing = [key for key in dict.fromkeys(keys) if key not in _known]
    if missing:
        if len(_known) + len(missing) > _MOST:
            _known.clear()
            missing = list(dict.fromkeys(keys))
        _known.update(zip(missing, _flasks([dict(cell_values) for cell_values, _ in missing], dict(well)), strict=True))
    return [dict(_known[key]) for key in keys]


#: flasks that are remembered, by the values of the cell and of the well
_known: dict[tuple[tuple[tuple[str, float], ...], ...], dict[str, float]] = {}
_MOST = 4096


def _flasks(rows: Sequence[Mapping[str, float]], well_values: Mapping[str, float]) -> list[dict[str, float]]:
    names = [species.name for species in cell.SPECIES]
    alone, network = cell.cell_network(), well_network(1, 1, 1)
    defaults = cell.cell_parameters().values_by_name
    changed = {
        name: np.array([row[name] if name in row else defaults[name] for row in rows]) for row in rows for name in row
    }
    resting = steady_state(alone, {name: values for name, values in changed.items() if name in alone.parameters})
    result = simulate(
        network,
        [0.0, FLASK_H],
        {**FLASK, **{f"p1_{name}": values for name, values in changed.items()}, **well_values},
        initial={f"p1_{name}": resting[name] for name in names},
        outputs=[f"p1_{name}" for name in names],
    )
    ends = {name: result[f"p1_{name}"][:, -1].tolist() for name in names}
    return [{name: ends[name][place] for name in names} for place in range(len(rows))]
