"""Workbooks that are imported: cells as people see them, or a message with sheet, row and column."""

import datetime
import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from harness.tables import written
from readmission.cli import main
from readmission.resources import folder
from readmission.table_import import ImportRefusedError, RecordedFacts, prepare
from readmission.table_import.columns import NAMES
from readmission.table_import.sheets import table_file

TODAY = datetime.date(2026, 1, 1)
ROW: dict[str, Any] = {
    "european_state": "ITA", "partner": "Nauru", "kind": "memorandum_of_understanding", "nature": "non-binding",
    "title": "Memorandum d’intesa sulla cooperazione", "title_language": "it", "signed": datetime.date(2017, 2, 2),
    "persons": "own-nationals", "source_url": "https://press.example/2017", "evidence_level": "press",
}  # fmt: skip
Fill = Callable[[Any], object]
DAY, MONTH, YEAR = "dd.mm.yyyy", "mmm-yy", "yyyy"


def workbook(path: Path, *sheets: tuple[str, Fill | None], **options: Any) -> Path:
    with xlsxwriter.Workbook(str(path), options) as book:
        formats = {form: book.add_format({"num_format": form}) for form in (DAY, MONTH, YEAR)}
        for name, fill in sheets:
            sheet: Any = book.add_worksheet(name)
            sheet.formats = formats
            if fill:
                fill(sheet)
    return path


def table(row: dict[str, Any] = ROW, first: int = 0) -> Fill:
    def fill(sheet: Any) -> None:
        sheet.write_row(first, 0, list(row))
        for place, value in enumerate(row.values()):
            if isinstance(value, datetime.date):
                sheet.write_datetime(first + 1, place, value, sheet.formats[DAY])
            else:
                sheet.write(first + 1, place, value)

    return fill


def cell(column: str, write: Callable[[Any, int, int], object]) -> Fill:
    """A table in which one cell of the row is written otherwise."""

    def fill(sheet: Any) -> None:
        table()(sheet)
        write(sheet, 1, list(ROW).index(column))

    return fill


def read(path: Path, column: str) -> str:
    (row,) = table_file.read(path).rows
    return row.cells[column]


def refusal(path: Path, sheet: str | None = None) -> str:
    with pytest.raises(ImportRefusedError) as refused:
        table_file.read(path, sheet)
    return str(refused.value).replace(str(path), "FILE").removeprefix("nothing was imported\n")


@pytest.fixture(scope="module")
def holdings() -> RecordedFacts:
    return RecordedFacts(folder("graph"))


def test_a_workbook_says_the_same_as_the_csv_of_its_table(tmp_path: Path, holdings: RecordedFacts) -> None:
    texts = dict.fromkeys(NAMES, "") | {name: str(value) for name, value in ROW.items()}
    one, other = tmp_path / "table.csv", workbook(tmp_path / "table.xlsx", ("Italy", table()))
    one.write_bytes(written([texts]))
    first, second = (prepare(path, holdings, today=TODAY) for path in (one, other))
    assert first.diff() == second.diff()
    assert "1 instruments added" in second.summary()
    assert f"{other}:Italy: a sheet of a workbook" in second.summary()


@pytest.mark.parametrize("options", [{}, {"date_1904": True}], ids=["1900", "1904"])
@pytest.mark.parametrize(
    ("form", "text"), [(DAY, "2017-03-01"), (MONTH, "2017-03"), (YEAR, "2017")], ids=[DAY, MONTH, YEAR]
)
def test_a_date_is_as_precise_as_its_cell_shows_it(
    form: str, text: str, options: dict[str, Any], tmp_path: Path
) -> None:
    fill = cell(
        "signed", lambda sheet, *at: sheet.write_datetime(*at, datetime.date(2017, 3, 1), sheet.formats[form])
    )
    assert read(workbook(tmp_path / "t.xlsx", ("S", fill), **options), "signed") == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(2017, "2017"), (1.5, "1.5"), (True, "true"), (" x ", " x "), (1e15, "1000000000000000")],
)
def test_numbers_and_truth_values_are_the_texts_that_people_write(
    value: object, text: str, tmp_path: Path
) -> None:
    fill = cell("signed", lambda sheet, *at: sheet.write(*at, value))
    assert read(workbook(tmp_path / "t.xlsx", ("S", fill)), "signed") == text


def test_a_formula_gives_its_result(tmp_path: Path) -> None:
    fill = cell("title", lambda sheet, *at: sheet.write_formula(*at, '="a"&"b"', None, "ab"))
    assert read(workbook(tmp_path / "t.xlsx", ("S", fill)), "title") == "ab"


@pytest.mark.parametrize("error", ["#N/A", "#REF!", "#DIV/0!", "#NAME?", "#VALUE!"])
def test_a_cell_that_shows_an_error_is_refused_with_its_place(error: str, tmp_path: Path) -> None:
    fill = cell("title", lambda sheet, *at: sheet.write_formula(*at, "=A99", None, error))
    told = refusal(workbook(tmp_path / "t.xlsx", ("Italy", fill)))
    assert (
        told
        == f"FILE:Italy:2: title: the cell E2 shows the error {error}: write the value, or leave it empty"
    )


def test_rows_keep_their_numbers_below_empty_ones(tmp_path: Path, holdings: RecordedFacts) -> None:
    path = workbook(tmp_path / "t.xlsx", ("Italy", table(ROW | {"partner": "Nowhere"}, first=4)))
    with pytest.raises(ImportRefusedError) as refused:
        prepare(path, holdings, today=TODAY)
    assert [(fault.path, fault.row, fault.column) for fault in refused.value.problems] == [
        (f"{path}:Italy", 6, "partner")
    ]


def test_merged_cells_are_refused(tmp_path: Path) -> None:
    fill = cell("partner", lambda sheet, *_: sheet.merge_range(1, 1, 2, 1, "Nauru"))
    assert "FILE:S:2: the cells B2:B3 are merged: part them" in refusal(
        workbook(tmp_path / "t.xlsx", ("S", fill))
    )


def test_of_several_sheets_the_only_filled_one_is_read(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "t.xlsx", ("Empty", None), ("Italy", table()), ("Notes", lambda sheet: sheet.hide())
    )
    assert table_file.read(path).path == f"{path}:Italy"


def test_of_several_filled_sheets_one_must_be_named(tmp_path: Path) -> None:
    path = workbook(tmp_path / "t.xlsx", ("A", table()), ("B", table(ROW | {"partner": "Fiji"})))
    assert refusal(path) == "FILE: the workbook has 2 sheets: 'A', 'B': choose one, as --sheet 'A'"
    assert table_file.read(path, "B").rows[0].cells["partner"] == "Fiji"
    assert "has no sheet 'C': choose one of 'A', 'B' with --sheet" in refusal(path, "C")


def test_the_command_takes_the_sheet(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = workbook(tmp_path / "t.xlsx", ("A", table(ROW | {"partner": "?"})), ("B", table()))
    assert main(["import", str(path), "--sheet", "B", "--dry-run"]) == 0
    assert "1 instruments added" in capsys.readouterr().err
    assert main(["import", str(path), "--sheet", "A", "--dry-run"]) != 0
    assert f"{path}:A:2: partner" in capsys.readouterr().err


def test_an_empty_workbook_is_refused(tmp_path: Path) -> None:
    assert "no visible sheet with a filled cell" in refusal(workbook(tmp_path / "t.xlsx", ("A", None)))


def test_a_sheet_without_an_end_is_refused_before_it_is_read(tmp_path: Path) -> None:
    fill = cell("title", lambda sheet, *_: sheet.write(1_048_575, 16_383, "far"))
    assert "FILE:S: the sheet reaches to XFD1048576: delete" in refusal(
        workbook(tmp_path / "t.xlsx", ("S", fill))
    )


def test_the_content_counts_whatever_the_name_says(tmp_path: Path) -> None:
    book = workbook(tmp_path / "t.xlsx", ("S", table())).rename(tmp_path / "table.csv")
    assert read(book, "partner") == "Nauru"
    text = tmp_path / "text.xlsx"
    text.write_bytes(written([dict.fromkeys(NAMES, "") | {"partner": "Nauru"}]))
    assert read(text, "partner") == "Nauru"
    assert refusal(text, "S") == "FILE: the file is no workbook and has no sheets: leave --sheet out"


def zipped(**parts: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in parts.items():
            file.writestr(name, content)
    return target.getvalue()


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"PK\x03\x04" + b"x" * 300, "the file is a damaged workbook"),
        (zipped(letter=b"x"), "no workbook (.xlsx), or a damaged one"),
        (zipped(mimetype=b"application/vnd.oasis.opendocument.spreadsheet"), "of another form (.ods, .odt)"),
        (zipped(huge=bytes(200_000_001)), "more than 200000000 bytes when it is unpacked"),
        (b"\xd0\xcf\x11\xe0" + b"x" * 300, "old form (.xls)"),
        (
            b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"),
            "protected by a password: save it without one",
        ),
    ],
    ids=["damaged", "zip", "ods", "huge", "xls", "password"],
)
def test_what_cannot_be_read_is_refused_with_the_way_to_save_it(
    data: bytes, told: str, tmp_path: Path
) -> None:
    path = tmp_path / "t.xlsx"
    path.write_bytes(data)
    assert told in refusal(path)
    assert "save" in refusal(path) or "split" in refusal(path)


def test_a_workbook_cut_off_or_with_a_damaged_part_is_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path / "t.xlsx", ("S", table()))
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    assert "damaged" in refusal(path)
    with zipfile.ZipFile(io.BytesIO(whole)) as file:
        parts = {name: file.read(name) for name in file.namelist()}
    for name in ("xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"):
        path.write_bytes(zipped(**parts | {name: parts[name][: len(parts[name]) // 2]}))
        assert "damaged" in refusal(path), f"{name} is cut off, and the table is read"
