"""What happened in a period: every dated event, by kind."""

import argparse

from readmission import dates
from readmission.answers.events import events
from readmission.commands import options
from readmission.commands.output import as_file, find_country, naming, open_release, show
from readmission.reports import schema
from readmission.reports.terminal.events import events_text

_YEAR = 365


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    today = dates.today()
    parser.add_argument("--country", metavar="NAME", help="only what touches a country or territory")
    parser.add_argument(
        "--state", metavar="NAME", help="only what touches a European state itself, not the whole Union"
    )
    parser.add_argument(
        "--from",
        dest="first",
        type=options.parse_day,
        default=dates.before(today, _YEAR),
        metavar="DATE",
        help="the first day, as 2024-01-01; a year ago by default",
    )
    parser.add_argument(
        "--to",
        dest="last",
        type=options.parse_day,
        default=today,
        metavar="DATE",
        help="the last day; today by default",
    )
    options.ids(parser)
    options.add_formats(parser, "csv", "json")


def run(arguments: argparse.Namespace) -> int:
    """Print the events."""
    graph = open_release()
    asked = (arguments.country, arguments.state)
    country, state = (find_country(graph, name).alpha3 if name else None for name in asked)
    found = events(graph, arguments.first, arguments.last, country, state)
    if arguments.format != "table":
        return as_file(schema.events_report(found), arguments.format)
    return show(events_text(found, naming(graph, arguments.ids)))
