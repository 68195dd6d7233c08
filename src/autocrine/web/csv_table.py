"""Tables for spreadsheets, in which no cell is a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

#: what spreadsheets take for the start of a formula, also behind blanks
_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")


def neutral(cell: object) -> object:
    """Return a cell that no spreadsheet runs: a text that starts like a formula gets an apostrophe before it.

    Numbers stay numbers, so that a negative one can be read again.

    References
    ----------
    OWASP, CSV Injection, https://owasp.org/www-community/attacks/CSV_Injection
    """
    if not isinstance(cell, str):
        return cell
    stripped = cell.lstrip(" \u00a0\ufeff\u200b")
    return f"'{cell}" if stripped.startswith(_STARTS) or cell.startswith(_STARTS) else cell


def csv_text(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a table as CSV."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([neutral(cell) for cell in head])
    writer.writerows([neutral(cell) for cell in row] for row in rows)
    return text.getvalue()
