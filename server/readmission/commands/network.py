"""Who has instruments with whom: who is alike, whom to ask, what one more would close."""

import argparse

from readmission.answers.network import network
from readmission.commands import options
from readmission.commands.output import as_bytes, opened
from readmission.reports import network_report
from readmission.reports.files import json_bytes


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    options.dated(parser)
    options.persons(parser)
    parser.add_argument("--state", help="compare one European state with the others")
    parser.add_argument("--partner", help="compare one partner with the others")
    ranks = "lowest rank that counts: 6 binding, 5 contested, 4 clause or non-binding (default), 3 possible"
    parser.add_argument("--least", type=int, default=4, choices=(3, 4, 5, 6), metavar="RANK", help=ranks)
    levels = "count instruments of the states' own, of the Union, or all (default)"
    parser.add_argument("--level", default="all", choices=("all", "own", "eu"), help=levels)
    options.formats(parser, "json", "graphml")


def run(arguments: argparse.Namespace) -> int:
    """Print the network on a day."""
    graph = opened()
    asked = (arguments.state, arguments.partner)
    state, partner = (graph.gazetteer.find(stated).alpha3 if stated else None for stated in asked)
    found = network(graph, arguments.on, arguments.persons, arguments.least, arguments.level)
    if arguments.format == "graphml":
        return as_bytes(found.as_graphml().encode())
    if arguments.format == "json":
        return as_bytes(json_bytes(network_report.as_data(found, state, partner)))
    print("\n".join(network_report.lines(found, state, partner)))
    return 0
