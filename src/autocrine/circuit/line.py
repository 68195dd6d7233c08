"""Cell lines: named changes of the circuit's parameters, each with its reason."""

from __future__ import annotations

import difflib
import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from importlib.resources import files

from autocrine.circuit.baseline import Baseline
from autocrine.circuit.cell import cell_parameters, check_value
from autocrine.core import Document, Parameters, errors


@dataclass(frozen=True)
class Line:
    """A cell line.

    Attributes
    ----------
    name : str
        Its name in studies.
    changes : Parameters
        What differs from the default circuit, with unit, basis and evidence.
    note : str
        One sentence.
    """

    name: str
    changes: Parameters
    note: str = ""

    @property
    def values(self) -> dict[str, float]:
        """The changed values by parameter name."""
        return self.changes.values_by_name


class Lines(Mapping[str, Line]):
    """Cell lines by name."""

    def __init__(self, lines: Mapping[str, Line]) -> None:
        self._lines = dict(lines)

    def __getitem__(self, name: str) -> Line:
        return self._lines[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._lines)

    def __len__(self) -> int:
        return len(self._lines)

    @staticmethod
    @functools.cache
    def load(*, fitted: bool = True) -> Lines:
        """Return the lines that come with Autocrine, with the values that the baseline fit found for them."""
        text = (files("autocrine.circuit") / "lines.toml").read_text(encoding="utf-8")
        document = Document.parse(text, "lines.toml")
        baseline = Baseline.load() if fitted else Baseline()
        lines = Lines({})
        for name, values in document.values.items():  # one by one, so that a line inherits what was fitted to another
            lines = lines.extended(Document({name: values}, document.text, document.name))
            lines = lines._with_fit(name, baseline.of_line(name))
        return lines

    def find(self, name: str, *, where: str = "") -> Line:
        """Return a line by name.

        Raises
        ------
        errors.InputError
            If it is unknown; the nearest names are offered.
        """
        if name not in self._lines:
            near = difflib.get_close_matches(name, list(self._lines), n=3, cutoff=0.4)
            raise errors.InputError(
                "the line must be one that is known", name, where=where, hint=", ".join(near or self._lines)
            )
        return self._lines[name]

    def extended(self, document: Document) -> Lines:
        """Return these lines and those of a document whose tables are lines.

        Each table may hold ``from`` (the line it starts from), ``note``, and parameters of the circuit as a number
        or as a table with value, unit, basis, evidence and note.
        """
        lines = Lines(self._lines)
        for name in document.values:
            document.get(name, dict)
            lines._lines[name] = _line(name, document.table(name), lines)
        return lines

    def changed(self, name: str, values: Mapping[str, float]) -> Lines:
        """Return these lines with other values of the changes of one of them."""
        known = {key: value for key, value in values.items() if key in self._lines[name].changes}
        line = self._lines[name]
        return Lines({**self._lines, name: Line(name, line.changes.changed(known), line.note)})

    def _with_fit(self, name: str, fit: Parameters) -> Lines:
        """Return these lines with the fitted value, interval and basis of what a fit found for one of them."""
        line = self._lines[name]
        changes = (replace(fit[n], module=p.module) if n in fit else p for n, p in line.changes.items())
        return Lines({**self._lines, name: Line(name, Parameters(changes), line.note)})


def _line(name: str, table: Document, lines: Lines) -> Line:
    defaults = cell_parameters()
    table.allow(("from", "note", *defaults))
    start = table.get("from", str, "")
    inherited = lines.find(start, where=table.where("from")).changes if start else Parameters([])
    numbers = {key: _as_table(table, key, defaults) for key in table.values if key in defaults}
    changes = Parameters.from_document(Document(numbers, table.text, table.name, table.path), f"line {name}")
    kept = Parameters(p for p in inherited.values() if p.name not in changes)
    return Line(name, kept.joined(changes), table.get("note", str, ""))


def _as_table(table: Document, key: str, defaults: Parameters) -> dict[str, object]:
    value = table.get(key, (float, dict))
    default = defaults[key]
    if not isinstance(value, dict):
        check_value(key, float(value), table.where(key))
        value = {"value": value, "unit": default.unit, "basis": "chosen"}
    if value.get("unit") != default.unit:
        raise errors.UnitError(f"{key} must be given in {default.unit}", value.get("unit"), where=table.where(key))
    return value
