"""Factors from the units of a column to ours: from its name, from a column of units, from the user, never guessed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from autocrine.assay.plates.account import Account
from autocrine.assay.plates.column_name import spelled
from autocrine.core import errors, units

_IN_NAME = {"nM": "uM", "h": "h", "ng/ml": "pg_ml"}


def factors(
    account: Account, column: str, to: str, *, named: str, unit_column: str | None, said: str, option: str, of: str
) -> NDArray[np.float64] | float:
    """Return the worth of one unit of a column in ``to``, for the table or for each row.

    Parameters
    ----------
    account : Account
        Of the table.
    column : str
        The column with numbers.
    to : str
        Our unit.
    named : str
        The unit in the column's name, or nothing.
    unit_column : str or None
        A column that has the unit of every row.
    said : str
        The unit that the user says; ``option`` is how it is said.
    of : str
        What the column measures, for messages.

    Raises
    ------
    InputError
        If no unit is given at all.
    UnitError
        If a unit is unknown or does not convert.
    """
    table = account.table
    if named:
        return _plain(named, to, where=table.where(column))
    if unit_column is None:
        if said:
            account.notes.append(f"column {column} is in {said}, as {option} says")
            return _plain(said, to, where=f"{option}")
        example = _IN_NAME.get(to, to)
        raise errors.InputError(
            f"a column must give the unit of the {of}",
            where=table.where(column),
            hint=f"renaming it to {column}_{example}, a column {of}_unit, or {option} {example.replace('_', '/')}",
        )
    words, codes = table.words(unit_column)
    account.mark((words == "")[codes], unit_column, "must be given", fatal=True)
    known = np.full(len(words), np.nan)
    for k, word in enumerate(words):
        if word:
            row = int(np.flatnonzero(codes == k)[0])
            known[k] = _plain(spelled(word), to, where=table.where(unit_column, row))
    if len(words) > 1:
        account.notes.append(f"column {unit_column} has {', '.join(map(str, words))}: each row is converted to {to}")
    return known[codes]


def _plain(unit: str, to: str, *, where: str) -> float:
    """Return a factor without the last digits of binary rounding, so that 0.0025 uM is 2.5 nM."""
    return float(f"{units.convert(1.0, unit, to, where=where):.12g}")
