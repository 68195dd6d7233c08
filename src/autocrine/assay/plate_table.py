"""A tidy table of measured viability, read without guessing and without losing a row silently."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from autocrine.core import errors, units

#: the names under which a column is found; the first is ours
SYNONYMS = {
    "line": ("line", "cell_line", "sampleid", "sample", "cell"),
    "drug": ("drug", "compound", "drug_name", "treatment"),
    "replicate": ("replicate", "rep", "plate"),
    "duration_h": ("duration_h", "hours"),
}
#: what one unit of a viability column is worth, as a fraction of control
VIABILITY = {"viability": 1.0, "viability_fraction": 1.0, "viability_pct": 0.01, "viability_percent": 0.01}
_DOSE_WITH_UNIT = re.compile(r"^(?:dose|concentration)_(.+)$")
_PLAIN_DOSE = ("dose", "concentration")
_UNIT = ("unit", "dose_unit")
_DOSES = ("dose_uM", "dose_nM", "dose with a column unit")
_MISSING = {"", "na", "nan", "n/a", "null", "none"}
_SHOWN = 3


@dataclass(frozen=True)
class PlateTable:
    """Wells that can be used, and those that cannot.

    Attributes
    ----------
    wells : DataFrame
        Columns ``line``, ``drug``, ``duration_h`` (NaN where not given), ``dose_nM``, ``viability`` (fraction of
        control), ``replicate``, ``row`` (line in the file).
    excluded : DataFrame
        Columns ``row``, ``line``, ``drug``, ``column``, ``value``, ``reason``: every row that was left out, and why.
    notes : list of str
        How the table was understood: synonyms, units, repeated wells, columns that were not used.
    """

    wells: pd.DataFrame
    excluded: pd.DataFrame
    notes: list[str]


def read_viability(path: str | Path, *, exclude_bad: bool = False) -> PlateTable:
    """Read measured viability from a text table with a header (separated by comma, semicolon or tab).

    Parameters
    ----------
    path : str or Path
        The file. Columns: ``line`` (also cell_line, sampleid, sample, cell), ``drug`` (compound, drug_name,
        treatment), the dose as ``dose_uM``, ``dose_nM`` ... (``concentration_uM`` ...) or as ``dose`` with a column
        ``unit``, and one of ``viability`` (fraction of control) or ``viability_pct`` (per cent).
        Optional: ``replicate``, ``duration_h``.
    exclude_bad : bool
        Put rows with unreadable or impossible numbers into ``excluded`` instead of refusing the file.

    Returns
    -------
    PlateTable
        Rows whose viability is missing are always excluded, with the reason.

    Raises
    ------
    InputError
        With file, line and column: absent or empty file, missing or doubled columns, text in numbers, a dose that is
        negative or missing, viability that contradicts the name of its column.
    UnitError
        If a unit is unknown or is not a molar concentration.
    """
    raw, name = _raw(Path(path)), str(path)
    columns, notes = _columns(raw, name)
    reader = _Reader(raw, name, exclude_bad)
    dose = reader.number(columns["dose"], least=0.0, required=True)
    factor = _dose_factor(raw, columns, reader)
    viability = reader.number(columns["viability"], least=-np.inf, required=False)
    for key in ("line", "drug"):
        reader.text(columns[key])
    hours = reader.number(columns["duration_h"], least=0.0, required=True) if "duration_h" in columns else np.nan
    _check_scale(viability[~reader.bad], columns["viability"], name)
    table = pd.DataFrame(
        {
            "line": raw[columns["line"]].str.strip(),
            "drug": raw[columns["drug"]].str.strip(),
            "duration_h": hours,
            "dose_nM": dose * factor,
            "viability": viability * VIABILITY[columns["viability"]],
            "replicate": raw[columns["replicate"]].str.strip() if "replicate" in columns else "",
            "row": raw["__row"],
        }
    )
    excluded = reader.excluded(table)
    wells = table.loc[~reader.bad].reset_index(drop=True)
    if wells.empty:
        first = excluded["reason"].iloc[0]
        raise errors.InputError(
            f"the table must hold at least one usable row, but the first was left out: {first}", where=name
        )
    if len(excluded):
        notes.append(f"{len(excluded)} of {len(table)} rows are left out; see the table of excluded rows")
    return PlateTable(_numbered(wells, notes), excluded, notes)


def _raw(path: Path) -> pd.DataFrame:
    if path.suffix.lower() in {".xlsx", ".xls", ".ods"}:
        raise errors.InputError("the file must be a text table", path.suffix, where=str(path), hint="saving it as CSV")
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise errors.InputError("the file must exist", str(path), hint="the path of a CSV file") from error
    except (OSError, UnicodeDecodeError) as error:
        raise errors.InputError(f"the file must be readable UTF-8 text ({error})", where=str(path)) from error
    lines = text.splitlines()
    head = next((line for line in lines if line.strip()), "")
    if not head:
        raise errors.InputError("the file must hold a table but was empty", where=str(path))
    mark = max(",;\t", key=head.count)
    records, rows = [], []
    reader = csv.reader(lines, delimiter=mark)
    for record in reader:
        if any(cell.strip() for cell in record):
            records.append(record)
            rows.append(reader.line_num)
    header = [cell.strip() for cell in records[0]]
    _check_shape(header, records, rows, str(path), mark)
    table = pd.DataFrame(records[1:], columns=pd.Index(header), dtype=str)
    return table.assign(__row=rows[1:])


def _check_shape(header: list[str], records: list[list[str]], rows: list[int], name: str, mark: str) -> None:
    doubled = {cell for cell in header if header.count(cell) > 1}
    if doubled:
        raise errors.InputError(
            "every column must have a name of its own", ", ".join(sorted(doubled)), where=f"{name}, line 1"
        )
    if len(records) == 1:
        raise errors.InputError("the table must hold at least one row below its header", where=name)
    for row, record in zip(rows, records, strict=True):
        if len(record) != len(header):
            hint = "a decimal point where the comma also separates" if mark == "," else ""
            must = f"every row must have {len(header)} cells, as the header"
            raise errors.InputError(must, len(record), where=f"{name}, line {row}", hint=hint)


def _columns(raw: pd.DataFrame, name: str) -> tuple[dict[str, str], list[str]]:
    """Find the columns by name and say how they were found."""
    present = [column for column in raw.columns if column != "__row"]
    found, notes = {}, []
    for key, names in SYNONYMS.items():
        column = _only(
            present, [n for n in names if n in present], key, name, needed=key in {"line", "drug"}, names=names
        )
        if column:
            found[key] = column
            if column != key:
                notes.append(f"column {column} is read as {key}")
    found["viability"] = _only(
        present, [n for n in VIABILITY if n in present], "viability", name, needed=True, names=tuple(VIABILITY)
    )
    doses = [n for n in present if _DOSE_WITH_UNIT.match(n) and n not in _UNIT] + [
        n for n in _PLAIN_DOSE if n in present
    ]
    found["dose"] = _only(present, doses, "dose", name, needed=True, names=_DOSES)
    if found["dose"] in _PLAIN_DOSE:
        given = [n for n in _UNIT if n in present]
        found["unit"] = _only(present, given, "unit", name, needed=True, names=("unit",))
    share = VIABILITY[found["viability"]]
    notes.append(f"{found['viability']} is read as {'per cent' if share < 1 else 'a fraction'} of control")
    unused = [column for column in present if column not in found.values()]
    if unused:
        notes.append("columns not used: " + ", ".join(unused))
    return found, notes


def _only(present: list[str], found: list[str], key: str, name: str, *, needed: bool, names: tuple[str, ...]) -> str:
    where = f"{name}, line 1"
    if len(found) > 1:
        raise errors.InputError(f"only one column may give the {key}", ", ".join(found), where=where)
    if not found and needed:
        near = [column for column in present if column.lower() in {n.lower() for n in names}]
        hint = f"{names[0]} instead of {near[0]}" if near else ""
        must = f"a column must give the {key} ({', '.join(names)}); the table has {', '.join(present)}"
        raise errors.InputError(must, where=where, hint=hint)
    return found[0] if found else ""


class _Reader:
    """Reads columns and keeps account of the cells that cannot be used."""

    def __init__(self, raw: pd.DataFrame, name: str, exclude_bad: bool) -> None:
        self._raw, self._name, self._lenient = raw, name, exclude_bad
        self.bad = np.zeros(len(raw), dtype=bool)
        self._account: list[tuple[int, str, str, str]] = []

    def number(self, column: str, *, least: float, required: bool) -> np.ndarray:
        """Return a column as numbers; a required one may not be missing."""
        cells = self._raw[column].str.strip()
        missing = cells.str.lower().isin(_MISSING).to_numpy()
        value = np.asarray(pd.to_numeric(cells.where(~missing), errors="coerce"), dtype=np.float64)
        text = np.isnan(value) & ~missing
        hint = "a decimal point instead of the comma" if cells[text].str.contains(r"\d,\d").any() else ""
        self.mark(text, column, "must be a number", hint, fatal=True)
        self.mark(missing, column, "must be given" if required else "is missing", fatal=required)
        self.mark(np.asarray(np.isinf(value)), column, "must be finite", fatal=True)
        with np.errstate(invalid="ignore"):
            self.mark(np.asarray(value < least), column, "must not be negative", fatal=True)
        return value

    def text(self, column: str) -> None:
        """Check that a column of names has no empty cell."""
        self.mark((self._raw[column].str.strip() == "").to_numpy(), column, "must be given", fatal=True)

    def mark(self, bad: np.ndarray, column: str, must: str, hint: str = "", *, fatal: bool) -> None:
        """Exclude rows, or refuse the file at the first of them."""
        at = np.flatnonzero(bad)
        if at.size == 0:
            return
        if fatal and not self._lenient:
            more = f" (and {at.size - 1} more rows)" if at.size > 1 else ""
            raise errors.InputError(
                f"{column} {must}{more}",
                self._raw[column].iloc[at[0]],
                where=f"{self._name}, line {self._raw['__row'].iloc[at[0]]}, column {column}",
                hint=hint or "--exclude-bad to leave such rows out and list them",
            )
        self.bad |= bad
        cells = self._raw[column].to_numpy()
        self._account.extend((int(i), column, str(cells[i]), f"{column} {must}") for i in at)

    def excluded(self, table: pd.DataFrame) -> pd.DataFrame:
        """Return the account: one row per cell that led to an exclusion."""
        at = [item[0] for item in self._account]
        rows = table.iloc[at]
        return pd.DataFrame(
            {
                "row": rows["row"].to_numpy(),
                "line": rows["line"].to_numpy(),
                "drug": rows["drug"].to_numpy(),
                "column": [item[1] for item in self._account],
                "value": [item[2] for item in self._account],
                "reason": [item[3] for item in self._account],
            }
        )


def _dose_factor(raw: pd.DataFrame, columns: dict[str, str], reader: _Reader) -> np.ndarray | float:
    """Return nM per unit of dose, for the table or for each row."""
    header = _DOSE_WITH_UNIT.match(columns["dose"])
    name = reader._name
    if header:
        return _plain(header[1], where=f"{name}, line 1, column {columns['dose']}")
    spelled = raw[columns["unit"]].str.strip()
    reader.mark((spelled == "").to_numpy(), columns["unit"], "must be given", fatal=True)
    known = {"": np.nan}
    for unit in dict.fromkeys(spelled[spelled != ""]):
        row = int(raw["__row"].to_numpy()[spelled.to_numpy() == unit][0])
        known[unit] = _plain(unit, where=f"{name}, line {row}, column {columns['unit']}")
    return spelled.map(known).to_numpy(dtype=float)


def _plain(unit: str, *, where: str) -> float:
    """Return nM per unit without the last digits of binary rounding, so that 0.0025 uM is 2.5 nM."""
    return float(f"{units.convert(1.0, unit, 'nM', where=where):.12g}")


def _check_scale(value: np.ndarray, column: str, name: str) -> None:
    """Refuse fractions that are plainly per cent, and the reverse: the name decides, so it must not be wrong."""
    value = value[np.isfinite(value)]
    if value.size < _SHOWN:
        return
    high = float(np.quantile(value, 0.9))
    if VIABILITY[column] == 1.0 and high > 5:
        raise errors.InputError(
            f"{column} must be a fraction of control (about 0 to 1)",
            f"{high:.3g} at its 90 % quantile",
            where=f"{name}, column {column}",
            hint="naming the column viability_pct if it holds per cent",
        )
    if VIABILITY[column] < 1.0 and 0 < float(np.max(value)) <= 2:
        raise errors.InputError(
            f"{column} must be per cent of control (about 0 to 100)",
            f"{float(np.max(value)):.3g} at most",
            where=f"{name}, column {column}",
            hint="naming the column viability if it holds fractions",
        )


def _numbered(wells: pd.DataFrame, notes: list[str]) -> pd.DataFrame:
    """Keep wells that share line, drug, duration, dose and replicate as replicates of their own."""
    keys = ["line", "drug", "duration_h", "dose_nM", "replicate"]
    again = wells.groupby(keys, dropna=False, sort=False).cumcount()
    repeated = int((again > 0).sum())
    if repeated:
        notes.append(f"{repeated} wells repeat another of the same line, drug, dose and replicate: kept as replicates")
    label = wells["replicate"].where(wells["replicate"] != "", "1")
    label = label.where(again == 0, label + "." + (again + 1).astype(str))
    return wells.assign(replicate=label)
