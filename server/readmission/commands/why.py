"""Why a Member State is, or is not, covered with a country on a date: the verdict and each premise with its source."""

import argparse
from dataclasses import asdict

from readmission import coverage, reports
from readmission.commands import options
from readmission.commands.telling import as_json, opened


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    parser.add_argument("state", help="code or name")
    parser.add_argument("country", help="code or name")
    options.dated(parser)
    options.persons(parser)
    options.formats(parser, "json")


def run(arguments: argparse.Namespace) -> int:
    """Print a verdict and its premises."""
    found = coverage.why(opened(), arguments.state, arguments.country, arguments.on, arguments.persons)
    if arguments.format != "json":
        print(reports.why(found))
        return 0
    row = found.row
    return as_json({
        "state": found.state.alpha3, "country": found.country.alpha3, "on": found.on.isoformat(),
        "persons": found.persons, "version": found.version,
        "verdict": row.verdict if row else None, "rank": row.rank if row else None,
        "hint": row.hint if row else "", "evidence": row.evidence if row else "",
        "premises": [asdict(premise) for premise in found.premises],
    })  # fmt: skip
