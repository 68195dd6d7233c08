"""What a laboratory measured, as wells that can be simulated and values that belong to them.

This is the one form from which everything is explained: a user's files become it (`reading`), and so does a synthetic
laboratory (`synthetic`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from autocrine.circuit import Drug, Line, Lines
from autocrine.core import errors

if TYPE_CHECKING:
    from autocrine.assay.well import Well

#: readout → what the network of a well calls it
LEVELS = {"viability": "cells", "il6": "il6", "abcb1_mrna": "p1_abcb1_mrna", "pgp": "p1_pgp_surface"}
#: the line from which every line of a user differs in what is estimated
PARENT = "sensitive"


@dataclass(frozen=True)
class Measurement:
    """One value.

    Attributes
    ----------
    readout : str
        ``viability`` (fraction of control), ``il6`` (ng/ml), ``abcb1_mrna`` or ``pgp`` (both fold).
    value : float
        The value; of a censored one the limit.
    well : int
        Its well, by place in the laboratory.
    against : int or None
        The well that it is a fraction or fold of.
    kind : str
        ``exact``, ``below`` or ``above``.
    label : str
        What it is called in tables.
    """

    readout: str
    value: float
    well: int
    against: int | None = None
    kind: str = "exact"
    label: str = ""


@dataclass(frozen=True)
class Laboratory:
    """Wells and what was measured in them.

    Attributes
    ----------
    reference : str
        The line that others are compared with.
    wells : tuple of Well
        Each different well once.
    measurements : tuple of Measurement
        All values.
    notes : tuple of str
        How files were understood.
    excluded : tuple of dict
        Every value that is not used: ``file, row, line, drug, column, value, reason``.

    Raises
    ------
    InputError
        If nothing was measured, or the reference line has no wells.
    """

    reference: str
    wells: tuple[Well, ...]
    measurements: tuple[Measurement, ...]
    notes: tuple[str, ...] = ()
    excluded: tuple[dict[str, Any], ...] = field(default_factory=tuple)

    def __post_init__(self) -> None:
        if not self.measurements:
            raise errors.InputError("there must be at least one measurement to explain", 0)
        if self.reference not in self.lines:
            must = "the reference must be a line of the laboratory"
            raise errors.InputError(must, self.reference, hint=", ".join(self.lines))

    @property
    def lines(self) -> tuple[str, ...]:
        """The lines, in the order of their wells."""
        return tuple(dict.fromkeys(line_of(well) for well in self.wells))

    @property
    def others(self) -> tuple[str, ...]:
        """The lines that are compared with the reference."""
        return tuple(line for line in self.lines if line != self.reference)

    @property
    def arms(self) -> tuple[str, ...]:
        """The arms, in the order of their wells."""
        return tuple(dict.fromkeys(well.arm.name for well in self.wells))

    @property
    def drugs(self) -> tuple[Drug, ...]:
        """The drugs, in the order of their wells."""
        found = {well.drugs[0][0].name: well.drugs[0][0] for well in self.wells if well.drugs}
        return tuple(found.values())

    @property
    def readouts(self) -> tuple[str, ...]:
        """The readouts that were measured."""
        there = {each.readout for each in self.measurements}
        return tuple(name for name in LEVELS if name in there)

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Lines other than the reference, and the drugs that both of them met."""
        met = {(line_of(well), well.drugs[0][0].name) for well in self.wells if well.drugs and well.drugs[0][1] > 0}
        names = [drug.name for drug in self.drugs]
        return tuple(
            (line, drug) for line in self.others for drug in names if {(line, drug), (self.reference, drug)} <= met
        )

    def tested(self, drug: str) -> tuple[float, float]:
        """Return the lowest and the highest positive dose of a drug, in nM."""
        doses = [dose for well in self.wells for each, dose in well.drugs if each.name == drug and dose > 0]
        return min(doses), max(doses)


def line_of(well: Well) -> str:
    """Return the name of the line in a well."""
    return well.populations[0][0].name


def plain(*words: str) -> str:
    """Return a name of a parameter from words of a user, without signs that files mind."""
    return "_".join(re.sub(r"[^\w.+-]+", "-", word).strip("-") or "none" for word in words)


def user_lines(names: Iterable[str]) -> Lines:
    """Return lines of a user: each starts as the sensitive one, whose differences are what is estimated."""
    parent = Lines.load().find(PARENT)
    return Lines({name: Line(name, parent.changes, f"line {name} of the laboratory") for name in names})


def alike(wells: Sequence[Well]) -> tuple[list[Well], list[int]]:
    """Return each different well once, and the place of each given one among them."""
    places: dict[object, int] = {}
    kept: list[Well] = []
    found = []
    for well in wells:
        drug = tuple((drug.name, dose) for drug, dose in well.drugs)
        key = (line_of(well), well.arm.name, well.protocol, drug)
        if key not in places:
            places[key] = len(kept)
            kept.append(well)
        found.append(places[key])
    return kept, found
