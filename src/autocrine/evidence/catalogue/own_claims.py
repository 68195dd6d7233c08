"""A person's own claims and disagreements in the file of a catalogue: written, read, withdrawn, never deleted."""

from __future__ import annotations

import dataclasses
import json
import sqlite3
from collections.abc import Mapping
from typing import Any

from autocrine.core import Document
from autocrine.evidence.claim import Claim
from autocrine.evidence.disagreement import Disagreement

#: what stands between the address of a record and the number of a person's own claim: no claim of the package has it
MARK = "-own"
#: a record and all that were merged into it, one after another
_OF_FAMILY = """WITH RECURSIVE family(id) AS (SELECT id FROM record WHERE address = ?
    UNION SELECT record.id FROM record JOIN family ON record.merged_into = family.id)
    SELECT key, claim.body, withdrawn_at FROM claim JOIN record USING (address) JOIN family USING (id)
    ORDER BY claim.rowid"""


def write_claim(connection: sqlite3.Connection, address: str, fields: Mapping[str, Any], who: str, at: str) -> Claim:
    """Check the fields of a claim, give it the next key of its record, and write it.

    Raises
    ------
    InputError
        If a field is unknown or cannot be; the message names it.
    """
    number = connection.execute("SELECT count(*) FROM claim WHERE address = ?", (address,)).fetchone()[0] + 1
    key = f"{address}{MARK}{number}"
    given = {name: value for name, value in fields.items() if value not in (None, (), [], "")}
    values = {"record": address, "number": number, "curator": who, **given}
    claim = Claim.from_document(key, Document(values, "", f"the claim on {address}"))
    body = json.dumps(dataclasses.asdict(claim), ensure_ascii=False)
    connection.execute("INSERT INTO claim VALUES (?, ?, ?, ?, ?, '', '')", (key, address, body, who, at))
    return claim


def read_claims(
    connection: sqlite3.Connection, address: str | None = None, *, withdrawn: bool = False
) -> dict[str, Claim]:
    """Return own claims by key, all or those of a record with what was merged into it, in the order of writing."""
    if address is None:
        rows = connection.execute("SELECT key, body, withdrawn_at FROM claim ORDER BY rowid")
    else:
        rows = connection.execute(_OF_FAMILY, (address,))
    return {key: _claim(body) for key, body, gone in rows if withdrawn or not gone}


def history(connection: sqlite3.Connection, key: str) -> tuple[tuple[str, str, str, str], ...]:
    """Return what happened to an own claim: before, after, who, at."""
    row = connection.execute("SELECT who, at, withdrawn_by, withdrawn_at FROM claim WHERE key = ?", (key,)).fetchone()
    if row is None:
        return ()
    steps = (("", "stated", row[0], row[1]), ("stated", "withdrawn", row[2], row[3]))
    return steps if row[3] else steps[:1]


def withdraw(connection: sqlite3.Connection, key: str, who: str, at: str) -> None:
    """Mark an own claim or an own disagreement as withdrawn; it keeps its key and can still be shown."""
    for table in ("claim", "disagreement"):
        connection.execute(
            f"UPDATE {table} SET withdrawn_by = ?, withdrawn_at = ? WHERE key = ? AND withdrawn_at = ''",  # noqa: S608
            (who, at, key),
        )


def write_link(connection: sqlite3.Connection, fields: Mapping[str, str], at: str) -> Disagreement:
    """Check a disagreement and write it.

    Raises
    ------
    InputError
        If a field cannot be.
    """
    number = connection.execute("SELECT count(*) FROM disagreement").fetchone()[0] + 1
    key = f"own{number}"
    found = Disagreement.from_document(key, Document(dict(fields), "", "the disagreement"))
    row = (key, found.one, found.other, found.about, found.explained, found.curator, at)
    connection.execute("INSERT INTO disagreement VALUES (?, ?, ?, ?, ?, ?, ?, '', '')", row)
    return dataclasses.replace(found, at=at)


def read_links(connection: sqlite3.Connection) -> dict[str, Disagreement]:
    """Return a person's own disagreements by key, in the order of writing, without those withdrawn."""
    query = "SELECT key, one, other, about, explained, who, at FROM disagreement WHERE withdrawn_at = '' ORDER BY rowid"
    return {row[0]: Disagreement(*row) for row in connection.execute(query)}


def _claim(body: str) -> Claim:
    values = json.loads(body)
    for name in ("parameters", "disagrees"):
        values[name] = tuple(values[name])
    values["reactions"] = tuple(tuple(pair) for pair in values["reactions"])
    return Claim(**values)
