"""Tables as CSV (RFC 4180), safe and readable in spreadsheets."""

import csv
import io
import re

from readmission.reports.schema import Table

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_NUMBER = re.compile(r"[+-]?[0-9]+([.,][0-9]+)?")


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
