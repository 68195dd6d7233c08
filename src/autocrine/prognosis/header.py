"""Names of columns with a unit in them: ``IL6 (pg/ml)``, ``time [months]``, ``survival_days``."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from autocrine.core import errors

_BRACKETS = re.compile(r"^(?P<name>.*?)\s*[\[(](?P<unit>[^\[\]()]*)[\])]\s*$")
#: unit of time → how headers spell it
TIME_UNITS = {
    "days": ("d", "day", "days"),
    "weeks": ("w", "wk", "week", "weeks"),
    "months": ("mo", "month", "months"),
    "years": ("y", "yr", "yrs", "year", "years"),
}


@dataclass(frozen=True)
class Column:
    """A column of a file.

    Attributes
    ----------
    header : str
        As it stands in the file.
    name, unit : str
        What it is called, and the unit in its brackets; empty if none.
    """

    header: str
    name: str
    unit: str

    @classmethod
    def read(cls, header: str) -> Column:
        """Split a header into name and unit."""
        found = _BRACKETS.match(header)
        if found and found["name"]:
            return cls(header, found["name"].strip(), found["unit"].strip())
        return cls(header, header.strip(), "")


def find_column(headers: Sequence[str], wanted: str, *, option: str, where: str) -> Column:
    """Return the column that a person means.

    Parameters
    ----------
    headers : sequence of str
        The header of the file.
    wanted : str
        A header, or its name without the unit; case does not matter where only one fits.
    option : str
        The option that named it.

    Raises
    ------
    InputError
        If no column fits, or more than one.
    """
    columns = [Column.read(header) for header in headers]
    for fits in (
        [c for c in columns if c.header == wanted],
        [c for c in columns if c.name == wanted],
        [c for c in columns if wanted.strip().lower() in (c.name.lower(), c.header.strip().lower())],
    ):
        if len(fits) == 1:
            return fits[0]
        if len(fits) > 1:
            told = ", ".join(repr(c.header) for c in fits)
            raise errors.InputError(
                f"{option} must name one column, but {wanted!r} fits {told}", where=where, hint="the whole header"
            )
    names = [c.header for c in columns]
    near = difflib.get_close_matches(wanted, names, n=1, cutoff=0.5) or names[:8]
    raise errors.InputError(
        f"{option} must be a column of the file", wanted, where=where, hint=" or ".join(map(repr, near))
    )


def time_unit(column: Column, said: str, *, where: str) -> str:
    """Return the unit of a column of times; an empty text where nothing tells it.

    Raises
    ------
    InputError
        If the unit is none of time, or the header says another.
    """
    told = _spelled(column.unit) or _spelled(re.split(r"[_\s.]", column.name)[-1])
    if not said:
        return told
    meant = _spelled(said)
    if not meant:
        raise errors.InputError("--time-unit must be one of " + ", ".join(TIME_UNITS), said)
    if told and told != meant:
        raise errors.InputError(
            f"--time-unit must agree with the header {column.header!r}, which says {told},", said, where=where
        )
    return meant


def _spelled(word: str) -> str:
    return next((unit for unit, spellings in TIME_UNITS.items() if word.strip().lower() in spellings), "")
