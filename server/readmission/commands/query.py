"""A question by its name, a SPARQL file, or standard input; in this graph or at another endpoint."""

import argparse
import sys
from pathlib import Path

import pyoxigraph as ox

from readmission import errors, questions
from readmission.commands import options
from readmission.commands.output import find_country, naming, open_release, show, write_bytes
from readmission.engine.formats import serialization
from readmission.engine.formats.table import GRAPH_FORMATS, RESULT_FORMATS
from readmission.engine.interface import Engine, QueryError, Solutions, Term, text_of
from readmission.engine.syntax_errors import explain
from readmission.files.encoding import decode
from readmission.reports.terminal.naming import Naming
from readmission.reports.terminal.question_help import question_help, spoken_days
from readmission.reports.terminal.table import table


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    # What help says depends on the question, whose name may stand before it or after it: so run() gives it.
    text = "show this help; with a NAME, what that question asks and takes"
    parser.add_argument("-h", "--help", action="store_true", help=text)
    parser.set_defaults(explain=parser.print_help)
    text = "name of a question, file (.rq, .sparql), or - for standard input; without it, all questions are listed"
    parser.add_argument("query", nargs="?", metavar="NAME", help=text)
    text = "give a parameter of the question a value, such as --param on=2024-12-31; may be repeated"
    parser.add_argument("--param", action="append", default=[], metavar="NAME=VALUE", help=text)
    text = "ask the SPARQL endpoint at this address instead"
    parser.add_argument("--engine", metavar="URL", help=text)
    options.ids(parser)
    options.add_formats(parser, *(one.names[0] for one in (*RESULT_FORMATS, *GRAPH_FORMATS)))


def run(arguments: argparse.Namespace) -> int:
    """Print an answer, or help; without a name, the list of the questions."""
    if arguments.help:
        return _explain(arguments)
    if arguments.query is None:
        listed = table(("question", "asks"), [(q.name, q.summary) for q in questions.load().values()])
        return show(f"{listed}\n\n`readmission query NAME --help` explains a question and its parameters.")
    graph = open_release()
    engine = _remote_engine(arguments.engine) if arguments.engine else graph.engine
    question, values = _question(arguments.query), dict(_pair(stated) for stated in arguments.param)
    text = question.sparql(values, graph.gazetteer)
    for name in question.countries(values).values():
        find_country(graph, name)
    try:
        results = engine.results(text)
    except QueryError as fault:
        why = explain(str(fault), text)
        raise QueryError(
            "\n".join([f"{arguments.query}: {why.text}", str(why.place.get("excerpt", ""))])
        ) from fault
    if arguments.format != "table":
        return write_bytes(serialization.serialize_as(engine, text, results, arguments.format))
    if not serialization.is_table(results):
        return write_bytes(
            serialization.serialize_as(
                engine, text, results, "turtle" if serialization.is_graph(results) else "csv"
            )
        )
    solutions = Solutions.of(results)
    told = f"{len(solutions.rows):,} rows; release {graph.version}"
    heading = [told, spoken_days(question, values), "" if solutions.rows else question.header.empty]
    return show("\n".join([*filter(None, heading), "", _rows(solutions, naming(graph, arguments.ids))]))


def _explain(arguments: argparse.Namespace) -> int:
    """Print help on a question; without a name, on the command."""
    if arguments.query is None:
        arguments.explain()
        return 0
    return show(question_help(_question(arguments.query)))


def _rows(solutions: Solutions, naming: Naming) -> str:
    """Return rows as a table; things are shown by their names."""
    return table(solutions.variables, [[_cell(term, naming) for term in row] for row in solutions.rows])


def _cell(term: Term, naming: Naming) -> str:
    return naming.iri(term.value) if isinstance(term, ox.NamedNode) else naming.text(text_of(term))


def _remote_engine(url: str) -> Engine:
    from readmission.engine.remote import (
        RemoteEngine,  # with a client for HTTP: questions asked here do without
    )

    return RemoteEngine(url)


def _question(name: str) -> questions.Question:
    """Return a question by its name, of a file, or of standard input (``-``)."""
    if name == "-":
        return questions.parse("-", decode(sys.stdin.buffer.read(), "standard input"), "standard input")
    if name.endswith((".rq", ".sparql")) or Path(name).is_file():
        return questions.parse(name, decode(Path(name).read_bytes(), name), name)
    return questions.find(name)


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise errors.ParameterError(f"--param {text!r}: write it as name=value, such as on=2021-02-10")
    return name, value
