"""What the tables of both versions of PEtab have in common."""

from __future__ import annotations

import math
from collections.abc import Iterable

from autocrine.core import errors
from autocrine.engine.petab.problem import Measurement
from autocrine.engine.petab.table import Row, Table, is_identifier, parse_number

Filling = float | str


def once(tables: Iterable[Table], column: str) -> list[Row]:
    """Return the rows of several tables in which a name may stand only once.

    Raises
    ------
    InputError
        If it is no name, or stands twice.
    """
    seen: dict[str, str] = {}
    rows = [row for table in tables for row in table.rows]
    for row in rows:
        name = row.identifier(column)
        if name in seen:
            must = f"{column} must stand once, but stands in {seen[name]} too,"
            raise errors.InputError(must, name, where=row.where(column))
        seen[name] = row.place
    return rows


def bounds(row: Row, estimated: bool) -> tuple[float, float]:
    """Return the bounds of a parameter."""
    default = None if estimated else math.nan
    lower = row.number("lowerBound", default, infinite=True)
    upper = row.number("upperBound", default, infinite=True)
    if estimated and not lower <= upper:
        raise errors.InputError("lowerBound must not lie above upperBound", (lower, upper), where=row.place)
    return (lower, upper) if estimated else (-math.inf, math.inf)


def nominal(row: Row, estimated: bool) -> float:
    """Return the nominal value of a parameter, NaN where it is estimated and none is given."""
    return row.number("nominalValue", math.nan if estimated else None)


def fillings(row: Row, column: str) -> tuple[Filling, ...]:
    """Return what a measurement gives for placeholders: numbers and names."""
    found: list[Filling] = []
    for part in row.several(column):
        value = parse_number(part)
        if (value is None and not is_identifier(part)) or value in (math.inf, -math.inf):
            must = f"{column} must be finite numbers or parameters between semicolons"
            raise errors.InputError(must, part, where=row.where(column))
        found.append(part if value is None else value)
    return tuple(found)


def measurement(row: Row, experiment: str) -> Measurement:
    """Return a row of the measurement table."""
    time = row.number("time", infinite=True)
    if time == -math.inf:
        raise errors.InputError("time must be a number or inf", row.text("time"), where=row.where("time"))
    return Measurement(
        row.identifier("observableId"),
        experiment,
        time,
        row.number("measurement"),
        fillings(row, "observableParameters"),
        fillings(row, "noiseParameters"),
        row.place,
    )
