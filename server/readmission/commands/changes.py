"""The pairs whose verdict differs between two dates, and the dated facts that bear on them."""

import argparse
import datetime
from collections.abc import Sequence

from readmission import dates
from readmission.answers.matrix import Change, changes
from readmission.commands import options
from readmission.commands.output import as_bytes, as_json, opened
from readmission.reports import spreadsheets
from readmission.reports.text_table import table


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    parser.add_argument("--from", dest="first", type=options.day, required=True, metavar="DATE")
    parser.add_argument("--to", dest="last", type=options.day, default=dates.today(), metavar="DATE")
    options.persons(parser)
    options.formats(parser, "csv", "json")


def run(arguments: argparse.Namespace) -> int:
    """Print the changed pairs."""
    graph = opened()
    found = changes(graph, arguments.first, arguments.last, arguments.persons)
    if arguments.format == "csv":
        return as_bytes(spreadsheets.as_csv(spreadsheets.change_rows(found)).encode())
    if arguments.format == "json":
        return as_json(spreadsheets.change_data(found, arguments.first, arguments.last, graph.version))
    print(_told(found, arguments.first, arguments.last, graph.version))
    return 0


def _told(found: Sequence[Change], first: datetime.date, last: datetime.date, version: str) -> str:
    """Return the changed pairs with the dated facts that bear on them."""
    rows = spreadsheets.change_rows(found)
    heading = f"{len(found)} pairs changed their verdict from {first} to {last}; release {version}"
    return f"{heading}\n\n{table(rows[0], rows[1:])}" if found else heading
