"""The plain text of a library's page of a record: labels, the text beside or below them, and lines without a label."""

from __future__ import annotations

import re
from collections.abc import Iterator

from autocrine.evidence.formats import names
from autocrine.evidence.formats.draft import Draft
from autocrine.evidence.record import Record

_LABELS = {
    "record": "key",
    "title": "title",
    "author": "authors",
    "authors": "authors",
    "editors": "editors",
    "author address": "address",
    "author addresses": "address",
    "year": "year",
    "journal": "journal",
    "volume": "volume",
    "issue": "issue",
    "pages": "pages",
    "type of article": "type",
    "abstract": "abstract",
    "external sources": "sources",
    "library notes": "notes",
    "notes": "notes",
    "publisher": "publisher",
    "place": "place",
    "basis": "ignored",
    "workflow": "ignored",
    "see more": "ignored",
    "see less": "ignored",
}
_LABEL = re.compile(rf"^({'|'.join(sorted(_LABELS, key=len, reverse=True))})(?:\s*:\s*|\s{{2,}}|\s*$)(.*)$", re.I)
_INLINE = re.compile(r"(?:^|[,;\s]+)(Volume|Issue|Pages):\s+", re.IGNORECASE)
_SOURCE = re.compile(r"(PMID|PMCID|DOI|WOS|ISSN|ISBN|[A-Za-z]\w*)\s*:\s*(\S[^;]*)")
_EMPTY = {"no sources found.", "no notes added.", "see more", "see less", "..."}
# where "None" may be a word; "none" always says that nothing is there
_NAMES = {"title", "journal", "publisher", "place", "abstract"}
_EDITOR = re.compile(r"\s*[,(]?\s*\b(?:eds?\.?|editors?)\)?\s*$", re.IGNORECASE)
_NUMBERED = re.compile(r"^\d+\.\s+(.*?)(?:\s+\((author|corresponding|editor|group)\))?$")


def read(text: str, where: str) -> Iterator[Record]:  # noqa: ARG001 - every reader has this signature
    """Read the records of pages; a page begins at its title, or where ``Title`` (or ``Record``) comes again."""
    page: list[tuple[str, str]] = []
    seen: set[str] = set()
    label = "title"
    for line in text.splitlines():
        found = _LABEL.match(line.strip("\ufeff \t")) if line[:1].strip() or not page else None
        if found is None:
            if line.strip():
                page.append((label, line.strip()))
            continue
        name = _LABELS[found[1].lower()]
        begins = name == "key" or (name == "title" and "key" not in seen)
        if begins and seen & {"title", "key"}:
            yield _record(page)
            page, seen = [], set()
        seen.add(name)
        label = name
        page.append((label, found[2].strip()))
    if seen - {"ignored"}:
        yield _record(page)


def _record(page: list[tuple[str, str]]) -> Record:
    draft = Draft("library page", raw=[(name, text) for name, text in page if text])
    blocks: dict[str, list[str]] = {}
    for name, text in _inline(page):
        nothing = text == "none" or (text.casefold() == "none" and name not in _NAMES)
        if text and not nothing and text.casefold() not in _EMPTY:
            blocks.setdefault(name, []).append(text)
    for name in ("title", "abstract"):
        text = re.sub(r"\s*(?:\.\.\.\s*)?See (?:more|less)\s*$", "", " ".join(blocks.get(name, [])))
        draft.put(name, text)
    draft.key = "".join(blocks.get("key", [])[:1])
    for name in ("year", "journal", "volume", "issue", "pages", "type", "publisher", "place"):
        draft.put(name, "".join(blocks.get(name, [])[:1]))
    kind = draft.texts.get("type", "").lower()
    draft.texts["type"] = "journal article" if kind in {"article", "journal"} else kind
    _unlabelled(draft, blocks)
    _people(draft, blocks)
    for address in blocks.get("address", []):
        draft.address(address)
    for line in blocks.get("sources", []):
        _sources(draft, line)
    for note in blocks.get("notes", []):
        draft.note(note)
    return draft.finish()


def _inline(page: list[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Take ``Volume: 61 Issue: 24`` in one line of the journal apart."""
    for name, text in page:
        if name not in {"journal", "volume", "issue", "pages"}:
            yield name, text
            continue
        pieces = _INLINE.split(text)
        yield name, pieces[0].strip(" ,;")
        for label, piece in zip(pieces[1::2], pieces[2::2], strict=True):
            yield label.lower(), piece.strip(" ,;")


def _unlabelled(draft: Draft, blocks: dict[str, list[str]]) -> None:
    """Take lines without a label in the block of the journal as publisher and city."""
    extra = [text for name in ("journal", "volume", "issue", "pages") for text in blocks.get(name, [])[1:]]
    for name, text in zip(("publisher", "place"), extra, strict=False):
        draft.put(name, text)
    for text in extra[2:]:
        draft.note(text)


def _people(draft: Draft, blocks: dict[str, list[str]]) -> None:
    for block, role in (("authors", "author"), ("editors", "editor")):
        for line in _joined(blocks.get(block, [])):
            if line.startswith("whether there are further authors"):
                draft.authors_complete = False
                continue
            numbered = _NUMBERED.match(line)
            if numbered:
                draft.author(numbered[1], numbered[2] or role)
                continue
            for name in _names(line):
                editor = _EDITOR.search(name)
                draft.author(name[: editor.start()] if editor else name, "editor" if editor else role)


def _joined(lines: list[str]) -> list[str]:
    """Put lines of one list of names together, so that a name broken at the end of a line is whole again."""
    if any(_NUMBERED.match(line) for line in lines):
        return lines
    if any(";" in line for line in lines):
        return [" ".join(lines)]
    return lines


def _names(line: str) -> list[str]:
    if ";" in line:
        return [name.strip() for name in line.split(";") if name.strip()]
    pieces = [piece.strip() for piece in line.split(",") if piece.strip()]
    # "Conze D, Weiss L" are two names; "Conze, Dietrich" or "Conze, D." is one
    if all(names.parts(piece)[1] for piece in pieces) or len(pieces) > 2:
        return pieces
    return [line]


def _sources(draft: Draft, line: str) -> None:
    """Read ``PMID: 1``, ``PMID: 1 (from: PubMed)`` and ``ISSN: n;ISBN``, where the second has the value after it."""
    if re.match(r"ISSN\s*:\s*[^;]*;\s*(?:ISBN)?", line) and ":" not in line.split(";", 1)[1]:
        number, _, other = line.split(":", 1)[1].partition(";")
        draft.source("ISSN", number)
        draft.source("ISBN", re.sub(r"^\s*ISBN\s*", "", other))
        return
    for found in _SOURCE.finditer(line):
        value, _, origin = found[2].partition(" (from: ")
        draft.source(found[1], value.strip(), origin.rstrip(") "))


def write(records: Iterator[Record]) -> str:
    """Write records as such pages: every label, the first line beside it, the others below."""
    pages = []
    for record in records:
        lines = []
        for label, texts in record.labelled():
            for number, text in enumerate(texts):
                lines.append(f"{label if number == 0 else '':<18}{text}")
        pages.append("\n".join(lines) + "\n")
    return "\n".join(pages)
