"""A table of a file, text or workbook: its header and its rows."""

import difflib
import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from readmission.table_import.columns import NAMES, REQUIRED, key
from readmission.table_import.sheets import csv_file, workbook
from readmission.table_import.sheets.csv_file import Records
from readmission.table_import.table_errors import MOST_PROBLEMS, ImportRefusedError, TableProblem, refused

MOST_BYTES = 20_000_000
MOST_ROWS = 1_000

_SPECIAL = {
    stat.S_IFDIR: "a folder", stat.S_IFIFO: "a pipe", stat.S_IFSOCK: "a socket", stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}  # fmt: skip


@dataclass(frozen=True)
class Row:
    """A row as it stands: its number as spreadsheets count, and its cell for every column, empty or not."""

    number: int
    cells: Mapping[str, str]


@dataclass(frozen=True)
class Sheet:
    """A table as read: its file, with the sheet in a workbook; how it is written; and its rows that are not empty.

    ``encoding`` is empty for a workbook, which cannot be in doubt of its letters.
    """

    path: str
    encoding: str
    form: str
    rows: tuple[Row, ...]


def read(path: Path, sheet: str | None = None) -> Sheet:
    """Read a table, of a workbook that of its only sheet or of the one named.

    Raises ImportRefusedError when it is none, with every row that has the wrong number of cells.
    """
    name, data = str(path), _bytes(path)
    encoding = ""
    if workbook.is_one(data):
        title, records = workbook.read(name, data, sheet)
        name, form = f"{name}:{title}", "a sheet of a workbook"
    elif sheet is not None:
        raise refused(name, 0, "the file is no workbook and has no sheets", "leave --sheet out")
    else:
        encoding, separator, records = csv_file.read(name, data)
        form = f"{encoding}, cells parted by {separator}"
    number, header = _header(name, records)
    rows = tuple(_rows(name, records, header))
    if not rows:
        raise refused(
            name, number, "the table has a header and no rows", "write one row an instrument below it"
        )
    return Sheet(name, encoding, form, rows)


def _bytes(path: Path) -> bytes:
    try:
        kind = path.stat().st_mode
        if not stat.S_ISREG(kind):
            remedy = "name the file of a table, and save what a program prints to a file first"
            raise refused(
                str(path),
                0,
                f"cannot be read: it is {_SPECIAL.get(stat.S_IFMT(kind), 'special')}, no file",
                remedy,
            )
        with path.open("rb") as stream:
            data = stream.read(MOST_BYTES + 1)
    except OSError as fault:
        remedy = "check its name, and that you may read it"
        raise refused(str(path), 0, f"cannot be read ({fault.strerror or fault})", remedy) from fault
    if len(data) > MOST_BYTES:
        raise refused(str(path), 0, f"the file has more than {MOST_BYTES} bytes", "split the table")
    if not data.strip():
        raise refused(str(path), 0, "the file is empty", "`readmission import --template` prints a header")
    return data


def _header(name: str, records: Records) -> tuple[int, list[str]]:
    """Return the number and the columns of the header row; raises ImportRefusedError with every fault in it."""
    number, record = next(records, (1, []))
    header = [key(cell) for cell in record]
    faults = [
        TableProblem(name, number, column, what, remedy) for column, what, remedy in _header_faults(header)
    ]
    if faults:
        raise ImportRefusedError(faults)
    return number, header


def _header_faults(header: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    if not set(header) & set(NAMES):
        yield "", "the first row names no column", "begin with the header that --template prints"
        return
    for column in REQUIRED:
        if column not in header:
            yield column, "the column is missing", "add it to the header and fill its cells"
    for column in dict.fromkeys(header):
        if column in NAMES and header.count(column) > 1:
            yield column, "the column stands twice", "keep one of the two"
        elif column and column not in NAMES:
            near = difflib.get_close_matches(column, NAMES, n=1)
            remedy = f"write {near[0]}" if near else "delete it, or move what it says to status_note"
            yield column[:80], "there is no such column", remedy


def _rows(name: str, records: Records, header: Sequence[str]) -> Iterator[Row]:
    faults: list[TableProblem] = []
    for count, (number, record) in enumerate(records, 1):
        if count > MOST_ROWS:
            what = f"the table has more than {MOST_ROWS} rows"
            raise refused(name, number, what, "split it, for example into one table for each European state")
        if _fits(record, header):
            cells = {column: cell for column, cell in zip(header, record, strict=False) if column}
            yield Row(number, dict.fromkeys(NAMES, "") | cells)
        elif len(faults) < MOST_PROBLEMS:
            faults.append(_misfit(name, number, len(record), len(header)))
    if faults:
        raise ImportRefusedError(faults)


def _fits(record: Sequence[str], header: Sequence[str]) -> bool:
    """Whether every cell has a column; a spreadsheet's empty columns beside the table do no harm."""
    nameless = [cell for column, cell in zip(header, record, strict=False) if not column]
    beside = [*nameless, *record[len(header) :]]
    return len(record) >= len(header) and not any(cell.strip() for cell in beside)


def _misfit(name: str, number: int, found: int, wanted: int) -> TableProblem:
    what = f"the row has {found} cells for {wanted} columns"
    if found == wanted:
        what = "the row has a cell in a column without a name"
    remedy = "give each cell a column; in CSV, put texts that hold the separator in double quotes, and keep empty cells"
    return TableProblem(name, number, "", what, remedy)
