"""Addresses: short, readable, and never given twice."""

from __future__ import annotations

import re
import sqlite3
import unicodedata

from autocrine.evidence.record import Record


def own(connection: sqlite3.Connection, address: str) -> str:
    """Keep the address of a built-in record; where an import took it before, the number goes on."""
    taken = connection.execute("SELECT 1 FROM record WHERE address = ?", (address,)).fetchone()
    return address if taken is None else _numbered(connection, address)


def free(connection: sqlite3.Connection, record: Record) -> str:
    """Return an address that no record ever had, made of the first author and the year."""
    family = record.authors[0].name.split(",")[0] if record.authors else "record"
    folded = unicodedata.normalize("NFKD", family).encode("ascii", "ignore").decode().lower()
    return _numbered(connection, re.sub(r"[^a-z]", "", folded)[:24] + str(record.year or ""))


def _numbered(connection: sqlite3.Connection, stem: str) -> str:
    """Return an address that no record ever had: ``conze2001``, ``conze2001b``, ..., ``conze2001.27``."""
    stem = stem or "record"
    query = "SELECT count(*) FROM record WHERE address = ?"
    used = "SELECT count(*) FROM record WHERE address >= ? AND address < ?"
    number = connection.execute(used, (stem, stem + "\uffff")).fetchone()[0]
    address = stem
    while connection.execute(query, (address,)).fetchone()[0]:
        number += 1
        address = f"{stem}{chr(96 + number)}" if 1 < number < 27 else f"{stem}.{number}"
    return address
