"""The one form in which every plate, table and count is held: a row per value, and where it came from."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from autocrine.assay.plates.account import EXCLUDED

#: what a well can be; ``untreated`` has not even the solvent, ``start`` was read when the drug was added
KINDS = ("blank", "control", "untreated", "positive", "start", "treated")
TEXT = ("file", "plate", "well", "line", "drug", "arm", "replicate", "readout", "unit", "censored", "kind")
NUMBERS = ("dose_nM", "time_h", "value", "value_control", "value_start", "plate_row", "plate_column")
COLUMNS = (
    *("file", "row", "plate", "well", "plate_row", "plate_column", "line", "drug", "dose_nM", "arm", "time_h"),
    *("replicate", "readout", "unit", "value", "censored", "kind", "value_control", "value_start"),
)


@dataclass
class Observations:
    """Values that can be used, and those that cannot.

    Attributes
    ----------
    table : DataFrame
        One row per value: ``file``, ``row`` (line of text or row of a sheet), ``plate``, ``well``, ``plate_row`` and
        ``plate_column`` (from 0, NaN where unknown), ``line``, ``drug`` (empty for wells that belong to all drugs),
        ``dose_nM``, ``arm``, ``time_h`` (NaN where not given), ``replicate``, ``readout``, ``unit``, ``value``,
        ``censored`` (``<`` or ``>`` where the value is a limit), ``kind``, ``value_control`` and ``value_start`` (where
        the row itself gives its control or its start).
    excluded : DataFrame
        Columns ``file, row, plate, well, line, drug, column, value, reason``: every value that was left out, and why.
    notes : list of str
        How the files were understood: synonyms, units, repeats, columns that were not used.
    """

    table: pd.DataFrame
    excluded: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=pd.Index(EXCLUDED)))
    notes: list[str] = field(default_factory=list)


def frame(count: int, **columns: object) -> pd.DataFrame:
    """Return a table of values with every column, those that are not given empty or NaN."""
    given: dict[str, object] = {}
    for name in COLUMNS:
        value = columns.pop(name, None)
        if value is None:
            value = "" if name in TEXT else np.nan
        if name in TEXT and isinstance(value, str):
            value = pd.Categorical.from_codes(np.zeros(count, dtype=np.int8), categories=pd.Index([value]))
        given[name] = value
    if columns:
        raise TypeError(f"no such columns: {sorted(columns)}")
    return pd.DataFrame(given, index=pd.RangeIndex(count))


def joined(parts: list[Observations]) -> Observations:
    """Put the values of several files under one another."""
    if len(parts) == 1:
        return parts[0]
    values = pd.concat([part.table.astype(dict.fromkeys(TEXT, object)) for part in parts], ignore_index=True)
    excluded = [part.excluded for part in parts if len(part.excluded)]
    return Observations(
        values.astype(dict.fromkeys(TEXT, "category")),
        pd.concat(excluded, ignore_index=True) if excluded else parts[0].excluded,
        list(dict.fromkeys(note for part in parts for note in part.notes)),
    )
