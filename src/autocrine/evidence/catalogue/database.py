"""The file of a catalogue: SQLite with its full-text index, opened, checked and laid out."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from autocrine.core import errors

#: what SQLite writes into the file, so that another database is never taken for a catalogue
APPLICATION, VERSION = 0x41434C42, 2
#: the columns of the full-text index
COLUMNS = ("title", "authors", "journal", "abstract", "notes", "identifiers", "claims", "filters")
INSERT_WORDS = f"INSERT INTO word (rowid, {', '.join(COLUMNS)}) VALUES (?{', ?' * len(COLUMNS)})"  # noqa: S608 - ours

_LAYOUT = """
CREATE TABLE record (
    id INTEGER PRIMARY KEY, address TEXT NOT NULL UNIQUE, year INTEGER, type TEXT NOT NULL,
    journal TEXT NOT NULL, workflow TEXT NOT NULL, print TEXT NOT NULL, built_in INTEGER NOT NULL,
    merged_into INTEGER REFERENCES record(id), digest TEXT NOT NULL,
    body TEXT NOT NULL -- the last, so that what is short is read without it
);
CREATE INDEX record_print ON record(print) WHERE print != '';
CREATE INDEX record_digest ON record(digest);
CREATE INDEX record_alone ON record(merged_into);
CREATE TABLE identifier (
    scheme TEXT NOT NULL, value TEXT NOT NULL, record INTEGER NOT NULL REFERENCES record(id),
    PRIMARY KEY (scheme, value, record)
) WITHOUT ROWID;
CREATE TABLE event (
    record INTEGER NOT NULL REFERENCES record(id), before TEXT NOT NULL, after TEXT NOT NULL, who TEXT NOT NULL,
    at TEXT NOT NULL
);
CREATE TABLE merging (
    kept INTEGER NOT NULL REFERENCES record(id), other INTEGER NOT NULL REFERENCES record(id), body TEXT NOT NULL,
    who TEXT NOT NULL, at TEXT NOT NULL
);
CREATE TABLE verdict (
    claim TEXT NOT NULL, model TEXT NOT NULL, parameters TEXT NOT NULL, run TEXT NOT NULL, body TEXT NOT NULL,
    started TEXT NOT NULL, PRIMARY KEY (claim, model, parameters, started)
);
CREATE TABLE indexed (rules TEXT NOT NULL);
CREATE VIRTUAL TABLE word USING fts5(
    {COLUMNS}, tokenize = "unicode61 remove_diacritics 0"
);
"""


#: what came with version 2: claims and disagreements of one's own, and the facets as columns
_SINCE_2 = """
CREATE TABLE claim (
    key TEXT PRIMARY KEY, address TEXT NOT NULL, body TEXT NOT NULL, who TEXT NOT NULL, at TEXT NOT NULL,
    withdrawn_by TEXT NOT NULL, withdrawn_at TEXT NOT NULL
);
CREATE INDEX claim_address ON claim(address);
CREATE TABLE disagreement (
    key TEXT PRIMARY KEY, one TEXT NOT NULL, other TEXT NOT NULL, about TEXT NOT NULL, explained TEXT NOT NULL,
    who TEXT NOT NULL, at TEXT NOT NULL, withdrawn_by TEXT NOT NULL, withdrawn_at TEXT NOT NULL
);
CREATE TABLE facet (name TEXT PRIMARY KEY, "values" TEXT NOT NULL, codes BLOB NOT NULL);
CREATE INDEX record_facets ON record(merged_into, year, type, journal, workflow);
"""


def open_database(path: Path | None) -> sqlite3.Connection:
    """Open the file of a catalogue, laid out if it is new; in memory where there is no path.

    Raises
    ------
    InputError
        If the file is no catalogue or one of a newer version, cannot be opened, or SQLite has no full-text index.
    """
    where = "" if path is None else str(path)
    try:
        connection = sqlite3.connect(":memory:" if path is None else path, isolation_level=None)
        connection.execute("PRAGMA foreign_keys = ON")
        application = connection.execute("PRAGMA application_id").fetchone()[0]
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    except sqlite3.Error as error:
        raise errors.InputError(f"the file must be a catalogue ({error})", where=where) from error
    if tables == 0:
        _lay_out(connection, where)
    elif application != APPLICATION:
        connection.close()
        raise errors.InputError("the file must be a catalogue, but is another database", where=where)
    elif version == 1:
        _run(connection, f"{_SINCE_2}PRAGMA user_version = {VERSION};", where)
    elif version != VERSION:
        connection.close()
        raise errors.InputError(f"the catalogue must have version {VERSION}", version, where=where)
    return connection


def _lay_out(connection: sqlite3.Connection, where: str) -> None:
    marks = f"PRAGMA application_id = {APPLICATION};PRAGMA user_version = {VERSION};"
    _run(connection, _LAYOUT.replace("{COLUMNS}", ", ".join(COLUMNS)) + _SINCE_2 + marks, where)


def _run(connection: sqlite3.Connection, script: str, where: str) -> None:
    try:
        connection.executescript(f"BEGIN;{script}COMMIT;")
    except sqlite3.Error as error:
        connection.close()
        must = f"SQLite must be able to write a full-text index (FTS5) here ({error})"
        raise errors.InputError(must, where=where) from error
