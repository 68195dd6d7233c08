"""A finding: what one publication reports about one readout, and whether a fit may use it."""

from __future__ import annotations

from dataclasses import dataclass

from autocrine.core import Document
from autocrine.evidence.entry import Entry

#: ``level`` is an absolute quantity, the others compare with the control of the experiment
DIRECTIONS = ("up", "down", "none", "level", "absent", "present", "unknown")
#: the directions that a prediction can be held against
COMPARABLE = ("up", "down", "none", "level")
STANCES = ("supports", "contradicts", "unsure")
ROLES = ("fit", "hold_out", "context")
FINDING_BASES = ("read", "derived", "recalled")
#: the published experiments that a study repeats; empty for findings that no study repeats yet
STUDIES = (
    "conze2001",
    "duan2002",
    "wang2010",
    "cakmak_sirna",
    "lee2001",
    "combates_chen",
    "nci60_abcb1",
    "baseline",
    "",
)
_TEXTS = ("record", "system", "perturbation", "readout")
_KEYS = (
    *_TEXTS,
    *("row", "study", "direction", "number", "low", "high", "unit", "tolerance", "magnitude"),
    *("stance", "role", "encoded", "basis", "facts", "note"),
)


@dataclass(frozen=True)
class Finding:
    """What one publication reports about one readout.

    Attributes
    ----------
    key, record, study : str
        Its key, the key of its record, and the study that repeats it (empty where none does yet).
    row : int
        Row of our table of findings from which it was taken; 0 where it was taken from the table of values.
    system, perturbation, readout : str
        What was done to what, and what was measured.
    direction : str
        ``up``, ``down`` or ``none`` against the control, ``level`` for an absolute quantity, ``absent``, ``present``,
        ``unknown``.
    number, low, high : float or None
        The reported number, or the range over clones or replicates, in ``unit``. ``low`` alone is a floor.
    unit : str
        ``"fold"`` and ``"%"`` (change) are relative to the control; others are absolute; empty without a number.
    tolerance : float or None
        Factor within which a prediction agrees, where the usual one is not right (chosen by us).
    magnitude : str
        What else is reported about the size.
    stance : str
        ``supports``, ``contradicts`` or ``unsure``, towards the mechanism of conze2001.
    role : str
        ``fit``: the baseline may use it; ``hold_out``: no fit sees it; ``context``: no test of the model.
    basis : str
        ``read``, ``derived`` or ``recalled``.
    facts : tuple of str
        Keys of the facts that hold its numbers.
    encoded : bool
        Whether the circuit was drawn from it, so that agreement is no test even where no fit has seen it.
    note : str
        One sentence for the reader.
    """

    key: str
    record: str
    study: str
    row: int
    system: str
    perturbation: str
    readout: str
    direction: str
    number: float | None
    low: float | None
    high: float | None
    unit: str
    tolerance: float | None
    magnitude: str
    stance: str
    role: str
    basis: str
    facts: tuple[str, ...]
    note: str
    encoded: bool = False

    @classmethod
    def from_document(cls, key: str, document: Document) -> Finding:
        """Read one table of ``findings.toml``.

        Raises
        ------
        InputError
            If a key or a word is unknown, a number has no unit, or a test of the model has nothing to compare.
        """
        entry = Entry(document, _KEYS)
        finding = cls(
            key=key,
            **{name: entry.text(name, None) for name in _TEXTS},
            study=entry.choice("study", STUDIES, ""),
            row=entry.whole("row") or 0,
            direction=entry.choice("direction", DIRECTIONS),
            number=entry.number("number"),
            low=entry.number("low"),
            high=entry.number("high"),
            unit=entry.text("unit"),
            tolerance=entry.number("tolerance"),
            magnitude=entry.text("magnitude"),
            stance=entry.choice("stance", STANCES),
            role=entry.choice("role", ROLES),
            basis=entry.choice("basis", FINDING_BASES),
            facts=entry.texts("facts"),
            note=entry.text("note"),
            encoded=entry.flag("encoded"),
        )
        finding._check(entry)
        return finding

    def _check(self, entry: Entry) -> None:
        known = [end for end in (self.low, self.number, self.high) if end is not None]
        entry.must(known == sorted(known), "number", "a finding must hold low <= number <= high", known)
        must = "a finding with a number must have a unit, and one without must have none"
        entry.must(bool(known) == bool(self.unit), "unit", must, self.unit)
        must = "tolerance must be a factor above 1"
        entry.must(self.tolerance is None or self.tolerance > 1, "tolerance", must, self.tolerance)
        if self.role != "context":
            must = f"a finding with role {self.role} must have a direction among {', '.join(COMPARABLE)}"
            entry.must(self.direction in COMPARABLE, "direction", must, self.direction, "role context")
            must = "an absolute level must have a number"
            entry.must(self.direction != "level" or bool(known), "number", must, hint="role context")

    @property
    def amount(self) -> str:
        """Direction and number as one text."""
        number = "" if self.number is None else f"{self.number:g}"
        if self.low is not None and self.high is not None:
            ends = f"{self.low:g} to {self.high:g}"
            number = f"{number} ({ends})" if number else ends
        elif self.low is not None:
            number = f"at least {self.low:g}"
        unit = "" if self.unit == "1" else self.unit
        direction = "unchanged" if self.direction == "none" else self.direction
        return " ".join(part for part in (direction, number, unit) if part)
