"""Plates exported as they look: a block of rows A, B, C ... under columns 1, 2, 3 ..., with a table of the layout."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd

from autocrine.assay.plates.account import EXCLUDED
from autocrine.assay.plates.found_columns import find_columns
from autocrine.assay.plates.raw_table import RawTable
from autocrine.assay.plates.sheet import Sheet
from autocrine.assay.plates.well_name import FORMATS, name_of, place_of
from autocrine.core import errors

_SHAPES = set(FORMATS.values())
_ROW = re.compile(r"[A-Z]{1,2}")


@dataclass(frozen=True)
class Block:
    """One plate as a matrix.

    Attributes
    ----------
    name : str
        What stands above it, or the name of the sheet.
    head : int
        Where its row of column numbers is, counted from 0.
    left : int
        The place of its letters, counted from 0.
    shape : tuple of int
        Rows and columns.
    """

    name: str
    head: int
    left: int
    shape: tuple[int, int]


def find_blocks(grid: list[list[str]]) -> list[Block]:
    """Find all plates in the cells of a sheet: an empty or a short cell, 1, 2, 3 ... and below A, B, C ..."""
    blocks = []
    for head, row in enumerate(grid):
        for left in range(min(3, len(row))):
            wide = _counts(row, left)
            high = _letters(grid, head, left)
            if (high, wide) in _SHAPES and wide >= 3 and high >= 2:
                blocks.append(Block(_title(grid, head, row[left]), head, left, (high, wide)))
                break
    return blocks


def _counts(row: list[str], left: int) -> int:
    """Return how far the cells after ``left`` count 1, 2, 3 ..."""
    wide = 0
    for cell in row[left + 1 :]:
        if cell.strip() not in {str(wide + 1), f"{wide + 1:02d}", f"{wide + 1}.0"}:
            break
        wide += 1
    return wide


def _letters(grid: list[list[str]], head: int, left: int) -> int:
    high = 0
    for row in grid[head + 1 :]:
        name = row[left].strip().upper() if len(row) > left else ""
        place = place_of(f"{name}1") if _ROW.fullmatch(name) else None
        if place is None or place[0] != high:
            break
        high += 1
    return high


def _title(grid: list[list[str]], head: int, corner: str) -> str:
    """Return the name of a plate: its corner cell, or the last line with one word above it."""
    if corner.strip() and corner.strip() != "<>":
        return corner.strip()
    for row in reversed(grid[max(0, head - 2) : head]):
        words = [cell.strip() for cell in row if cell.strip()]
        if words:
            return words[-1] if len(words) <= 2 else ""
    return ""


def read_matrix(sheet: Sheet, grid: list[list[str]], blocks: list[Block]) -> RawTable:
    """Return the wells of all plates of a sheet as a table with the columns plate, well and intensity."""
    stem = re.split(r"[\\/]", sheet.name)[-1]
    plates, wells, cells, rows = [], [], [], []
    names = [block.name or (stem if len(blocks) == 1 else f"{stem} {k + 1}") for k, block in enumerate(blocks)]
    doubled = {name for name in names if names.count(name) > 1}
    for k, block in enumerate(blocks):
        name = f"{names[k]} {k + 1}" if names[k] in doubled else names[k]
        for down in range(block.shape[0]):
            at = block.head + 1 + down
            for across in range(block.shape[1]):
                place = block.left + 1 + across
                plates.append(name)
                wells.append(name_of(down, across))
                cells.append(grid[at][place].strip() if place < len(grid[at]) else "")
                rows.append(at + 1)
    columns = {
        "plate": pd.Categorical(plates),
        "well": pd.Categorical(wells),
        "intensity": pd.Categorical(cells),
    }
    shapes = {f"{high * wide}" for high, wide in (block.shape for block in blocks)}
    notes = [*sheet.notes, f"{len(blocks)} plate{'s' * (len(blocks) > 1)} of {' and '.join(sorted(shapes))} wells"]
    return RawTable(sheet.name, columns, np.array(rows, dtype=np.int64), sheet.place, 1, notes)


def with_layout(matrix: RawTable, layout: RawTable) -> tuple[RawTable, pd.DataFrame]:
    """Put the columns of a layout beside the wells of plates.

    Returns
    -------
    RawTable
        The wells that the layout names.
    DataFrame
        The measured wells that it does not name, as excluded values.

    Raises
    ------
    InputError
        If a well of the layout is no name of a well, stands twice, or is on none of the plates.
    """
    columns = find_columns(layout).roles
    plate_column, well_column = columns.get("plate"), columns["well"]
    place = _layout_places(layout, plate_column, well_column)
    plates, wells = (np.asarray(matrix.columns[name], dtype=object) for name in ("plate", "well"))
    at = np.array([place.get((p, w), place.get(("", w), -1)) for p, w in zip(plates, wells, strict=True)])
    _check_places(layout, place, matrix, (plate_column, well_column))
    laid = at >= 0
    said = [name for name in layout.columns if name not in {plate_column, well_column}]
    held = {name: pd.Categorical(np.asarray(cells, dtype=object)[laid]) for name, cells in matrix.columns.items()}
    held |= {name: pd.Categorical(np.asarray(layout.columns[name], dtype=object)[at[laid]]) for name in said}
    cells = np.asarray(matrix.columns["intensity"], dtype=object)
    astray = np.flatnonzero(~laid & (cells != ""))
    named = {"plate": plates[astray], "well": wells[astray], "line": "", "drug": "", "column": "intensity"}
    excluded = pd.DataFrame({"file": matrix.name, "row": matrix.rows[astray], **named, "value": cells[astray]})
    excluded = excluded.assign(reason="the layout does not name the well").loc[:, EXCLUDED]
    notes = [*matrix.notes, *layout.notes, f"the layout {layout.name} names {int(laid.sum())} wells"]
    beside = dict.fromkeys(said, layout)
    return RawTable(matrix.name, held, matrix.rows[laid], matrix.place, 1, notes, beside, at[laid]), excluded


def _check_places(
    layout: RawTable, place: dict[tuple[str, str], int], matrix: RawTable, columns: tuple[str | None, str]
) -> None:
    plates, wells = (np.asarray(matrix.columns[name], dtype=object) for name in ("plate", "well"))
    known = {*zip(plates, wells, strict=True), *(("", well) for well in wells)}
    for (plate, well), row in place.items():
        if (plate, well) not in known:
            where = layout.where((columns[0] if plate else None) or columns[1], row)
            must = f"every well of the layout must be on a plate that was read, but {well} of {plate or 'it'} is not"
            raise errors.InputError(must, where=where, hint="the plates " + ", ".join(sorted(set(plates))[:4]))


def _layout_places(layout: RawTable, plate_column: str | None, well_column: str) -> dict[tuple[str, str], int]:
    place: dict[tuple[str, str], int] = {}
    wells = layout.text(well_column)
    plates = layout.text(plate_column) if plate_column else [""] * len(layout)
    for row, (plate, well) in enumerate(zip(plates, wells, strict=True)):
        found = place_of(str(well))
        if found is None:
            where = layout.where(well_column, row)
            raise errors.InputError("a well must be named as B02", str(well), where=where)
        key = (str(plate), name_of(*found))
        if key in place:
            first = layout.where("", place[key])
            raise errors.InputError(
                f"a well must stand once in the layout, but {key[1]} stands again ({first})",
                where=layout.where(well_column, row),
            )
        place[key] = row
    return place
