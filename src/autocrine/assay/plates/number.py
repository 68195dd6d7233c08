"""Numbers as laboratories write them: decimal signs, detection limits; what is ambiguous is refused."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from autocrine.core import errors

MISSING = frozenset({"", "na", "nan", "n/a", "null", "none", "-", "#n/a", "undetermined"})
#: what plate readers write where the detector is full
SATURATED = frozenset({"over", "ovrflw", "overflow", "saturated", "*****", "####"})
_COMMA = re.compile(r"[-+]?\d*,\d+(?:[eE][-+]?\d+)?")
_THOUSANDS = re.compile(r"[-+]?[1-9]\d{0,2}(?:,\d{3})+")


@dataclass(frozen=True)
class Numbers:
    """Cells of a column as numbers.

    Attributes
    ----------
    value : ndarray, shape (n,)
        NaN where a cell is missing or is no number.
    missing, saturated : ndarray of bool, shape (n,)
        Cells that say that nothing was measured, or that the detector was full.
    problem : ndarray of str, shape (n,)
        Why a cell is no number; empty where it is fine.
    censored : ndarray of str, shape (n,)
        ``"<"`` or ``">"`` where the cell gives a limit instead of a number, else empty.
    commas : int
        How many cells were read with a decimal comma.
    """

    value: NDArray[np.float64]
    missing: NDArray[np.bool_]
    saturated: NDArray[np.bool_]
    problem: NDArray[np.object_]
    censored: NDArray[np.object_]
    commas: int


def read_numbers(words: Sequence[str] | NDArray[np.object_], decimal: str = "", *, native: bool = False) -> Numbers:
    """Read the different cells of one column, which share one decimal sign.

    Parameters
    ----------
    words : sequence of str
        The cells.
    decimal : str
        ``","`` or ``"."`` where the user says which it is; else it is told from the cells themselves.
    native : bool
        The cells of a workbook: those with a point were numbers there, and only text can have a comma.

    Returns
    -------
    Numbers
        ``1,234`` alone is a problem, not a number: it may be 1.234 or 1234. Beside ``0,5`` it is 1.234.

    Raises
    ------
    InputError
        If ``decimal`` is something else.
    """
    if decimal not in {"", ".", ","}:
        raise errors.InputError("the decimal sign must be , or .", decimal)
    cells = pd.Series(list(words), dtype=object).astype(str).str.strip()
    folded = cells.str.lower()
    missing, saturated = folded.isin(MISSING).to_numpy(), folded.isin(SATURATED).to_numpy()
    text = cells.where(~(missing | saturated), "nan")
    sign = text.str.extract(r"^([<>])", expand=False).fillna("")
    text = text.str.replace("\u2212", "-").str.replace(r"^[<>]=?\s*", "", regex=True)
    value = np.array(pd.to_numeric(text, errors="coerce"), dtype=np.float64)
    strange = np.flatnonzero(np.isnan(value) & ~missing & ~saturated)
    problem = np.full(len(cells), "", dtype=object)
    commas = 0
    if strange.size:
        commas = _strange(text, strange, value, problem, decimal)
    if (decimal == "," or commas) and not native:
        _mixed(text, value, problem)
    value[problem != ""] = np.nan
    return Numbers(value, missing, saturated, problem, sign.to_numpy(dtype=object), commas)


def _strange(
    text: pd.Series, at: NDArray[np.intp], value: NDArray[np.float64], problem: NDArray[np.object_], decimal: str
) -> int:
    """Read the cells that are no plain numbers; returns how many had a decimal comma."""
    cells = text.iloc[at]
    comma = cells.str.fullmatch(_COMMA.pattern).to_numpy(dtype=bool)
    doubtful = cells.str.fullmatch(_THOUSANDS.pattern).to_numpy(dtype=bool)
    told = decimal == "," or bool(np.any(comma & ~doubtful))
    problem[at] = "must be a number"
    problem[at[doubtful]] = "must be a number that can be read in one way only (a decimal comma, or thousands?)"
    if decimal == ".":
        problem[at[comma | doubtful]] = "must have a decimal point and no separator of thousands"
        return 0
    if not told:
        return 0
    value[at[comma]] = cells[comma].str.replace(",", ".").to_numpy().astype(np.float64)
    problem[at[comma]] = ""
    return int(comma.sum())


def _mixed(text: pd.Series, value: NDArray[np.float64], problem: NDArray[np.object_]) -> None:
    """Among decimal commas a point may separate thousands, so a cell with a point is no number any more."""
    points = text.str.contains(".", regex=False).to_numpy(dtype=bool) & np.isfinite(value)
    problem[points] = "must not have a decimal point where other cells of its column have a decimal comma"
