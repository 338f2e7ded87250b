"""What each European state has with each partner on a date, of its own, at EU level, or both."""

import argparse

from readmission.answers.matrix import VIEWS, matrix
from readmission.commands import options
from readmission.commands.output import as_file, naming, open_release, show
from readmission.reports import schema
from readmission.reports.terminal.matrix import matrix_text


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    options.add_day(parser)
    options.add_persons(parser)
    text = "only these partners: a region such as Africa, or acp, visa-bound, negotiating"
    parser.add_argument("--group", metavar="GROUP", help=text)
    options.add_layer(parser, VIEWS)
    options.ids(parser)
    options.add_formats(parser, "csv", "xlsx", "json")


def run(arguments: argparse.Namespace) -> int:
    """Print the matrix."""
    graph = open_release()
    found = matrix(graph, arguments.on, arguments.persons, arguments.group)
    if arguments.format != "table":
        return as_file(schema.matrix_report(found, arguments.layer), arguments.format)
    return show(matrix_text(found, arguments.layer, naming(graph, arguments.ids)))
