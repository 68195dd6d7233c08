"""The baseline: what a fit to published findings gave, with intervals and draws; written by `autocrine baseline`."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from importlib.resources import files
from typing import TypeVar

from autocrine.core import Document, Parameters

T = TypeVar("T")
#: a fitted parameter is named ``parameter`` in the circuit, and ``line.parameter`` where it belongs to one line
SEPARATOR = "."


@dataclass(frozen=True)
class Baseline:
    """Fitted values.

    Attributes
    ----------
    parameters : Parameters
        Value, 95 % interval and unit of each fitted parameter, by ``parameter`` or ``line.parameter``.
    draws : tuple of mapping
        Draws from the uncertainty that the fit left, each a value for every fitted parameter.
    findings : tuple of str
        Keys of the findings that were used.
    """

    parameters: Parameters = field(default_factory=lambda: Parameters([]))
    draws: tuple[Mapping[str, float], ...] = ()
    findings: tuple[str, ...] = ()

    @staticmethod
    @functools.cache
    def load() -> Baseline:
        """Return the baseline that comes with Autocrine; an empty one if none was ever fitted."""
        resource = files("autocrine.circuit") / "baseline.toml"
        if not resource.is_file():
            return Baseline()
        return Baseline.from_document(Document.parse(resource.read_text(encoding="utf-8"), "baseline.toml"))

    @classmethod
    def from_document(cls, document: Document) -> Baseline:
        """Read the file that a fit has written."""
        parameters = Parameters.from_document(document.table("parameter"), "baseline")
        columns = document.table("draws").values
        count = len(next(iter(columns.values()), []))
        draws = tuple({name: float(values[k]) for name, values in columns.items()} for k in range(count))
        return cls(parameters, draws, tuple(document.table("fit").get("findings", list, [])))

    def of_line(self, line: str) -> Parameters:
        """Return what was fitted for one line, by the name of the parameter in the circuit."""
        own = _of_line(self.parameters, line)
        return Parameters(replace(parameter, name=name) for name, parameter in own.items())


def line_parameters() -> Parameters:
    """Return the fitted parameters that belong to one line."""
    return Parameters(p for name, p in Baseline.load().parameters.items() if SEPARATOR in name)


def split(values: Mapping[str, float]) -> tuple[dict[str, float], dict[str, dict[str, float]]]:
    """Split values by ``parameter`` or ``line.parameter`` into those of the circuit and those of each line."""
    lines = dict.fromkeys(name.split(SEPARATOR)[0] for name in values if SEPARATOR in name)
    return {n: v for n, v in values.items() if SEPARATOR not in n}, {line: _of_line(values, line) for line in lines}


def _of_line(values: Mapping[str, T], line: str) -> dict[str, T]:
    prefix = line + SEPARATOR
    return {name.removeprefix(prefix): value for name, value in values.items() if name.startswith(prefix)}
