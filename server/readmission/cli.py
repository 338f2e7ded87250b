"""The command line: ``readmission overview | gaps | why | matrix | query | check | export | serve …``.

Exit status: 0 when all is well, 1 when a check found a violation, 2 when the call or its input was wrong.
"""

import argparse
import datetime
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from readmission import answers, commands, coverage, dates, export, facts, questions, release, upkeep
from readmission.countries import UnknownCountry
from readmission.engine import DataFault, QueryFault
from readmission.sparql import FederationRefused, UpdateRefused

# What a user can get wrong: told in one line, without a traceback.
USER_FAULTS = (
    answers.FormatError, dates.DateError, DataFault, export.ExportRefused, facts.SyntaxFault, FederationRefused,
    OSError, questions.ParameterError, questions.UnknownQuestion, QueryFault, release.BuildRefused, UnknownCountry,
    UpdateRefused,
)  # fmt: skip

Command = Callable[[argparse.Namespace], int]


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    arguments = _parser().parse_args(argv)
    run: Command = arguments.run
    try:
        return run(arguments)
    except BrokenPipeError:  # the reader has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except USER_FAULTS as fault:
        print(f"readmission {arguments.command}: {fault}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="readmission", description="The knowledge graph of the EU's readmission instruments."
    )
    subparsers = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(name: str, run: Command, text: str) -> argparse.ArgumentParser:
        added = subparsers.add_parser(name, help=text, description=text)
        added.set_defaults(run=run)
        return added

    _add_answers(command)
    _add_analyses(command)
    _add_upkeep(command)
    return parser


Adder = Callable[[str, Command, str], argparse.ArgumentParser]


def _add_answers(command: Adder) -> None:
    added = command("overview", commands.overview, "The state of the whole field on a date.")
    _dated(added)
    text = (
        "instead: the bilateral instruments on record, state by state, and how far the search for them went"
    )
    added.add_argument("--bilateral", action="store_true", help=text)
    _formats(added, "json", "csv")
    added = command(
        "gaps", commands.gaps, "One row per Member State: what covers it with a country on a date."
    )
    added.add_argument("country", help="code or name, in any language we hold")
    _dated(added)
    _persons(added)
    _formats(added, "json", "csv")
    text = "The verdict for a Member State and a country, and each premise with its source."
    added = command("why", commands.why, text)
    added.add_argument("state", help="code or name")
    added.add_argument("country", help="code or name")
    _dated(added)
    _persons(added)
    _formats(added, "json")
    added = command("query", commands.query, "Ask a question by name, a SPARQL file, or standard input (-).")
    added.add_argument("query", nargs="?", help="without it, all questions are listed")
    added.add_argument("--param", action="append", default=[], metavar="NAME=VALUE")
    added.add_argument("--engine", metavar="URL", help="ask this SPARQL endpoint instead")
    _formats(added, *answers.ROWS, *answers.GRAPHS)


def _add_analyses(command: Adder) -> None:
    added = command(
        "matrix", commands.matrix, "A verdict for each European state and each partner on a date."
    )
    _dated(added)
    _persons(added)
    added.add_argument(
        "--group", metavar="GROUP", help="a region such as Africa, or acp, visa-bound, negotiating"
    )
    _formats(added, "csv", "xlsx", "json")
    added = command(
        "changes", commands.changes, "The pairs whose verdict differs between two dates, and the events."
    )
    added.add_argument("--from", dest="first", type=_day, required=True, metavar="DATE")
    added.add_argument("--to", dest="last", type=_day, default=datetime.date.today(), metavar="DATE")
    _persons(added)
    _formats(added, "csv", "json")
    text = "Who has instruments with whom: who is alike, whom to ask, what one more would close."
    added = command("network", commands.network, text)
    _dated(added)
    _persons(added)
    added.add_argument("--state", help="compare one European state with the others")
    added.add_argument("--partner", help="compare one partner with the others")
    ranks = "lowest rank that counts: 6 binding, 5 contested, 4 clause or non-binding (default), 3 possible"
    added.add_argument("--least", type=int, default=4, choices=(3, 4, 5, 6), metavar="RANK", help=ranks)
    levels = "count instruments of the states' own, of the Union, or all (default)"
    added.add_argument("--level", default="all", choices=("all", "own", "eu"), help=levels)
    _formats(added, "json", "graphml")


def _add_upkeep(command: Adder) -> None:
    text = "Check the facts, or some files: file:line: severity: what is wrong: how to mend it."
    added = command("check", upkeep.check, text)
    added.add_argument("files", nargs="*", metavar="FILE", help="such as graph/instruments/eu/geo.ttl")
    text = "Take over a table of bilateral instruments (CSV), or refuse it with row and column."
    added = command("import", upkeep.import_, text)
    added.add_argument("file", nargs="?", type=Path, metavar="FILE.csv")
    added.add_argument(
        "--template", action="store_true", help="print the header row, and help on every column"
    )
    added.add_argument("--dry-run", action="store_true", help="show the difference, write nothing")
    added.add_argument(
        "--skip-duplicates", action="store_true", help="leave out rows that repeat an instrument"
    )
    text = "the folder graph to write into; that of the program by default"
    added.add_argument("--into", type=Path, metavar="DIR", help=text)
    command("build", upkeep.build, "Build the release of the facts as they are.")
    text = "Write the release as N-Quads, TriG, Turtle and JSON-LD with checksums."
    added = command("export", upkeep.export_, text)
    added.add_argument("dir", type=Path)
    added = command("format", upkeep.format_, "Bring fact files into the one form the repository keeps.")
    added.add_argument("files", nargs="*", metavar="FILE")
    added = command("serve", upkeep.serve, "Serve the endpoint and the pages.")
    added.add_argument("--host", default="127.0.0.1")
    added.add_argument("--port", type=int, default=8000)
    text = "serve these RDF files instead of the built-in graph"
    added.add_argument("--data", nargs="+", type=Path, metavar="FILE", help=text)
    _add_limits(added)
    _add_outside(added)


def _add_limits(added: argparse.ArgumentParser) -> None:
    """Add what an operator may say of queries from outside; the limits in force stand at ``/limits``."""
    text = "seconds after which a query is stopped; 10 by default"
    added.add_argument("--deadline", type=_positive, metavar="SECONDS", help=text)
    text = "MiB that one query may take; 512 by default"
    added.add_argument("--memory", type=_whole, metavar="MIB", help=text)
    text = "long queries that run at a time; one a processor by default, and two at least"
    added.add_argument("--long-queries", type=_whole, metavar="COUNT", help=text)
    text = "address of the proxy in front, whose X-Forwarded-For tells clients apart"
    added.add_argument("--proxy", metavar="ADDRESS", help=text)
    text = "serve metrics for Prometheus there, such as 9464 (on 127.0.0.1) or 10.0.0.5:9464"
    added.add_argument("--metrics", type=_place, metavar="[HOST:]PORT", help=text)


def _add_outside(added: argparse.ArgumentParser) -> None:
    """Add what it takes to answer public queries from an existing SPARQL engine."""
    group = added.add_argument_group("an outside engine for the queries of /sparql and /graphs")
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


def _dated(added: argparse.ArgumentParser) -> None:
    today = datetime.date.today()
    added.add_argument("--on", type=_day, default=today, metavar="DATE", help="YYYY-MM-DD; today by default")


def _persons(added: argparse.ArgumentParser) -> None:
    text = "category of persons; own-nationals by default"
    added.add_argument("--persons", default=coverage.OWN_NATIONALS, metavar="CODE", help=text)


def _formats(added: argparse.ArgumentParser, *names: str) -> None:
    added.add_argument("--format", choices=("table", *names), default="table")


def _day(text: str) -> datetime.date:
    try:
        return dates.day(text)
    except dates.DateError as fault:
        raise argparse.ArgumentTypeError(str(fault)) from fault


def _positive(text: str) -> float:
    number = float(text)
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is not more than 0")
    return number


def _whole(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is less than 1")
    return number


def _place(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    return host.strip("[]") or "127.0.0.1", int(port)


if __name__ == "__main__":
    sys.exit(main())
