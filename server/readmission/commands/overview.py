"""The state of the field on a date, or what is on record of bilateral instruments."""

import argparse

from readmission.answers import inventory
from readmission.answers.overview import Overview, overview
from readmission.commands import options
from readmission.commands.output import as_file, opened
from readmission.reports import schema
from readmission.reports.text_table import table
from readmission.sources import ledger


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    options.dated(parser)
    text = (
        "instead: the bilateral instruments on record, state by state, and how far the search for them went"
    )
    parser.add_argument("--bilateral", action="store_true", help=text)
    options.formats(parser, "json", "csv")


def run(arguments: argparse.Namespace) -> int:
    """Print the figures of a day."""
    if arguments.bilateral:
        return _bilateral(arguments.format)
    found = overview(opened(), arguments.on)
    if arguments.format != "table":
        return as_file(schema.of_overview(found), arguments.format)
    print(_told(found))
    return 0


def _bilateral(format_: str) -> int:
    found = inventory.inventory(opened(), ledger.read())
    if format_ != "table":
        return as_file(schema.of_inventory(found), format_)
    print(_all_told(found))
    return 0


def _told(found: Overview) -> str:
    """Return each figure with its count and all its items."""
    rows = [
        (name.replace("_", " "), str(len(items)), ", ".join(items)) for name, items in found.items.items()
    ]
    return f"The field on {found.on} (release {found.version})\n\n{table(('figure', 'count', 'items'), rows)}"


def _all_told(found: inventory.Inventory) -> str:
    """Return a line for each European state and the total, what the columns mean, and what was searched."""
    lines = (*found.lines, found.total)
    shown = (
        "name",
        "instruments",
        "rows",
        "merged",
        "refused",
        "disagreements",
        "published",
        "recorded",
        "shortfall",
    )
    cells = [[_known(line.figures()[name]) for name in shown] for line in lines]
    searched = "\n".join(f"- {line.search.statement}" for line in lines if line.search)
    total = found.total.rows
    return (
        f"Bilateral instruments on record (release {found.version})\n"
        f"{total.rows} rows of the source tables = {total.instruments} instruments + {total.merged} merged "
        f"(a row of an instrument already there) + {total.refused} refused.\n{inventory.NOTE}\n"
        "disagreements: instruments about which sources contradict each other. published, recorded: a published total, "
        "and what is on file of it; they may count different things, as the searches below say.\n\n"
        f"{table(shown, cells)}\n\nHow far the search went\n{searched}"
    )


def _known(value: object) -> str:
    return "?" if value is None else str(value)
