"""Parameters with unit, range, basis and the key of their evidence."""

from __future__ import annotations

import difflib
import hashlib
import json
import math
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from autocrine.core import notebook
from autocrine.core.document import Document
from autocrine.core.errors import InputError

#: how a value came about: read in a source, derived from read values, only recalled, chosen by us, or fitted by us
BASES = ("read", "derived", "recalled", "chosen", "fitted")
_KEYS = ("value", "unit", "low", "high", "evidence", "basis", "note")


@dataclass(frozen=True)
class Parameter:
    """One number of a model, with its range and the reason to believe it.

    Attributes
    ----------
    name : str
        Its name in the equations.
    value, low, high : float
        The value and the range in which it may lie, in ``unit``.
    unit : str
        Its unit as text, e.g. ``"1/h"``.
    evidence : str
        Key of the fact or record behind it; empty where there is none.
    basis : str
        One of ``read``, ``derived``, ``recalled``, ``chosen``, ``fitted``.
    note : str
        One sentence for the reader.
    module : str
        The page of the circuit or the record it belongs to.
    """

    name: str
    value: float
    unit: str
    low: float
    high: float
    evidence: str
    basis: str
    note: str = ""
    module: str = ""


class Parameters(Mapping[str, Parameter]):
    """An ordered, immutable table of parameters."""

    def __init__(self, parameters: Iterable[Parameter]) -> None:
        self._table: dict[str, Parameter] = {}
        for parameter in parameters:
            if parameter.name in self._table:
                raise InputError("a parameter must be declared once", parameter.name)
            self._table[parameter.name] = parameter

    def __getitem__(self, name: str) -> Parameter:
        return self._table[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._table)

    def __len__(self) -> int:
        return len(self._table)

    def _repr_html_(self) -> str:
        rows = [(p.name, p.value, f"{p.low:.3g} to {p.high:.3g}", p.unit, p.basis, p.evidence) for p in self.values()]
        head = ["parameter", "value", "range", "unit", "basis", "evidence"]
        return notebook.page(f"{len(self)} parameters", notebook.table(head, rows))

    @classmethod
    def load(cls, path: Path) -> Parameters:
        """Read a TOML file with one table per parameter.

        Raises
        ------
        InputError
            If a key is unknown or absent, a value lies outside its range, or a basis is none of the five.
        """
        return cls.from_document(Document.load(path), Path(path).stem)

    @classmethod
    def from_document(cls, document: Document, module: str) -> Parameters:
        """Read the tables of a document as parameters of ``module``."""
        return cls(_parameter(name, document.table(name), module) for name in document.values)

    @classmethod
    def from_rows(cls, rows: Iterable[Sequence[Any]]) -> Parameters:
        """Build a table that was checked before: one row for each parameter, in the order of its attributes."""
        return cls(Parameter(*row) for row in rows)

    @classmethod
    def of(cls, table: Mapping[str, tuple[float, str]], *, basis: str = "read", module: str = "") -> Parameters:
        """Make parameters from values with units, each known exactly.

        Parameters
        ----------
        table : mapping of str to (float, str)
            Value and unit by name. A value may be NaN or infinite: other people's models have such constants.
        basis, module : str
            As in `Parameter`.
        """
        return cls(
            Parameter(name, value, unit, value, value, "", basis, module=module)
            for name, (value, unit) in table.items()
        )

    @property
    def values_by_name(self) -> dict[str, float]:
        """The plain values."""
        return {name: parameter.value for name, parameter in self._table.items()}

    def changed(self, values: Mapping[str, float]) -> Parameters:
        """Return a table with other values, the rest unchanged."""
        for name, value in values.items():
            if name not in self._table:
                near = difflib.get_close_matches(name, self._table, n=1)
                raise InputError("a parameter must be one of the model", name, hint=near[0] if near else "")
            if not math.isfinite(value):
                raise InputError(f"{name} must be finite", value)
        return Parameters(replace(p, value=float(values.get(n, p.value))) for n, p in self._table.items())

    def joined(self, *others: Parameters) -> Parameters:
        """Return this table followed by others."""
        return Parameters([*self.values(), *(p for other in others for p in other.values())])

    @property
    def digest(self) -> str:
        """A short hash of names, values and units: equal tables give equal hashes."""
        text = json.dumps([(p.name, p.value, p.unit) for p in self.values()])
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def _parameter(name: str, table: Document, module: str) -> Parameter:
    table.allow(_KEYS)
    value = _finite(table, "value")
    low, high = _finite(table, "low", value), _finite(table, "high", value)
    basis = table.get("basis", str)
    if basis not in BASES:
        raise InputError(f"basis must be one of {', '.join(BASES)}", basis, where=table.where("basis"))
    if not low <= value <= high:
        raise InputError(f"value must lie in its range {low:g} to {high:g}", value, where=table.where("value"))
    return Parameter(
        name,
        value,
        table.get("unit", str),
        low,
        high,
        table.get("evidence", str, ""),
        basis,
        table.get("note", str, ""),
        module,
    )


def _finite(table: Document, key: str, default: float | None = None) -> float:
    given = table.get(key, float, ... if default is None else default)
    if not abs(given) <= sys.float_info.max:  # a whole number may have any length
        raise InputError(f"{key} must be finite", given, where=table.where(key))
    return float(given)
