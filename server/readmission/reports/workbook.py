"""Excel workbooks that open with names, colours and frozen headings; the same bytes every time."""

import datetime
import io

import xlsxwriter

from readmission.answers.matrix import VERDICTS, Matrix
from readmission.reports.schema import Table

_CREATED = datetime.datetime(2000, 1, 1)
# Paper-safe colours, each with its rank in the cell: colour alone must not carry a verdict.
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


def matrix_workbook(found: Matrix) -> bytes:
    """Write a matrix as a workbook with a sheet that explains the ranks."""
    target = io.BytesIO()
    texts = {"strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(target, {"in_memory": True, **texts})
    book.set_properties({"title": f"Readmission matrix on {found.on}", "created": _CREATED})
    bold = book.add_format({"bold": True})
    cells = [book.add_format({"bg_color": colour, "align": "center"}) for colour in _COLOURS]
    sheet = book.add_worksheet("matrix")
    sheet.freeze_panes(1, 2)
    sheet.write_row(0, 0, ["standing", "state", *(partner.code for partner in found.partners)], bold)
    for line, state in enumerate(found.states, 1):
        sheet.write_row(line, 0, [state.standing, state.code])
        for column, rank in enumerate(found.row(state), 2):
            if rank is None:
                continue
            sheet.write_number(line, column, rank, cells[rank])
    legend = book.add_worksheet("legend")
    legend.write_row(0, 0, [f"on {found.on}", f"persons: {found.persons}", f"release {found.version}"], bold)
    for rank, verdict in reversed(list(enumerate(VERDICTS))):
        legend.write_row(len(VERDICTS) - rank, 0, [rank, verdict], cells[rank])
    for line, partner in enumerate(found.partners, len(VERDICTS) + 2):
        legend.write_row(line, 0, [partner.code, partner.name, partner.region])
    book.close()
    return target.getvalue()
