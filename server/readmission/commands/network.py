"""Who has instruments with whom: who is alike, whom to ask, what one more would close."""

import argparse

from readmission.answers.network import LAYERS, network
from readmission.commands import options
from readmission.commands.output import find_country, naming, open_release, show, write_bytes
from readmission.reports.files import json_bytes
from readmission.reports.terminal.network import as_data, text


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    options.add_day(parser)
    options.add_persons(parser)
    parser.add_argument("--state", metavar="STATE", help="compare this European state with the others")
    parser.add_argument("--partner", metavar="PARTNER", help="compare this partner country with the others")
    ranks = (
        "the lowest rank that counts: 6 binding, 5 contested, 4 clause or non-binding (default), 3 possible"
    )
    parser.add_argument("--least", type=int, default=4, choices=(3, 4, 5, 6), metavar="RANK", help=ranks)
    options.add_layer(parser, LAYERS)
    options.ids(parser)
    options.add_formats(parser, "json", "graphml")


def run(arguments: argparse.Namespace) -> int:
    """Print the network on a day."""
    graph = open_release()
    asked = (arguments.state, arguments.partner)
    state, partner = (find_country(graph, stated).alpha3 if stated else None for stated in asked)
    found = network(graph, arguments.on, arguments.persons, arguments.least, arguments.layer)
    if arguments.format == "graphml":
        return write_bytes(found.as_graphml().encode())
    if arguments.format == "json":
        return write_bytes(json_bytes(as_data(found, state, partner)))
    return show(text(found, state, partner, naming(graph, arguments.ids)))
