"""One entry of the library's data: a TOML table read by kind, with complaints that name the place."""

from __future__ import annotations

import math
from collections.abc import Iterable

from autocrine.core import Document, errors

#: longest text of one field: own words are short, an abstract would not pass
TEXT_LIMIT = 240


class Entry:
    """A table of a data file.

    Parameters
    ----------
    table : Document
        The table.
    known : iterable of str
        The keys that it may hold.

    Raises
    ------
    InputError
        If it holds another key.
    """

    def __init__(self, table: Document, known: Iterable[str]) -> None:
        self.table = table
        table.allow(known)

    def text(self, key: str, default: str | None = "") -> str:
        """Return a text; without a default it must be given."""
        value = self.table.get(key, str, ... if default is None else default)
        return self._short(key, value)

    def choice(self, key: str, allowed: Iterable[str], default: str | None = None) -> str:
        """Return a text that must be one of those allowed."""
        value = self.text(key, default)
        names = list(allowed)
        if value not in names:
            shown = ", ".join(name or '""' for name in names)
            raise errors.InputError(f"{key} must be one of {shown}", value, where=self.table.where(key))
        return value

    def number(self, key: str) -> float | None:
        """Return a finite number, or None where there is none."""
        value = self.table.get(key, float, None)
        if value is None:
            return None
        if not math.isfinite(value):
            raise errors.InputError(f"{key} must be finite", value, where=self.table.where(key))
        return float(value)

    def whole(self, key: str) -> int | None:
        """Return a whole number, or None where there is none."""
        return self.table.get(key, int, None)

    def flag(self, key: str) -> bool:
        """Return a truth value, false where there is none."""
        return self.table.get(key, bool, False)

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of texts."""
        values = self.table.get(key, list, [])
        for value in values:
            if not isinstance(value, str):
                raise errors.InputError(f"{key} must be a list of texts", value, where=self.table.where(key))
        return tuple(self._short(key, value) for value in values)

    def rows(self, key: str, columns: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
        """Return a list of small tables, each with exactly these text columns, as tuples."""
        values = self.table.get(key, list, [])
        for value in values:
            if not isinstance(value, dict) or set(value) != set(columns):
                shown = ", ".join(columns)
                raise errors.InputError(f"{key} must be tables of {shown}", value, where=self.table.where(key))
            if not all(isinstance(text, str) for text in value.values()):
                raise errors.InputError(f"{key} must hold texts only", value, where=self.table.where(key))
        return tuple(tuple(self._short(key, value[column]) for column in columns) for value in values)

    def must(self, holds: bool, key: str, must: str, was: object = "", hint: str = "") -> None:
        """Complain at ``key`` unless something holds."""
        if not holds:
            raise errors.InputError(must, was, where=self.table.where(key), hint=hint)

    def _short(self, key: str, value: str) -> str:
        if len(value) > TEXT_LIMIT:
            must = f"{key} must have at most {TEXT_LIMIT} characters, in own words,"
            raise errors.InputError(must, value, where=self.table.where(key), hint="a shorter text; no abstracts here")
        return value
