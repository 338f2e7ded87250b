"""Tables of workbooks (.xlsx): a cell becomes the text that a person sees in it, or is refused.

A date is written as precisely as its cell shows it: when 2011-03 is typed, a spreadsheet keeps the first day of
March and shows the month.
"""

import datetime
import io
import re
import warnings
import zipfile
from collections.abc import Iterator
from typing import Any

from readmission.table_import.sheets.csv_file import SAVE, Records
from readmission.table_import.table_errors import ImportRefusedError, TableProblem, refused

_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_MOST_BYTES = 200_000_000
"""Bytes of a workbook when it is unpacked."""
_LAST = (20_000, 200)
"""The last row and column that a sheet may reach, filled or not."""
_QUOTED = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')


def is_one(data: bytes) -> bool:
    """Whether a file is a workbook by its first bytes, whatever its name says."""
    return data.startswith((_ZIP, _OLE))


def read(name: str, data: bytes, wanted: str | None) -> tuple[str, Records]:
    """Return the name and the records of a sheet: the wanted one, or else the only one that is visible and not empty.

    Raises ImportRefusedError for a file or a sheet that cannot be read, with every cell that shows a fault.
    """
    book = _book(name, data)
    sheet = _sheet(name, book, wanted)
    place = f"{name}:{sheet.title}"
    faults = list(_faults(place, sheet))
    if faults:
        raise ImportRefusedError(faults)
    return sheet.title, _records(sheet)


def _book(name: str, data: bytes) -> Any:
    import openpyxl  # where a workbook is read only

    if refusal := _refusal(data):
        raise refused(name, 0, *refusal)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it warns of what it does not keep, such as lists to choose from
            return openpyxl.load_workbook(io.BytesIO(data), data_only=True)
    except Exception as fault:  # the library raises whatever a damaged part leads it to
        what = f"the file is no workbook (.xlsx), or a damaged one ({fault})"
        raise refused(name, 0, what, f"open it in a spreadsheet, and {SAVE}") from fault


def _refusal(data: bytes) -> tuple[str, str] | None:
    """Return why a file is not read at all and how to mend it: another form, a password, a size that fills memory."""
    if data.startswith(_OLE):
        if _ENCRYPTED in data:
            return "the workbook is protected by a password", "save it without one"
        return "the file is a workbook of an old form (.xls), or another document", SAVE
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            sizes = {part.filename: part.file_size for part in parts.infolist()}
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as fault:
        return f"the file is a damaged workbook ({fault})", f"open it in a spreadsheet, and {SAVE}"
    if "mimetype" in sizes:
        return "the file is a workbook or a document of another form (.ods, .odt)", SAVE
    if sum(sizes.values()) > _MOST_BYTES:
        return f"the workbook has more than {_MOST_BYTES} bytes when it is unpacked", "split the table"
    return None


def _sheet(name: str, book: Any, wanted: str | None) -> Any:
    sheets = {sheet.title: sheet for sheet in book.worksheets}
    if wanted is not None:
        if wanted not in sheets:
            told = ", ".join(map(repr, sheets))
            raise refused(
                name, 0, f"the workbook has no sheet {wanted!r}", f"choose one of {told} with --sheet"
            )
        return sheets[wanted]
    filled = [
        title for title, sheet in sheets.items() if sheet.sheet_state == "visible" and _is_filled(sheet)
    ]
    if len(filled) == 1:
        return sheets[filled[0]]
    if not filled:
        raise refused(
            name, 0, "the workbook has no visible sheet with a filled cell", "name a hidden one with --sheet"
        )
    told = ", ".join(map(repr, filled))
    raise refused(
        name, 0, f"the workbook has {len(filled)} sheets: {told}", f"choose one, as --sheet {filled[0]!r}"
    )


def _is_filled(sheet: Any) -> bool:
    return _reaches_too_far(sheet) or any(
        value is not None for row in sheet.iter_rows(values_only=True) for value in row
    )


def _reaches_too_far(sheet: Any) -> bool:
    return bool(sheet.max_row > _LAST[0] or sheet.max_column > _LAST[1])


def _faults(place: str, sheet: Any) -> Iterator[TableProblem]:
    """Yield what cannot be read as it stands: a sheet without an end, cells that are merged or show an error."""
    if _reaches_too_far(sheet):
        what = f"the sheet reaches to {sheet.dimensions.rpartition(':')[2]}"
        yield TableProblem(
            place, 0, "", what, "delete the empty rows and columns beside the table, not their content alone"
        )
        return
    for merged in sheet.merged_cells.ranges:
        remedy = "part them, and write in each cell what is meant for it"
        yield TableProblem(place, merged.min_row, "", f"the cells {merged.coord} are merged", remedy)
    titles: dict[int, str] = {}
    for row in sheet.iter_rows():
        titles = titles or {cell.column: str(cell.value) for cell in row if cell.value is not None}
        for cell in row:
            if cell.data_type == "e":
                column = titles.get(cell.column, str(cell.column_letter))
                what = f"the cell {cell.coordinate} shows the error {cell.value}"
                yield TableProblem(place, cell.row, column, what, "write the value, or leave it empty")


def _records(sheet: Any) -> Records:
    for number, row in enumerate(sheet.iter_rows(), 1):
        record = [_text(cell.value, cell.number_format) for cell in row]
        if any(cell.strip() for cell in record):
            yield number, record


def _text(value: object, form: str) -> str:
    """Return a value of a cell as text; ``form`` is the cell's number format, which says how precise a date is."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime.datetime) and value.time() == datetime.time():
        value = value.date()
    if type(value) is datetime.date:
        return _day(value, form)
    return str(value)


def _day(value: datetime.date, form: str) -> str:
    shown = _QUOTED.sub("", form.lower())
    if "d" in shown or "y" not in shown:
        return value.isoformat()
    return value.isoformat()[: len("2011-03" if "m" in shown else "2011")]
