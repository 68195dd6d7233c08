"""A CSV file of patients becomes a cohort; what cannot be used is refused or left out, and always counted."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from autocrine.core import errors
from autocrine.prognosis import cells
from autocrine.prognosis.check import check_cohort
from autocrine.prognosis.cohort import Cohort
from autocrine.prognosis.header import Column, find_column, time_unit

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from autocrine.prognosis.question import Question

#: more words than these are no category but a text
_MOST_LEVELS = 10
_COUNTED = "--exclude-bad to leave them out, counted"


def read_cohort(path: Path, question: Question) -> Cohort:
    """Read patients, one row each.

    Parameters
    ----------
    path : Path
        Comma, semicolon or tab between cells; UTF-8. A header may carry a unit in brackets.
    question : Question
        Which column is what.

    Raises
    ------
    InputError
        If the file cannot answer the question; the message names column and rows.
    """
    table = _table(Path(path))
    return cohort_of(table, question, name=Path(path).name)


def cohort_of(table: pd.DataFrame, question: Question, *, name: str) -> Cohort:
    """Return a cohort from a table of text cells, as `read_cohort` does from a file.

    Parameters
    ----------
    table : DataFrame
        One row per patient; numbers may be numbers or text.
    question : Question
        Which column is what.
    name : str
        What messages call the table.

    Raises
    ------
    InputError
        As `read_cohort`.
    """
    import pandas as pd

    reader = _Reader(table, question, name)
    identity, (time, unit), event = reader.identity(), reader.time(), reader.event()
    keep, flow, excluded = reader.usable(identity, time, event)
    treatment, arms = reader.treatment()
    response = reader.binary(question.response, "--response", "every response")
    marker = reader.numbers(question.marker, "--marker", "every marker value")
    covariates, levels = reader.covariates(keep)
    cohort = Cohort(
        name=name,
        question=question,
        identity=identity[keep],
        time=time[keep],
        event=np.where(event[keep] == question.competing, 2, event[keep]).astype(np.int64),
        marker=marker[keep],
        treatment=None if treatment is None else treatment[keep],
        response=None if response is None else response[keep],
        covariates=pd.DataFrame({name: values[keep] for name, values in covariates.items()}),
        levels=levels,
        arms=arms,
        time_unit=unit,
        units=reader.units,
        flow=flow,
        excluded=excluded,
        notes=reader.notes,
    )
    check_cohort(cohort)
    return cohort


def _table(path: Path) -> pd.DataFrame:
    """Read all cells as text, so that no library guesses what an id or a date is."""
    import pandas as pd

    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise errors.InputError("the file must exist", str(path), hint="the path of a CSV file") from error
    except (OSError, ValueError) as error:
        raise errors.InputError(f"the file must be readable UTF-8 text ({error})", where=str(path)) from error
    lines = text.splitlines()
    if len(lines) < 2:
        raise errors.InputError("the file must hold a header and at least one patient", where=str(path))
    separator = max(",;\t", key=lambda sign: len(next(csv.reader([lines[0]], delimiter=sign))))
    rows = [row for row in csv.reader(lines, delimiter=separator) if row]
    header = rows[0]
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        raise errors.InputError("a header must name each column once", twice[0], where=str(path))
    for at, row in enumerate(rows[1:], start=2):
        if len(row) != len(header):
            raise errors.InputError(
                f"a row must have {len(header)} cells as the header has", len(row), where=f"{path}, row {at}",
                hint="quotes around a cell that holds the separator",
            )  # fmt: skip
    return pd.DataFrame(rows[1:], columns=pd.Index(header), dtype=object)


class _Reader:
    """The columns of one table that a question names."""

    def __init__(self, table: pd.DataFrame, question: Question, name: str) -> None:
        self.table, self.question, self.name = table, question, name
        self.notes: list[str] = []
        self.units: dict[str, str] = {}

    def column(self, wanted: str, option: str) -> tuple[Column, pd.Series]:
        found = find_column([str(c) for c in self.table.columns], wanted, option=option, where=self.name)
        if found.unit:
            self.units[wanted] = found.unit
        return found, self.table.loc[:, found.header]

    def identity(self) -> NDArray[np.object_]:
        if not self.question.identity:
            return np.array([f"row {at + 2}" for at in range(len(self.table))], dtype=object)
        found, series = self.column(self.question.identity, "--id")
        names = np.array([str(cell).strip() for cell in series], dtype=object)
        counts: dict[str, int] = {}
        for one in names:
            counts[one] = counts.get(one, 0) + 1
        twice = np.array([counts[one] > 1 for one in names])
        if twice.any():
            raise errors.InputError(
                "every patient must stand in one row", names[twice][0], where=f"{self.name}, column {found.header}, "
                f"{cells.rows_of(twice)}", hint="one row per patient; two samples of one patient are not two patients",
            )  # fmt: skip
        return names

    def numbers(self, wanted: str, option: str, what: str) -> NDArray[np.float64]:
        found, series = self.column(wanted, option)
        return cells.read_numbers(series, what=what, where=f"{self.name}, column {found.header}")

    def time(self) -> tuple[NDArray[np.float64], str]:
        found, series = self.column(self.question.time, "--time")
        where = f"{self.name}, column {found.header}"
        if not cells.holds_dates(series):
            if self.question.origin:
                raise errors.InputError(
                    "--origin must go with a column of dates, but the times are numbers", where=where
                )
            unit = time_unit(found, self.question.time_unit, where=self.name)
            return cells.read_numbers(series, what="every time", where=where), unit
        said = self.question.origin
        origin = self.table.loc[:, said] if said in self.table.columns else said
        days = cells.read_durations(series, origin, what=f"the column {found.header!r}", where=self.name)
        self.notes.append(f"times are days from {said} to {found.header}")
        if self.question.time_unit not in ("", "days"):
            raise errors.InputError("--time-unit must be days where times are dates", self.question.time_unit)
        return days, "days"

    def event(self) -> NDArray[np.float64]:
        found, series = self.column(self.question.event, "--event")
        where = f"{self.name}, column {found.header}"
        return cells.read_numbers(series, what="every event", where=where)

    def usable(
        self, identity: NDArray[np.object_], time: NDArray[np.float64], event: NDArray[np.float64]
    ) -> tuple[NDArray[np.bool_], list[tuple[str, int]], pd.DataFrame]:
        """Return who stays, how many after each step, and who was left out for what."""
        import pandas as pd

        allowed = [0, 1] if self.question.competing is None else [0, 1, self.question.competing]
        told = "0 or 1" if self.question.competing is None else f"0, 1 or {self.question.competing}"
        hint = "1 = observed, 0 = censored" + ("; --competing 2 for a competing event" if len(allowed) == 2 else "")
        steps = [
            ("time unknown", np.isnan(time), "", ""),
            ("event unknown", np.isnan(event), "", ""),
            ("time zero or negative", time <= 0, "every time must be above 0", _COUNTED),
            ("event not " + told, ~np.isnan(event) & ~np.isin(event, allowed), f"every event must be {told}", hint),
        ]  # fmt: skip
        keep, flow, out = np.ones(time.size, dtype=bool), [("in the file", time.size)], []
        for reason, wrong, must, try_this in steps:
            if must and wrong.any() and not self.question.exclude_bad:
                values = time if "time" in must else event
                raise errors.InputError(
                    must, float(values[wrong][0]), where=f"{self.name}, {cells.rows_of(wrong)}", hint=try_this
                )
            lost = keep & wrong
            out += [{"row": int(at) + 2, "id": identity[at], "reason": reason} for at in np.flatnonzero(lost)]
            keep &= ~wrong
            if lost.any():
                flow.append((f"after leaving out {int(lost.sum())}: {reason}", int(keep.sum())))
        flow.append(("analysed", int(keep.sum())))
        return keep, flow, pd.DataFrame(out, columns=pd.Index(["row", "id", "reason"]))

    def treatment(self) -> tuple[NDArray[np.float64] | None, tuple[str, str]]:
        if not self.question.treatment:
            return None, ("", "")
        found, series = self.column(self.question.treatment, "--treatment")
        codes, levels = cells.read_categories(series)
        if len(levels) != 2:
            shown = ", ".join(levels[:6]) or "nothing"
            raise errors.InputError(
                "--treatment must be a column with two arms", shown, where=f"{self.name}, column {found.header}",
                hint="a column with 0 and 1, or two words",
            )  # fmt: skip
        return codes, (levels[0], levels[1])

    def binary(self, wanted: str, option: str, what: str) -> NDArray[np.float64] | None:
        if not wanted:
            return None
        values = self.numbers(wanted, option, what)
        wrong = ~np.isnan(values) & ~np.isin(values, [0, 1])
        if wrong.any():
            raise errors.InputError(
                f"{what} must be 0 or 1", float(values[wrong][0]),
                where=f"{self.name}, column {wanted}, {cells.rows_of(wrong)}", hint="1 = responded, 0 = did not",
            )  # fmt: skip
        return values

    def covariates(self, keep: NDArray[np.bool_]) -> tuple[dict[str, NDArray[np.float64]], dict[str, list[str]]]:
        values: dict[str, NDArray[np.float64]] = {}
        levels: dict[str, list[str]] = {}
        for name in self.question.adjust:
            found, series = self.column(name, "--adjust")
            if cells.holds_numbers(series):
                values[name] = cells.read_numbers(series, what=name, where=self.name)
                continue
            values[name], words = cells.read_categories(series)
            if len(words) > _MOST_LEVELS:
                raise errors.InputError(
                    f"a covariate with words must have at most {_MOST_LEVELS} of them", len(words),
                    where=f"{self.name}, column {found.header}", hint="NA where a number is unknown",
                )  # fmt: skip
            there = sorted({int(code) for code in values[name][keep] if not np.isnan(code)})
            place = {old: float(new) for new, old in enumerate(there)}
            values[name] = np.array([np.nan if np.isnan(c) else place.get(int(c), np.nan) for c in values[name]])
            levels[name] = [words[old] for old in there]
        return values, levels
