"""The account of a file: every cell that cannot be used, and why; or the refusal of the file at the first of them."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from autocrine.assay.plates.number import Numbers, read_numbers
from autocrine.assay.plates.options import Options
from autocrine.assay.plates.raw_table import RawTable
from autocrine.core import errors

EXCLUDED = ["file", "row", "plate", "well", "line", "drug", "column", "value", "reason"]


class Account:
    """Reads columns of a table and keeps account of the cells that cannot be used.

    Parameters
    ----------
    table : RawTable
        What is read.
    options : Options
        With ``exclude_bad`` impossible cells are put on the account, else the first of them refuses the file.
    """

    def __init__(self, table: RawTable, options: Options) -> None:
        self.table, self.options = table, options
        self.bad = np.zeros(len(table), dtype=bool)
        self.notes: list[str] = list(table.notes)
        self._account: list[tuple[NDArray[np.intp], str, str]] = []

    def numbers(
        self, column: str, *, least: float = -np.inf, required: bool, spare: NDArray[np.bool_] | bool = False
    ) -> tuple[NDArray[np.float64], Numbers]:
        """Return a column as numbers, one per row, and what was found in its cells; spare rows may lack one."""
        words, codes = self.table.words(column)
        read = read_numbers(words, self.options.decimal, native=self.table.place == "row")
        if read.commas:
            self.notes.append(f"column {column} has decimal commas")
        for problem in [text for text in dict.fromkeys(read.problem) if text]:
            hint = "--decimal , or --decimal . to say which" if "one way" in problem else ""
            self.mark((read.problem == problem)[codes], column, problem, hint, fatal=True)
        self.mark(
            read.missing[codes] & ~np.asarray(spare),
            column,
            "must be given" if required else "is missing",
            fatal=required,
        )
        self.mark(read.saturated[codes], column, "is beyond what the reader can measure", fatal=False)
        self.mark(np.isinf(read.value)[codes], column, "must be finite", fatal=True)
        with np.errstate(invalid="ignore"):
            self.mark((read.value < least)[codes], column, "must not be negative", fatal=True)
        return read.value[codes], read

    def text(self, column: str) -> pd.Categorical:
        """Return a column of names in which no cell may be empty."""
        cells = self.table.text(column)
        self.mark(np.asarray(cells == ""), column, "must be given", fatal=True)
        return cells

    def mark(self, bad: NDArray[np.bool_], column: str, must: str, hint: str = "", *, fatal: bool) -> None:
        """Exclude rows, or refuse the file at the first of them."""
        at = np.flatnonzero(bad)
        if at.size == 0:
            return
        if fatal and not self.options.exclude_bad:
            more = f" (and {at.size - 1} more rows)" if at.size > 1 else ""
            raise errors.InputError(
                f"{column} {must}{more}",
                self.table.cell(column, int(at[0])),
                where=self.table.where(column, int(at[0])),
                hint=hint or "--exclude-bad to leave such rows out and list them",
            )
        self.bad |= bad
        self._account.append((at, column, f"{column} {must}"))

    def drop(self, at: NDArray[np.intp], column: str, reason: str) -> None:
        """Put rows on the account whatever the options say."""
        if len(at):
            self.bad[at] = True
            self._account.append((np.asarray(at, dtype=np.intp), column, reason))

    def excluded(self, observed: pd.DataFrame) -> pd.DataFrame:
        """Return one row per cell that led to an exclusion, with the names of ``observed``, which has all rows."""
        parts = []
        for at, column, reason in self._account:
            part = observed.iloc[at][["file", "row", "plate", "well", "line", "drug"]].astype(object)
            words = [self.table.cell(column, int(i)) for i in at] if column in self.table.columns else [""] * at.size
            parts.append(part.assign(column=column, value=words, reason=reason))
        if not parts:
            return pd.DataFrame(columns=pd.Index(EXCLUDED))
        return pd.concat(parts, ignore_index=True).loc[:, EXCLUDED]
