"""A question by name, a SPARQL file, or standard input; here or at an endpoint elsewhere."""

import argparse
import sys
from pathlib import Path

from readmission import errors, namespaces, questions
from readmission.commands import options
from readmission.commands.output import as_bytes, opened
from readmission.engine.formats import serialization
from readmission.engine.interface import Engine, QueryFault, Solutions
from readmission.engine.syntax_errors import reason
from readmission.files.encoding import decode
from readmission.release import Release
from readmission.reports.text_table import table


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    parser.add_argument("query", nargs="?", help="without it, all questions are listed")
    parser.add_argument("--param", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--engine", metavar="URL", help="ask this SPARQL endpoint instead")
    options.formats(parser, *serialization.ROWS, *serialization.GRAPHS)


def run(arguments: argparse.Namespace) -> int:
    """Print an answer; without a name, the list of the questions."""
    if arguments.query is None:
        print(table(("question", "asks"), [(q.name, q.summary) for q in questions.load().values()]))
        return 0
    graph = opened()
    engine = _elsewhere(arguments.engine) if arguments.engine else graph.engine
    text = _text(arguments, graph)
    try:
        results = engine.results(text)
    except QueryFault as fault:
        why = reason(str(fault), text)
        raise QueryFault(
            "\n".join([f"{arguments.query}: {why.text}", str(why.place.get("excerpt", ""))])
        ) from fault
    if arguments.format != "table":
        return as_bytes(serialization.named(engine, text, results, arguments.format))
    if not serialization.is_table(results):
        return as_bytes(
            serialization.named(engine, text, results, "turtle" if serialization.is_graph(results) else "csv")
        )
    solutions = Solutions.of(results)
    print(table(solutions.variables, serialization.cells(solutions, namespaces.BASE)))
    print(f"\n{len(solutions.rows)} rows; release {graph.version}")
    return 0


def _elsewhere(url: str) -> Engine:
    from readmission.engine.remote import Remote  # with a client for HTTP: questions asked here do without

    return Remote(url)


def _text(arguments: argparse.Namespace, graph: Release) -> str:
    """Return the SPARQL text of a question by name, of a file, or of standard input (``-``)."""
    values = dict(_pair(stated) for stated in arguments.param)
    name = str(arguments.query)
    if name == "-":
        found = questions.parse("-", decode(sys.stdin.buffer.read(), "standard input"), "standard input")
    elif name.endswith((".rq", ".sparql")) or Path(name).is_file():
        found = questions.parse(name, decode(Path(name).read_bytes(), name), name)
    else:
        found = questions.find(name)
    return found.sparql(values, graph.gazetteer)


def _pair(stated: str) -> tuple[str, str]:
    name, equals, value = stated.partition("=")
    if not equals:
        raise errors.ParameterError(f"--param {stated!r}: write it as name=value, such as on=2021-02-10")
    return name, value
