"""What fits on one page about a country on a date: as text, or as a page of HTML that prints on one sheet of A4."""

import argparse

from readmission import dates
from readmission.answers import coverage
from readmission.commands import options
from readmission.commands.output import find_country, naming, open_release, show, write_bytes
from readmission.reports.terminal.coverage import gaps_text


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    parser.add_argument("country", help="the country, by code or by name in any language of the EU")
    options.add_day(parser)
    options.add_persons(parser)
    text = "text for a terminal, or html for a page to print; text by default"
    parser.add_argument("--format", choices=("text", "html"), default="text", metavar="FORMAT", help=text)


def run(arguments: argparse.Namespace) -> int:
    """Print the page."""
    graph = open_release()
    country = find_country(graph, arguments.country).alpha3
    found = coverage.gaps(graph, country, arguments.on, arguments.persons)
    if arguments.format == "text":
        return show(gaps_text(found, naming(graph, ids=False), dates.today()))
    from readmission.web.pages.brief import brief_alone  # its library comes with the web

    return write_bytes(brief_alone(found, arguments.persons.replace("-", " ")).encode())
