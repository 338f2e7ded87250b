"""Answers as files: JSON for programs, CSV and Excel for spreadsheets, with every row."""

from flask import Response

from readmission.engine.formats.table import CSV
from readmission.reports.files import file_bytes
from readmission.reports.schema import Report
from readmission.web.http.negotiation import JSON

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def file(report: Report, kind: str) -> Response:
    """Return an answer as ``json``, ``csv`` or ``xlsx``; a browser saves a workbook and shows the others."""
    content_type = {"json": JSON.content_type, "csv": CSV.content_type, "xlsx": _XLSX}[kind]
    answer = Response(file_bytes(report, kind), content_type=content_type)
    if kind != "json":
        how = "attachment" if kind == "xlsx" else "inline"
        answer.headers["Content-Disposition"] = f'{how}; filename="{report.name}.{kind}"'
    return answer
