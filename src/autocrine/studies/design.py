"""The design of a study, read from TOML: the same words for published experiments and for a user's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path

import numpy as np

from autocrine.assay import Arm, Bench, Protocol, readout
from autocrine.circuit import Drug, Lines, Pharmacology, cell
from autocrine.core import Document, errors, units

_TABLES = (
    "study",
    "protocol",
    "arm",
    "doses",
    "density",
    "coculture",
    "time_course",
    "quick",
    "line",
    "drug",
    "parameters",
)
_STUDY = ("name", "title", "lines", "drugs", "arms", "readouts", "probes", "replicates")
_QUICK = ("lines", "drugs", "arms", "replicates")
#: readouts that are no number of an untreated well
_ELSEWHERE = {
    "viability": "live_count; viability comes with the dose-response of each drug",
    "probe": 'probes = ["rhodamine 123"]',
}
#: doses of a series in a quick run
QUICK_DOSES = 7


@dataclass(frozen=True)
class Density:
    """Wells of rising density: IL-6 and the effect of one drug."""

    lines: tuple[str, ...]
    cells: tuple[float, ...]
    drug: str


@dataclass(frozen=True)
class Coculture:
    """Producers among other cells in one medium."""

    producers: str
    others: str
    fractions: tuple[float, ...]
    drug: str


@dataclass(frozen=True)
class TimeCourse:
    """Readouts over time, without a drug."""

    lines: tuple[str, ...]
    every_h: float


@dataclass(frozen=True)
class Design:
    """What a study does.

    Attributes
    ----------
    name, title : str
        Name of the run, and a line for the report.
    lines, drugs, probes : tuple of str
        Lines, drugs of the dose-responses, probes whose accumulation is measured.
    arms : tuple of Arm
        Arms; each drug meets each line in each arm.
    readouts : tuple of str
        What is read from untreated wells at the end.
    replicates : int
        Replicate wells.
    protocol : Protocol
        Seeding, volumes, times.
    bench : Bench
        Lines, drugs and parameter values, with those that the study adds.
    doses_nM : mapping
        Doses by drug name where the study gives its own.
    density, coculture, time_course : optional
        Parts that not every study has.
    """

    name: str
    title: str
    lines: tuple[str, ...]
    drugs: tuple[str, ...]
    arms: tuple[Arm, ...]
    readouts: tuple[str, ...]
    replicates: int
    protocol: Protocol
    bench: Bench
    probes: tuple[str, ...] = ()
    doses_nM: Mapping[str, np.ndarray] = field(default_factory=dict)
    density: Density | None = None
    coculture: Coculture | None = None
    time_course: TimeCourse | None = None
    quick: bool = False

    def doses(self, drug: str) -> np.ndarray:
        """Return the doses of a drug, fewer in a quick run."""
        given = self.doses_nM.get(drug, self.bench.drug(drug).doses_nM)
        if not self.quick or given.size <= QUICK_DOSES:
            return given
        return np.geomspace(given[given > 0].min(), given.max(), QUICK_DOSES)


def published_design(key: str, *, quick: bool = False) -> Design:
    """Return the design of a published experiment that comes with Autocrine."""
    text = (files("autocrine.studies") / "designs" / f"{key}.toml").read_text(encoding="utf-8")
    return read_design(Document.parse(text, f"{key}.toml"), quick=quick)


def load_design(path: Path, *, quick: bool = False) -> Design:
    """Read a user's study."""
    return read_design(Document.load(path), quick=quick)


def read_design(document: Document, *, quick: bool = False) -> Design:
    """Read a study from a document.

    Raises
    ------
    errors.InputError
        If a key, name, unit or number cannot be used: file, line and key are named.
    errors.DesignError
        If the experiment is impossible.
    """
    document.allow(_TABLES)
    study, short = document.table("study"), document.table("quick")
    study.allow(_STUDY)
    short.allow(_QUICK)
    bench = _bench(document)
    chosen = Document({**study.values, **(short.values if quick else {})}, study.text, study.name, study.path)
    arms = Arm.known(document.table("arm"), bench.drugs)
    drugs = _drugs(chosen, "drugs", bench, required=True)
    return Design(
        name=_name(study),
        title=study.get("title", str, ""),
        lines=_lines(chosen, bench),
        drugs=drugs,
        arms=tuple(_find_arm(name, arms, chosen) for name in _texts(chosen, "arms", ["none"])),
        readouts=_readouts(study),
        replicates=_replicates(chosen),
        protocol=Protocol.from_document(document.table("protocol")),
        bench=bench,
        probes=_drugs(study, "probes", bench),
        doses_nM=_doses(document.table("doses"), bench, _drugs(study, "drugs", bench, required=True)),
        density=_density(document, bench),
        coculture=_coculture(document, bench),
        time_course=_time_course(document, bench),
        quick=quick,
    )


def _bench(document: Document) -> Bench:
    """Return a bench with the lines, drugs and parameter values that the study adds."""
    added = [_added_drug(name, table) for name, table in document.tables("drug")]
    drugs = Pharmacology.load().extended(added)
    lines = Lines.load().extended(document.table("line"))
    table, known = document.table("parameters"), cell.cell_parameters()
    table.allow(known)
    return Bench(lines=lines, drugs=drugs).with_values(
        cell={n: cell.check_value(n, float(table.get(n, float)), table.where(n)) for n in table.values}
    )


def _added_drug(name: str, table: Document) -> Drug:
    return Drug.from_document(Document({"name": name, **table.values}, table.text, table.name, table.path))


def _name(study: Document) -> str:
    name = study.get("name", str)
    if not name or not all(c.isalnum() or c in "-_." for c in name) or name.startswith("."):
        raise errors.InputError(
            "the name of a study must be letters, digits, - or _, because it names a directory", name,
            where=study.where("name"),
        )  # fmt: skip
    return name


def _texts(table: Document, key: str, default: Sequence[str]) -> list[str]:
    values = table.get(key, list, list(default))
    for value in values:
        if not isinstance(value, str):
            raise errors.InputError(f"{key} must be a list of names", value, where=table.where(key))
    if len(set(values)) < len(values):
        raise errors.InputError(f"{key} must name each entry once", values, where=table.where(key))
    return values


def _lines(table: Document, bench: Bench) -> tuple[str, ...]:
    names = _texts(table, "lines", [])
    if not names:
        raise errors.InputError(
            "a study must have at least one line", where=table.where("lines"), hint=", ".join(list(bench.lines)[:4])
        )
    return tuple(bench.lines.find(name, where=table.where("lines")).name for name in names)


def _drugs(table: Document, key: str, bench: Bench, *, required: bool = False) -> tuple[str, ...]:
    found = []
    for name in _texts(table, key, []):
        drug = bench.drugs.find(name, where=table.where(key))
        if drug.target:
            raise errors.DesignError(
                f"{key} must be drugs or probes, but {drug.name} is a blocker",
                where=table.where(key),
                hint=f'an arm with agents = ["{drug.name}"]',
            )
        if required and drug.kind == "probe":
            raise errors.DesignError(
                f"{key} must be drugs that harm cells, but {drug.name} is a probe",
                where=table.where(key),
                hint=f'probes = ["{drug.name}"]',
            )
        found.append(drug.name)
    if required and not found:
        raise errors.InputError("a study must have at least one drug", where=table.where(key), hint="doxorubicin")
    return tuple(found)


def _readouts(study: Document) -> tuple[str, ...]:
    """Return what is read from untreated wells; what needs a control or a probe has a part of its own."""
    where = study.where("readouts")
    found = []
    for name in _texts(study, "readouts", ["il6"]):
        if name in _ELSEWHERE:
            raise errors.DesignError(
                f"readouts must be of untreated wells, but {name} is read elsewhere", where=where, hint=_ELSEWHERE[name]
            )
        found.append(readout.find_readout(name, where=where).name)
    return tuple(found)


def _find_arm(name: str, arms: Mapping[str, Arm], table: Document) -> Arm:
    if name not in arms:
        raise errors.InputError(
            "the arm must be one that is known",
            name,
            where=table.where("arms"),
            hint=f'{", ".join(arms)}, or [arm."{name}"]',
        )
    return arms[name]


def _replicates(table: Document) -> int:
    count = table.get("replicates", int, 3)
    if not 1 <= count <= 100:
        raise errors.InputError("replicates must lie between 1 and 100", count, where=table.where("replicates"))
    return count


def _doses(table: Document, bench: Bench, drugs: Sequence[str]) -> dict[str, np.ndarray]:
    """Read ``doxorubicin = ["1 nM", "10 nM"]`` or ``{ low = "1 nM", high = "10 uM", count = 9 }``."""
    found = {}
    for name in table.values:
        drug = bench.drugs.find(name, where=table.where(name))
        if drug.name not in drugs:
            raise errors.DesignError(
                "doses must be of a drug of the study", drug.name, where=table.where(name), hint=", ".join(drugs)
            )
        given = table.get(name, (list, dict))
        if isinstance(given, dict):
            series = table.table(name)
            series.allow(("low", "high", "count"))
            low, high = (drug.dose_nM(series.get(key, str), where=series.where(key)) for key in ("low", "high"))
            doses = _geometric(low, high, series.get("count", int, 9), series)
        else:
            doses = np.array([drug.dose_nM(str(text), where=table.where(name)) for text in given])
        found[drug.name] = _usable(doses, table.where(name))
    return found


def _geometric(low: float, high: float, count: int, series: Document) -> np.ndarray:
    if not 0 < low < high:
        raise errors.DesignError(
            "low must be above zero and below high", f"{low:g} and {high:g} nM", where=series.where()
        )
    if not 2 <= count <= 1000:
        raise errors.DesignError("count must lie between 2 and 1000", count, where=series.where("count"))
    return np.geomspace(low, high, count)


def _usable(doses: np.ndarray, where: str) -> np.ndarray:
    doses = np.unique(doses[doses > 0])
    if doses.size < 1:
        raise errors.DesignError("doses must hold at least one above zero", where=where, hint='["1 nM", "1 uM"]')
    return doses


def _density(document: Document, bench: Bench) -> Density | None:
    if "density" not in document.values:
        return None
    table = document.table("density")
    table.allow(("lines", "cells", "drug"))
    cells = tuple(_positive(text, "cell", table.where("cells")) for text in table.get("cells", list))
    return Density(
        _lines(table, bench), cells, bench.drugs.find(table.get("drug", str), where=table.where("drug")).name
    )


def _coculture(document: Document, bench: Bench) -> Coculture | None:
    if "coculture" not in document.values:
        return None
    table = document.table("coculture")
    table.allow(("producers", "others", "producer_fractions", "drug"))
    fractions = table.get("producer_fractions", list)
    if not fractions or not all(_is_number(value) and 0 <= value <= 1 for value in fractions):
        raise errors.DesignError(
            "producer_fractions must lie between 0 and 1", fractions, where=table.where("producer_fractions")
        )
    names = [bench.lines.find(table.get(key, str), where=table.where(key)).name for key in ("producers", "others")]
    drug = bench.drugs.find(table.get("drug", str), where=table.where("drug")).name
    return Coculture(names[0], names[1], tuple(float(value) for value in fractions), drug)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _time_course(document: Document, bench: Bench) -> TimeCourse | None:
    if "time_course" not in document.values:
        return None
    table = document.table("time_course")
    table.allow(("lines", "every"))
    return TimeCourse(_lines(table, bench), _positive(table.get("every", str, "4 h"), "h", table.where("every")))


def _positive(text: object, unit: str, where: str) -> float:
    value = units.read(str(text), unit, where=where)
    if value <= 0:
        raise errors.InputError(f"a quantity in {unit} must be positive", text, where=where)
    return value
