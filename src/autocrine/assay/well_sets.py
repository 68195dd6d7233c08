"""The same wells at many sets of parameters, as one ensemble: what a calibration asks for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from autocrine.assay.stock import FLASK, FLASK_H, Overrides
from autocrine.assay.well import BINS, Well
from autocrine.assay.well_network import well_network
from autocrine.circuit import cell
from autocrine.core import errors
from autocrine.engine import simulate, steady_state

#: looser than for a figure: noise of any assay is far above
_RTOL, _ATOL = 1e-4, 1e-7
_CELL = "p1_"


def simulate_sets(
    wells: Sequence[Well],
    values: Mapping[str, np.ndarray],
    outputs: Sequence[str],
    *,
    overrides: Overrides | None = None,
    rtol: float = _RTOL,
) -> np.ndarray:
    """Return levels at the end of each well at many sets of parameters.

    Parameters
    ----------
    wells : sequence of Well
        W wells, each of one line and with at most one drug.
    values : mapping of str to ndarray of shape (n, 1) or (n, W)
        Parameters of the network of a well, such as ``p1_il6_nfkb`` or ``d1_potency``. They win over those of line and
        drug; what an arm does to genes wins over them. Parameters of cells are those of the flask too, where all wells
        of a line must agree.
    outputs : sequence of str
        K species or observables of the network.
    overrides : Overrides, optional
        Other values of parameters, for every well.
    rtol : float
        Relative tolerance of the integration.

    Returns
    -------
    ndarray of shape (n, W, K)
        NaN where a well could not be simulated.

    Raises
    ------
    DesignError
        If a well holds several lines or drugs.
    """
    for well in wells:
        if well.shape != (1, 1):
            raise errors.DesignError("a well must hold one line and at most one drug", well.shape)
    overrides = overrides or Overrides()
    count = max((len(column) for column in values.values()), default=1)
    network = well_network(1, 1, BINS)
    given = {name: np.broadcast_to(column, (count, len(wells))) for name, column in values.items()}
    rows = [well.parameters(overrides) for well in wells]
    names = dict.fromkeys([*given, *(name for row in rows for name in row)])
    defaults = network.parameters.values_by_name
    columns = {}
    for name in names:
        column = np.empty((count, len(wells)))
        for place, (well, row) in enumerate(zip(wells, rows, strict=True)):
            own = name in given and name.removeprefix(_CELL) not in well.arm.changes
            column[:, place] = given[name][:, place] if own else row.get(name, defaults[name])
        columns[name] = column.ravel()
    start = _starts(wells, given, overrides, count)
    ends = np.tile([well.protocol.end_h for well in wells], count)[:, None]
    found = simulate(
        network, ends, columns, initial=start, outputs=list(outputs), rtol=rtol, atol=_ATOL, on_failure="nan"
    )
    return found.values[:, 0].reshape(count, len(wells), len(outputs))


def _starts(
    wells: Sequence[Well], given: Mapping[str, np.ndarray], overrides: Overrides, count: int
) -> dict[str, np.ndarray]:
    """Return the levels of seeded cells: those of the flask of their line, at each set of parameters."""
    lines = {well.populations[0][0].name: place for place, well in enumerate(wells)}
    flasks = {name: number for number, name in enumerate(lines)}
    defaults = cell.cell_parameters().values_by_name
    changes = [{**overrides.cell, **wells[place].populations[0][0].values} for place in lines.values()]
    names = [name for name in defaults if _CELL + name in given or any(name in change for change in changes)]
    columns = {
        name: np.stack(
            [
                given[_CELL + name][:, place]
                if _CELL + name in given
                else np.full(count, change.get(name, defaults[name]))
                for place, change in zip(lines.values(), changes, strict=True)
            ],
            axis=1,
        ).ravel()
        for name in names
    }
    columns = columns or {"s_il6": np.full(count * len(lines), defaults["s_il6"])}
    levels = _flasks(columns, overrides)
    own = [flasks[well.populations[0][0].name] for well in wells]
    return {name: level.reshape(count, len(lines))[:, own].ravel() for name, level in levels.items()}


def _flasks(columns: Mapping[str, np.ndarray], overrides: Overrides) -> dict[str, np.ndarray]:
    """Return the levels in cells of flasks, 96 h after passage; NaN where there are none."""
    names = [species.name for species in cell.SPECIES]
    alone, network = cell.cell_network(), well_network(1, 1, 1)
    resting = steady_state(
        alone, {name: column for name, column in columns.items() if name in alone.parameters}, on_failure="nan"
    )
    known = {name: np.nan_to_num(resting[name], nan=0.0) for name in names}
    found = simulate(
        network,
        [0.0, FLASK_H],
        {**FLASK, **{_CELL + name: column for name, column in columns.items()}, **overrides.well},
        initial={_CELL + name: level for name, level in known.items()},
        outputs=[_CELL + name for name in names],
        rtol=_RTOL,
        atol=_ATOL,
        on_failure="nan",
    )
    failed = np.isnan(found.values[:, -1]).any(axis=1) | np.isnan(resting.values).any(axis=1)
    if failed.all():
        raise errors.SolverError("no flask of any line came to rest")
    # one bad set must not stop the others: it starts like a good one, and its wells are NaN by their own failure
    ends = {
        name: np.where(failed, np.nanmedian(found[_CELL + name][:, -1]), found[_CELL + name][:, -1]) for name in names
    }
    return {_CELL + name: level for name, level in ends.items()}
