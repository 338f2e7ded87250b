"""An answer as the bytes of a file: the same for the command line and the web. CSV is as RFC 4180 says."""

import csv
import io
import re

from msgspec import json

from readmission.reports.schema import Report, Table

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_NUMBER = re.compile(r"[+-]?[0-9]+([.,][0-9]+)?")


def json_bytes(data: object) -> bytes:
    """Write an object as JSON that people can read, too."""
    return json.format(json.encode(data), indent=2) + b"\n"


def file_bytes(report: Report, kind: str) -> bytes:
    """Write an answer as ``json``, ``csv`` or ``xlsx``."""
    if kind == "json":
        return json_bytes(report.data)
    if kind == "csv":
        return for_excel(csv_text(report.table))
    from readmission.reports import workbook  # its library is large, and few ask for a workbook

    if report.matrix:
        return workbook.matrix_workbook(*report.matrix)
    return workbook.table_workbook(report.table, report.name.partition("-")[0])


def csv_text(table: Table) -> str:
    """Write a table; a cell that a spreadsheet would take for a formula opens with an apostrophe.

    https://owasp.org/www-community/attacks/CSV_Injection
    """
    text = io.StringIO()
    csv.writer(text).writerows([_inert(cell) for cell in row] for row in table)
    return text.getvalue()


def for_excel(text: str) -> bytes:
    """Encode a table: with a byte-order mark where it has letters beyond ASCII, which Excel misreads without."""
    return text.encode("utf-8" if text.isascii() else "utf-8-sig")


def _inert(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) and not _NUMBER.fullmatch(cell) else cell
