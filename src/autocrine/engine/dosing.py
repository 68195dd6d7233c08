"""Dosing tables: what is given when, and how often."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from autocrine.core import errors
from autocrine.engine.names import nearest

if TYPE_CHECKING:
    import sympy

_NEEDED, _OPTIONAL = ("time_h", "species", "amount"), ("every_h", "count")
#: doses of one row beyond which a count is taken for a mistake
_MOST = 10_000


@dataclass(frozen=True)
class Dose:
    """An amount that is added to the level of a species at a time (h); the name says where it comes from."""

    time_h: float
    species: str
    amount: float | sympy.Expr
    name: str


def doses(table: Any) -> list[Dose]:
    """Return every dose of a table; see `Event.doses`."""
    return [dose for number, row in enumerate(_rows(table), start=1) for dose in _doses(row, number)]


def _rows(table: Any) -> Iterator[Mapping[str, Any]]:
    if hasattr(table, "to_dict") and hasattr(table, "columns"):
        table = table.to_dict("records")
    if isinstance(table, Mapping):
        lengths = {len(column) for column in table.values()}
        if len(lengths) > 1:
            raise errors.InputError("columns of a dosing table must have one length", sorted(lengths))
        table = [dict(zip(table, row, strict=True)) for row in zip(*table.values(), strict=True)]
    if isinstance(table, str) or not isinstance(table, Iterable):
        raise errors.InputError("a dosing table must be a DataFrame or a list of rows", table)
    for number, row in enumerate(table, start=1):
        if not isinstance(row, Mapping):
            raise errors.InputError("a row of a dosing table must name its columns", row, where=f"dose row {number}")
        yield row


def _doses(row: Mapping[str, Any], number: int) -> Iterator[Dose]:
    where = f"dose row {number}"
    for name in row:
        if name not in (*_NEEDED, *_OPTIONAL):
            hint = nearest(str(name), (*_NEEDED, *_OPTIONAL))
            raise errors.InputError("a column must be one of a dosing table", name, where=where, hint=hint)
    for name in _NEEDED:
        if name not in row:
            raise errors.InputError(f"a dose must have {name}", sorted(map(str, row)), where=where)
    species = row["species"]
    if not isinstance(species, str):
        raise errors.InputError("species must be a name", species, where=where)
    first, (every, count) = _number(row, "time_h", where), _repeats(row, where)
    # an expression has symbols, and is a number to no one before they have values
    amount = row["amount"] if getattr(row["amount"], "free_symbols", None) else _number(row, "amount", where)
    for turn in range(count):
        shown = f"dose of {species}, row {number}" + (f", {turn + 1} of {count}" if count > 1 else "")
        yield Dose(first + turn * every, species, amount, shown)


def _repeats(row: Mapping[str, Any], where: str) -> tuple[float, int]:
    """Return the interval and the number of doses; empty cells stand for one dose."""
    given = [name for name in _OPTIONAL if name in row and not _is_empty(row[name])]
    if not given:
        return 0.0, 1
    if len(given) == 1:
        other = next(name for name in _OPTIONAL if name not in given)
        raise errors.InputError(f"a repeated dose must have {given[0]} and {other}", dict(row), where=where)
    every, count = _number(row, "every_h", where), _number(row, "count", where)
    if every <= 0:
        raise errors.InputError("every_h must be a positive number", every, where=where)
    if count != int(count) or not 1 <= count <= _MOST:
        raise errors.InputError(f"count must be a whole number from 1 to {_MOST}", count, where=where)
    return every, int(count)


def _number(row: Mapping[str, Any], name: str, where: str) -> float:
    try:
        value = float(row[name])
    except (TypeError, ValueError) as error:
        raise errors.InputError(f"{name} must be a number", row[name], where=where) from error
    if not math.isfinite(value):
        raise errors.InputError(f"{name} must be finite", value, where=where)
    return value


def _is_empty(value: Any) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))
