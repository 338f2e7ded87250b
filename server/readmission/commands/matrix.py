"""A verdict for each European state and each partner on a date."""

import argparse
import sys

from readmission import reports, sheets
from readmission.commands import options
from readmission.commands.telling import as_json, opened
from readmission.matrix import matrix


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    options.dated(parser)
    options.persons(parser)
    text = "a region such as Africa, or acp, visa-bound, negotiating"
    parser.add_argument("--group", metavar="GROUP", help=text)
    options.formats(parser, "csv", "xlsx", "json")


def run(arguments: argparse.Namespace) -> int:
    """Print the matrix."""
    found = matrix(opened(), arguments.on, arguments.persons, arguments.group)
    if arguments.format == "xlsx":
        sys.stdout.buffer.write(sheets.as_xlsx(found))
    elif arguments.format == "csv":
        sys.stdout.write(sheets.as_csv(sheets.matrix_rows(found)))
    elif arguments.format == "json":
        return as_json(sheets.matrix_data(found))
    else:
        print(reports.matrix(found))
    return 0
