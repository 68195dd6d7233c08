"""The facets of all records as columns of small numbers, so that a search is counted without going to the records.

Each column is one row of the table ``facet``: its values as JSON, and for each number of a record the place of its
value (0 where there is no such record, or it is merged into another). They are made again in the transaction that
changes a record, never while something is looked for.
"""

from __future__ import annotations

import json
import sqlite3
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

FACETS = ("year", "type", "journal", "workflow")


def write_columns(connection: sqlite3.Connection) -> None:
    """Make all columns again from the records."""
    import numpy as np

    chosen = f"SELECT id, {', '.join(FACETS)} FROM record WHERE merged_into IS NULL"  # noqa: S608 - our own names
    rows = connection.execute(chosen).fetchall()
    size = max((row[0] for row in rows), default=0) + 1
    numbers = np.fromiter((row[0] for row in rows), dtype=np.int64, count=len(rows))
    for place, name in enumerate(FACETS, 1):
        known: dict[Any, int] = {}
        column = np.zeros(size, dtype="<i4")
        column[numbers] = [known.setdefault(row[place], len(known) + 1) for row in rows]
        values = (name, json.dumps(list(known), ensure_ascii=False), column.tobytes())
        connection.execute("INSERT OR REPLACE INTO facet VALUES (?, ?, ?)", values)


def count(connection: sqlite3.Connection, source: str, values: list[Any]) -> dict[str, dict[str, int]]:
    """Count the records of a source by each facet, the most frequent first, then the greatest.

    Parameters
    ----------
    connection : sqlite3.Connection
        The catalogue.
    source : str
        Where the records come from, in SQL, with ``rowid`` as their number.
    values : list
        The values of its question marks.
    """
    import numpy as np

    # one text for all numbers: fetching them one by one would take longer than all the rest
    text = connection.execute(f"SELECT group_concat(rowid) {source}", values).fetchone()[0]
    found = np.fromstring(text or "", dtype=np.int64, sep=",") if text else np.empty(0, dtype=np.int64)
    counts = {}
    for name in FACETS:
        names, column = _column(connection, name)
        every = np.bincount(column[found], minlength=len(names) + 1)[1:].tolist()
        pairs = [(value, number) for value, number in zip(names, every, strict=True) if number]
        pairs.sort(key=lambda pair: (pair[1], pair[0] is not None, pair[0] or ""), reverse=True)
        counts[name] = _named(pairs)
    return counts


def _column(connection: sqlite3.Connection, name: str) -> tuple[list[Any], np.ndarray]:
    import numpy as np

    names, column = connection.execute('SELECT "values", codes FROM facet WHERE name = ?', (name,)).fetchone()
    return json.loads(names), np.frombuffer(column, dtype="<i4")


def _named(pairs: list[tuple[Any, int]]) -> dict[str, int]:
    named: dict[str, int] = {}
    for value, number in pairs:
        key = str(value or "none")
        named[key] = named.get(key, 0) + number
    return named
