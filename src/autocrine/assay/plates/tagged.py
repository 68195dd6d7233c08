"""Raw wells as the GDSC screens publish them: a row per well, whose TAG says what the well is."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from autocrine.assay.plates.account import Account
from autocrine.assay.plates.observations import Observations, frame
from autocrine.assay.plates.options import Options
from autocrine.assay.plates.raw_table import RawTable
from autocrine.assay.plates.well_name import FORMATS, name_of

#: columns by which the layout is known
NEEDED = frozenset({"BARCODE", "CELL_LINE_NAME", "POSITION", "TAG", "DRUG_ID", "CONC", "INTENSITY"})
_USED = NEEDED | {"DURATION", "SEEDING_DENSITY", "SCAN_ID"}
#: stated by the description of the screens' raw data: CONC in micromolar, DURATION in days
_NM_PER_CONC, _H_PER_DAY = 1000.0, 24.0
_TREATED = re.compile(r"[A-Z]\d+-D\d+(?:-[A-Z])?")
#: what the tags say; UN-USED and FAIL mark wells that must not be used
_TAGS = (
    (re.compile(r"B"), "blank"),
    (re.compile(r"NC-0"), "untreated"),
    (re.compile(r"NC-?\d*"), "control"),
    (re.compile(r"PC-?\d*"), "positive"),
    (_TREATED, "treated"),
)


def is_tagged(table: RawTable) -> bool:
    """Say whether a table has the columns of this layout."""
    return set(table.columns) >= NEEDED


def read_tagged(table: RawTable, options: Options) -> Observations:
    """Read raw wells with tags: B is a blank, NC-1 a solvent control, NC-0 untreated, PC a positive control.

    Parameters
    ----------
    table : RawTable
        Columns ``BARCODE, CELL_LINE_NAME, POSITION, TAG, DRUG_ID, CONC, INTENSITY``; ``SEEDING_DENSITY`` becomes the
        arm where a line has several, ``DURATION`` the time.
    options : Options
        What the user says beside it.

    Raises
    ------
    InputError
        With file, line and column: tags that are unknown, text in numbers, negative intensities, drug wells without
        concentration.

    References
    ----------
    Vis et al. 2016, Pharmacogenomics 17:691-700; the wells are those of the R package gdscIC50.
    """
    account = Account(table, options)
    tags, codes = table.words("TAG")
    kinds = np.array([_kind(tag) for tag in tags], dtype=object)
    account.drop(np.flatnonzero((kinds == "out")[codes]), "TAG", "the tag says that the well must not be used")
    account.mark((kinds == "")[codes], "TAG", "must be B, NC-*, PC-* or a library and a dose as L1-D1-S", fatal=True)
    kind = kinds[codes]
    value, _ = account.numbers("INTENSITY", least=0.0, required=False)
    dosed = np.isin(kind, ("treated", "positive"))
    dose, drug = _doses(account, dosed)
    line = account.text("CELL_LINE_NAME")
    row, column, well = _places(account)
    text: dict[str, object] = {"line": line, "drug": drug, "well": well, "plate": table.text("BARCODE")}
    values = frame(
        len(table),
        **text,
        file=table.name,
        row=table.rows,
        plate_row=row,
        plate_column=column,
        dose_nM=dose,
        arm=_seeding(account, line),
        time_h=_time(account),
        readout="intensity",
        value=value,
        kind=pd.Categorical(kind),
        replicate=text["plate"],
    )
    account.notes.append("raw wells with tags: CONC is in uM and DURATION in days, as the screens describe their data")
    unused = [name for name in table.columns if name not in _USED]
    account.notes.append("columns not used: " + ", ".join(unused))
    excluded = account.excluded(values)
    return Observations(values.loc[~account.bad].reset_index(drop=True), excluded, account.notes)


def _kind(tag: str) -> str:
    if tag.upper() in {"UN-USED", "FAIL", "E"}:
        return "out"
    return next((kind for pattern, kind in _TAGS if pattern.fullmatch(tag)), "")


def _doses(account: Account, dosed: NDArray[np.bool_]) -> tuple[NDArray[np.float64], pd.Categorical]:
    before = account.bad.copy()
    words, codes = account.table.words("CONC")
    lacking = (words == "")[codes]
    account.mark(lacking & dosed, "CONC", "must be given for a well with drug", fatal=True)
    marked = account.bad & ~before
    number = Account(account.table, account.options)
    dose, read = number.numbers("CONC", least=0.0, required=False)
    for problem in {text for text in read.problem if text}:
        account.mark((read.problem == problem)[codes], "CONC", problem, fatal=True)
    account.bad |= marked
    drugs = np.asarray(account.table.text("DRUG_ID"), dtype=object)
    account.mark(dosed & (drugs == ""), "DRUG_ID", "must be given for a well with drug", fatal=True)
    return np.where(dosed, dose * _NM_PER_CONC, 0.0), pd.Categorical(np.where(dosed, drugs, ""))


def _places(account: Account) -> tuple[NDArray[np.float64], NDArray[np.float64], pd.Categorical]:
    """Return row, column and name of wells that are numbered along the rows of the smallest plate that holds them."""
    position, _ = account.numbers("POSITION", least=0.0, required=True)
    highest = float(np.nanmax(position, initial=1.0))
    wells = next((n for n in FORMATS if n >= max(96.0, highest)), 0)
    account.mark(position > max(wells, 1), "POSITION", "must be a well of a plate of up to 1536", fatal=True)
    wide = FORMATS[wells][1] if wells else 48
    account.notes.append(f"POSITION counts along the rows of a plate of {wells} wells")
    place = position - 1
    row, column = np.floor(place / wide), place % wide
    known = np.where(np.isfinite(place), place, 0).astype(int)
    names = [name_of(at // wide, at % wide) for at in range(int(known.max()) + 1)]
    return row, column, pd.Categorical.from_codes(known, categories=pd.Index(names))


def _seeding(account: Account, line: pd.Categorical) -> pd.Categorical | str:
    """Name the seeding density where a line has several: cells that were seeded otherwise are no replicates."""
    if "SEEDING_DENSITY" not in account.table.columns:
        return ""
    density = account.table.text("SEEDING_DENSITY")
    several = pd.Series(density.codes).groupby(line.codes).nunique()
    mixed = several.reindex(line.codes).to_numpy() > 1
    return pd.Categorical(np.where(mixed, [f"{cells} cells/well" for cells in density], ""))


def _time(account: Account) -> NDArray[np.float64] | float:
    if "DURATION" not in account.table.columns:
        return np.nan
    return account.numbers("DURATION", least=0.0, required=True)[0] * _H_PER_DAY
