"""A fact: one value of a source, with its unit, range and basis."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from autocrine.core import errors, notebook
from autocrine.evidence.entry import TEXT_LIMIT

#: ``fitted`` is missing on purpose: what we fit is a parameter, not evidence
FACT_BASES = ("read", "derived", "recalled", "chosen")
READ_IN = ("", "abstract or page", "data or model file")
CONFIDENCES = ("high", "medium", "low")
_TEXTS = ("key", "quantity", "symbol", "unit", "scale", "text", "context", "record", "basis", "read_in", "confidence")
COLUMNS = (*_TEXTS[:3], "value", "low", "high", *_TEXTS[3:])


@dataclass(frozen=True)
class Fact:
    """One value of a source.

    Attributes
    ----------
    key, symbol : str
        Its number in the library (``"P030"``) and its readable name (``"EC50_pSTAT3"``); either finds it.
    quantity : str
        What was measured or computed.
    value, low, high : float or None
        In ``unit``; None where the source gives none.
    unit : str
        As ``autocrine.core.units`` reads it; ``"1"`` without dimension; empty where the fact is a text.
    scale : str
        What the unit cannot say: a logarithm, a fraction of what, a unit that is doubtful in print.
    text : str
        The fact where it is not a number.
    context : str
        System, method, number of samples.
    record : str
        Key of its record.
    basis : str
        ``read``, ``derived`` (computed by us from what was read), ``recalled`` or ``chosen``.
    read_in : str
        Where it was read: ``abstract or page``, ``data or model file``, or empty.
    confidence : str
        ``high``, ``medium`` or ``low``.
    """

    key: str
    quantity: str
    symbol: str
    value: float | None
    low: float | None
    high: float | None
    unit: str
    scale: str
    text: str
    context: str
    record: str
    basis: str
    read_in: str
    confidence: str

    @property
    def amount(self) -> str:
        """The value with range, unit and scale, as one text."""
        if self.text and self.value is None and self.low is None:
            return self.text
        number = f"{self.value:g}" if self.value is not None else ""
        if self.low is not None or self.high is not None:
            ends = f"{_shown(self.low)} to {_shown(self.high)}"
            number = f"{number} ({ends})" if number else ends
        unit = "" if self.unit == "1" else self.unit
        scale = f"[{self.scale}]" if self.scale else ""
        text = f"({self.text})" if self.text else ""
        return " ".join(part for part in (number, unit, scale, text) if part)

    def _repr_html_(self) -> str:
        return notebook.page(f"{self.key}: {self.quantity}", notebook.fields(self.labelled()))

    def labelled(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Return every field as its label and its lines; an empty one says so."""
        basis = f"{self.basis} ({self.read_in})" if self.read_in else self.basis
        return (
            ("Fact", (f"{self.key} ({self.symbol})",)),
            ("Quantity", (self.quantity,)),
            ("Value", (self.amount,)),
            ("Context", (self.context or "none",)),
            ("Basis", (basis,)),
            ("Confidence", (self.confidence,)),
            ("Record", (self.record,)),
        )


def read_facts(path: Path) -> Iterator[Fact]:
    """Read ``facts.csv``.

    Raises
    ------
    InputError
        If a column is missing, or a cell cannot be; the message names file, line and column.
    """
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        if tuple(rows.fieldnames or ()) != COLUMNS:
            raise errors.InputError(f"the columns must be {', '.join(COLUMNS)}", rows.fieldnames, where=path.name)
        for row in rows:
            yield _fact(row, f"{path.name}, line {rows.line_num}")


def _fact(row: dict[str, str], where: str) -> Fact:
    if None in row or None in row.values():
        raise errors.InputError(f"a row must have {len(COLUMNS)} cells", where=where, hint='"..." around commas')
    for column, allowed in (("basis", FACT_BASES), ("read_in", READ_IN), ("confidence", CONFIDENCES)):
        if row[column] not in allowed:
            must = f"{column} must be one of {', '.join(filter(None, allowed))}"
            raise errors.InputError(must, row[column], where=f"{where}, column {column}")
    for column, text in row.items():
        if len(text) > TEXT_LIMIT:
            must = f"{column} must have at most {TEXT_LIMIT} characters"
            raise errors.InputError(must, text, where=f"{where}, column {column}", hint="own words, no abstracts")
    numbers = {column: _number(row[column], f"{where}, column {column}") for column in ("value", "low", "high")}
    known = [end for end in (numbers["low"], numbers["value"], numbers["high"]) if end is not None]
    if known != sorted(known):
        raise errors.InputError("a fact must hold low <= value <= high", known, where=where)
    if not known and not row["text"]:
        raise errors.InputError("a fact must have a value, a range or a text", where=where)
    texts = {column: row[column] for column in _TEXTS}
    return Fact(**texts, value=numbers["value"], low=numbers["low"], high=numbers["high"])


def _number(cell: str, where: str) -> float | None:
    if not cell:
        return None
    try:
        value = float(cell)
    except ValueError as error:
        raise errors.InputError("the cell must be a number or empty", cell, where=where) from error
    if not math.isfinite(value):
        raise errors.InputError("the number must be finite", cell, where=where)
    return value


def _shown(end: float | None) -> str:
    return "unknown" if end is None else f"{end:g}"
