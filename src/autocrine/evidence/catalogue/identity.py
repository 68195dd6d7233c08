"""When two records are one publication: equal identifiers, else equal titles with equal digits, volume, first page."""

from __future__ import annotations

import re

from autocrine.evidence.catalogue.words import normal
from autocrine.evidence.record import Record

#: identifiers of one publication; an ISSN is that of a journal, an ISBN that of a whole book
UNIQUE = ("PMID", "DOI", "PMCID", "WOS")


def identifiers(record: Record) -> set[tuple[str, str]]:
    """Return the identifiers of a publication in one form: scheme and value."""
    return {(s.scheme, plain(s.scheme, s.value)) for s in record.sources if s.scheme in UNIQUE} - {
        (scheme, "") for scheme in UNIQUE
    }


def plain(scheme: str, value: str) -> str:
    """Return the value of an identifier in one form: a DOI in lower case, a number without leading zeros or prefix."""
    value = value.strip().casefold()
    if scheme == "DOI":
        return re.sub(r"^(?:https?://(?:dx\.)?doi\.org/|doi:\s*)", "", value)
    value = re.sub(r"^(?:pmid|pmc|wos)[:\s]*", "", value)
    return value.lstrip("0") if scheme in {"PMID", "PMCID"} else value


def print_of(record: Record) -> str:
    """Return what two prints of one publication share: title, its digits, volume and first page; empty if unknown.

    The digits of the title stand apart, since "part 1" and "part 2" are different papers however alike the words are.
    A record without title, volume or first page shares nothing with another: "Introduction" is not one paper.
    """
    title = normal(record.title)
    first = re.match(r"\s*[A-Za-z]*0*(\d+)", record.pages)
    volume = re.sub(r"\D", "", record.volume)
    if not (title and volume and first):
        return ""
    return "|".join((title, " ".join(re.findall(r"\d+", record.title)), volume, first[1]))


def same(one: Record, other: Record) -> bool:
    """Tell whether two records are the same publication.

    Identifiers decide first: one in common says yes, two different of one scheme say no.
    """
    mine, theirs = identifiers(one), identifiers(other)
    if mine & theirs:
        return True
    if {scheme for scheme, _ in mine} & {scheme for scheme, _ in theirs}:
        return False
    return bool(print_of(one)) and print_of(one) == print_of(other)


def united(kept: Record, other: Record) -> Record:
    """Return the record that says what either says: the kept one's fields, filled up from the other's."""
    known = {(each.scheme, plain(each.scheme, each.value)) for each in kept.sources}
    more = tuple(each for each in other.sources if (each.scheme, plain(each.scheme, each.value)) not in known)
    names = ("title", "journal", "volume", "issue", "pages", "abstract", "publisher", "place", "author_address")
    filled = {name: getattr(kept, name) or getattr(other, name) for name in names}
    whole = kept.authors_complete or len(kept.authors) >= len(other.authors)
    people = kept if kept.authors and whole else other
    values = {**{name: getattr(kept, name) for name in kept.__dataclass_fields__}, **filled}
    values |= {"sources": kept.sources + more, "year": kept.year or other.year}
    values |= {"notes": kept.notes + tuple(note for note in other.notes if note not in kept.notes)}
    values |= {"authors": people.authors, "authors_complete": people.authors_complete}
    return Record(**values)
