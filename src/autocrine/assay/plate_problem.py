"""Measured plates and the circuit as a problem of parameter estimation, which other programs can solve too."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pandas as pd

from autocrine.assay.stock import Overrides, stock_state
from autocrine.assay.well import BINS, Well, simulate_wells
from autocrine.assay.well_network import well_network
from autocrine.circuit import cell
from autocrine.core import errors
from autocrine.engine import Network, standards

if TYPE_CHECKING:
    from autocrine.engine.petab import Problem

#: standard deviation of viability between wells, with its bounds; chosen, as usual for dye reduction
_DEVIATION = (0.1, 0.01, 1.0)
Group = tuple[str, float]


@dataclass(frozen=True)
class MeasuredWell:
    """A well of one line with one drug, and what was measured.

    Attributes
    ----------
    well : Well
        The well; its protocol ends at the readout.
    viability : float
        Fraction of the cells of an untreated well.
    """

    well: Well
    viability: float

    @property
    def group(self) -> Group:
        """The wells that are counted in units of the same untreated cells: line and time."""
        return self.well.populations[0][0].name, self.well.protocol.end_h

    @property
    def untreated(self) -> Well:
        """The well that it is compared with."""
        return replace(self.well, drugs=((self.well.drugs[0][0], 0.0),))


def plate_problem(measured: Sequence[MeasuredWell], overrides: Overrides, estimated: Sequence[str]) -> Problem:
    """Return measured viability and the circuit as a problem of parameter estimation.

    Parameters
    ----------
    measured : sequence of MeasuredWell
        The wells.
    overrides : Overrides
        Nominal values of parameters that differ from the records.
    estimated : sequence of str
        Parameters of the circuit that are sought, within the ranges of its tables; a line that has a value of its own
        keeps it.

    Returns
    -------
    Problem
        One experiment for each different well. Viability is the number of cells over that of an untreated well, which
        is a parameter for each line and duration with its nominal number.

    Raises
    ------
    InputError
        If there are no wells, or a parameter is unknown or has no range.

    Notes
    -----
    The cells are seeded as they are with the nominal values; that state does not follow what is estimated.
    """
    table = _circuit_rows(overrides, estimated)
    if not measured:
        raise errors.InputError("there must be measured wells", len(measured))
    untreated = {each.group: each.untreated for each in measured}
    rows = [{**each.well.parameters(overrides), **_seeded(each.well, overrides)} for each in measured]
    shared = {key: value for key, value in rows[0].items() if all(row.get(key) == value for row in rows)}
    free = {f"p1_{name}": name for name in estimated}
    names = {key: f"untreated_{place}" for place, key in enumerate(untreated, start=1)}
    changes = [_changes(each, row, shared, free) for each, row in zip(measured, rows, strict=True)]
    conditions = list(dict.fromkeys(changes))
    experiments = [f"well_{conditions.index(each) + 1}" for each in changes]
    tables = {
        "parameters": pd.DataFrame(
            [*table, *_controls(untreated, names, overrides), _row("sd_viability", *_DEVIATION)]
        ),
        "observables": pd.DataFrame(
            [("viability", "cells / untreated", "sd_viability", "untreated")],
            columns=pd.Index(["observableId", "observableFormula", "noiseFormula", "observablePlaceholders"]),
        ),
        "measurements": pd.DataFrame(
            [
                ("viability", experiment, each.well.protocol.end_h, each.viability, names[each.group])
                for each, experiment in zip(measured, experiments, strict=True)
            ],
            columns=pd.Index(["observableId", "experimentId", "time", "measurement", "observableParameters"]),
        ),
        "conditions": pd.DataFrame(
            [(f"condition_{place}", *change) for place, each in enumerate(conditions, start=1) for change in each],
            columns=pd.Index(["conditionId", "targetId", "targetValue"]),
        ),
        "experiments": pd.DataFrame(
            [(f"well_{place}", 0.0, f"condition_{place}") for place in range(1, len(conditions) + 1)],
            columns=pd.Index(["experimentId", "time", "conditionId"]),
        ),
    }
    fixed = {key: value for key, value in shared.items() if key not in free}
    return standards.petab_problem(_with_values(fixed), tables, "plates")


def _row(name: str, nominal: float, low: float, high: float) -> dict[str, object]:
    return {"parameterId": name, "lowerBound": low, "upperBound": high, "nominalValue": nominal, "estimate": "true"}


def _circuit_rows(overrides: Overrides, estimated: Sequence[str]) -> list[dict[str, object]]:
    known, rows = cell.cell_parameters(), []
    for name in estimated:
        if name not in known:
            raise errors.InputError("what is estimated must be a parameter of the circuit", name)
        each = known[name]
        if not each.low < each.high:
            raise errors.InputError("what is estimated must have a range", (each.low, each.high), where=name)
        rows.append(_row(name, overrides.cell.get(name, each.value), each.low, each.high))
    return rows


def _seeded(well: Well, overrides: Overrides) -> dict[str, float]:
    levels = stock_state(well.populations[0][0], overrides)
    return {f"p1_{name}": level for name, level in levels.items()}


def _changes(
    each: MeasuredWell, row: Mapping[str, float], shared: Mapping[str, float], free: Mapping[str, str]
) -> tuple[tuple[str, str], ...]:
    """Return what the condition of a well sets: what differs between wells, and what is estimated."""
    own = {f"p1_{name}" for name in each.well.populations[0][0].values}  # noqa: PD011 those of a line
    found = {key: repr(float(value)) for key, value in row.items() if key not in shared and key not in free}
    found |= {key: repr(float(row[key])) if key in own else name for key, name in free.items()}
    return tuple(sorted(found.items()))


def _controls(wells: Mapping[Group, Well], names: Mapping[Group, str], overrides: Overrides) -> list[dict[str, object]]:
    """Return a parameter for the cells of each untreated well, within a factor of ten of their nominal number."""
    courses = simulate_wells([*wells.values()], overrides=overrides)
    counts = [float(course.levels["cells"][-1]) for course in courses]
    return [_row(name, count, count / 10, count * 10) for name, count in zip(names.values(), counts, strict=True)]


def _with_values(values: Mapping[str, float]) -> Network:
    """Return the network of a well with other parameters and levels at the start."""
    network = well_network(1, 1, BINS)
    levels = {each.name for each in network.species}
    return Network(
        re.sub(r"\W+", "_", network.name),
        [replace(each, initial=values.get(each.name, each.initial)) for each in network.species],
        network.parameters.changed({key: value for key, value in values.items() if key not in levels}),
        network.reactions,
        rules=network.rules,
        events=network.events,
        observables=network.observables,
    )
