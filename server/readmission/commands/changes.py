"""The pairs that the events of a period moved, and these events."""

import argparse
from collections.abc import Sequence

from readmission import dates
from readmission.answers.matrix import Change, changes
from readmission.answers.statuses import EU, OWN
from readmission.commands import options
from readmission.commands.output import as_file, naming, open_release, show
from readmission.reports import schema, words
from readmission.reports.terminal.naming import Naming
from readmission.reports.terminal.table import table

_LAYERS = {OWN: "own", EU: "EU level"}
_COLUMNS = ("state", "partner", "layer", "before", "after", "caused by")


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    parser.add_argument(
        "--from",
        dest="first",
        type=options.parse_day,
        required=True,
        metavar="DATE",
        help="the first day, as 2020-12-31",
    )
    text = "the last day; today by default"
    parser.add_argument(
        "--to", dest="last", type=options.parse_day, default=dates.today(), metavar="DATE", help=text
    )
    options.add_persons(parser)
    options.ids(parser)
    options.add_formats(parser, "csv", "json")


def run(arguments: argparse.Namespace) -> int:
    """Print the changed pairs."""
    graph = open_release()
    found = changes(graph, arguments.first, arguments.last, arguments.persons)
    if arguments.format != "table":
        return as_file(
            schema.changes_report(found, arguments.first, arguments.last, graph.version), arguments.format
        )
    heading = f"{len(found)} changes from {arguments.first} to {arguments.last}"
    rows = _rows(found, naming(graph, arguments.ids))
    return show(
        "\n\n".join([f"{heading}; release {graph.version}", *([table(_COLUMNS, rows)] if rows else [])])
    )


def _rows(found: Sequence[Change], naming: Naming) -> list[list[str]]:
    """Return the changed pairs with the dated facts that bear on them."""
    rows = (
        [
            naming.country(each.state),
            naming.country(each.partner),
            _LAYERS[each.layer],
            words.status(each.layer, each.before),
            words.status(each.layer, each.after),
            "; ".join(naming.text(cause) for cause in each.causes),
        ]
        for each in found
    )
    return sorted(rows)
