"""A verdict for each European state and each partner on a date."""

import argparse

from readmission.answers.matrix import matrix
from readmission.commands import options
from readmission.commands.output import as_file, naming, open_release, show
from readmission.reports import schema
from readmission.reports.matrix_report import matrix_text


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    options.add_day(parser)
    options.add_persons(parser)
    text = "only these partners: a region such as Africa, or acp, visa-bound, negotiating"
    parser.add_argument("--group", metavar="GROUP", help=text)
    options.ids(parser)
    options.add_formats(parser, "csv", "xlsx", "json")


def run(arguments: argparse.Namespace) -> int:
    """Print the matrix."""
    graph = open_release()
    found = matrix(graph, arguments.on, arguments.persons, arguments.group)
    if arguments.format != "table":
        return as_file(schema.matrix_report(found), arguments.format)
    return show(matrix_text(found, naming(graph, arguments.ids)))
