"""Tables as spreadsheets save them: encodings, separators and headers are recognised, never guessed at.

RFC 4180 is what is expected; semicolons and tabs, UTF-16 and Windows-1252 are what spreadsheets write too.
"""

import codecs
import csv
import difflib
import io
import re
import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from readmission.table_import.cells.invisible import visible
from readmission.table_import.columns import NAMES, REQUIRED
from readmission.table_import.table_errors import MOST_FAULTS, Fault, ImportRefused

MOST_BYTES = 20_000_000
MOST_ROWS = 1_000
WINDOWS = "Windows-1252"

_SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab"}
_MARKS = (  # the longer mark first: UTF-32 begins like UTF-16
    (codecs.BOM_UTF8, "UTF-8"), (codecs.BOM_UTF32_LE, "UTF-32"), (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"), (codecs.BOM_UTF16_BE, "UTF-16"),
)  # fmt: skip
_WORKBOOKS = (
    (b"PK\x03\x04", "a workbook (.xlsx or .ods)"), (b"\xd0\xcf\x11\xe0", "a workbook (.xls)"), (b"%PDF", "a PDF"),
)  # fmt: skip
_UTF8_LETTER = re.compile(rb"[\xc3-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_SPECIAL = {
    stat.S_IFDIR: "a folder", stat.S_IFIFO: "a pipe", stat.S_IFSOCK: "a socket", stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}  # fmt: skip
_SAVE = "save the table as CSV (UTF-8)"
_Records = Iterator[tuple[int, list[str]]]


@dataclass(frozen=True)
class Row:
    """A row as it stands: its number as spreadsheets count, and its cell for every column, empty or not."""

    number: int
    cells: Mapping[str, str]


@dataclass(frozen=True)
class Sheet:
    """A table as read: its file, how it is written, and its rows that are not empty."""

    path: str
    encoding: str
    separator: str
    rows: tuple[Row, ...]


def read(path: Path) -> Sheet:
    """Read a table; raises ImportRefused when it is none, with every row that has the wrong number of cells."""
    name = str(path)
    text, encoding = _decoded(name, _bytes(path))
    stated = re.match(r"sep=(.)\r?\n", text)  # Excel's own first line
    text = text[stated.end() :] if stated else text
    separator = stated[1] if stated and stated[1] in _SEPARATORS else _separator(text)
    records = _records(name, text, separator)
    number, header = _header(name, records)
    rows = tuple(_rows(name, records, header))
    if not rows:
        raise _refused(
            name, number, "the table has a header and no rows", "write one row an instrument below it"
        )
    return Sheet(name, encoding, _SEPARATORS[separator], rows)


def _refused(name: str, row: int, what: str, mend: str) -> ImportRefused:
    return ImportRefused([Fault(name, row, "", what, mend)])


def _bytes(path: Path) -> bytes:
    try:
        kind = path.stat().st_mode
        if not stat.S_ISREG(kind):
            mend = "name the file of a table, and save what a program prints to a file first"
            raise _refused(
                str(path),
                0,
                f"cannot be read: it is {_SPECIAL.get(stat.S_IFMT(kind), 'special')}, no file",
                mend,
            )
        with path.open("rb") as stream:
            data = stream.read(MOST_BYTES + 1)
    except OSError as fault:
        mend = "check its name, and that you may read it"
        raise _refused(str(path), 0, f"cannot be read ({fault.strerror or fault})", mend) from fault
    if len(data) > MOST_BYTES:
        raise _refused(str(path), 0, f"the file has more than {MOST_BYTES} bytes", "split the table")
    if not data.strip():
        raise _refused(str(path), 0, "the file is empty", "`readmission import --template` prints a header")
    return data


def _decoded(name: str, data: bytes) -> tuple[str, str]:
    for start, kind in _WORKBOOKS:
        if data.startswith(start):
            raise _refused(name, 0, f"the file is {kind}, no table of text", _SAVE)
    marked = next((label for mark, label in _MARKS if data.startswith(mark)), None)
    if marked:
        return _strictly(name, data, marked).removeprefix("\ufeff"), marked
    if b"\0" in data:
        row = data[: data.index(b"\0")].count(b"\n") + 1
        raise _refused(
            name, row, "the row holds NUL bytes, so the file is no text or UTF-16 without its mark", _SAVE
        )
    try:
        return data.decode("utf-8"), "UTF-8"
    except UnicodeDecodeError as fault:
        if _UTF8_LETTER.search(data):
            row = data[: fault.start].count(b"\n") + 1
            raise _refused(name, row, "the row is not UTF-8, though others are", _SAVE) from fault
    return _strictly(name, data, WINDOWS), WINDOWS


def _strictly(name: str, data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as fault:
        row = data[: fault.start].count(b"\n") + 1
        raise _refused(name, row, f"the row cannot be read as {encoding}", _SAVE) from fault


def _separator(text: str) -> str:
    """Return the separator by which the first line that is not empty names the most columns."""
    line = next((line for line in text.splitlines() if line.strip()), "")

    def named(separator: str) -> int:
        return sum(_key(cell.strip(' "')) in NAMES for cell in line.split(separator))

    return max(_SEPARATORS, key=named)


def _records(name: str, text: str, separator: str) -> _Records:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    number = 0
    while True:
        number += 1
        try:
            record = next(reader)
        except StopIteration:
            return
        except csv.Error as fault:
            mend = "look for a double quote that is not closed, and write a double quote inside a text twice"
            raise _refused(name, number, f"the row is no CSV ({fault})", mend) from fault
        if any(cell.strip() for cell in record):
            yield number, record


def _key(header: str) -> str:
    return re.sub(r"[\s_-]+", "_", visible(header).strip().casefold())


def _header(name: str, records: _Records) -> tuple[int, list[str]]:
    """Return the number and the columns of the header row; raises ImportRefused with every fault in it."""
    number, record = next(records, (1, []))
    header = [_key(cell) for cell in record]
    faults = [Fault(name, number, column, what, mend) for column, what, mend in _header_faults(header)]
    if faults:
        raise ImportRefused(faults)
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
            mend = f"write {near[0]}" if near else "delete it, or move what it says to status_note"
            yield column[:80], "there is no such column", mend


def _rows(name: str, records: _Records, header: Sequence[str]) -> Iterator[Row]:
    faults: list[Fault] = []
    for count, (number, record) in enumerate(records, 1):
        if count > MOST_ROWS:
            what = f"the table has more than {MOST_ROWS} rows"
            raise _refused(name, number, what, "split it, for example into one table for each European state")
        if _fits(record, header):
            cells = {column: cell for column, cell in zip(header, record, strict=False) if column}
            yield Row(number, dict.fromkeys(NAMES, "") | cells)
        elif len(faults) < MOST_FAULTS:
            faults.append(_misfit(name, number, len(record), len(header)))
    if faults:
        raise ImportRefused(faults)


def _fits(record: Sequence[str], header: Sequence[str]) -> bool:
    """Whether every cell has a column; a spreadsheet's empty columns beside the table do no harm."""
    nameless = [cell for column, cell in zip(header, record, strict=False) if not column]
    beside = [*nameless, *record[len(header) :]]
    return len(record) >= len(header) and not any(cell.strip() for cell in beside)


def _misfit(name: str, number: int, found: int, wanted: int) -> Fault:
    what = f"the row has {found} cells for {wanted} columns"
    if found == wanted:
        what = "the row has a cell in a column without a name"
    mend = "put texts that hold the separator in double quotes; keep empty cells"
    return Fault(name, number, "", what, mend)
