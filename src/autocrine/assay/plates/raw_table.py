"""One table as it stands in a file: names of columns, words of cells, and where each row stands."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from autocrine.core import errors


@dataclass
class RawTable:
    """Cells as text.

    Attributes
    ----------
    name : str
        The file, and the sheet of a workbook.
    columns : dict of str to Categorical
        Every column as written; a category is a word that occurs, so that each is read once however many rows have it.
    rows : ndarray of int, shape (n,)
        Line of a text file or row of a sheet, counted from 1.
    place : str
        ``"line"`` or ``"row"``: what a row is called in messages.
    head : int
        Where the header stands.
    notes : list of str
        What was noticed while opening.
    elsewhere : dict of str to RawTable
        Columns that come from another table, whose row ``beside`` has for every row.
    """

    name: str
    columns: dict[str, pd.Categorical]
    rows: NDArray[np.int64]
    place: str = "line"
    head: int = 1
    notes: list[str] = field(default_factory=list)
    elsewhere: dict[str, RawTable] = field(default_factory=dict)
    beside: NDArray[np.intp] = field(default_factory=lambda: np.empty(0, dtype=np.intp))

    def __len__(self) -> int:
        return len(self.rows)

    def words(self, column: str) -> tuple[NDArray[np.object_], NDArray[np.intp]]:
        """Return the different words of a column, stripped, and which of them each row has."""
        cells = self.columns[column]
        words = np.array([str(word).strip() for word in cells.categories], dtype=object)
        return words, np.asarray(cells.codes, dtype=np.intp)

    def cell(self, column: str, at: int) -> str:
        """Return one cell as written."""
        return str(self.columns[column][at])

    def where(self, column: str = "", at: int | None = None) -> str:
        """Say where a cell, or the header of a column, stands."""
        if column in self.elsewhere:
            return self.elsewhere[column].where(column, None if at is None else int(self.beside[at]))
        line = self.head if at is None else int(self.rows[at])
        return f"{self.name}, {self.place} {line}" + (f", column {column}" if column else "")

    def text(self, column: str) -> pd.Categorical:
        """Return a column of names, without blanks around them."""
        words, codes = self.words(column)
        unique = list(dict.fromkeys(words))
        place = {word: k for k, word in enumerate(unique)}
        again = np.array([place[word] for word in words], dtype=np.intp)
        return pd.Categorical.from_codes(again[codes] if len(words) else codes, categories=pd.Index(unique))


def check_header(header: list[str], where: str) -> None:
    """Refuse a header in which a column has no name, or one that another has too."""
    doubled = sorted({cell for cell in header if header.count(cell) > 1 and cell})
    if doubled:
        raise errors.InputError("every column must have a name of its own", ", ".join(doubled), where=where)
    if "" in header:
        at = header.index("") + 1
        raise errors.InputError(f"every column must have a name, but column {at} has none", where=where)
