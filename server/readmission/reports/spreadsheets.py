"""Tables for spreadsheets: CSV, and Excel workbooks that open with names, colours and frozen headings."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from readmission.answers.inventory import Inventory
from readmission.answers.matrix import VERDICTS, Change, Matrix

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_NUMBER = re.compile(r"[+-]?[0-9]+([.,][0-9]+)?")
# Paper-safe colours, each with its rank in the cell: colour alone must not carry a verdict.
_COLOURS = ("#FFFFFF", "#F4B6A6", "#F9DDB1", "#FFF6C7", "#DCE9F5", "#D5E3B5", "#B7D7A8")


def matrix_rows(found: Matrix) -> list[list[str]]:
    """Return heading and rows: standing, state, then a verdict's rank for each partner."""
    heading = ["standing", "state", *(partner.code for partner in found.partners)]
    rows = [
        [state.standing, state.code, *("" if rank is None else str(rank) for rank in found.row(state))]
        for state in found.states
    ]
    return [heading, *rows]


def matrix_data(found: Matrix) -> dict[str, Any]:
    """Return the matrix as data for JSON: the states with their standing, and a cell for each pair."""
    cells = [
        {"state": state, "partner": partner, "rank": rank, "verdict": VERDICTS[rank]}
        for (state, partner), rank in found.ranks.items()
    ]
    head = {"on": found.on.isoformat(), "persons": found.persons, "version": found.version}
    return {**head, "states": [asdict(state) for state in found.states], "cells": cells}


def change_data(found: Iterable[Change], first: date, last: date, version: str) -> dict[str, Any]:
    """Return the changed pairs as data for JSON."""
    span = {"from": first.isoformat(), "to": last.isoformat(), "version": version}
    return {**span, "changes": [asdict(change) for change in found]}


def change_rows(found: Iterable[Change]) -> list[list[str]]:
    """Return heading and rows of changed pairs."""
    heading = ["state", "partner", "before", "after", "causes"]
    return [heading, *([c.state, c.partner, c.before, c.after, "; ".join(c.causes)] for c in found)]


def inventory_rows(found: Inventory) -> list[list[str]]:
    """Return heading and rows: a line for each European state, the total last; an empty cell is not known."""
    lines = [line.figures() for line in (*found.lines, found.total)]
    return [
        list(lines[0]),
        *(["" if cell is None else str(cell) for cell in line.values()] for line in lines),
    ]


def as_csv(rows: Sequence[Sequence[str]]) -> str:
    """Write rows as RFC 4180 says, for spreadsheets: what they would take for a formula opens with an apostrophe.

    https://owasp.org/www-community/attacks/CSV_Injection
    """
    text = io.StringIO()
    csv.writer(text).writerows([_inert(cell) for cell in row] for row in rows)
    return text.getvalue()


def for_excel(text: str) -> bytes:
    """Encode a table: with a byte-order mark where it has letters beyond ASCII, which Excel misreads without."""
    return text.encode("utf-8" if text.isascii() else "utf-8-sig")


def table_xlsx(rows: Sequence[Sequence[str]], name: str) -> bytes:
    """Write a heading and rows as an Excel workbook of one sheet, every cell as text; the same bytes every time."""
    import datetime

    import xlsxwriter

    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True})
    book.set_properties({"title": name, "created": datetime.datetime(2000, 1, 1)})
    bold = book.add_format({"bold": True})
    sheet = book.add_worksheet(name)
    sheet.freeze_panes(1, 0)
    for line, row in enumerate(rows):
        for column, cell in enumerate(row):
            sheet.write_string(line, column, cell, None if line else bold)
    sheet.autofit()
    book.close()
    return target.getvalue()


def _inert(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) and not _NUMBER.fullmatch(cell) else cell


def as_xlsx(found: Matrix) -> bytes:
    """Write a matrix as an Excel workbook with a sheet that explains the ranks; the same bytes every time."""
    import datetime

    import xlsxwriter

    target = io.BytesIO()
    texts = {"strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(target, {"in_memory": True, **texts})
    book.set_properties(
        {"title": f"Readmission matrix on {found.on}", "created": datetime.datetime(2000, 1, 1)}
    )
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
