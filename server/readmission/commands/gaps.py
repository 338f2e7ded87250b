"""Which Member States lack an instrument with a country on a date: a row for each."""

import argparse

from readmission import dates
from readmission.answers import coverage
from readmission.commands import options
from readmission.commands.output import as_file, find_country, naming, open_release, show
from readmission.reports import pair_schema
from readmission.reports.terminal.coverage import gaps_text


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    parser.add_argument("country", help="the country, by code or by name in any language of the EU")
    options.add_day(parser)
    options.add_persons(parser)
    options.ids(parser)
    options.add_formats(parser, "json", "csv")


def run(arguments: argparse.Namespace) -> int:
    """Print a row per Member State."""
    graph = open_release()
    country = find_country(graph, arguments.country).alpha3
    found = coverage.gaps(graph, country, arguments.on, arguments.persons)
    if arguments.format != "table":
        return as_file(pair_schema.gaps_report(found), arguments.format)
    return show(gaps_text(found, naming(graph, arguments.ids), dates.today()))
