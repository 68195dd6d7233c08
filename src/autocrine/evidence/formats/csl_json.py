"""CSL-JSON, the form that citation processors read; what it has no place for stands under ``custom``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from autocrine.core import errors
from autocrine.evidence.formats import kinds, names
from autocrine.evidence.formats.draft import Draft
from autocrine.evidence.record import Author, Record

_TEXTS = {
    "title": "title",
    "container-title": "journal",
    "volume": "volume",
    "issue": "issue",
    "page": "pages",
    "abstract": "abstract",
    "publisher": "publisher",
    "publisher-place": "place",
    "genre": "type",
}
_SOURCES = ("DOI", "PMID", "PMCID", "ISSN", "ISBN")
_PEOPLE = {"author": "author", "editor": "editor"}


def read(text: str, where: str) -> Iterator[Record]:
    """Read the items of CSL-JSON.

    Raises
    ------
    InputError
        If it is not JSON, or an item is not an object of the fields of CSL.
    """
    try:
        items = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise errors.InputError(f"the file must be JSON ({error})", where=where) from error
    for number, item in enumerate(items if isinstance(items, list) else [items], 1):
        if not isinstance(item, dict):
            raise errors.InputError("an item must be an object", item, where=f"{where}, item {number}")
        yield _record(item, f"{where}, item {number}")


def _record(item: dict[str, Any], where: str) -> Record:
    draft = Draft("CSL-JSON", key=str(item.get("id", "")))
    draft.raw = [(key, value if isinstance(value, str) else json.dumps(value)) for key, value in item.items()]
    for name, ours in _TEXTS.items():
        draft.put(ours, _scalar(item.get(name), name, where))
    for name, role in _PEOPLE.items():
        for person in _list(item.get(name), name, where):
            _person(draft, person, role, f"{where}, {name}")
    for scheme in _SOURCES:
        values = item.get(scheme)
        for value in values if isinstance(values, list) else [values]:
            draft.source(scheme, _scalar(value, scheme, where))
    issued = item.get("issued") or {}
    if not isinstance(issued, dict):
        raise errors.InputError("issued must be an object", issued, where=where)
    draft.put("year", str(issued.get("date-parts") or issued.get("raw") or issued.get("literal") or ""))
    _custom(draft, item.get("custom"), where)
    draft.put("type", kinds.kind(kinds.CSL, _scalar(item.get("type"), "type", where)))
    if "note" in item:
        draft.note(_scalar(item["note"], "note", where))
    return draft.finish()


def _person(draft: Draft, person: Any, role: str, where: str) -> None:
    if not isinstance(person, dict):
        raise errors.InputError("a name must be an object", person, where=where)
    if "literal" in person and "family" not in person:
        draft.author(_scalar(person["literal"], "literal", where), "group" if role == "author" else role)
        return
    family = _scalar(person.get("family"), "family", where)
    particle = _scalar(person.get("non-dropping-particle") or person.get("dropping-particle"), "particle", where)
    given, suffix = _scalar(person.get("given"), "given", where), _scalar(person.get("suffix"), "suffix", where)
    family = f"{particle} {family}".strip()
    given = f"{given}, {suffix}" if suffix and given else given
    if family:
        draft.authors.append(Author(f"{family}, {given}" if given else family, role))


def _custom(draft: Draft, custom: Any, where: str) -> None:
    if not isinstance(custom, dict):
        return
    for address in _list(custom.get("author_address"), "custom", where):
        draft.address(_scalar(address, "custom", where))
    for note in _list(custom.get("notes"), "custom", where):
        draft.note(_scalar(note, "custom", where))
    for source in _list(custom.get("sources"), "custom", where):
        if isinstance(source, dict):
            draft.source(str(source.get("scheme", "")), str(source.get("value", "")))
    draft.authors_complete = custom.get("authors_complete") is not False


def _list(value: Any, name: str, where: str) -> list[Any]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise errors.InputError(f"{name} must be a list", value, where=where)
    return value


def _scalar(value: Any, name: str, where: str) -> str:
    if isinstance(value, (dict, list)):
        raise errors.InputError(f"{name} must be a text or a number", value, where=where)
    return "" if value is None else str(value)


def item_of(record: Record, key: str) -> dict[str, Any]:
    """Return a record as an item of CSL under a key."""
    item: dict[str, Any] = {"id": key, "type": kinds.word(kinds.CSL, record.type, "document")}
    for name, ours in _TEXTS.items():
        if text := getattr(record, ours):
            item[name] = text
    for role in _PEOPLE:
        people = [who for who in record.authors if (who.role == "editor") == (role == "editor")]
        if people:
            item[role] = [_name(who) for who in people]
    if record.year is not None:
        item["issued"] = {"date-parts": [[record.year]]}
    for source in record.sources:
        if source.scheme in _SOURCES:
            item.setdefault(source.scheme, source.value)
    return item


def _name(who: Author) -> dict[str, str]:
    family, given = names.parts(who.name)
    if who.role == "group":
        return {"literal": who.name}
    given, _, suffix = given.partition(", ")
    return {"family": family} | ({"given": given} if given else {}) | ({"suffix": suffix} if suffix else {})


def write(records: Iterator[Record]) -> str:
    """Write records as CSL-JSON."""
    items = []
    for number, record in enumerate(records, 1):
        item = item_of(record, record.key or f"record{number}")
        other = [source for source in record.sources if item.get(source.scheme) != source.value]
        custom: dict[str, Any] = {"author_address": list(record.author_address), "notes": list(record.notes)}
        custom["sources"] = [{"scheme": source.scheme, "value": source.value} for source in other]
        custom = {name: value for name, value in custom.items() if value}
        if record.authors and not record.authors_complete:
            custom["authors_complete"] = False
        items.append(item | ({"custom": custom} if custom else {}))
    return json.dumps(items, ensure_ascii=False, indent=1) + "\n"
