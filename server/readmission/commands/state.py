"""With which partners a European state has an instrument on a date, of its own or through the Union: a row for each."""

import argparse

from readmission import dates
from readmission.answers import coverage
from readmission.commands import options
from readmission.commands.output import as_file, find_country, naming, open_release, show
from readmission.reports import pair_schema
from readmission.reports.terminal.coverage import state_text


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    parser.add_argument("state", help="the European state, by code or by name in any language of the EU")
    options.add_day(parser)
    options.add_persons(parser)
    options.ids(parser)
    options.add_formats(parser, "json", "csv")


def run(arguments: argparse.Namespace) -> int:
    """Print a row per partner."""
    graph = open_release()
    state = find_country(graph, arguments.state).alpha3
    found = coverage.state(graph, state, arguments.on, arguments.persons)
    if arguments.format != "table":
        return as_file(pair_schema.state_report(found), arguments.format)
    return show(state_text(found, naming(graph, arguments.ids), dates.today()))
