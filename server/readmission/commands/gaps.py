"""Which Member States lack an instrument with a country on a date: a row for each."""

import argparse

from readmission import dates
from readmission.answers import coverage
from readmission.commands import options
from readmission.commands.output import as_file, opened
from readmission.reports import schema
from readmission.reports.text_table import table


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    parser.add_argument("country", help="code or name, in any language we hold")
    options.dated(parser)
    options.persons(parser)
    options.formats(parser, "json", "csv")


def run(arguments: argparse.Namespace) -> int:
    """Print a row per Member State."""
    found = coverage.gaps(opened(), arguments.country, arguments.on, arguments.persons)
    if arguments.format != "table":
        return as_file(schema.of_gaps(found), arguments.format)
    print(_told(found))
    return 0


def _told(found: coverage.Gaps) -> str:
    """Return a row for each Member State under a heading that says day, persons and release."""
    today = " (today)" if found.on == dates.today() else ""
    asked = f"{found.country.name} ({found.country.alpha3}) on {found.on}{today}: {found.persons}"
    rows = [
        (row.name, row.verdict, " ".join(row.instruments), row.evidence, row.hint, " ".join(row.closed_by))
        for row in found.rows
    ]
    columns = ("Member State", "verdict", "covered by", "weakest evidence", "hint", "closed by")
    return (
        f"{asked}; release {found.version}\n"
        'Verdicts say what is recorded: "not-recorded" does not mean that there is no instrument.\n\n'
        f"{table(columns, rows)}\n\n"
        f"{len(found.rows)} Member States; `readmission why STATE {found.country.alpha3}` gives the premises."
    )
