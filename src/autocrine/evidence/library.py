"""The library: all records, facts, findings and claims, read from the package and checked for integrity."""

from __future__ import annotations

import difflib
import functools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

from autocrine.core import Document, errors, notebook
from autocrine.evidence.check import Check, newest_run, read_checks
from autocrine.evidence.claim import Claim
from autocrine.evidence.disagreement import Disagreement
from autocrine.evidence.fact import Fact, read_facts
from autocrine.evidence.finding import Finding
from autocrine.evidence.record import Record

_Thing = TypeVar("_Thing")
_ADDRESSES = {"PMID": "https://identifiers.org/pubmed:{}", "DOI": "https://identifiers.org/doi:{}"}


@dataclass(frozen=True)
class Library:
    """All evidence, each kind under its key.

    Attributes
    ----------
    records, facts, findings, claims : mapping
        Key to record, fact, finding, claim. Read-only.
    links : mapping
        Key to disagreement between two claims. Read-only.
    """

    records: Mapping[str, Record]
    facts: Mapping[str, Fact]
    findings: Mapping[str, Finding]
    claims: Mapping[str, Claim]
    links: Mapping[str, Disagreement] = field(default_factory=lambda: MappingProxyType({}))

    def _repr_html_(self) -> str:
        counts = [(name, len(getattr(self, name))) for name in ("records", "facts", "findings", "claims", "links")]
        return notebook.page("evidence", notebook.fields(counts))

    def record(self, key: str) -> Record:
        """Return one record, or complain and name the nearest."""
        return found(self.records, key, "record", "autocrine library list")

    def fact(self, key: str) -> Fact:
        """Return one fact by its key or its symbol, or complain and name the nearest."""
        return found({**self._symbols, **self.facts}, key, "fact", "autocrine library show RECORD")

    def resolves(self, key: str) -> bool:
        """Tell whether a key names anything here: a record, a fact (or its symbol), a finding or a claim."""
        return any(key in names for names in (self.records, self.facts, self._symbols, self.findings, self.claims))

    def claim(self, key: str) -> Claim:
        """Return one claim, or complain and name the nearest."""
        return found(self.claims, key, "claim", "autocrine library claims")

    def claims_of(self, record: str) -> tuple[Claim, ...]:
        """Return the claims of a record in their order."""
        claims = (claim for claim in self.claims.values() if claim.record == record)
        return tuple(sorted(claims, key=lambda claim: claim.number))

    def disagreements(self) -> tuple[tuple[Claim, Claim], ...]:
        """Return the pairs of claims that cannot both be true, each once, whichever of the two names the other."""
        pairs = {tuple(sorted((claim.id, key))) for claim in self.claims.values() for key in claim.disagrees}
        pairs |= {tuple(sorted((link.one, link.other))) for link in self.links.values()}
        return tuple((self.claims[one], self.claims[other]) for one, other in sorted(pairs))

    def links_of(self, claim: str) -> tuple[Disagreement, ...]:
        """Return the disagreements of a claim with others."""
        return tuple(link for link in self.links.values() if claim in {link.one, link.other})

    def facts_of(self, record: str) -> tuple[Fact, ...]:
        """Return the facts of a record."""
        return tuple(fact for fact in self.facts.values() if fact.record == record)

    def findings_of(self, record: str) -> tuple[Finding, ...]:
        """Return the findings of a record."""
        return tuple(finding for finding in self.findings.values() if finding.record == record)

    def findings_in(self, study: str, *roles: str) -> tuple[Finding, ...]:
        """Return the findings that a study repeats, all or those with these roles."""
        every = (finding for finding in self.findings.values() if finding.study == study)
        return tuple(finding for finding in every if not roles or finding.role in roles)

    def checks(self, record: str, run: Path | None = None, runs: Path = Path("runs")) -> Mapping[str, Check]:
        """Return the verdicts on the claims of a record, from one run or from the newest finished one.

        Raises
        ------
        InputError
            If the run is not finished, or its file does not fit the claims.
        """
        chosen = newest_run(runs, record) if run is None else run
        return {} if chosen is None else read_checks(chosen, (claim.id for claim in self.claims_of(record)))

    def addresses(self) -> dict[str, list[str]]:
        """Return the addresses (identifiers.org) of the publications behind each key: record, fact or symbol of a fact.

        Keys without any are left out.
        """
        records = {
            key: [_ADDRESSES[each.scheme].format(each.value) for each in record.sources if each.scheme in _ADDRESSES]
            for key, record in self.records.items()
        }
        facts = {name: records[fact.record] for fact in self.facts.values() for name in (fact.key, fact.symbol)}
        return {key: found for key, found in {**facts, **records}.items() if found}

    @property
    def _symbols(self) -> dict[str, Fact]:
        return {fact.symbol: fact for fact in self.facts.values()}


def load_library(directory: Path | None = None) -> Library:
    """Read the library that comes with the package, or one in another directory.

    Parameters
    ----------
    directory : Path, optional
        Holds ``records.toml``, ``facts.csv``, ``findings.toml`` and ``claims.toml``; where claims disagree, also
        ``disagreements.toml``.

    Raises
    ------
    InputError
        If an entry is malformed, a key or symbol is given twice, or an entry points to a record or fact that is absent.
    """
    return _packaged() if directory is None else _read(directory)


@functools.cache
def _packaged() -> Library:
    return _read(Path(__file__).parent / "data")


def _read(directory: Path) -> Library:
    records = _keyed(directory / "records.toml", Record.from_document)
    facts = _keyed_facts(directory / "facts.csv")
    findings = _keyed(directory / "findings.toml", Finding.from_document)
    claims = _keyed(directory / "claims.toml", Claim.from_document)
    between = directory / "disagreements.toml"
    links = _keyed(between, Disagreement.from_document) if between.exists() else {}
    library = Library(
        records=MappingProxyType(records),
        facts=MappingProxyType(facts),
        findings=MappingProxyType(findings),
        claims=MappingProxyType(claims),
        links=MappingProxyType(links),
    )
    _check_links(library)
    return library


def _keyed(path: Path, make: Callable[[str, Document], _Thing]) -> dict[str, _Thing]:
    document = Document.load(path)
    for key in document.values:
        document.get(key, dict)
    return {key: make(key, document.table(key)) for key in document.values}


def _keyed_facts(path: Path) -> dict[str, Fact]:
    facts: dict[str, Fact] = {}
    names: set[str] = set()
    try:
        rows = list(read_facts(path))
    except (OSError, UnicodeDecodeError) as error:
        raise errors.InputError(f"the facts must be readable UTF-8 text ({error})", where=str(path)) from error
    for fact in rows:
        for name in (fact.key, fact.symbol):
            if not name or name in names:
                raise errors.InputError("key and symbol of a fact must be given once", name, where=path.name)
            names.add(name)
        facts[fact.key] = fact
    return facts


def _check_links(library: Library) -> None:
    for kind, things in (("fact", library.facts), ("finding", library.findings), ("claim", library.claims)):
        for key, thing in things.items():
            if thing.record not in library.records:
                _absent("record", thing.record, library.records, f"{kind} {key}")
    for finding in library.findings.values():
        for key in finding.facts:
            if key not in library.facts:
                _absent("fact", key, library.facts, f"finding {finding.key}")
    _check_claims(library)
    _check_places(library)


def _check_claims(library: Library) -> None:
    named = [(f"claim {claim.id}", key) for claim in library.claims.values() for key in claim.disagrees]
    named += [(f"disagreement {link.key}", key) for link in library.links.values() for key in (link.one, link.other)]
    for where, key in named:
        if key not in library.claims:
            _absent("claim", key, library.claims, where)


def _check_places(library: Library) -> None:
    places = [(claim.record, claim.number) for claim in library.claims.values()]
    for place in places:
        if places.count(place) > 1:
            raise errors.InputError("the claims of a record must have different numbers", place, where="claims.toml")


def _absent(kind: str, key: str, known: Iterable[str], where: str) -> None:
    raise errors.InputError(f"the {kind} must be one of the library", key, where=where, hint=_nearest(key, known))


def found(things: Mapping[str, _Thing], key: str, kind: str, otherwise: str) -> _Thing:
    """Return the thing of a key, or complain and name the nearest keys, else what else to try."""
    if key not in things:
        hint = _nearest(key, things) or otherwise
        raise errors.InputError(f"the {kind} must be one of the library", key, hint=hint)
    return things[key]


def _nearest(key: str, known: Iterable[str]) -> str:
    by_folded = {name.casefold(): name for name in known}
    near = difflib.get_close_matches(key.casefold(), by_folded, n=3)
    return " or ".join(by_folded[name] for name in near)
