"""The catalogue: records in SQLite, found by words, told apart by identifiers, changed only by name and date."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from autocrine.core import errors
from autocrine.evidence.catalogue import addresses, body, identity
from autocrine.evidence.catalogue.claim_store import ClaimStore
from autocrine.evidence.catalogue.event import Event
from autocrine.evidence.catalogue.search import Found, facets, find
from autocrine.evidence.catalogue.store import now
from autocrine.evidence.record import Record

#: state → the states that may follow it; what is withdrawn can be put right and submitted again
STEPS = {
    "draft": ("submitted", "withdrawn"),
    "submitted": ("approved", "draft", "withdrawn"),
    "approved": ("withdrawn",),
    "withdrawn": ("draft",),
}


@dataclass(frozen=True)
class Answer:
    """What an address answers with.

    Attributes
    ----------
    state : str
        ``found``, ``moved`` (merged into another record, which is given), ``withdrawn`` or ``not public``.
    address : str
        Where the record stands now.
    record : Record or None
        The record, unless it is withdrawn or not public.
    """

    state: str
    address: str
    record: Record | None


@dataclass(frozen=True)
class Import:
    """What an import did: the addresses that are new, and those where the same text stood already."""

    added: tuple[str, ...]
    known: tuple[str, ...]


class Catalogue(ClaimStore):
    """A catalogue of publication records.

    Parameters
    ----------
    path : Path, optional
        Its file, made where it is absent; in memory where no path is given.
    library : Library, optional
        The built-in library whose records stand in it from the start; the one of the package where it is not given.
    """

    def __enter__(self) -> Catalogue:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __len__(self) -> int:
        """Count the records, those merged into another not counted."""
        return self._connection.execute("SELECT count(*) FROM record WHERE merged_into IS NULL").fetchone()[0]

    def __contains__(self, address: object) -> bool:
        """Tell whether a record ever had this address."""
        query = "SELECT 1 FROM record WHERE address = ?"
        return isinstance(address, str) and self._connection.execute(query, (address,)).fetchone() is not None

    def add(self, records: Iterable[Record], who: str = "") -> Import:
        """Add records as drafts; one whose text stands here already is passed over, so that an import can be repeated.

        Parameters
        ----------
        records : iterable of Record
            As `formats.read_records` returns them.
        who : str
            Who imports them, for the history.

        Returns
        -------
        Import
            The addresses of the new ones and of those that were known.
        """
        added, known = [], []
        with self._changing():
            for record in records:
                mark = body.digest(record)
                row = self._connection.execute("SELECT address FROM record WHERE digest = ?", (mark,)).fetchone()
                if row is not None:
                    known.append(row[0])
                    continue
                address = addresses.free(self._connection, record)
                number = self._insert(record, address, "draft", mark, built_in=False)
                self._write_event(number, "", "draft", who)
                added.append(address)
        return Import(tuple(added), tuple(known))

    def answer(self, address: str, public: bool = True) -> Answer:
        """Return what an address answers with; an address that was ever given always answers.

        Raises
        ------
        InputError
            If no record ever had it.
        """
        _, text, workflow, merged = self._row(address)
        now = address
        while merged is not None:
            query = "SELECT address, body, workflow, merged_into FROM record WHERE id = ?"
            now, text, workflow, merged = self._connection.execute(query, (merged,)).fetchone()
        if workflow == "withdrawn":
            return Answer("withdrawn", now, None)
        if public and workflow != "approved":
            return Answer("not public", now, None)
        return Answer("found" if now == address else "moved", now, body.unpacked(text, now, workflow))

    def advance(self, address: str, state: str, who: str) -> None:
        """Take a record one step in the workflow.

        Raises
        ------
        InputError
            If the step is not allowed, nobody is named, or there is no such record.
        """
        number, _, now, _ = self._row(address)
        if not who.strip():
            raise errors.InputError("a step of the workflow must name who makes it", where=address)
        if state not in STEPS[now]:
            must = f"a record that is {now} must become {' or '.join(STEPS[now])}"
            raise errors.InputError(must, state, where=address)
        with self._changing():
            self._connection.execute("UPDATE record SET workflow = ? WHERE id = ?", (state, number))
            self._write_event(number, now, state, who)
            self._replace(number, self.record(address))

    def history(self, address: str) -> tuple[Event, ...]:
        """Return the steps of a record in the workflow, the first one first."""
        number = self._row(address)[0]
        query = "SELECT before, after, who, at FROM event WHERE record = ? ORDER BY rowid"
        return tuple(Event(*row) for row in self._connection.execute(query, (number,)))

    def search(self, text: str = "", page: int = 1, size: int = 20, public: bool = False) -> Found:
        """Find records; the nearest first.

        Parameters
        ----------
        text : str
            What a person types: words, ``"phrases"``, ``author:conze``, ``year:1999..2004``, ``OR``, ``-not``. Any
            text can be given; a blank one finds all.
        page, size : int
            Which records to return of those found, from 1; ``size`` of 0 returns all.
        public : bool
            Whether only approved records are looked for.
        """
        return find(self._connection, text, page, size, public)

    def facets(self, text: str = "", public: bool = False) -> Mapping[str, Mapping[str, int]]:
        """Count what a search finds by year, type, journal and state of the workflow, the most frequent first."""
        return facets(self._connection, text, public)

    def duplicates(self) -> tuple[tuple[str, str], ...]:
        """Return pairs of addresses of records that are the same publication; the older address first."""
        pairs = self._connection.execute(
            """SELECT DISTINCT a.record, b.record FROM identifier a JOIN identifier b
               ON a.scheme = b.scheme AND a.value = b.value AND a.record < b.record
               UNION SELECT a.id, b.id FROM record a JOIN record b ON a.print = b.print AND a.id < b.id
               WHERE a.print != '' ORDER BY 1, 2"""
        ).fetchall()
        found = []
        for numbers in pairs:
            rows = [
                self._connection.execute("SELECT address, merged_into FROM record WHERE id = ?", (number,)).fetchone()
                for number in numbers
            ]
            if all(row[1] is None for row in rows) and identity.same(*(self.record(row[0]) for row in rows)):
                found.append((rows[0][0], rows[1][0]))
        return tuple(found)

    def merge(self, kept: str, other: str, who: str) -> Record:
        """Merge a record into another: what is missing is filled up, both texts stay, the old address leads on.

        Returns
        -------
        Record
            The record as it is now.

        Raises
        ------
        InputError
            If they are the same record, one is merged already, or nobody is named.
        """
        if not who.strip():
            raise errors.InputError("a merging must name who makes it", where=kept)
        (first, text, workflow, merged), (second, _, _, gone) = self._row(kept), self._row(other)
        if first == second or merged is not None or gone is not None:
            must = "two different records must be merged, neither of which is merged already"
            raise errors.InputError(must, (kept, other), where=self.where)
        united = identity.united(self.record(kept), self.record(other))
        with self._changing():
            values = (first, second, text, who, now())
            self._connection.execute("INSERT INTO merging VALUES (?, ?, ?, ?, ?)", values)
            self._connection.execute("UPDATE record SET merged_into = ? WHERE id = ?", (first, second))
            self._connection.execute("DELETE FROM word WHERE rowid = ?", (second,))
            self._replace(first, united)
        return body.unpacked(body.packed(united), kept, workflow)

    def unmerge(self, other: str) -> None:
        """Take the last merging of a record back: both records are again as they were before.

        Raises
        ------
        InputError
            If the record is not merged, or its target was merged with a third one later.
        """
        second = self._row(other)[0]
        query = "SELECT rowid, kept, body FROM merging WHERE other = ? ORDER BY rowid DESC LIMIT 1"
        row = self._connection.execute(query, (second,)).fetchone()
        if row is None or self._row(other)[3] is None:
            raise errors.InputError("the record must be merged into another", other)
        later = "SELECT count(*) FROM merging WHERE kept = ? AND rowid > ?"
        if self._connection.execute(later, (row[1], row[0])).fetchone()[0]:
            raise errors.InputError("the last merging of a record must be taken back first", other)
        with self._changing():
            self._connection.execute("DELETE FROM merging WHERE rowid = ?", (row[0],))
            self._connection.execute("UPDATE record SET merged_into = NULL WHERE id = ?", (second,))
            for number, text in ((row[1], row[2]), (second, self._row(other)[1])):
                address, state = self._connection.execute(
                    "SELECT address, workflow FROM record WHERE id = ?", (number,)
                ).fetchone()
                self._replace(number, body.unpacked(text, address, state))
