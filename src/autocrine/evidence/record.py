"""The record of a publication, in the shape of a scientific library's public record."""

from __future__ import annotations

from dataclasses import dataclass

from autocrine.core import Document, notebook
from autocrine.evidence.entry import Entry

ROLES = ("author", "corresponding", "editor", "group")
#: whether the citation was read somewhere or is only remembered
BIBLIOGRAPHY_BASES = ("read", "recalled")
WORKFLOW = ("draft", "submitted", "approved", "withdrawn")
_TEXTS = ("title", "journal", "volume", "issue", "pages")
_LISTS = ("authors", "author_address", "sources", "notes", "recalled_fields")
_KEYS = (*_TEXTS, *_LISTS, "authors_complete", "year", "type", "bibliography_basis", "workflow")


@dataclass(frozen=True)
class Author:
    """A name as printed, and its role: author, corresponding, editor or group."""

    name: str
    role: str


@dataclass(frozen=True)
class ExternalSource:
    """An identifier elsewhere: its scheme (PMID, DOI ...), its value, and where we have it from."""

    scheme: str
    value: str
    origin: str


@dataclass(frozen=True)
class Record:
    """A publication, or another source of facts.

    Attributes
    ----------
    key : str
        Its key in the library, e.g. ``"conze2001"``.
    title, journal, volume, issue, pages : str
        As printed; empty where unknown.
    authors : tuple of Author
        In their order.
    authors_complete : bool
        Whether all authors are listed.
    author_address : tuple of str
        Addresses as printed.
    year : int or None
        Year of publication.
    type : str
        Type of article.
    sources : tuple of ExternalSource
        Identifiers elsewhere.
    notes : tuple of str
        Notes of the library.
    bibliography_basis : str
        ``read`` or ``recalled``: how we know the citation.
    recalled_fields : tuple of str
        Fields that are only recalled in a citation that was read.
    workflow : str
        ``draft``, ``submitted``, ``approved`` or ``withdrawn``.
    abstract : str
        Only what a user imported; none is shipped.
    publisher, place : str
        Of a book, as printed; empty where unknown.
    raw : tuple of (str, str)
        The fields of the file from which it was imported, tag and text, before anything was made of them.
    """

    key: str
    title: str
    authors: tuple[Author, ...]
    authors_complete: bool
    author_address: tuple[str, ...]
    year: int | None
    journal: str
    volume: str
    issue: str
    pages: str
    type: str
    sources: tuple[ExternalSource, ...]
    notes: tuple[str, ...]
    bibliography_basis: str
    recalled_fields: tuple[str, ...]
    workflow: str
    abstract: str = ""
    publisher: str = ""
    place: str = ""
    raw: tuple[tuple[str, str], ...] = ()

    @classmethod
    def from_document(cls, key: str, document: Document) -> Record:
        """Read one table of ``records.toml``.

        Raises
        ------
        InputError
            If a key or a role, basis or workflow state is unknown.
        """
        entry = Entry(document, _KEYS)
        authors = tuple(Author(*row) for row in entry.rows("authors", ("name", "role")))
        for author in authors:
            must = f"the role of an author must be one of {', '.join(ROLES)}"
            entry.must(author.role in ROLES, "authors", must, author.role)
        recalled = entry.texts("recalled_fields")
        for name in recalled:
            entry.must(name in _KEYS, "recalled_fields", "a recalled field must be a field of the record", name)
        return cls(
            key=key,
            title=entry.text("title"),
            journal=entry.text("journal"),
            volume=entry.text("volume"),
            issue=entry.text("issue"),
            pages=entry.text("pages"),
            authors=authors,
            authors_complete=entry.flag("authors_complete"),
            author_address=entry.texts("author_address"),
            year=entry.whole("year"),
            type=entry.text("type", None),
            sources=tuple(ExternalSource(*row) for row in entry.rows("sources", ("scheme", "value", "origin"))),
            notes=entry.texts("notes"),
            bibliography_basis=entry.choice("bibliography_basis", BIBLIOGRAPHY_BASES),
            recalled_fields=recalled,
            workflow=entry.choice("workflow", WORKFLOW),
        )

    @property
    def short(self) -> str:
        """The citation in a few words: names, year, journal."""
        names = [author.name for author in self.authors]
        if len(names) > 2:
            names = [f"{names[0]} et al."]
        where = " ".join(part for part in (self.journal, self.volume) if part)
        if where and self.pages:
            where += f":{self.pages}"
        return " ".join(part for part in (" and ".join(names), str(self.year or ""), where) if part) or self.type

    def _repr_html_(self) -> str:
        return notebook.page(self.short, notebook.fields(self.labelled()))

    def labelled(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Return every field as its label and its lines; an empty one says so."""
        authors = tuple(f"{number}. {who.name} ({who.role})" for number, who in enumerate(self.authors, 1))
        if authors and not self.authors_complete:
            authors += ("whether there are further authors is not recorded",)
        basis = f"{self.bibliography_basis} (the citation)"
        if self.recalled_fields:
            basis += f"; only recalled: {', '.join(self.recalled_fields)}"
        texts = {name: ((getattr(self, name),) if getattr(self, name) else ("none",)) for name in _TEXTS}
        book = (("Publisher", self.publisher), ("Place", self.place), ("Abstract", self.abstract))
        return (
            ("Record", (self.key,)),
            ("Title", texts["title"]),
            ("Authors", authors or ("none",)),
            ("Author address", self.author_address or ("none",)),
            ("Year", (str(self.year or "none"),)),
            ("Journal", texts["journal"]),
            ("Volume", texts["volume"]),
            ("Issue", texts["issue"]),
            ("Pages", texts["pages"]),
            *((label, (text,)) for label, text in book if text),
            ("Type of article", (self.type,)),
            (
                "External sources",
                tuple(f"{s.scheme}: {s.value} (from: {s.origin})" for s in self.sources) or ("No sources found.",),
            ),
            ("Library notes", self.notes or ("No notes added.",)),
            ("Basis", (basis,)),
            ("Workflow", (self.workflow,)),
        )
