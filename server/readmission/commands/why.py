"""Why a Member State is, or is not, covered with a country on a date: the verdict and each premise with its source."""

import argparse
import datetime

from readmission import questions
from readmission.answers import coverage
from readmission.commands import options
from readmission.commands.output import as_file, find_country, naming, open_release, print_message, show
from readmission.countries.gazetteer import Country
from readmission.errors import ParameterError
from readmission.release import Release
from readmission.reports import pair_schema
from readmission.reports.terminal.coverage import why_text


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    text = "the Member State, by code or by name in any language of the EU"
    parser.add_argument("state", help=text)
    text = "the country, likewise; the two may stand in either order"
    parser.add_argument("country", help=text)
    options.add_day(parser)
    options.add_persons(parser)
    options.ids(parser)
    options.add_formats(parser, "json", "csv")


def run(arguments: argparse.Namespace) -> int:
    """Print a verdict and its premises."""
    graph = open_release()
    state, country = _pair(graph, arguments.state, arguments.country, arguments.on)
    found = coverage.why(graph, state.alpha3, country.alpha3, arguments.on, arguments.persons)
    if arguments.format != "table":
        return as_file(pair_schema.why_report(found), arguments.format)
    return show(why_text(found, naming(graph, arguments.ids)))


def _pair(graph: Release, first: str, second: str, on: datetime.date) -> tuple[Country, Country]:
    """Return the Member State and the country that two texts name.

    Their order is turned round, and said so, where only the second is a European state on the day.
    """
    state, country = find_country(graph, first), find_country(graph, second)
    if state == country:
        raise ParameterError(f"both are {state.name}; name a Member State and another country")
    rows = questions.find("european-states").run(graph.engine, {"on": on.isoformat()}, graph.gazetteer)
    european = {row["code"] for row in rows.texts()}
    if state.alpha3 in european or country.alpha3 not in european:
        return state, country
    print_message(f"understood as: Member State {country.name}, country {state.name}")
    return country, state
