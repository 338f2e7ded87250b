"""What the tables for spreadsheets promise: Excel shows each letter as it is, and every row is there."""

import csv
import io
import zipfile
from xml.etree import ElementTree as ET

import pytest
from flask.testing import FlaskClient

from readmission.release import Release
from readmission.reports import files
from readmission.web.app import create_app

MARK = b"\xef\xbb\xbf"
TEXT = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}t"


@pytest.fixture(scope="module")
def client(built: Release) -> FlaskClient:
    return create_app(built).test_client()


@pytest.mark.parametrize("text", ["name\r\nTürkiye\r\n", "Кот-д’Ивуар", "a\r\n–"])
def test_a_table_with_letters_beyond_ascii_begins_with_a_byte_order_mark(text: str) -> None:
    assert files.for_excel(text) == MARK + text.encode()


def test_a_table_of_ascii_is_as_it_is() -> None:
    assert files.for_excel("a,b\r\n1,2\r\n") == b"a,b\r\n1,2\r\n"


TABLES = (
    "/work.csv",
    "/changes.csv?from=2009-01-01&to=2024-01-01",
    "/matrix.csv",
    "/countries/TUR.csv",
    "/countries/CIV.csv",
)


@pytest.mark.parametrize("address", TABLES)
def test_each_table_is_read_as_utf_8_by_whoever_looks_for_the_mark(client: FlaskClient, address: str) -> None:
    body = client.get(address).data
    assert body.startswith(MARK) is not body.isascii(), (
        "Excel reads letters beyond ASCII as others without the mark"
    )
    rows = list(csv.reader(io.StringIO(body.decode("utf-8-sig"))))
    assert len(rows) > 1
    assert {len(row) for row in rows} == {len(rows[0])}


def test_the_workbook_of_the_work_has_the_cells_of_its_table(client: FlaskClient) -> None:
    rows = list(csv.reader(io.StringIO(client.get("/work.csv?on=2021-02-10").data.decode("utf-8-sig"))))
    told = client.get("/work.xlsx?on=2021-02-10")
    assert told.headers["Content-Disposition"] == 'attachment; filename="work-2021-02-10.xlsx"'
    with zipfile.ZipFile(io.BytesIO(told.data)) as book:
        shared = ET.fromstring(book.read("xl/sharedStrings.xml"))
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert {part.text or "" for part in shared.iter(TEXT)} == {cell for row in rows for cell in row}
    assert sheet.count("<row ") == len(rows)
    assert "<f>" not in sheet, "no cell is a formula"
    assert client.get("/work.xlsx?on=2021-02-10").data == told.data
