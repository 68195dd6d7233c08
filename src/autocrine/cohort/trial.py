"""A trial as a person describes it in TOML."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, TypeVar

from autocrine.cohort.batch import Protocol
from autocrine.cohort.outcome import Visits
from autocrine.cohort.population import Population
from autocrine.cohort.regimen import Regimen, load_regimens, read_regimen
from autocrine.cohort.serum import Assay
from autocrine.core import Document, errors

_TABLES = ("trial", "population", "assay", "visits", "arm", "regimen", "power")
_TRIAL = ("name", "patients", "accrual_days", "follow_up_days", "dropout_per_year", "endpoint", "match", "batch_size")
_POWER = ("sizes", "repeats", "loop_strengths", "producer_prevalences", "assay_cvs")
ENDPOINTS = ("pfs", "os")
#: the published cohorts whose power is asked for: P072 (46), P081 (87), P078 (96 patients)
PUBLISHED_SIZES = (46, 87, 96)
Made = TypeVar("Made", Population, Assay, Visits)


@dataclass(frozen=True)
class PowerQuestion:
    """For which sizes and settings power is asked for.

    Attributes
    ----------
    sizes : tuple of int
        Patients of a trial.
    repeats : int
        Simulated trials for each power; 0 asks for none.
    loop_strengths, producer_prevalences, assay_cvs : tuple of float
        Settings, varied one at a time around those of the trial; empty ones are not varied.
    """

    sizes: tuple[int, ...] = PUBLISHED_SIZES
    repeats: int = 200
    loop_strengths: tuple[float, ...] = (0.0, 0.5, 1.0)
    producer_prevalences: tuple[float, ...] = ()
    assay_cvs: tuple[float, ...] = ()


@dataclass(frozen=True)
class Trial:
    """A trial.

    Attributes
    ----------
    name : str
        Its name.
    protocol : Protocol
        What is done with every patient.
    patients : int
        How many there are.
    endpoint : str
        ``pfs`` or ``os``.
    match : bool
        Whether patients are matched to publications, or plausible ones are taken as they are drawn.
    power : PowerQuestion
        What is asked about power.
    batch_size : int
        Patients of a batch.
    """

    name: str
    protocol: Protocol
    patients: int
    endpoint: str
    match: bool
    power: PowerQuestion
    batch_size: int = 1000

    @classmethod
    def load(cls, path: Path) -> Trial:
        """Read a trial.

        Raises
        ------
        InputError
            If a key is unknown, a number cannot be used, or an arm has an unknown regimen.
        """
        document = Document.load(path)
        with errors.inside(str(path)):
            return cls.read(document)

    @classmethod
    def read(cls, document: Document) -> Trial:
        """Read a trial from a document; see `load`."""
        document.allow(_TABLES)
        table = document.table("trial")
        table.allow(_TRIAL)
        patients = _whole(table, "patients", 200, 4)
        endpoint = table.get("endpoint", str, "pfs")
        if endpoint not in ENDPOINTS:
            raise errors.InputError("endpoint must be pfs or os", endpoint, where=table.where("endpoint"))
        protocol = Protocol(
            _arms(document),
            _made(Population, document.table("population")),
            _made(Visits, document.table("visits")),
            _made(Assay, document.table("assay")),
            _number(table, "accrual_days", 365.0),
            _number(table, "follow_up_days", 365.0),
            _number(table, "dropout_per_year", 0.05),
        )
        horizon = protocol.accrual_days + protocol.follow_up_days
        if not protocol.visits.every_days <= horizon <= 3660:
            raise errors.InputError(
                "accrual and follow-up must reach the first visit, and 10 years at most", horizon,
                where=table.where("follow_up_days"),
            )  # fmt: skip
        name = table.get("name", str, "trial")
        match = table.get("match", bool, True)
        batch = _whole(table, "batch_size", 1000, 1)
        return cls(name, protocol, patients, endpoint, match, _power(document.table("power")), batch)


def _arms(document: Document) -> Mapping[str, tuple[Regimen, float]]:
    known = load_regimens() | {name: read_regimen(name, table) for name, table in document.tables("regimen")}
    arms = {}
    for name, table in document.tables("arm"):
        table.allow(("regimen", "share"))
        asked, share = table.get("regimen", str), _number(table, "share", 1.0)
        if asked not in known:
            must = f"a regimen must be one of {', '.join(known)}"
            raise errors.InputError(must, asked, where=table.where("regimen"))
        if share <= 0:
            raise errors.InputError("the share of an arm must be positive", share, where=table.where("share"))
        arms[name] = (known[asked], share)
    if not arms:
        raise errors.InputError("a trial must have an arm", "none", hint='[arm.control] with regimen = "ac_t"')
    return arms


def _made(kind: type[Made], table: Document) -> Made:
    """Return what a table of numbers says, with the defaults for what it leaves out."""
    names = [each.name for each in fields(kind)]
    table.allow(names)
    given: dict[str, Any] = {name: float(table.get(name, float)) for name in names if name in table.values}
    with errors.inside(table.where()):
        return kind(**given)


def _power(table: Document) -> PowerQuestion:
    table.allow(_POWER)
    usual = PowerQuestion()
    sizes = tuple(table.get("sizes", list, list(usual.sizes)))
    if not all(isinstance(size, int) and not isinstance(size, bool) and size >= 20 for size in sizes):
        raise errors.InputError("sizes must be whole numbers of at least 20", list(sizes), where=table.where("sizes"))
    found = {}
    for name, most in (("loop_strengths", 10.0), ("producer_prevalences", 1.0), ("assay_cvs", 5.0)):
        values = table.get(name, list, list(getattr(usual, name)))
        if not all(isinstance(v, int | float) and not isinstance(v, bool) and 0 <= v <= most for v in values):
            raise errors.InputError(f"{name} must be numbers from 0 to {most:g}", values, where=table.where(name))
        found[name] = tuple(float(v) for v in values)
    return PowerQuestion(sizes, _whole(table, "repeats", usual.repeats, 0), **found)


def _whole(table: Document, key: str, default: int, least: int) -> int:
    value = table.get(key, int, default)
    if not least <= value <= 10**8:
        raise errors.InputError(f"{key} must be a whole number of at least {least}", value, where=table.where(key))
    return value


def _number(table: Document, key: str, default: float) -> float:
    value = float(table.get(key, float, default))
    if not 0 <= value < 1e6:
        raise errors.InputError(f"{key} must be a number of at least 0", value, where=table.where(key))
    return value
