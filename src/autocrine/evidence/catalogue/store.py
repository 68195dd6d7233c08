"""The file of a catalogue with its records: how they are put in, changed and indexed, all of a change or nothing."""

from __future__ import annotations

import dataclasses
import datetime
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from autocrine.core import errors
from autocrine.evidence.catalogue import addresses, body, facet_columns, identity, own_claims
from autocrine.evidence.catalogue.database import INSERT_WORDS, open_database
from autocrine.evidence.catalogue.words import digest as words_digest
from autocrine.evidence.library import Library, load_library
from autocrine.evidence.record import Record


class Store:
    """The file of a catalogue, the built-in records taken in.

    Parameters
    ----------
    path : Path, optional
        Its file, made where it is absent; in memory where no path is given.
    library : Library, optional
        The built-in library whose records stand in it from the start; the one of the package where it is not given.
    """

    def __init__(self, path: Path | None = None, library: Library | None = None) -> None:
        self.where = "" if path is None else str(path)
        self.library = load_library() if library is None else library
        self._connection = open_database(path)
        self._changed = False
        with self._changing():
            self._take_in_library()
            self._index_anew()
            if self._connection.execute("SELECT 1 FROM facet").fetchone() is None:
                self._changed = True

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def record(self, address: str) -> Record:
        """Return the record at an address as it is, in whatever state; one merged into another as it was.

        Raises
        ------
        InputError
            If there is none.
        """
        _, text, workflow, _ = self._row(address)
        return body.unpacked(text, address, workflow)

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """Do all that is inside, or nothing of it; where a record changed, the facets are counted anew."""
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            yield
            if self._changed:
                facet_columns.write_columns(self._connection)
        except BaseException as error:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            if isinstance(error, sqlite3.Error):
                must = f"the catalogue must be writable and used by one program at a time ({error})"
                raise errors.InputError(must, where=self.where) from error
            raise
        finally:
            self._changed = False
        self._connection.execute("COMMIT")

    def _row(self, address: str) -> tuple[int, str, str, int | None]:
        query = "SELECT id, body, workflow, merged_into FROM record WHERE address = ?"
        clean = address.encode("utf-8", "replace").decode()
        row = self._connection.execute(query, (clean,)).fetchone()
        if row is None:
            hint = "autocrine library search"
            raise errors.InputError("the record must be one of the catalogue", address, where=self.where, hint=hint)
        return row

    def _take_in_library(self) -> None:
        """Put the built-in records in, or in their newest form; their files stay their source."""
        query = "SELECT address, id, digest FROM record WHERE built_in = 1"
        known = {address: (number, mark) for address, number, mark in self._connection.execute(query)}
        for address, record in self.library.records.items():
            number, mark = known.get(address, (None, ""))
            fresh = body.digest(record)
            if number is None:
                number = self._insert(
                    record, addresses.own(self._connection, address), record.workflow, fresh, built_in=True
                )
                self._write_event(number, "", record.workflow, "Autocrine")
            elif mark != fresh:
                merged = "SELECT count(*) FROM merging WHERE kept = ? OR other = ?"
                if not self._connection.execute(merged, (number, number)).fetchone()[0]:
                    self._replace(number, record)
                    self._connection.execute("UPDATE record SET digest = ? WHERE id = ?", (fresh, number))

    def _index_anew(self) -> None:
        """Make the index again where it was made by other rules for words, or with other claims."""
        rules = words_digest(tuple(claim.statement for claim in self.library.claims.values()))
        row = self._connection.execute("SELECT rules FROM indexed").fetchone()
        if row == (rules,):
            return
        self._connection.execute("DELETE FROM indexed")
        self._connection.execute("INSERT INTO indexed VALUES (?)", (rules,))
        query = "SELECT id, body, address, workflow FROM record WHERE merged_into IS NULL"
        for number, *rest in self._connection.execute(query).fetchall() if row else ():
            self._replace(number, body.unpacked(*rest))

    def _insert(self, record: Record, address: str, workflow: str, mark: str, *, built_in: bool) -> int:
        values = (address, None, "", "", workflow, "", int(built_in), mark, "")
        cursor = self._connection.execute(
            "INSERT INTO record (address, year, type, journal, workflow, print, built_in, digest, body)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            values,
        )
        number = cursor.lastrowid or 0
        self._replace(number, record, new=True)
        return number

    def _replace(self, number: int, record: Record, *, new: bool = False) -> None:
        self._changed = True
        run = self._connection.execute
        values = (record.year, record.type, record.journal, identity.print_of(record), body.packed(record), number)
        run("UPDATE record SET year = ?, type = ?, journal = ?, print = ?, body = ? WHERE id = ?", values)
        if not new:
            run("DELETE FROM identifier WHERE record = ?", (number,))
            run("DELETE FROM word WHERE rowid = ?", (number,))
        for scheme, value in sorted(identity.identifiers(record)):
            run("INSERT INTO identifier VALUES (?, ?, ?)", (scheme, value, number))
        address, workflow = run("SELECT address, workflow FROM record WHERE id = ?", (number,)).fetchone()
        every = (*self.library.claims_of(address), *own_claims.read_claims(self._connection, address).values())
        claims = tuple(claim.statement for claim in every)
        texts = body.words(dataclasses.replace(record, key=address), workflow, claims)
        run(INSERT_WORDS, (number, *texts))

    def _write_event(self, number: int, before: str, after: str, who: str) -> None:
        values = (number, before, after, who or "unknown", now())
        self._connection.execute("INSERT INTO event VALUES (?, ?, ?, ?, ?)", values)


def now() -> str:
    """Return the time (UTC) as it stands in the history."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
