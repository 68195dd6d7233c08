"""RIS: two-letter tags, one field a line, ``ER  -`` at the end of a record."""

from __future__ import annotations

import re
from collections.abc import Iterator

from autocrine.core import errors
from autocrine.evidence.formats import kinds, names
from autocrine.evidence.formats.draft import Draft
from autocrine.evidence.record import Record

_LINE = re.compile(r"^([A-Z][A-Z0-9])  ?- ?(.*)$")
_TEXTS = {
    "TI": "title",
    "T1": "title",
    "CT": "title",
    "JO": "journal",
    "JF": "journal",
    "T2": "journal",
    "JA": "journal",
    "J2": "journal",
    "BT": "journal",
    "VL": "volume",
    "IS": "issue",
    "PY": "year",
    "Y1": "year",
    "DA": "year",
    "AB": "abstract",
    "N2": "abstract",
    "PB": "publisher",
    "CY": "place",
    "PP": "place",
}
_AUTHORS = {"AU": "author", "A1": "author", "A2": "editor", "ED": "editor", "A3": "group"}
_SOURCES = {"DO": "DOI", "AN": "PMID", "C2": "PMCID", "M2": "WOS"}


def read(text: str, where: str) -> Iterator[Record]:
    """Read the records of a file in RIS.

    Raises
    ------
    InputError
        If a record does not end, or a line stands before the first record.
    """
    fields: list[tuple[str, str]] = []
    begun = 0
    for number, line in enumerate(text.splitlines(), 1):
        found = _LINE.match(line.lstrip("\ufeff").rstrip())
        if found is None:
            if fields and line.strip():
                fields[-1] = (fields[-1][0], f"{fields[-1][1]} {line.strip()}".strip())
            elif line.strip():
                must = "a RIS file must begin with TY"
                raise errors.InputError(must, line.strip()[:60], where=f"{where}, line {number}")
        elif found[1] == "ER":
            if not fields:
                raise errors.InputError("ER must end a record that TY began", where=f"{where}, line {number}")
            yield _record(fields)
            fields = []
        else:
            if (found[1] == "TY") == bool(fields):
                must = "a record must begin with TY and end with ER"
                raise errors.InputError(must, line[:60], where=f"{where}, line {number}")
            begun = begun if fields else number
            fields.append((found[1], found[2].strip()))
    if fields:
        raise errors.InputError("a record must end with ER", where=f"{where}, the record of line {begun}")


def _record(fields: list[tuple[str, str]]) -> Record:
    draft = Draft("RIS", raw=list(fields))
    pages: dict[str, str] = {}
    for tag, value in fields:
        if tag in _TEXTS:
            draft.put(_TEXTS[tag], value)
        elif tag in _AUTHORS:
            draft.author(value.rstrip(",") if tag == "A3" else value, _AUTHORS[tag])
        elif tag in _SOURCES:
            draft.source(_SOURCES[tag], value)
        elif tag in {"SP", "EP"}:
            pages.setdefault(tag, value)
        else:
            _other(draft, tag, value)
    for tag, value in fields:
        if tag == "TY":
            draft.put("type", kinds.kind(kinds.RIS, value))
    draft.put("pages", "-".join(pages[tag] for tag in ("SP", "EP") if pages.get(tag)))
    return draft.finish()


def _other(draft: Draft, tag: str, value: str) -> None:
    if tag == "ID":
        draft.key = draft.key or value
    elif tag == "M3":
        draft.put("type", value)
    elif tag == "AD":
        draft.address(value)
    elif tag == "N1":
        draft.note(value)
    elif tag == "SN":
        draft.source("ISBN" if len(re.sub(r"[^0-9Xx]", "", value)) > 8 else "ISSN", value)
    elif tag == "C1" and ":" in value:
        draft.source(*value.split(":", 1))


def write(records: Iterator[Record]) -> str:
    """Write records as RIS."""
    return "".join(_written(record) for record in records)


def _written(record: Record) -> str:
    tags = {"author": "AU", "corresponding": "AU", "editor": "A2", "group": "A3"}
    first, _, last = record.pages.partition("-")
    lines = [("TY", kinds.word(kinds.RIS, record.type, "GEN")), ("ID", record.key), ("M3", record.type)]
    lines += [("TI", record.title)]
    lines += [(tags[who.role], who.name if who.role == "group" else names.inverted(who.name)) for who in record.authors]
    if record.authors and not record.authors_complete:
        lines.append(("AU", "et al"))
    lines += [("AD", address) for address in record.author_address]
    lines += [("PY", str(record.year or "")), ("JO", record.journal), ("VL", record.volume), ("IS", record.issue)]
    lines += [("SP", first), ("EP", last), ("PB", record.publisher), ("CY", record.place), ("AB", record.abstract)]
    known = {scheme: tag for tag, scheme in _SOURCES.items()} | {"ISSN": "SN", "ISBN": "SN"}
    for source in record.sources:
        tag = known.get(source.scheme)
        lines.append((tag, source.value) if tag else ("C1", f"{source.scheme}:{source.value}"))
    lines += [("N1", note) for note in record.notes]
    return "".join(f"{tag}  - {value}\n" for tag, value in lines if value) + "ER  - \n\n"
