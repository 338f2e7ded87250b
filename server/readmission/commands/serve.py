"""The endpoint and the pages, served until interrupted."""

import argparse
from pathlib import Path

from readmission.commands import options
from readmission.upkeep import serve as run

__all__ = ["arguments", "run"]


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    text = "serve these RDF files instead of the built-in graph"
    parser.add_argument("--data", nargs="+", type=Path, metavar="FILE", help=text)
    _add_limits(parser)
    _add_outside(parser)


def _add_limits(parser: argparse.ArgumentParser) -> None:
    """Add what an operator may say of queries from outside; the limits in force stand at ``/limits``."""
    text = "seconds after which a query is stopped; 10 by default"
    parser.add_argument("--deadline", type=options.positive, metavar="SECONDS", help=text)
    text = "MiB that one query may take; 512 by default"
    parser.add_argument("--memory", type=options.whole, metavar="MIB", help=text)
    text = "long queries that run at a time; one a processor by default, and two at least"
    parser.add_argument("--long-queries", type=options.whole, metavar="COUNT", help=text)
    text = "address of the proxy in front, whose X-Forwarded-For tells clients apart"
    parser.add_argument("--proxy", metavar="ADDRESS", help=text)
    text = "serve metrics for Prometheus there, such as 9464 (on 127.0.0.1) or 10.0.0.5:9464"
    parser.add_argument("--metrics", type=options.place, metavar="[HOST:]PORT", help=text)


def _add_outside(parser: argparse.ArgumentParser) -> None:
    """Add what it takes to answer public queries from an existing SPARQL engine."""
    group = parser.add_argument_group("an outside engine for the queries of /sparql and /graphs")
    text = "its SPARQL 1.1 query address; it has to prove itself before it is relied on"
    group.add_argument("--engine", metavar="URL", help=text)
    text = (
        "its address for the Graph Store Protocol: the release loads itself into it when it is not there yet; "
        "READMISSION_ENGINE_LOGIN=user:password in the environment, where it wants a login"
    )
    group.add_argument("--graph-store", metavar="URL", help=text)
    text = (
        "serve all the same when the engine gets some questions wrong, without these, and say so at /limits"
    )
    group.add_argument("--despite-faults", action="store_true", help=text)
