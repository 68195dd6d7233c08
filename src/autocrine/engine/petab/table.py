"""A table of tab-separated values, whose every complaint names file, row and column."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from autocrine.core import errors

#: no table of the published problems has a tenth of this
LARGEST_FILE = 64_000_000
_IDENTIFIER = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?", re.ASCII)
_INFINITE = re.compile(r"([-+]?)inf(?:inity)?", re.IGNORECASE)


def read_text(path: Path) -> str:
    """Return the text of a file.

    Raises
    ------
    InputError
        If it cannot be read, is larger than 64 MB, or is not UTF-8.
    """
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise errors.InputError(
                f"a file must have at most {LARGEST_FILE} bytes", path.stat().st_size, where=path.name
            )
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise errors.InputError("a file must be one that can be read", str(path), where=path.name) from error
    except UnicodeDecodeError as error:
        raise errors.InputError("a file must be UTF-8 text", where=path.name) from error


def is_identifier(text: str) -> bool:
    """Whether a text may name something in PEtab."""
    return _IDENTIFIER.fullmatch(text) is not None


def parse_number(text: str) -> float | None:
    """Return the number that a text is (infinities too), or None."""
    if _NUMBER.fullmatch(text):
        value = float(text)
        return value if math.isfinite(value) else None
    found = _INFINITE.fullmatch(text)
    return None if found is None else (-math.inf if found[1] == "-" else math.inf)


@dataclass(frozen=True)
class Row:
    """One row of a table.

    Attributes
    ----------
    place : str
        File and line, for messages.
    values : dict of str to str
        The cells by column, without white space around; empty where nothing (or ``NaN``) is given.
    """

    place: str
    values: dict[str, str]

    def where(self, column: str) -> str:
        """Return file, line and column."""
        return f"{self.place}, column {column}"

    def text(self, column: str, default: str = "") -> str:
        """Return a cell, or the default where it is empty or the column is absent."""
        return self.values.get(column, "") or default

    def required(self, column: str) -> str:
        """Return a cell that must not be empty."""
        found = self.text(column)
        if not found:
            raise errors.InputError(f"{column} must be given", where=self.where(column))
        return found

    def identifier(self, column: str) -> str:
        """Return a cell that must be a name."""
        found = self.required(column)
        if not is_identifier(found):
            hint = "letters, digits and _, and no digit first"
            raise errors.InputError(f"{column} must be a name", found, where=self.where(column), hint=hint)
        return found

    def number(self, column: str, default: float | None = None, *, infinite: bool = False) -> float:
        """Return a cell that must be a number, and finite unless infinities are allowed."""
        found = self.text(column)
        if not found and default is not None:
            return default
        value = parse_number(self.required(column))
        if value is None or (math.isinf(value) and not infinite):
            kind = "a number" if infinite else "a finite number"
            raise errors.InputError(f"{column} must be {kind}", found, where=self.where(column))
        return value

    def one_of(self, column: str, known: Sequence[str], default: str = "") -> str:
        """Return a cell that must be one of some words."""
        found = self.text(column, default)
        if found not in known:
            must = f"{column} must be one of {', '.join(known)}"
            raise errors.InputError(must, found, where=self.where(column))
        return found

    def several(self, column: str) -> tuple[str, ...]:
        """Return the parts of a cell between semicolons."""
        found = self.text(column)
        parts = tuple(part.strip() for part in found.split(";")) if found else ()
        if not all(parts):
            must = f"{column} must have something before and after each semicolon"
            raise errors.InputError(must, found, where=self.where(column))
        return parts


@dataclass(frozen=True)
class Table:
    """The rows of a file.

    Attributes
    ----------
    name : str
        The file, for messages.
    columns : tuple of str
        The columns.
    rows : tuple of Row
        The rows.
    """

    name: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]

    @classmethod
    def read(cls, path: Path, required: Sequence[str]) -> Table:
        """Read a file.

        Raises
        ------
        InputError
            If it cannot be read, a column is missing or stands twice, or a row is longer than the header.
        """
        return cls.of(read_text(path), path.name, required)

    @classmethod
    def of(cls, text: str, name: str, required: Sequence[str]) -> Table:
        """Read the text of a file."""
        lines = _lines(text, name)
        try:
            _, header = next(lines)
        except StopIteration:
            raise errors.InputError("a table must have a header", where=name) from None
        columns = tuple(cell.strip() for cell in header)
        while columns and not columns[-1]:  # tabulators at the end of each line, as spreadsheets leave them
            columns = columns[:-1]
        twice = [column for column in columns if columns.count(column) > 1]
        if twice or "" in columns:
            raise errors.InputError("columns must have different names", twice[0] if twice else columns, where=name)
        missing = [column for column in required if column not in columns]
        if missing:
            must = f"a table must have the columns {', '.join(required)}"
            raise errors.InputError(must, ", ".join(columns), where=name, hint=f"to add {missing[0]}")
        return cls(name, columns, tuple(cls._row(columns, cells, f"{name}, line {line}") for line, cells in lines))

    @staticmethod
    def _row(columns: tuple[str, ...], cells: list[str], place: str) -> Row:
        cells = [cell.strip() for cell in cells]
        if any(cells[len(columns) :]):
            must = f"a row must have at most {len(columns)} cells, as the header has"
            raise errors.InputError(must, len(cells), where=place)
        empty = {"nan", "na", "n/a", "null", "none", ""}
        values = {c: "" if v.lower() in empty else v for c, v in zip(columns, cells, strict=False)}
        return Row(place, values)


def _lines(text: str, name: str) -> Iterator[tuple[int, list[str]]]:
    """Yield line numbers and cells of the lines that are not empty."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter="\t", strict=True)
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield reader.line_num, cells
    except csv.Error as error:
        raise errors.InputError(
            f"a table must be tab-separated text ({error})", where=f"{name}, line {reader.line_num}"
        ) from error
