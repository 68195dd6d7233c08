"""Read any of the shapes in which laboratories keep plates, one file or several that belong together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from autocrine.assay.plates.found_columns import find_columns
from autocrine.assay.plates.matrix import Block, find_blocks, read_matrix, with_layout
from autocrine.assay.plates.observations import Observations, joined
from autocrine.assay.plates.options import Options
from autocrine.assay.plates.qpcr import is_qpcr, read_qpcr
from autocrine.assay.plates.raw_table import RawTable
from autocrine.assay.plates.sheet import Sheet, open_sheets
from autocrine.assay.plates.tagged import is_tagged, read_tagged
from autocrine.assay.plates.tidy import read_tidy
from autocrine.core import errors

_REPEATED = ["file", "plate", "line", "drug", "arm", "time_h", "dose_nM", "replicate", "readout"]


@dataclass
class _Found:
    """What the files hold."""

    tables: list[RawTable] = field(default_factory=list)
    layouts: list[RawTable] = field(default_factory=list)
    matrices: list[RawTable] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def read_plates(paths: str | Path | Sequence[str | Path], options: Options | None = None) -> Observations:
    """Read plates, tables and counts from text (CSV with comma, semicolon or tab) and Excel workbooks.

    Parameters
    ----------
    paths : path, or sequence of paths
        Files that belong together: several plates; drug wells and their controls; plates as matrices and the table of
        their layout.
    options : Options, optional
        What the files do not say: units, line, drug, decimal sign; whether bad cells are listed or refused.

    Returns
    -------
    Observations
        Every value with its provenance, every value that was left out with its reason, and how it was all understood.

    Raises
    ------
    InputError
        With file, line and column; see the readers of each shape.
    UnitError
        If a unit is unknown or does not convert.
    """
    options = options or Options()
    paths = [paths] if isinstance(paths, (str, Path)) else list(paths)
    if not paths:
        raise errors.InputError("at least one file must be given")
    found = _Found()
    for path in paths:
        _sort(open_sheets(Path(path)), found)
    parts = [_read_table(table, options) for table in found.tables] + _laid_out(found, options)
    whole = joined(parts)
    whole.notes[:0] = found.notes
    return _repeated(_twice(whole, options))


def _sort(sheets: list[Sheet], found: _Found) -> None:
    """Put every sheet where it belongs; in a workbook with several, those that are no tables are named."""
    refused: list[errors.InputError] = []
    for sheet in sheets:
        blocks, grid = _blocks(sheet)
        if blocks:
            found.matrices.append(read_matrix(sheet, grid, blocks))
            continue
        try:
            table = sheet.table()
            columns = find_columns(table)
        except errors.InputError as error:
            refused.append(error)
            continue
        known = bool(columns.readouts) or is_tagged(table)
        if not known and "well" in columns.roles:
            found.layouts.append(table)
        elif known or len(sheets) == 1:
            found.tables.append(table)
        else:
            found.notes.append(f"{sheet.name} is not read: none of its columns is a readout")
    if len(refused) == len(sheets):
        raise refused[0]
    found.notes += [f"not read: {error}" for error in refused]


def _blocks(sheet: Sheet) -> tuple[list[Block], list[list[str]]]:
    for grid in sheet.grids():
        blocks = find_blocks(grid)
        if blocks:
            return blocks, grid
    return [], []


def _read_table(table: RawTable, options: Options) -> Observations:
    if is_tagged(table):
        return read_tagged(table, options)
    return read_qpcr(table, options) if is_qpcr(table) else read_tidy(table, options)


def _laid_out(found: _Found, options: Options) -> list[Observations]:
    """Read plates that are matrices, with their layout."""
    if found.layouts and not found.matrices:
        layout = found.layouts[0]
        must = "a layout must come with its plates, or have a column with values (viability, intensity, cell_count ...)"
        raise errors.InputError(must, f"columns {', '.join(layout.columns)}", where=layout.name)
    if not found.matrices:
        return []
    first = found.matrices[0].name
    if not found.layouts:
        must = "a plate must come with a layout: a table with the columns well, line, drug, dose_uM and kind"
        raise errors.InputError(must, where=first, hint=f"autocrine plates check {first} layout.csv")
    if len(found.layouts) > 1:
        names = ", ".join(layout.name for layout in found.layouts)
        raise errors.InputError("only one layout may be given; it can have a column plate", names)
    parts = []
    for matrix in _together(found.matrices):
        table, excluded = with_layout(matrix, found.layouts[0])
        read = read_tidy(table, options)
        read.excluded = pd.concat([read.excluded, excluded], ignore_index=True) if len(excluded) else read.excluded
        if len(excluded):
            read.notes.append(f"{len(excluded)} measured wells are not in the layout; see the table of excluded values")
        parts.append(read)
    return parts


def _together(matrices: list[RawTable]) -> list[RawTable]:
    """Put plates from several files into one table, so that one layout can speak of all; provenance stays by plate."""
    if len(matrices) == 1:
        return matrices
    columns = {
        name: pd.Categorical(np.concatenate([np.asarray(table.columns[name], dtype=object) for table in matrices]))
        for name in matrices[0].columns
    }
    rows = np.concatenate([table.rows for table in matrices])
    notes = [f"{table.name}: {note}" for table in matrices for note in table.notes]
    name = " + ".join(table.name for table in matrices)
    return [RawTable(name, columns, rows, matrices[0].place, 1, notes)]


def _twice(read: Observations, options: Options) -> Observations:
    """Refuse a well that was read twice at one time, or keep the first and list the others."""
    values = read.table
    keys = ["plate", "well", "time_h", "readout"]
    named = values.loc[(values["well"] != "").to_numpy()]
    if (named["plate"] == "").any():
        # without the name of the plate, wells of one name may be on several
        keys += ["file", "line", "drug", "arm", "replicate", "dose_nM"]
    again = named.duplicated(keys, keep="first").to_numpy()
    if not again.any():
        return read
    doubled = named[again]
    second = doubled.iloc[0]
    same = np.logical_and.reduce(
        [(named[key] == second[key]) | (named[key].isna() & pd.isna(second[key])) for key in keys]
    )
    first = named[same].iloc[0]
    what = f"well {second['well']}" + (f" of plate {second['plate']}" if second["plate"] else "")
    if not options.exclude_bad:
        more = f" (and {len(doubled) - 1} more)" if len(doubled) > 1 else ""
        raise errors.InputError(
            f"every well must be given once, but {what} is given in rows {first['row']} and {second['row']}{more}",
            where=str(second["file"]),
            hint="a column time_h or plate if these are different readings; --exclude-bad keeps the first",
        )
    listed = doubled[["file", "row", "plate", "well", "line", "drug", "readout", "value"]].rename(
        columns={"readout": "column"}
    )
    listed = listed.assign(reason="the well is given twice; the first is kept").astype(object)
    excluded = pd.concat([part for part in (read.excluded, listed) if len(part)], ignore_index=True)
    kept = values.drop(index=doubled.index).reset_index(drop=True)
    note = f"{len(doubled)} values are a well given twice: left out"
    return Observations(kept, excluded, [*read.notes, note])


def _repeated(read: Observations) -> Observations:
    """Say how many values without a well's name repeat another one: they are replicates."""
    values = read.table
    unnamed = values.loc[((values["well"] == "") & (values["kind"] != "blank")).to_numpy()]
    repeated = int(unnamed.duplicated(_REPEATED).sum())
    if repeated:
        read.notes.append(
            f"{repeated} values repeat another of the same line, drug, dose and replicate: kept as replicates"
        )
    return read
