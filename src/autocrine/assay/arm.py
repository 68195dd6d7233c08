"""An arm of an experiment: the agents in the medium, and what was done to the genes."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from importlib.resources import files

from autocrine.assay.concentration import IL6_MOLAR_MASS, SIL6R_MOLAR_MASS
from autocrine.circuit import Drug, Pharmacology, cell, edge
from autocrine.core import Document, errors, units

#: which block of the medium an agent adds to, by its target; siltuximab is a solute of its own because it holds IL-6
_BLOCK_OF = {"pgp": "pump_block", "il6r": "il6r_block", "jak": "jak_block"}
_SIRNA = "sirna_"


@dataclass(frozen=True)
class Arm:
    """What an arm does beside the drug of the dose-response.

    Attributes
    ----------
    name : str
        Its name in tables and figures.
    agents : tuple of (Drug, float)
        Blockers with their concentration in nM.
    il6_nM : float
        Exogenous IL-6.
    sil6r_nM : float
        Soluble IL-6R added to the medium.
    changes : mapping
        Changed parameters of every population, e.g. ``{"sirna_abcb1": 0.85}`` or ``{"edge_cebp_abcb1": 0}``.
    """

    name: str = "none"
    agents: tuple[tuple[Drug, float], ...] = ()
    il6_nM: float = 0.0
    sil6r_nM: float = 0.0
    changes: Mapping[str, float] = field(default_factory=dict)

    def cut(self, *edges: str) -> Arm:
        """Return this arm with edges of the circuit cut."""
        return Arm(self.name, self.agents, self.il6_nM, self.sil6r_nM, {**self.changes, **dict.fromkeys(edges, 0.0)})

    @property
    def medium(self) -> dict[str, float]:
        """What the medium holds from the start, by solute or block."""
        held: dict[str, float] = {"il6": self.il6_nM, "sil6r": self.sil6r_nM}
        for drug, dose_nM in self.agents:
            solute, amount = "siltuximab", dose_nM
            if drug.target != "il6":
                solute, amount = _BLOCK_OF[drug.target], dose_nM / drug.parameters["ki"].value
            held[solute] = held.get(solute, 0.0) + amount
        return held

    @property
    def antibody_kd_nM(self) -> float | None:
        """The affinity of the antibody that holds IL-6; None without one.

        Raises
        ------
        errors.DesignError
            If two antibodies of different affinity hold it: the medium has one kind.
        """
        found = {drug.parameters["ki"].value for drug, _ in self.agents if drug.target == "il6"}
        if len(found) > 1:
            names = ", ".join(drug.name for drug, _ in self.agents if drug.target == "il6")
            raise errors.DesignError(f"arm {self.name} must hold one antibody against IL-6", names, hint="two arms")
        return next(iter(found), None)

    @classmethod
    def from_document(cls, name: str, table: Document, drugs: Pharmacology) -> Arm:
        """Read an arm.

        Keys: ``agents`` (a list of blockers at their default dose, or a table of blocker and dose), ``il6`` and
        ``sil6r`` (a concentration), ``sirna`` (a table of gene and fraction removed), ``cebp_dominant_negative``
        (molecules per cell), ``cut`` (a list of edges).
        """
        table.allow(("agents", "il6", "sil6r", "sirna", "cebp_dominant_negative", "cut", "note"))
        changes = _silenced(table)
        amount = table.get("cebp_dominant_negative", str, "")
        if amount:
            where = table.where("cebp_dominant_negative")
            changes["cebp_dominant_negative"] = _level(amount, "molecule/cell", where)
        arm = cls(
            name,
            _agents(table, drugs),
            _concentration(table, "il6", IL6_MOLAR_MASS),
            _concentration(table, "sil6r", SIL6R_MOLAR_MASS),
            changes,
        )
        return arm.cut(*_edges(table))

    @classmethod
    def known(cls, document: Document, drugs: Pharmacology) -> dict[str, Arm]:
        """Return the arms that every study knows, and those of a document whose tables are arms."""
        text = (files("autocrine.assay") / "arms.toml").read_text(encoding="utf-8")
        tables = [*_each(Document.parse(text, "arms.toml")), *_each(document)]
        return {name: cls.from_document(name, table, drugs) for name, table in tables}

    @classmethod
    def known_arm(cls, name: str, drugs: Pharmacology) -> Arm:
        """Return one of the arms that every study knows."""
        return cls.known(Document({}, "", "no study"), drugs)[name]


def _each(document: Document) -> Iterable[tuple[str, Document]]:
    for name in document.values:
        document.get(name, dict)
        yield name, document.table(name)


def _agents(table: Document, drugs: Pharmacology) -> tuple[tuple[Drug, float], ...]:
    given = table.get("agents", (list, dict), [])
    named = given if isinstance(given, dict) else dict.fromkeys(_texts(table, "agents"))
    where = table.where("agents")
    found = []
    for name, dose in named.items():
        drug = drugs.find(str(name), where=where)
        if not drug.target:
            raise errors.DesignError(
                f"an agent of an arm must be a blocker, but {drug.name} is a {drug.kind} drug",
                where=where,
                hint="the list of drugs for a dose-response",
            )
        found.append((drug, float(drug.doses_nM[0]) if dose is None else drug.dose_nM(str(dose), where=where)))
    return tuple(found)


def _silenced(table: Document) -> dict[str, float]:
    """Return the fraction of synthesis that siRNA removes, by parameter."""
    genes = table.table("sirna")
    known = _genes()
    genes.allow(known)
    changes = {}
    for gene in genes.values:
        fraction = float(genes.get(gene, float))
        if not 0 <= fraction <= 1:
            raise errors.InputError(
                "the fraction that siRNA removes must lie between 0 and 1", fraction, where=genes.where(gene)
            )
        changes[_SIRNA + gene] = fraction
    return changes


@functools.cache
def _genes() -> tuple[str, ...]:
    return tuple(name.removeprefix(_SIRNA) for name in cell.cell_parameters() if name.startswith(_SIRNA))


def _edges(table: Document) -> list[str]:
    cut = _texts(table, "cut")
    for name in cut:
        if name not in edge.load_edges():
            known = ", ".join(edge.load_edges())
            raise errors.InputError("an edge must be one of the circuit", name, where=table.where("cut"), hint=known)
    return cut


def _texts(table: Document, key: str) -> list[str]:
    listed = table.get(key, list, [])
    for entry in listed:
        if not isinstance(entry, str):
            raise errors.InputError(f"{key} must be a list of names", entry, where=table.where(key))
    return listed


def _concentration(table: Document, key: str, molar_mass: float) -> float:
    text = table.get(key, str, "")
    return _level(text, "nM", table.where(key), molar_mass) if text else 0.0


def _level(text: str, unit: str, where: str, molar_mass: float | None = None) -> float:
    value = units.read(text, unit, molar_mass_g_mol=molar_mass, where=where)
    if value < 0:
        raise errors.InputError("an amount must not be negative", text, where=where)
    return value
