"""The gaps with a country as files: JSON for programs, CSV for spreadsheets. Both hold every row."""

import csv
import io
from collections import Counter
from dataclasses import asdict

from flask import Response, jsonify

from readmission.answers.coverage import Gaps
from readmission.reports.spreadsheets import for_excel
from readmission.web.http.negotiation import CSV

_COLUMNS: tuple[str, ...] = (
    "country", "on", "persons", "state", "name", "verdict", "rank", "instruments", "hint", "closed_by",
    "evidence", "release",
)  # fmt: skip


def written(gaps: Gaps, kind: str) -> Response:
    """Return the gaps as ``json`` or ``csv``."""
    return _json(gaps) if kind == "json" else _csv(gaps)


def _json(gaps: Gaps) -> Response:
    return jsonify(
        country=asdict(gaps.country),
        on=gaps.on.isoformat(),
        persons=gaps.persons,
        release=gaps.version,
        counts=Counter(row.verdict for row in gaps.rows),
        rows=[asdict(row) for row in gaps.rows],
    )


def _csv(gaps: Gaps) -> Response:
    """Lists within a cell are joined by a vertical bar; lines end as RFC 4180 says."""
    text = io.StringIO()
    writer = csv.DictWriter(text, _COLUMNS)
    writer.writeheader()
    shared = {"country": gaps.country.alpha3, "on": gaps.on, "persons": gaps.persons, "release": gaps.version}
    for row in gaps.rows:
        lists = {"instruments": "|".join(row.instruments), "closed_by": "|".join(row.closed_by)}
        writer.writerow({**asdict(row), **lists, **shared})
    answer = Response(for_excel(text.getvalue()), content_type=CSV.content_type)
    name = f"gaps-{gaps.country.alpha3}-{gaps.on}-{gaps.persons}.csv"
    answer.headers["Content-Disposition"] = f'inline; filename="{name}"'
    return answer
