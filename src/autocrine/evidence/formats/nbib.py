"""PubMed's nbib (MEDLINE): a tag of four places and a dash; lines that begin with six blanks go on."""

from __future__ import annotations

import re
from collections.abc import Iterator

from autocrine.core import errors
from autocrine.evidence.formats import names
from autocrine.evidence.formats.draft import Draft
from autocrine.evidence.record import Record

_LINE = re.compile(r"^([A-Z][A-Z0-9]{1,3}) *- ?(.*)$")
_TEXTS = {
    "TI": "title",
    "BTI": "title",
    "JT": "journal",
    "TA": "journal",
    "VI": "volume",
    "IP": "issue",
    "PG": "pages",
    "DP": "year",
    "AB": "abstract",
    "PB": "publisher",
    "PL": "place",
}
_TYPES = {"journal article": "journal article", "review": "review", "meta-analysis": "meta-analysis", "book": "book"}


def read(text: str, where: str) -> Iterator[Record]:
    """Read the records of a file in nbib; each begins with PMID or, where there is none, after an empty line.

    Raises
    ------
    InputError
        If a line is neither a field nor the continuation of one.
    """
    fields: list[tuple[str, str]] = []
    for number, line in enumerate(text.splitlines(), 1):
        found = _LINE.match(line.lstrip("\ufeff"))
        if not line.strip():
            if fields:
                yield _record(fields)
            fields = []
        elif found is None:
            if not (fields and line.startswith("  ")):
                must = "a line must be a field (four places and a dash) or go on with six blanks"
                raise errors.InputError(must, line.strip()[:60], where=f"{where}, line {number}")
            fields[-1] = (fields[-1][0], f"{fields[-1][1]} {line.strip()}")
        else:
            if found[1] == "PMID" and fields:
                yield _record(fields)
                fields = []
            fields.append((found[1], found[2].strip()))
    if fields:
        yield _record(fields)


def _record(fields: list[tuple[str, str]]) -> Record:
    draft = Draft("PubMed", raw=list(fields))
    has_full = any(tag == "FAU" for tag, _ in fields)
    kinds = []
    for tag, value in fields:
        if tag in _TEXTS:
            # the full name of a journal stands after its short one, and is taken
            if tag == "JT":
                draft.texts.pop("journal", None)
            draft.put(_TEXTS[tag], value)
        elif tag in {"FAU", "AU"} and (tag == "FAU") == has_full:
            draft.author(value)
        elif tag in {"CN", "FED"}:
            draft.author(value, "group" if tag == "CN" else "editor")
        elif tag == "PT":
            kinds.append(value)
        else:
            _other(draft, tag, value)
    draft.put("type", kind_of(kinds))
    return draft.finish()


def kind_of(found: list[str]) -> str:
    """Return our type for PubMed's publication types; a review is also a journal article there."""
    folded = [each.strip().casefold() for each in found]
    ours = [_TYPES[each] for each in folded if each in _TYPES]
    other = [name for name in ours if name != "journal article"]
    return next(iter(other or ours or folded), "")


def _other(draft: Draft, tag: str, value: str) -> None:
    if tag == "PMID":
        draft.source("PMID", value)
    elif tag == "PMC":
        draft.source("PMCID", value)
    elif tag in {"LID", "AID"}:
        found = re.fullmatch(r"(\S.*?) \[(doi|pii)\]", value)
        if found and found[2] == "doi":
            draft.source("DOI", found[1])
    elif tag in {"IS", "ISBN"}:
        draft.source("ISBN" if tag == "ISBN" else "ISSN", value.split(" (", maxsplit=1)[0])
    elif tag == "AD":
        draft.address(value)
    elif tag == "GN":
        draft.note(value)
    elif tag == "OID" and ":" in value:
        draft.source(*value.split(":", 1))


def write(records: Iterator[Record]) -> str:
    """Write records as nbib."""
    return "\n".join(_written(record) for record in records)


def _written(record: Record) -> str:
    lines = [("PMID", source.value) for source in record.sources if source.scheme == "PMID"][:1]
    lines += [("IS", source.value) for source in record.sources if source.scheme == "ISSN"]
    lines += [("ISBN", source.value) for source in record.sources if source.scheme == "ISBN"]
    lines += [("VI", record.volume), ("IP", record.issue), ("DP", str(record.year or "")), ("TI", record.title)]
    lines += [("PG", record.pages), ("AB", record.abstract)]
    lines += [("LID", f"{source.value} [doi]") for source in record.sources if source.scheme == "DOI"]
    for who in record.authors:
        if who.role in {"group", "editor"}:
            lines.append(("CN", who.name) if who.role == "group" else ("FED", names.inverted(who.name)))
        else:
            lines += [("FAU", names.inverted(who.name)), ("AU", names.as_printed(who.name))]
    if record.authors and not record.authors_complete:
        lines += [("FAU", "et al"), ("AU", "et al")]
    lines += [("AD", address) for address in record.author_address]
    lines += [("PT", record.type.capitalize()), ("PL", record.place), ("PB", record.publisher), ("JT", record.journal)]
    lines += [("PMC", source.value) for source in record.sources if source.scheme == "PMCID"]
    known = {"PMID", "PMCID", "DOI", "ISSN", "ISBN"}
    lines += [("OID", f"{s.scheme}:{s.value}") for s in record.sources if s.scheme not in known]
    lines += [("GN", note) for note in record.notes]
    return "".join(f"{tag:4}- {value}\n" for tag, value in lines if value)
