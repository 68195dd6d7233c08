"""Columns of text as numbers, words or dates; every refusal names its rows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from autocrine.core import errors

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

#: "none" is not among them: it is what an arm without treatment is called
MISSING = frozenset({"", "na", "n/a", "nan", "null", ".", "-", "?"})
_DAY = re.compile(r"^\d{4}-\d{2}-\d{2}(?:[ T].*)?$")
_OTHER_DAY = re.compile(r"^\d{1,4}[./-]\d{1,2}[./-]\d{1,4}$")
_COMMA = re.compile(r"^[-+]?\d+,\d+$")


def rows_of(wrong: NDArray[np.bool_], *, most: int = 5) -> str:
    """Name rows of the file as a spreadsheet counts them, the header being row 1."""
    rows = [str(row + 2) for row in np.flatnonzero(wrong)]
    told = ", ".join(rows[:most])
    more = f" and {len(rows) - most} more" if len(rows) > most else ""
    return f"row{'s' if len(rows) > 1 else ''} {told}{more}"


def is_missing(cells: pd.Series) -> NDArray[np.bool_]:
    """Say which cells hold nothing."""
    return np.array([str(cell).strip().lower() in MISSING for cell in cells])


def holds_dates(cells: pd.Series) -> bool:
    """Say whether what is there are calendar days and no numbers."""
    known = [str(cell).strip() for cell, gap in zip(cells, is_missing(cells), strict=True) if not gap]
    return bool(known) and all(_DAY.match(cell) or _OTHER_DAY.match(cell) for cell in known)


def read_numbers(cells: pd.Series, *, what: str, where: str) -> NDArray[np.float64]:
    """Return cells as numbers, NaN where missing; a decimal comma is read where no cell could mean anything else.

    Raises
    ------
    InputError
        If a cell is no number.
    """
    numbers, wrong = np.full(len(cells), np.nan), np.zeros(len(cells), dtype=bool)
    for at, (cell, gap) in enumerate(zip(cells, is_missing(cells), strict=True)):
        text = str(cell).strip()
        if gap:
            continue
        try:
            numbers[at] = float(text.replace(",", ".") if _COMMA.match(text) else text)
        except ValueError:
            wrong[at] = True
    wrong |= np.isinf(numbers)
    if wrong.any():
        shown = str(cells.iloc[int(np.flatnonzero(wrong)[0])])
        limit = shown.strip().startswith(("<", ">"))
        hint = "a number instead of a detection limit, and a word about it in the text" if limit else "NA where unknown"
        raise errors.InputError(f"{what} must be a number", shown, where=f"{where}, {rows_of(wrong)}", hint=hint)
    return numbers


def read_durations(
    cells: pd.Series, origin: pd.Series | str, *, what: str, where: str
) -> NDArray[np.float64]:  # fmt: skip
    """Return the days from an origin to dates, NaN where one of the two is missing.

    Parameters
    ----------
    cells : Series
        Days as ``2020-12-31``.
    origin : Series or str
        The day of each patient, or one day for all; empty if nobody said it.

    Raises
    ------
    InputError
        If no origin is known, or a cell is no ISO date.
    """
    if isinstance(origin, str) and not origin:
        raise errors.InputError(
            f"{what} must hold durations but holds dates", where=where,
            hint="--origin with the column of the day from which time counts (diagnosis, surgery), or one day for all",
        )  # fmt: skip
    end = _days(cells, what=what, where=where)
    if isinstance(origin, str):
        if not _DAY.match(origin):
            raise errors.InputError("--origin must be a column of the file or a day", origin, hint="2019-01-31")
        return end - float(np.datetime64(origin[:10]).astype(np.int64))
    return end - _days(origin, what="the origin", where=where)


def _days(cells: pd.Series, *, what: str, where: str) -> NDArray[np.float64]:
    gaps = is_missing(cells)
    days, wrong = np.full(len(cells), np.nan), np.zeros(len(cells), dtype=bool)
    for at in np.flatnonzero(~gaps):
        text = str(cells.iloc[at]).strip()
        try:
            if not _DAY.match(text):
                raise ValueError(text)
            days[at] = np.datetime64(text[:10]).astype(np.int64)
        except ValueError:
            wrong[at] = True
    if wrong.any():
        shown = str(cells.iloc[int(np.flatnonzero(wrong)[0])])
        raise errors.InputError(
            f"{what} must be dates as YYYY-MM-DD", shown, where=f"{where}, {rows_of(wrong)}", hint="2019-01-31"
        )
    return days


def read_categories(cells: pd.Series) -> tuple[NDArray[np.float64], list[str]]:
    """Return codes of words, NaN where missing, and the words in their order."""
    gaps = is_missing(cells)
    words: Sequence[str] = [str(cell).strip() for cell in cells]
    levels = sorted({word for word, gap in zip(words, gaps, strict=True) if not gap})
    code = {word: float(at) for at, word in enumerate(levels)}
    return np.array([np.nan if gap else code[word] for word, gap in zip(words, gaps, strict=True)]), levels


def holds_numbers(cells: pd.Series) -> bool:
    """Say whether every cell that holds something holds a number."""
    try:
        read_numbers(cells, what="", where="")
    except errors.InputError:
        return False
    return True
