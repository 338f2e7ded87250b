"""Commands that answer: open the release, ask, print. Each returns the exit status of the program."""

import argparse
import csv
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from readmission import answers, coverage, facts, questions, release, reports, sheets
from readmission.engine import Engine, Solutions
from readmission.release import Release
from readmission.remote import Remote
from readmission.tables import table

GAP_FIELDS = ("state", "verdict", "rank", "instruments", "hint", "closed_by", "evidence")


def opened() -> Release:
    """Return the release of the sources as they are; builds it, with a word on stderr, when it is not there yet."""
    top = release.home()
    if not (top / release.key()).is_dir():
        print("building the release (once for each state of the facts) …", file=sys.stderr)
    return release.current(top)


def overview(arguments: argparse.Namespace) -> int:
    """Print the state of the field on a date, or what is on record of bilateral instruments."""
    from readmission.overview import overview

    if arguments.bilateral:
        return _bilateral(arguments)
    found = overview(opened(), arguments.on)
    if arguments.format == "json":
        return _print_json(found.figures())
    if arguments.format == "csv":
        rows = [[name, item] for name, items in found.items.items() for item in items]
        sys.stdout.write(sheets.as_csv([["figure", "item"], *rows]))
        return 0
    print(reports.overview(found))
    return 0


def _bilateral(arguments: argparse.Namespace) -> int:
    from readmission.bilateral import inventory

    found = inventory(opened())
    if arguments.format == "json":
        return _print_json(found.as_data())
    if arguments.format == "csv":
        sys.stdout.write(sheets.as_csv(sheets.inventory_rows(found)))
        return 0
    print(reports.inventory(found))
    return 0


def gaps(arguments: argparse.Namespace) -> int:
    """Print a row per Member State."""
    found = coverage.gaps(opened(), arguments.country, arguments.on, arguments.persons)
    rows = [{name: asdict(row)[name] for name in GAP_FIELDS} for row in found.rows]
    if arguments.format == "json":
        head = {"country": found.country.alpha3, "on": found.on.isoformat(), "persons": found.persons}
        return _print_json({**head, "version": found.version, "rows": rows})
    if arguments.format == "csv":
        writer = csv.writer(sys.stdout)
        writer.writerow(GAP_FIELDS)
        writer.writerows([_cell(value) for value in row.values()] for row in rows)
        return 0
    print(reports.gaps(found))
    return 0


def _cell(value: Any) -> str:
    return "|".join(value) if isinstance(value, tuple) else str(value)


def why(arguments: argparse.Namespace) -> int:
    """Print a verdict and its premises."""
    found = coverage.why(opened(), arguments.state, arguments.country, arguments.on, arguments.persons)
    if arguments.format != "json":
        print(reports.why(found))
        return 0
    row = found.row
    return _print_json({
        "state": found.state.alpha3, "country": found.country.alpha3, "on": found.on.isoformat(),
        "persons": found.persons, "version": found.version,
        "verdict": row.verdict if row else None, "rank": row.rank if row else None,
        "hint": row.hint if row else "", "evidence": row.evidence if row else "",
        "premises": [asdict(premise) for premise in found.premises],
    })  # fmt: skip


def matrix(arguments: argparse.Namespace) -> int:
    """Print a verdict for each European state and partner."""
    from readmission.matrix import matrix

    found = matrix(opened(), arguments.on, arguments.persons, arguments.group)
    if arguments.format == "xlsx":
        sys.stdout.buffer.write(sheets.as_xlsx(found))
    elif arguments.format == "csv":
        sys.stdout.write(sheets.as_csv(sheets.matrix_rows(found)))
    elif arguments.format == "json":
        return _print_json(sheets.matrix_data(found))
    else:
        print(reports.matrix(found))
    return 0


def changes(arguments: argparse.Namespace) -> int:
    """Print the pairs whose verdict differs between two dates."""
    from readmission.matrix import changes

    graph = opened()
    found = changes(graph, arguments.first, arguments.last, arguments.persons)
    if arguments.format == "csv":
        sys.stdout.write(sheets.as_csv(sheets.change_rows(found)))
    elif arguments.format == "json":
        data = sheets.change_data(found, arguments.first, arguments.last, graph.version)
        return _print_json(data)
    else:
        print(reports.changes(found, arguments.first, arguments.last, graph.version))
    return 0


def network(arguments: argparse.Namespace) -> int:
    """Print who has instruments with whom: who is alike, whom to ask, what one more would close."""
    from readmission import network_report
    from readmission.network import network

    graph = opened()
    asked = (arguments.state, arguments.partner)
    state, partner = (graph.gazetteer.find(stated).alpha3 if stated else None for stated in asked)
    found = network(graph, arguments.on, arguments.persons, arguments.least, arguments.level)
    if arguments.format == "graphml":
        sys.stdout.write(found.as_graphml())
    elif arguments.format == "json":
        return _print_json(network_report.as_data(found, state, partner))
    else:
        print("\n".join(network_report.lines(found, state, partner)))
    return 0


def query(arguments: argparse.Namespace) -> int:
    """Answer a question, a SPARQL file or standard input; without a name, list the questions."""
    if arguments.query is None:
        print(table(("question", "asks"), [(q.name, q.summary) for q in questions.load().values()]))
        return 0
    graph = opened()
    engine: Engine = Remote(arguments.engine) if arguments.engine else graph.engine
    results = engine.results(_text(arguments, graph))
    if arguments.format != "table":
        sys.stdout.buffer.write(answers.named(results, arguments.format))
    elif answers.is_table(results):
        solutions = Solutions.of(results)
        print(table(solutions.variables, answers.cells(solutions, facts.BASE)))
        print(f"\n{len(solutions.rows)} rows; release {graph.version}")
    else:
        sys.stdout.buffer.write(answers.named(results, "turtle" if answers.is_graph(results) else "csv"))
    return 0


def _text(arguments: argparse.Namespace, graph: Release) -> str:
    """Return the SPARQL text of a question by name, of a file, or of standard input (``-``)."""
    values = dict(_pair(stated) for stated in arguments.param)
    name = str(arguments.query)
    if name == "-":
        found = questions.parse("-", sys.stdin.read())
    elif name.endswith((".rq", ".sparql")) or Path(name).is_file():
        found = questions.parse(name, Path(name).read_text(encoding="utf-8"))
    else:
        found = questions.find(name)
    return found.sparql(values, graph.gazetteer)


def _pair(stated: str) -> tuple[str, str]:
    name, equals, value = stated.partition("=")
    if not equals:
        raise questions.ParameterError(f"--param {stated!r}: write it as name=value, such as on=2021-02-10")
    return name, value


def _print_json(value: Any) -> int:
    print(json.dumps(value, ensure_ascii=False, indent=2))
    return 0
