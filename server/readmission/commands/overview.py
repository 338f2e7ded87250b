"""The state of the field on a date, or what is on record of bilateral instruments."""

import argparse
import sys

from readmission import reports, sheets
from readmission.bilateral import inventory
from readmission.commands import options
from readmission.commands.telling import as_json, opened
from readmission.overview import overview


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    options.dated(parser)
    text = (
        "instead: the bilateral instruments on record, state by state, and how far the search for them went"
    )
    parser.add_argument("--bilateral", action="store_true", help=text)
    options.formats(parser, "json", "csv")


def run(arguments: argparse.Namespace) -> int:
    """Print the figures of a day."""
    if arguments.bilateral:
        return _bilateral(arguments.format)
    found = overview(opened(), arguments.on)
    if arguments.format == "json":
        return as_json(found.figures())
    if arguments.format == "csv":
        rows = [[name, item] for name, items in found.items.items() for item in items]
        sys.stdout.write(sheets.as_csv([["figure", "item"], *rows]))
        return 0
    print(reports.overview(found))
    return 0


def _bilateral(format_: str) -> int:
    found = inventory(opened())
    if format_ == "json":
        return as_json(found.as_data())
    if format_ == "csv":
        sys.stdout.write(sheets.as_csv(sheets.inventory_rows(found)))
        return 0
    print(reports.inventory(found))
    return 0
