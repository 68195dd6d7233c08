"""A text file or a sheet of a workbook before anything is understood of it."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from autocrine.assay.plates.raw_table import RawTable, check_header
from autocrine.core import errors

_MARKS = ",;\t"
#: no text has these
_CONTROLS = [chr(code) for code in range(32) if chr(code) not in "\t\r\n\f\v"]
#: a plate of 1536 wells has 32 rows, so no file of so many lines is an export of matrices
_MOST_MATRIX_LINES = 20_000


@dataclass
class Sheet:
    """Lines of text, or rows of cells.

    Attributes
    ----------
    name : str
        The file, and the sheet of a workbook.
    lines : list of str or None
        Of a text file.
    cells : list of list of str or None
        Of a workbook.
    notes : list of str
        What was noticed while opening.
    """

    name: str
    lines: list[str] | None = None
    cells: list[list[str]] | None = None
    notes: list[str] = field(default_factory=list)

    @property
    def place(self) -> str:
        """What a row is called in messages."""
        return "line" if self.cells is None else "row"

    def grids(self) -> list[list[list[str]]]:
        """Return the cells, row by row with empty ones, in every way in which the text may be separated."""
        if self.cells is not None:
            return [self.cells] if len(self.cells) <= _MOST_MATRIX_LINES else []
        lines = self.lines or []
        if len(lines) > _MOST_MATRIX_LINES:
            return []
        marks = [mark for mark in _MARKS if any(mark in line for line in lines)]
        return [[next(csv.reader([line], delimiter=mark), []) for line in lines] for mark in marks]

    def table(self) -> RawTable:
        """Return the table under its header.

        Raises
        ------
        InputError
            If there is no header or no row, a row has more or fewer cells, or columns have no names of their own.
        """
        if self.cells is not None:
            return _framed(self, self.cells, np.arange(1, len(self.cells) + 1))
        lines = self.lines or []
        head = next((line for line in lines if line.strip() and not line.startswith("#")), "")
        if not head:
            raise errors.InputError("the file must hold a table but was empty", where=self.name)
        mark = max(_MARKS, key=head.count)
        if any('"' in line for line in lines):
            reader = csv.reader(io.StringIO("\n".join(lines)), delimiter=mark)
            records, rows = [], []
            for record in reader:
                records.append(record)
                rows.append(reader.line_num)
            return _framed(self, records, np.array(rows))
        return _plain(self, lines, mark)


def open_sheets(path: Path) -> list[Sheet]:
    """Open a text file, or every sheet with cells of an Excel workbook.

    Raises
    ------
    InputError
        If the file is absent, unreadable or no text; old workbooks (.xls) and .ods are named with what to do.
    """
    suffix = path.suffix.lower()
    if suffix in {".xls", ".ods", ".numbers"}:
        raise errors.InputError(
            "the file must be text or .xlsx", suffix, where=str(path), hint="saving it as .xlsx or CSV"
        )
    try:
        raw = path.read_bytes()
    except FileNotFoundError as error:
        raise errors.InputError("the file must exist", str(path), hint="the path of a CSV or .xlsx file") from error
    except OSError as error:
        raise errors.InputError(f"the file must be readable ({error.strerror})", where=str(path)) from error
    if suffix in {".xlsx", ".xlsm"}:
        return _workbook(raw, str(path))
    text, notes = _decoded(raw, str(path))
    return [Sheet(str(path), lines=text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), notes=notes)]


def _decoded(raw: bytes, name: str) -> tuple[str, list[str]]:
    """Return text, from UTF-8, UTF-16 with its mark, or Windows-1252; which of the last two is said."""
    if raw[:4] == b"PK\x03\x04":
        raise errors.InputError("the file must be text, but is a workbook", where=name, hint="the ending .xlsx")
    try:
        if raw[:2] in {b"\xff\xfe", b"\xfe\xff"}:
            return raw.decode("utf-16"), ["read as UTF-16"]
        text, notes = raw.decode("utf-8-sig"), []
    except UnicodeDecodeError:
        # 5 bytes mean nothing in Windows-1252: replaced, and refused with the other control characters below
        text, notes = raw.decode("cp1252", errors="replace"), ["not UTF-8, so read as Windows-1252"]
    if "\ufffd" in text or any(control in text for control in _CONTROLS):
        raise errors.InputError("the file must be UTF-8 text", where=name, hint="saving it as CSV or .xlsx")
    return text, notes


def _workbook(raw: bytes, name: str) -> list[Sheet]:
    import zipfile

    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = openpyxl.load_workbook(io.BytesIO(raw), read_only=True, data_only=True)
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, OSError) as error:
        raise errors.InputError(f"the file must be an Excel workbook ({error})", where=name) from error
    sheets = []
    for sheet in book.worksheets:
        cells = [[_cell(value) for value in row] for row in sheet.iter_rows(values_only=True)]
        if any(word for row in cells for word in row):
            sheets.append(Sheet(f"{name}, sheet {sheet.title}", cells=cells))
    book.close()
    if not sheets:
        raise errors.InputError("the workbook must hold a table but was empty", where=name)
    return sheets


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return repr(value) if isinstance(value, float) else str(value)


def _framed(sheet: Sheet, records: list[list[str]], rows: np.ndarray) -> RawTable:
    """Make a table of records; a record whose cells are all empty is no row."""
    used = [at for at, record in enumerate(records) if any(cell.strip() for cell in record)]
    used = [at for at in used if not records[at][0].startswith("#")]
    if not used:
        raise errors.InputError("the file must hold a table but was empty", where=sheet.name)
    header = [cell.strip() for cell in records[used[0]]]
    width = max(k + 1 for k, cell in enumerate(header) if cell)
    head = int(rows[used[0]])
    check_header(header[:width], f"{sheet.name}, {sheet.place} {head}")
    if len(used) == 1:
        raise errors.InputError("the table must hold at least one row below its header", where=sheet.name)
    for at in used[1:]:
        record = records[at]
        if (len(record) < width and sheet.cells is None) or any(cell.strip() for cell in record[width:]):
            raise _uneven(width, len(record), f"{sheet.name}, {sheet.place} {rows[at]}", ",")
    body = [(*records[at][:width], *[""] * (width - len(records[at]))) for at in used[1:]]
    columns = {
        name: pd.Categorical(list(cells)) for name, cells in zip(header[:width], zip(*body, strict=True), strict=True)
    }
    return RawTable(sheet.name, columns, rows[used[1:]].astype(np.int64), sheet.place, head, list(sheet.notes))


def _plain(sheet: Sheet, lines: list[str], mark: str) -> RawTable:
    """Read text without quotes by columns; the cells of every line are counted first, so that none can slip."""
    import pyarrow as pa
    from pyarrow import csv as arrow

    empty = mark + " \t"
    kept = [at for at, line in enumerate(lines) if line.strip(empty) and not line.startswith("#")]
    header = [cell.strip() for cell in lines[kept[0]].split(mark)]
    head = kept[0] + 1
    check_header(_named(header), f"{sheet.name}, line {head}")
    if len(kept) == 1:
        raise errors.InputError("the table must hold at least one row below its header", where=sheet.name)
    for at in kept[1:]:
        if lines[at].count(mark) != len(header) - 1:
            raise _uneven(len(header), lines[at].count(mark) + 1, f"{sheet.name}, line {at + 1}", mark)
    names = [name or f"\0{k}" for k, name in enumerate(header)]
    words = pa.dictionary(pa.int32(), pa.string())
    table = arrow.read_csv(
        io.BytesIO("\n".join(lines[at] for at in kept[1:]).encode()),
        arrow.ReadOptions(column_names=names),
        arrow.ParseOptions(delimiter=mark, quote_char=False),
        arrow.ConvertOptions(column_types=dict.fromkeys(names, words), strings_can_be_null=False),
    ).unify_dictionaries()
    columns = {name: table.column(name).combine_chunks().to_pandas().array for name in names}
    for name in [name for name in names if name.startswith("\0")]:
        if any(word.strip() for word in columns.pop(name).categories):
            check_header(header, f"{sheet.name}, line {head}")
    rows = np.array(kept[1:], dtype=np.int64) + 1
    return RawTable(sheet.name, columns, rows, "line", head, list(sheet.notes))


def _named(header: list[str]) -> list[str]:
    """Return the header without the empty names at its end, which spreadsheets leave there."""
    width = max((k + 1 for k, cell in enumerate(header) if cell), default=0)
    return header[:width]


def _uneven(expected: int, found: int, where: str, mark: str) -> errors.InputError:
    hint = "a decimal point where the comma also separates, or semicolons between cells" if mark == "," else ""
    return errors.InputError(f"every row must have {expected} cells, as the header", found, where=where, hint=hint)
