"""Two or more countries, or European states, side by side on a date: what differs between them."""

import argparse

from readmission import dates
from readmission.answers import comparison
from readmission.commands import options
from readmission.commands.output import as_file, find_country, open_release, show
from readmission.reports import pair_schema
from readmission.reports.terminal.coverage import comparison_text


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    text = "two to five countries, or European states, by code or by name in any language of the EU"
    parser.add_argument("names", nargs="+", metavar="NAME", help=text)
    options.add_day(parser)
    options.add_persons(parser)
    options.add_formats(parser, "json", "csv")


def run(arguments: argparse.Namespace) -> int:
    """Print the sides and what differs."""
    graph = open_release()
    codes = [find_country(graph, name).alpha3 for name in arguments.names]
    found = comparison.compare(graph, codes, arguments.on, arguments.persons)
    if arguments.format != "table":
        return as_file(pair_schema.comparison_report(found), arguments.format)
    return show(comparison_text(found, dates.today()))
