"""Regimens: which drug, how much by body size, how long an infusion, when and how often."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from autocrine.cohort.drug_file import DRUGS
from autocrine.core import Document, errors, units
from autocrine.engine import Event

if TYPE_CHECKING:
    import sympy

#: patients' parameters that a dose is multiplied with
SIZES = {"mg/m^2": "body_surface", "mg/kg": "body_weight", "mg": ""}
_KEYS = ("drug", "dose", "duration_h", "first_day", "every_day", "count")
#: doses of one course beyond which a count is taken for a mistake
_MOST = 400


@dataclass(frozen=True)
class Course:
    """One drug, given again and again.

    Attributes
    ----------
    drug : str
        One of `DRUGS`.
    dose : float
        Amount, in ``unit``.
    unit : str
        ``mg/m^2``, ``mg/kg`` or ``mg``.
    duration_h : float
        How long one infusion runs.
    first_day, every_day : float
        Day of the first infusion, and days between two.
    count : int
        How many infusions.
    """

    drug: str
    dose: float
    unit: str
    duration_h: float
    first_day: float = 0.0
    every_day: float = 21.0
    count: int = 1

    @property
    def days(self) -> tuple[float, ...]:
        """Days on which an infusion starts."""
        return tuple(self.first_day + turn * self.every_day for turn in range(self.count))

    def events(self, patient: bool) -> list[Event]:
        """Return the events of all infusions: the rate is set when one starts, and 0 when it ends.

        Parameters
        ----------
        patient : bool
            Whether the dose follows the size of the body and its reductions, which are parameters of a patient;
            without a patient the dose is taken for mg.
        """
        rate = self.dose * 24.0 / self.duration_h
        name = f"{self.drug}_infusion"
        events = []
        for turn, day in enumerate(self.days, start=1):
            shown = f"{self.drug}, infusion {turn} of {self.count}"
            amount: Any = rate * _by_size(self.unit, day) if patient else rate
            events.append(Event(day, {name: amount}, f"{shown} starts"))
            events.append(Event(day + self.duration_h / 24.0, {name: 0.0}, f"{shown} ends"))
        return events


@dataclass(frozen=True)
class Regimen:
    """What a patient is given.

    Attributes
    ----------
    name : str
        Its name.
    courses : tuple of Course
        What is given.
    note : str
        One sentence for the reader.
    """

    name: str
    courses: tuple[Course, ...]
    note: str = ""

    @property
    def drugs(self) -> tuple[str, ...]:
        """The drugs that are given, in the order of `DRUGS`."""
        given = {course.drug for course in self.courses}
        return tuple(drug for drug in DRUGS if drug in given)

    def events(self) -> list[Event]:
        """Return the events of all infusions for patients."""
        return [event for course in self.courses for event in course.events(patient=True)]


def _by_size(unit: str, day: float) -> sympy.Expr:
    """Return what a dose of one day is multiplied with: body size, and the share that is left after a reduction."""
    import sympy

    from autocrine.engine import Names

    p = Names.of(["body_surface", "body_weight", "reduction_day", "reduced_share"])
    share = sympy.Piecewise((p.reduced_share, p.reduction_day <= day), (1.0, True))
    return share * (p[SIZES[unit]] if SIZES[unit] else 1.0)


@functools.cache
def load_regimens() -> dict[str, Regimen]:
    """Return the regimens that come with the program, by name."""
    text = (files("autocrine.cohort") / "regimens.toml").read_text(encoding="utf-8")
    document = Document.parse(text, "regimens.toml")
    return {name: read_regimen(name, document.table(name)) for name in document.values}


def read_regimen(name: str, table: Document) -> Regimen:
    """Read one regimen.

    Raises
    ------
    InputError
        If a drug or unit is unknown, a number cannot be used, or two infusions of a drug overlap.
    """
    table.allow(("note", "courses"))
    rows = table.get("courses", list)
    courses = tuple(
        _course(Document(_as_table(row, table), table.text, table.name, (*table.path, "courses", str(number))))
        for number, row in enumerate(rows, start=1)
    )
    _check_overlap(courses, table.where("courses"))
    return Regimen(name, courses, table.get("note", str, ""))


def _as_table(row: Any, table: Document) -> dict[str, Any]:
    if not isinstance(row, dict):
        raise errors.InputError("a course must be a table", row, where=table.where("courses"))
    return row


def _course(table: Document) -> Course:
    table.allow(_KEYS)
    drug = table.get("drug", str)
    if drug not in DRUGS:
        raise errors.InputError(f"a drug must be one of {', '.join(DRUGS)}", drug, where=table.where("drug"))
    dose, unit = units.parse(table.get("dose", str), where=table.where("dose"))
    unit = unit.replace("²", "^2").replace("m2", "m^2")
    if unit not in SIZES:
        raise errors.InputError(
            "a dose must be per body surface, per weight or plain", unit, where=table.where("dose"),
            hint='"60 mg/m^2", "8 mg/kg" or "100 mg"',
        )  # fmt: skip
    if dose <= 0:
        raise errors.InputError("a dose must be positive", dose, where=table.where("dose"))
    count = table.get("count", int, 1)
    if not 1 <= count <= _MOST:
        raise errors.InputError(f"count must be a whole number from 1 to {_MOST}", count, where=table.where("count"))
    return Course(
        drug,
        dose,
        unit,
        _positive(table, "duration_h", 1.0),
        _positive(table, "first_day", 0.0, zero=True),
        _positive(table, "every_day", 21.0),
        count,
    )


def _positive(table: Document, key: str, default: float, *, zero: bool = False) -> float:
    value = float(table.get(key, float, default))
    if not (0 < value < 1e6 or (zero and value == 0)):
        must = "must not be negative" if zero else "must be a positive number"
        raise errors.InputError(f"{key} {must}", value, where=table.where(key))
    return value


def _check_overlap(courses: Iterable[Course], where: str) -> None:
    """Refuse infusions of a drug that run at the same time: the rate of one would end the other."""
    runs: dict[str, list[tuple[float, float]]] = {}
    for course in courses:
        runs.setdefault(course.drug, []).extend((day, day + course.duration_h / 24) for day in course.days)
    for drug, spans in runs.items():
        ordered = sorted(spans)
        for (_, end), (start, _) in itertools.pairwise(ordered):
            if start < end:
                raise errors.InputError(f"infusions of {drug} must not overlap", f"one on day {start:g}", where=where)
