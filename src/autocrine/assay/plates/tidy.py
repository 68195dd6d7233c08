"""A tidy table, one row per value: from viability and intensities to counts over time and folds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from autocrine.assay.plates.account import Account
from autocrine.assay.plates.column_name import READOUTS
from autocrine.assay.plates.found_columns import FoundColumns, find_columns
from autocrine.assay.plates.observations import Observations
from autocrine.assay.plates.options import Options
from autocrine.assay.plates.raw_table import RawTable
from autocrine.assay.plates.tidy_value import observed
from autocrine.assay.plates.unit_column import factors
from autocrine.assay.plates.well_kind import by_drug, told_kinds
from autocrine.assay.plates.well_name import place_of
from autocrine.core import errors

#: more different times than this are a time course, in which the wells of time 0 are no separate plate
_FEW_TIMES = 3


@dataclass
class _Names:
    """What a well is, for every row."""

    line: pd.Categorical
    drug: pd.Categorical
    dose_nM: NDArray[np.float64]
    kind: NDArray[np.object_]


def read_tidy(table: RawTable, options: Options) -> Observations:
    """Read a table whose header names its columns.

    Parameters
    ----------
    table : RawTable
        The table.
    options : Options
        What the user says beside it.

    Returns
    -------
    Observations
        One value per row and readout.

    Raises
    ------
    InputError
        With file, line and column: columns that are absent or doubled, text in numbers, impossible or missing numbers,
        units that are not given, values that contradict the name of their column.
    UnitError
        If a unit is unknown or does not convert.
    """
    found = find_columns(table)
    account = Account(table, options)
    if not found.readouts:
        known = ", ".join(name for names in READOUTS.values() for name in names[:1])
        must = (
            f"a column must give the viability or another readout ({known}); the table has {', '.join(table.columns)}"
        )
        raise errors.InputError(must, where=table.where())
    names = _names(account, found)
    time = _time(account, found)
    shared = _shared(account, found, names, time)
    parts = [observed(account, found, readout, shared) for readout in found.readouts]
    account.notes += [note for note in found.notes if note not in account.notes]
    values = pd.concat([part for part, _ in parts], ignore_index=True) if len(parts) > 1 else parts[0][0]
    keep = np.concatenate([~(account.bad | bad) for _, bad in parts])
    excluded = account.excluded(parts[0][0])
    if not keep.any():
        reason = excluded["reason"].iloc[0] if len(excluded) else "no row"
        raise errors.InputError(
            f"the table must hold at least one usable row, but the first was left out: {reason}", where=table.name
        )
    if len(excluded):
        rows = excluded["row"].nunique()
        account.notes.append(f"{rows} of {len(table)} rows are left out; see the table of excluded values")
    values = values.loc[keep].reset_index(drop=True)
    return Observations(_started(values, account.notes), excluded, account.notes)


def _names(account: Account, found: FoundColumns) -> _Names:
    table, options, n = account.table, account.options, len(account.table)
    told = told_kinds(account, found.roles["kind"]) if "kind" in found.roles else np.full(n, "", dtype=object)
    drug_column, dose_column = found.get("drug"), found.get("dose")
    if drug_column:
        drug = table.text(drug_column)
        spoken = by_drug(drug)
        unsaid = (spoken == "control") & np.asarray(drug == "") & (told == "") & (dose_column is not None)
    else:
        said = found.drug or options.drug
        if dose_column and not said:
            must = f"a column must give the drug (drug, compound, treatment); the table has {', '.join(table.columns)}"
            raise errors.InputError(must, where=table.where(), hint="--drug NAME for a file with one drug")
        drug, spoken, unsaid = _one(said, n), np.full(n, "", dtype=object), np.zeros(n, dtype=bool)
    kind = np.where(told != "", told, spoken)
    dose = _dose(account, found, np.isin(kind, ("blank", "control", "untreated", "start")))
    if drug_column:
        account.mark(unsaid & (dose != 0), drug_column, "must be given", fatal=True)
    free = (dose == 0) & ~np.isin(kind, ("blank", "untreated", "start"))
    kind = np.where(free, "control", np.where(kind == "", "treated", kind))
    shared = (spoken != "") & (kind != "treated")
    if shared.any() or np.any(kind == "blank"):
        drug = pd.Categorical(np.where(shared | (kind == "blank"), "", np.asarray(drug, dtype=object)))
    return _Names(_line(account, found, kind), drug, dose, kind)


def _line(account: Account, found: FoundColumns, kind: NDArray[np.object_]) -> pd.Categorical:
    table, column = account.table, found.get("line")
    if column is None:
        if not account.options.line:
            must = f"a column must give the line (line, cell_line, sample); the table has {', '.join(table.columns)}"
            raise errors.InputError(must, where=table.where(), hint="--line NAME for a file with one line")
        return _one(account.options.line, len(table))
    line = table.text(column)
    account.mark(np.asarray(line == "") & (kind != "blank"), column, "must be given", fatal=True)
    return line


def _dose(account: Account, found: FoundColumns, may_lack: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return the dose of every row in nM; wells without drug need none."""
    column = found.get("dose")
    if column is None:
        if found.get("drug") and np.any(~may_lack) and not {"ct", "fold", "il6"} & set(found.readouts):
            must = "a column must give the dose (dose_uM, dose_nM, or dose with a column unit)"
            raise errors.InputError(
                f"{must}; the table has {', '.join(account.table.columns)}", where=account.table.where()
            )
        account.notes.append("no column gives a dose: all wells are without drug")
        return np.zeros(len(account.table))
    unit_column = found.get("dose_unit") or found.get("unit")
    factor = factors(
        account,
        column,
        "nM",
        named=found.units.get(column, ""),
        unit_column=None if found.units.get(column) else unit_column,
        said=account.options.dose_unit,
        option="--dose-unit",
        of="dose",
    )
    dose, _ = account.numbers(column, least=0.0, required=True, spare=may_lack)
    return _rounded(np.where(np.isnan(dose) & may_lack, 0.0, dose * factor))


def _rounded(dose: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return doses without the last digits of binary rounding, so that 3.9875e-06 M is 3987.5 nM."""
    unique, place = np.unique(dose, return_inverse=True)
    return np.array([float(f"{value:.12g}") for value in unique])[place]


def _time(account: Account, found: FoundColumns) -> NDArray[np.float64]:
    column = found.get("time")
    if column is None:
        return np.full(len(account.table), np.nan)
    factor = factors(
        account,
        column,
        "h",
        named=found.units.get(column, ""),
        unit_column=found.get("time_unit"),
        said=account.options.time_unit,
        option="--time-unit",
        of="time",
    )
    time, _ = account.numbers(column, required=True)
    return time * factor


def _shared(account: Account, found: FoundColumns, names: _Names, time: NDArray[np.float64]) -> dict[str, Any]:
    """Return the columns that all readouts of a row share."""
    table = account.table
    text = {role: table.text(found.roles[role]) for role in ("plate", "well", "replicate") if role in found.roles}
    shared: dict[str, Any] = {
        "file": table.name,
        "row": table.rows,
        "time_h": time,
        "arm": _arm(account, found),
        **text,
    }
    shared |= {"line": names.line, "drug": names.drug, "dose_nM": names.dose_nM}
    shared["kind"] = pd.Categorical(names.kind)
    if "well" in text:
        places = [place_of(str(word)) or (np.nan, np.nan) for word in text["well"].categories]
        place = np.array(places, dtype=float).reshape(-1, 2)[text["well"].codes]
        shared["plate_row"], shared["plate_column"] = place[:, 0], place[:, 1]
    for role, name in (("own_control", "value_control"), ("own_start", "value_start")):
        if role in found.roles:
            shared[name], _ = account.numbers(found.roles[role], least=0.0, required=True)
    return shared


def _arm(account: Account, found: FoundColumns) -> pd.Categorical | str:
    arm = account.table.text(found.roles["arm"]) if "arm" in found.roles else ""
    column = found.get("exposure")
    if column is None:
        return arm
    factor = factors(
        account,
        column,
        "h",
        named=found.units.get(column, ""),
        unit_column=None,
        said="",
        option="a unit in its name such as",
        of="exposure",
    )
    hours, _ = account.numbers(column, least=0.0, required=True)
    pulse = pd.Series(hours * factor).map(lambda value: f"{value:g} h pulse").to_numpy(dtype=object)
    if isinstance(arm, pd.Categorical):
        pulse = np.array([f"{first}, {second}" if first else second for first, second in zip(arm, pulse, strict=True)])
    return pd.Categorical(pulse)


def _one(word: str, count: int) -> pd.Categorical:
    return pd.Categorical.from_codes(np.zeros(count, dtype=np.int8), categories=pd.Index([word]))


def _started(values: pd.DataFrame, notes: list[str]) -> pd.DataFrame:
    """Take counts at time 0 of an end-point design as the start of growth."""
    times = values["time_h"].dropna().unique()
    if not 1 < len(times) <= _FEW_TIMES or 0.0 not in times:
        return values
    at = (values["time_h"] == 0).to_numpy()
    notes.append(f"{int(at.sum())} values at time 0 are read as the start of growth")
    kinds = np.asarray(values["kind"], dtype=object)
    return values.assign(kind=pd.Categorical(np.where(at & (kinds != "blank"), "start", kinds)))
