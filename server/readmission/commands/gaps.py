"""Which Member States lack an instrument with a country on a date: a row for each."""

import argparse
from dataclasses import asdict
from typing import Any

from readmission import dates
from readmission.answers import coverage
from readmission.commands import options
from readmission.commands.output import as_bytes, as_json, naming, opened, show
from readmission.reports import spreadsheets
from readmission.reports.coverage_report import gaps_text

FIELDS = ("state", "verdict", "rank", "instruments", "hint", "closed_by", "evidence")


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    parser.add_argument("country", help="the country, by code or by name in any language of the EU")
    options.dated(parser)
    options.persons(parser)
    options.ids(parser)
    options.formats(parser, "json", "csv")


def run(arguments: argparse.Namespace) -> int:
    """Print a row per Member State."""
    graph = opened()
    found = coverage.gaps(graph, arguments.country, arguments.on, arguments.persons)
    rows = [{name: asdict(row)[name] for name in FIELDS} for row in found.rows]
    if arguments.format == "json":
        head = {"country": found.country.alpha3, "on": found.on.isoformat(), "persons": found.persons}
        return as_json({**head, "version": found.version, "rows": rows})
    if arguments.format == "csv":
        cells = [[_cell(value) for value in row.values()] for row in rows]
        return as_bytes(spreadsheets.as_csv([FIELDS, *cells]).encode())
    return show(gaps_text(found, naming(graph, arguments.ids), dates.today()))


def _cell(value: Any) -> str:
    return "|".join(value) if isinstance(value, tuple) else str(value)
