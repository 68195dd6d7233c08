"""A record in the making: what a reader has found so far, with the raw fields beside the parsed values."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from autocrine.evidence.formats import names
from autocrine.evidence.record import Author, ExternalSource, Record

_YEAR = re.compile(r"(?<!\d)(1[5-9]\d\d|20\d\d)(?!\d)")
#: characters that no field may hold: controls, and what marks the direction of writing without being seen
_UNSEEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
_DOI = re.compile(r"(?:https?://(?:dx\.)?doi\.org/|doi:\s*)", re.IGNORECASE)
OTHERS = {"others", "et al", "et al."}


def clean(text: str) -> str:
    """Return a text without unseen characters, its white space made single blanks."""
    return " ".join(_UNSEEN.sub("", text).split())


@dataclass
class Draft:
    """What a reader has found of one record.

    Attributes
    ----------
    origin : str
        The format, from which identifiers are said to come.
    """

    origin: str
    key: str = ""
    texts: dict[str, str] = field(default_factory=dict)
    authors: list[Author] = field(default_factory=list)
    authors_complete: bool = True
    addresses: list[str] = field(default_factory=list)
    sources: list[ExternalSource] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    raw: list[tuple[str, str]] = field(default_factory=list)

    def put(self, name: str, text: str) -> None:
        """Set a text field once; the first one that says something wins."""
        if cleaned := clean(text):
            self.texts.setdefault(name, cleaned)

    def author(self, name: str, role: str = "author") -> None:
        """Add an author, editor or group in order; "et al" says that the list is not complete."""
        name = clean(name)
        if name.casefold() in OTHERS:
            self.authors_complete = False
        elif name:
            self.authors.append(Author(name if role == "group" else names.inverted(name), role))

    def address(self, text: str) -> None:
        """Add an address as printed, once."""
        text = clean(text)
        if text and text not in self.addresses:
            self.addresses.append(text)

    def source(self, scheme: str, value: str, origin: str = "") -> None:
        """Add an identifier, once for each scheme and value."""
        value = clean(value)
        scheme = clean(scheme)
        if scheme.upper() in {"PMID", "PMCID", "DOI", "WOS", "ISSN", "ISBN"}:
            scheme = scheme.upper()
        if scheme == "DOI":
            value = _DOI.sub("", value, count=1)
        if value and scheme and (scheme, value) not in [(each.scheme, each.value) for each in self.sources]:
            self.sources.append(ExternalSource(scheme, value, clean(origin) or self.origin))

    def note(self, text: str) -> None:
        """Add a note of the library, once."""
        text = clean(text)
        if text and text not in self.notes:
            self.notes.append(text)

    def finish(self) -> Record:
        """Return the record, a draft in the workflow."""
        year = _YEAR.search(self.texts.get("year", ""))
        texts = {
            name: self.texts.get(name, "")
            for name in ("title", "journal", "volume", "issue", "pages", "abstract", "publisher", "place")
        }
        return Record(
            key=self.key,
            **texts,
            authors=tuple(self.authors),
            authors_complete=bool(self.authors) and self.authors_complete,
            author_address=tuple(self.addresses),
            year=int(year[0]) if year else None,
            type=self.texts.get("type", "") or "unspecified literature",
            sources=tuple(self.sources),
            notes=tuple(self.notes),
            bibliography_basis="read",
            recalled_fields=(),
            workflow="draft",
            raw=tuple(self.raw),
        )
