"""A verdict for each European state and each partner on a date."""

import argparse

from readmission.answers.matrix import VERDICTS, Matrix, matrix
from readmission.commands import options
from readmission.commands.output import as_file, opened
from readmission.reports import schema
from readmission.reports.text_table import table


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    options.dated(parser)
    options.persons(parser)
    text = "a region such as Africa, or acp, visa-bound, negotiating"
    parser.add_argument("--group", metavar="GROUP", help=text)
    options.formats(parser, "csv", "xlsx", "json")


def run(arguments: argparse.Namespace) -> int:
    """Print the matrix."""
    found = matrix(opened(), arguments.on, arguments.persons, arguments.group)
    report = schema.of_matrix(found)
    if arguments.format != "table":
        return as_file(report, arguments.format)
    print(_told(found, report.table))
    return 0


def _told(found: Matrix, rows: schema.Table) -> str:
    """Return the matrix as text, partners in blocks that fit a terminal, and what the ranks mean."""
    blocks = []
    for start in range(2, len(rows[0]), 24):
        part = [[row[0], row[1], *row[start : start + 24]] for row in rows]
        blocks.append(table(part[0], part[1:], width=200))
    ranks = ", ".join(f"{rank} {verdict}" for rank, verdict in reversed(list(enumerate(VERDICTS))))
    size = f"{len(found.states)} European states, {len(found.partners)} partners"
    heading = f"Verdicts on {found.on}: {found.persons}; {size}; release {found.version}\n{ranks}"
    return "\n\n".join([heading, *blocks])
