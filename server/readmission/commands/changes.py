"""The pairs whose verdict differs between two dates, and the dated facts that bear on them."""

import argparse
import datetime
import sys

from readmission import reports, sheets
from readmission.commands import options
from readmission.commands.telling import as_json, opened
from readmission.matrix import changes


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    parser.add_argument("--from", dest="first", type=options.day, required=True, metavar="DATE")
    today = datetime.date.today()
    parser.add_argument("--to", dest="last", type=options.day, default=today, metavar="DATE")
    options.persons(parser)
    options.formats(parser, "csv", "json")


def run(arguments: argparse.Namespace) -> int:
    """Print the changed pairs."""
    graph = opened()
    found = changes(graph, arguments.first, arguments.last, arguments.persons)
    if arguments.format == "csv":
        sys.stdout.write(sheets.as_csv(sheets.change_rows(found)))
    elif arguments.format == "json":
        return as_json(sheets.change_data(found, arguments.first, arguments.last, graph.version))
    else:
        print(reports.changes(found, arguments.first, arguments.last, graph.version))
    return 0
