"""Pharmacology as data: drugs, probes and blockers, one TOML record each, to which a user adds without code."""

from __future__ import annotations

import difflib
import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import numpy as np

from autocrine.core import Document, Parameters, errors, units

CYTOTOXIC, PROBE, BLOCKER = "cytotoxic", "probe", "blocker"
#: what a blocker acts on: P-gp, IL-6 itself, its receptor, the kinase
TARGETS = ("pgp", "il6", "il6r", "jak")
_ACTING = (
    "potency",
    "accumulation",
    "half_time",
    "km",
    "pump_ratio",
    "death_max",
    "steepness",
    "k_damage",
    "arrest_ratio",
)
_BLOCKING = ("ki",)
_UNITS = {"potency": "nM", "half_time": "h", "km": "nM", "death_max": "1/h", "k_damage": "1/h", "ki": "nM"}
_TEXT = ("name", "kind", "synonyms", "molar_mass_g_mol", "note", "default_doses", "default_dose", "target")


@dataclass(frozen=True)
class Drug:
    """One record of the pharmacology.

    Attributes
    ----------
    name, kind : str
        Its name and ``cytotoxic``, ``probe`` or ``blocker``.
    molar_mass_g_mol : float
        Lets mass doses be converted.
    parameters : Parameters
        Its numbers, each with unit, range, evidence and basis.
    doses_nM : numpy.ndarray
        The doses of a dose-response unless others are given; one dose for probes and blockers.
    synonyms : tuple of str
        Other names a user may type.
    target : str
        For blockers, one of ``pgp``, ``il6``, ``il6r``, ``jak``.
    note : str
        One sentence.
    """

    name: str
    kind: str
    molar_mass_g_mol: float
    parameters: Parameters
    doses_nM: np.ndarray
    synonyms: tuple[str, ...] = ()
    target: str = ""
    note: str = ""

    @property
    def is_substrate(self) -> bool:
        """Whether P-gp transports it."""
        return self.kind != BLOCKER and self.parameters["pump_ratio"].value > 0

    def dose_nM(self, text: str, *, where: str = "") -> float:
        """Read a dose such as ``"0.3 uM"`` or ``"5 ng/ml"``.

        Raises
        ------
        errors.UnitError
            If it is no concentration.
        errors.InputError
            If it is negative or not a number.
        """
        value = units.read(text, "nM", molar_mass_g_mol=self.molar_mass_g_mol, where=where)
        if value < 0:
            raise errors.InputError(f"a dose of {self.name} must not be negative", text, where=where)
        return value

    @classmethod
    def load(cls, path: Path) -> Drug:
        """Read one record."""
        return cls.from_document(Document.load(path))

    @classmethod
    def from_document(cls, document: Document) -> Drug:
        """Read one record from a table."""
        kind = document.get("kind", str)
        if kind not in (CYTOTOXIC, PROBE, BLOCKER):
            raise errors.InputError("kind must be cytotoxic, probe or blocker", kind, where=document.where("kind"))
        wanted = _BLOCKING if kind == BLOCKER else _ACTING
        document.allow((*_TEXT, *wanted))
        name = document.get("name", str)
        mass = float(document.get("molar_mass_g_mol", float))
        if not mass > 0:
            raise errors.InputError("molar_mass_g_mol must be positive", mass, where=document.where("molar_mass_g_mol"))
        numbers = Document(
            {key: document.get(key, dict) for key in wanted}, document.text, document.name, document.path
        )
        parameters = Parameters.from_document(numbers, name)
        _check_units(parameters, document)
        drug = cls(
            name, kind, mass, parameters, np.zeros(0), _synonyms(document),
            _target(document) if kind == BLOCKER else "", document.get("note", str, ""),
        )  # fmt: skip
        return cls(**{**drug.__dict__, "doses_nM": _doses(document, drug)})


class Pharmacology(Mapping[str, Drug]):
    """All drugs by name; synonyms and spelling are forgiven, unknown names are not."""

    def __init__(self, drugs: Iterable[Drug]) -> None:
        self._drugs = {drug.name: drug for drug in drugs}
        self._names = {_plain(word): drug.name for drug in self._drugs.values() for word in (drug.name, *drug.synonyms)}

    def __getitem__(self, name: str) -> Drug:
        return self.find(name)

    def __contains__(self, name: object) -> bool:
        """Tell whether a drug is known by a name or synonym."""
        return isinstance(name, str) and _plain(name) in self._names

    def __iter__(self):
        return iter(self._drugs)

    def __len__(self) -> int:
        return len(self._drugs)

    def find(self, name: str, *, where: str = "") -> Drug:
        """Return a drug by name or synonym.

        Raises
        ------
        errors.InputError
            If it is unknown; the nearest names are offered.
        """
        known = self._names.get(_plain(name))
        if known is None:
            near = difflib.get_close_matches(_plain(name), list(self._names), n=3, cutoff=0.5)
            hint = ", ".join(dict.fromkeys(self._names[n] for n in near)) or ", ".join(self._drugs)
            raise errors.InputError(
                "the drug must be one that is known", name, where=where, hint=f"{hint}, or add a record [drug.{name}]"
            )
        return self._drugs[known]

    @staticmethod
    @functools.cache
    def load() -> Pharmacology:
        """Return the drugs that come with Autocrine."""
        folder = files("autocrine.circuit") / "records"
        entries = sorted((entry for entry in folder.iterdir() if entry.name.endswith(".toml")), key=lambda e: e.name)
        return Pharmacology(
            Drug.from_document(Document.parse(entry.read_text(encoding="utf-8"), entry.name)) for entry in entries
        )

    def extended(self, drugs: Iterable[Drug]) -> Pharmacology:
        """Return this pharmacology with more drugs, or with other records of the same names."""
        return Pharmacology([*(d for d in self._drugs.values()), *drugs])


def _plain(name: str) -> str:
    return name.casefold().replace(" ", "").replace("-", "").replace("_", "")


def _synonyms(document: Document) -> tuple[str, ...]:
    listed = document.get("synonyms", list, [])
    for entry in listed:
        if not isinstance(entry, str):
            raise errors.InputError("synonyms must be a list of names", entry, where=document.where("synonyms"))
    return tuple(listed)


def _target(document: Document) -> str:
    target = document.get("target", str)
    if target not in TARGETS:
        raise errors.InputError(f"target must be one of {', '.join(TARGETS)}", target, where=document.where("target"))
    return target


def _check_units(parameters: Parameters, document: Document) -> None:
    for parameter in parameters.values():
        wanted = _UNITS.get(parameter.name, "1")
        if parameter.unit != wanted:
            raise errors.UnitError(
                f"{parameter.name} must be given in {wanted}",
                parameter.unit,
                where=document.table(parameter.name).where("unit"),
            )


def _doses(document: Document, drug: Drug) -> np.ndarray:
    if drug.kind == BLOCKER:
        text = document.get("default_dose", str, "1 uM")
        return np.array([drug.dose_nM(text, where=document.where("default_dose"))])
    series = document.table("default_doses")
    at = series.where()
    series.allow(("low", "high", "count"))
    low, high = (drug.dose_nM(series.get(key, str), where=at) for key in ("low", "high"))
    count = series.get("count", int)
    if not (0 < low <= high and count > 0):
        raise errors.InputError(
            "default_doses must rise from a positive low to a high, in at least one step",
            f"{low:g} nM to {high:g} nM in {count}",
            where=at,
        )
    return np.geomspace(low, high, count)
