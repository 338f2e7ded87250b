"""Excel workbooks that open with names, colours and frozen headings; the same bytes every time."""

import datetime
import io

import xlsxwriter
from xlsxwriter.format import Format

from readmission.answers.matrix import Matrix
from readmission.reports import words
from readmission.reports.marks import MARK, TONES, layers, letters
from readmission.reports.schema import Table

_CREATED = datetime.datetime(2000, 1, 1)
# Paper-safe colours by tone, each with letters in the cell: colour alone must not carry a status.
_COLOURS = ("#FFFFFF", "#F4B6A6", "#F9DDB1", "#FFF6C7", "#DCE9F5", "#D5E3B5", "#B7D7A8")


def table_workbook(table: Table, name: str) -> bytes:
    """Write a table as a workbook of one sheet, every cell as text."""
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True})
    book.set_properties({"title": name, "created": _CREATED})
    bold = book.add_format({"bold": True})
    sheet = book.add_worksheet(name)
    sheet.freeze_panes(1, 0)
    for line, row in enumerate(table):
        for column, cell in enumerate(row):
            sheet.write_string(line, column, cell, None if line else bold)
    sheet.autofit()
    book.close()
    return target.getvalue()


def matrix_workbook(found: Matrix, view: str) -> bytes:
    """Write a matrix as a workbook with a sheet that explains the letters."""
    target = io.BytesIO()
    texts = {"strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(target, {"in_memory": True, **texts})
    book.set_properties({"title": f"Readmission matrix on {found.on}", "created": _CREATED})
    bold = book.add_format({"bold": True})
    tones = [book.add_format({"bg_color": colour, "align": "center"}) for colour in _COLOURS]
    sheet = book.add_worksheet("matrix")
    sheet.freeze_panes(1, 2)
    sheet.write_row(0, 0, ["standing", "state", *(partner.code for partner in found.partners)], bold)
    for line, state in enumerate(found.states, 1):
        sheet.write_row(line, 0, [state.standing, state.code])
        for column, cell in enumerate(found.row(state), 2):
            if cell is not None:
                tone = max(TONES[cell.shown(layer)] for layer in layers(view))
                sheet.write_string(line, column, letters(cell, view), tones[tone])
    _write_legend(book, found, view, tones)
    book.close()
    return target.getvalue()


def _write_legend(book: xlsxwriter.Workbook, found: Matrix, view: str, tones: list[Format]) -> None:
    sheet = book.add_worksheet("legend")
    bold = book.add_format({"bold": True})
    sheet.write_row(0, 0, [f"on {found.on}", f"persons: {found.persons}", f"release {found.version}"], bold)
    line = 1
    for layer in layers(view):
        for code, mark in MARK[layer].items():
            sheet.write_row(line, 0, [mark, words.status(layer, code), layer], tones[TONES[code]])
            line += 1
    for line_of, partner in enumerate(found.partners, line + 1):
        sheet.write_row(line_of, 0, [partner.code, partner.name, partner.region])
