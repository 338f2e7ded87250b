"""Rows that leave nothing but their line in the ledger: an instrument on file told again, or a row refused."""

from collections.abc import Callable, Mapping

from readmission.countries.gazetteer import UnknownCountryError
from readmission.namespaces import ID
from readmission.table_import.cells import content
from readmission.table_import.recorded import RecordedFacts
from readmission.table_import.sheets.table_file import Row, Sheet
from readmission.table_import.table_errors import CellError, ImportRefusedError, TableProblem


def is_one(row: Row) -> bool:
    """Whether a row says itself that it becomes no new instrument."""
    return bool(row.cells["instrument"].strip() or row.cells["reason"].strip())


def line(sheet: Sheet, row: Row, recorded: RecordedFacts) -> Mapping[str, str]:
    """Return the line of a row; raises ImportRefusedError with every fault of its cells."""
    reads: Mapping[str, Callable[[str], str]] = {
        "european_state": lambda text: _code(text, recorded), "partner": lambda text: _code(text, recorded),
        "kind": lambda text: content.code(text, recorded.names["instrument-kind"]) if text else "",
        "signed": str, "title": str, "instrument": lambda text: _recorded(text, recorded),
        "reason": lambda text: _alone(text, row.cells["instrument"]),
    }  # fmt: skip
    cells: dict[str, str] = {}
    faults: list[TableProblem] = []
    for name, read in reads.items():
        try:
            cells[name] = read(content.clean(row.cells[name]))
        except (CellError, UnknownCountryError) as fault:
            faults.append(TableProblem(sheet.path, row.number, name, fault.what, fault.remedy))
    if faults:
        raise ImportRefusedError(faults)
    return cells


def _code(text: str, recorded: RecordedFacts) -> str:
    if not text:
        raise CellError("the cell is empty", "fill it")
    return recorded.country(text).alpha3


def _recorded(text: str, recorded: RecordedFacts) -> str:
    if text and ID + text not in recorded.instruments:
        what = f"{text[:60]!r} is no bilateral instrument on file"
        raise CellError(
            what, "write its name as in bilateral/deu-mar-1998, or empty the cell to add a new one"
        )
    return text


def _alone(text: str, instrument: str) -> str:
    if text and instrument.strip():
        raise CellError("the row names an instrument and a reason for refusing it", "keep one of the two")
    return text
