"""A search in the index of a catalogue, and the counts of what it finds."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from autocrine.core import errors, notebook
from autocrine.evidence.catalogue import body, facet_columns
from autocrine.evidence.catalogue.query import Query, parse
from autocrine.evidence.record import Record

#: how much a word counts in title, authors, journal, abstract, notes, identifiers, claims and filters (chosen)
WEIGHTS = (10.0, 6.0, 2.0, 1.0, 1.0, 8.0, 3.0, 0.0)
#: beyond so many records the newest stand first, not the nearest: nobody reads that far, and it must stay quick
RANKED = 1500
_LARGEST_PAGE = 1_000_000


@dataclass(frozen=True)
class Found:
    """What a search found.

    Attributes
    ----------
    text : str
        What was looked for.
    count : int
        Number of records found.
    records : tuple of Record
        Those of the page, the nearest first.
    """

    text: str
    count: int
    records: tuple[Record, ...]

    def _repr_html_(self) -> str:
        rows = [(record.key, record.short, record.title, record.workflow) for record in self]
        title = f"{self.count} found for {self.text!r}"
        return notebook.page(title, notebook.table(["key", "citation", "title", "state"], rows, most=20))

    def __len__(self) -> int:
        return len(self.records)

    def __iter__(self) -> Iterator[Record]:
        return iter(self.records)


def find(connection: sqlite3.Connection, text: str, page: int, size: int, public: bool) -> Found:
    """Find records; see `Catalogue.search`."""
    if page < 1 or size < 0:
        raise errors.InputError("page must be at least 1 and size at least 0", (page, size))
    query = parse(text)
    if query.finds_nothing:
        return Found(text, 0, ())
    source, values = _source(query, public)
    run = connection.execute
    count = run(f"SELECT count(*) {source}", values).fetchone()[0]
    limit = size or _LARGEST_PAGE
    order = (
        f"bm25(word, {', '.join(map(str, WEIGHTS))}), rowid DESC" if count <= RANKED and query.every else "rowid DESC"
    )
    values += [limit, min((page - 1) * limit, 2**62)]
    numbers = [row[0] for row in run(f"SELECT rowid {source} ORDER BY {order} LIMIT ? OFFSET ?", values)]
    rows = [run("SELECT body, address, workflow FROM record WHERE id = ?", (number,)).fetchone() for number in numbers]
    return Found(text, count, tuple(body.unpacked(*row) for row in rows))


def facets(connection: sqlite3.Connection, text: str, public: bool) -> dict[str, dict[str, int]]:
    """Count what a search finds; see `Catalogue.facets`."""
    query = parse(text)
    if query.finds_nothing:
        return {name: {} for name in facet_columns.FACETS}
    return facet_columns.count(connection, *_source(query, public))


def _source(query: Query, public: bool) -> tuple[str, list[Any]]:
    """Return where the numbers of the records come from, in SQL; all that a person typed is a value of it."""
    match = query.match
    if public:
        match = " AND ".join(filter(None, (match, f'(filters : "{body.filter_word("status", "approved")}")')))
    if match and query.never:
        match = f"({match}) NOT ({' OR '.join(query.never)})"
        return "FROM word WHERE word MATCH ?", [match]
    if match:
        return "FROM word WHERE word MATCH ?", [match]
    if query.never:
        return "FROM word WHERE rowid NOT IN (SELECT rowid FROM word WHERE word MATCH ?)", [" OR ".join(query.never)]
    return "FROM record WHERE merged_into IS NULL", []
