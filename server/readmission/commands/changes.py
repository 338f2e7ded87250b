"""The pairs whose verdict differs between two dates, and the dated facts that bear on them."""

import argparse

from readmission import dates
from readmission.answers.matrix import changes
from readmission.commands import options
from readmission.commands.output import as_file, opened
from readmission.reports import schema
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
    report = schema.of_changes(found, arguments.first, arguments.last, graph.version)
    if arguments.format != "table":
        return as_file(report, arguments.format)
    count = f"{len(found)} pairs changed their verdict"
    heading = f"{count} from {arguments.first} to {arguments.last}; release {graph.version}"
    print(f"{heading}\n\n{table(report.table[0], report.table[1:])}" if found else heading)
    return 0
