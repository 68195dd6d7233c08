"""What parameters rest on: how many are read, derived, recalled; and all evidence for and against one of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from autocrine.core import Parameters, errors, notebook
from autocrine.evidence.claim import Claim
from autocrine.evidence.disagreement import Disagreement
from autocrine.evidence.fact import Fact
from autocrine.evidence.finding import Finding
from autocrine.evidence.library import Library
from autocrine.evidence.record import Record

#: from the best to the weakest
BASES = ("read", "derived", "fitted", "recalled", "chosen")


@dataclass(frozen=True)
class Coverage:
    """What a set of parameters rests on.

    Attributes
    ----------
    names : mapping of str to tuple of str
        Basis to the names of the parameters that have it.
    with_evidence : tuple of str
        The parameters with a key of the library.
    unresolved : tuple of str
        Those whose key names nothing in the library.
    """

    names: Mapping[str, tuple[str, ...]]
    with_evidence: tuple[str, ...]
    unresolved: tuple[str, ...]

    def _repr_html_(self) -> str:
        rows = [(basis, len(names), f"{len(names) / max(self.total, 1):.0%}") for basis, names in self.names.items()]
        return notebook.page("what the parameters rest on", notebook.table(["basis", "parameters", "share"], rows))

    @property
    def total(self) -> int:
        """How many parameters there are."""
        return sum(len(names) for names in self.names.values())


def coverage(parameters: Parameters, library: Library) -> Coverage:
    """Report how many parameters rest on read, derived, fitted, recalled and chosen values."""
    names = {basis: tuple(name for name, each in parameters.items() if each.basis == basis) for basis in BASES}
    keyed = tuple(name for name, each in parameters.items() if each.evidence)
    unresolved = tuple(name for name in keyed if not library.resolves(parameters[name].evidence))
    return Coverage(names, keyed, unresolved)


@dataclass(frozen=True)
class ParameterPage:
    """All that the library knows of one parameter.

    Attributes
    ----------
    name, basis, unit, note : str
        Of the parameter.
    value, low, high : float
        Its value and range.
    facts : tuple of Fact
        Every fact behind it, with its own range.
    supports, contradicts, unsure : tuple of Finding or Claim
        What speaks for, against, or neither, by the stance that each states.
    records : tuple of Record
        Where all this is published.
    disagreements : tuple of Disagreement
        Where one of these claims does not go together with another claim.
    """

    name: str
    basis: str
    unit: str
    note: str
    value: float
    low: float
    high: float
    facts: tuple[Fact, ...]
    supports: tuple[Finding | Claim, ...]
    contradicts: tuple[Finding | Claim, ...]
    unsure: tuple[Finding | Claim, ...]
    records: tuple[Record, ...]
    disagreements: tuple[Disagreement, ...] = ()

    def _repr_html_(self) -> str:
        rows = [
            (
                label,
                each.record,
                each.statement if isinstance(each, Claim) else f"{each.readout}: {each.amount}",
                each.system,
            )
            for label, every in (("for", self.supports), ("against", self.contradicts), ("unsure", self.unsure))
            for each in every
        ]
        facts = [(fact.key, fact.quantity, fact.amount, fact.basis) for fact in self.facts]
        unit = "" if self.unit == "1" else f" {self.unit}"
        title = f"{self.name} = {self.value:g}{unit} ({self.low:g} to {self.high:g}), {self.basis}"
        parts = [notebook.lines(filter(None, [self.note]))]
        if facts:
            parts.append(notebook.table(["fact", "quantity", "value", "basis"], facts))
        if rows:
            parts.append(notebook.table(["", "record", "what it says", "system"], rows, most=30))
        return notebook.page(title, *parts)


def parameter_page(parameters: Parameters, name: str, library: Library) -> ParameterPage:
    """Gather what stands for and against one parameter.

    Facts are the one that the parameter names, others with the same symbol, and, where it names a record, all of
    that record. Findings are those that hold one of these facts or are of a record named; claims name the parameter.

    Raises
    ------
    InputError
        If there is no such parameter.
    """
    if name not in parameters:
        hint = "autocrine library coverage --json, which names all"
        raise errors.InputError("the parameter must be one of the model", name, hint=hint)
    given = parameters[name]
    facts = _facts(given.evidence, library)
    keys = {fact.key for fact in facts}
    findings = [
        finding
        for finding in library.findings.values()
        if keys & set(finding.facts) or given.evidence in {finding.record, finding.key}
    ]
    claims = [claim for claim in library.claims.values() if name in claim.parameters or claim.id == given.evidence]
    every: list[Finding | Claim] = [*findings, *claims]
    records = {fact.record for fact in facts} | {each.record for each in every}
    records |= {given.evidence} & set(library.records)
    by_stance = {
        stance: tuple(each for each in every if each.stance == stance)
        for stance in ("supports", "contradicts", "unsure")
    }
    named = {claim.id for claim in claims}
    links = tuple(link for link in library.links.values() if named & {link.one, link.other})
    return ParameterPage(
        name, given.basis, given.unit, given.note, given.value, given.low, given.high,
        facts, **by_stance, records=tuple(library.records[key] for key in sorted(records)),
        disagreements=links,
    )  # fmt: skip


def _facts(key: str, library: Library) -> tuple[Fact, ...]:
    if key in library.records:
        return library.facts_of(key)
    named = [fact for fact in library.facts.values() if key and key in {fact.key, fact.symbol}]
    quantities = {fact.quantity for fact in named}
    return tuple(fact for fact in library.facts.values() if fact in named or fact.quantity in quantities)


def used_records(keys: frozenset[str], library: Library) -> tuple[Record, ...]:
    """Return the records behind keys of facts, findings, claims and records, each once, in the order of the library.

    Raises
    ------
    InputError
        If a key names nothing in the library.
    """
    symbols = {fact.symbol: fact.record for fact in library.facts.values()}
    found = set()
    for key in sorted(keys):
        thing = library.facts.get(key) or library.findings.get(key) or library.claims.get(key)
        if thing is not None:
            found.add(thing.record)
        elif key in library.records or key in symbols:
            found.add(symbols.get(key, key))
        else:
            raise errors.InputError("the key must be one of the library", key)
    return tuple(record for key, record in library.records.items() if key in found)
