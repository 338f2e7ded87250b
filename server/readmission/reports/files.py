"""An answer as the bytes of a file: the same for the command line and the web."""

from msgspec import json

from readmission.reports.csv_text import csv_text, for_excel
from readmission.reports.schema import Report


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
        return workbook.matrix_workbook(report.matrix)
    return workbook.table_workbook(report.table, report.name.partition("-")[0])
