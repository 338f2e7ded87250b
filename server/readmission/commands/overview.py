"""The state of the field on a date, or what is on record of bilateral instruments."""

import argparse

from readmission.answers import inventory
from readmission.answers.overview import overview
from readmission.commands import options
from readmission.commands.output import as_file, naming, open_release, show
from readmission.reports import schema
from readmission.reports.terminal.overview import inventory_text, overview_text
from readmission.sources import ledger


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    options.add_day(parser)
    text = "instead, count the bilateral instruments of each state, and say how far the search for them went"
    parser.add_argument("--bilateral", action="store_true", help=text)
    options.ids(parser)
    options.add_formats(parser, "json", "csv")


def run(arguments: argparse.Namespace) -> int:
    """Print the figures of a day."""
    if arguments.bilateral:
        return _bilateral(arguments.format, arguments.ids)
    graph = open_release()
    found = overview(graph, arguments.on)
    if arguments.format != "table":
        return as_file(schema.overview_report(found), arguments.format)
    return show(overview_text(found, naming(graph, arguments.ids)))


def _bilateral(format_: str, ids: bool) -> int:
    graph = open_release()
    found = inventory.inventory(graph, ledger.read())
    if format_ != "table":
        return as_file(schema.inventory_report(found), format_)
    return show(inventory_text(found, naming(graph, ids)))
