"""The command line: ``readmission overview | gaps | why | query | check | export | serve …``.

Exit status: 0 when all is well, 1 when a check found a violation, 2 when the call or its input was wrong.
"""

import argparse
import csv
import datetime
import json
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from readmission import answers, coverage, dates, export, facts, questions, release
from readmission.countries import UnknownCountry
from readmission.engine import DataFault, Engine, QueryFault, Remote, Solutions
from readmission.overview import overview
from readmission.release import Release
from readmission.sparql import FederationRefused, UpdateRefused
from readmission.tables import table

# What a user can get wrong: told in one line, without a traceback.
USER_FAULTS = (
    answers.FormatError, dates.DateError, DataFault, export.ExportRefused, facts.SyntaxFault,
    FederationRefused, OSError, questions.ParameterError, questions.UnknownQuestion, QueryFault,
    release.BuildRefused, UnknownCountry, UpdateRefused,
)  # fmt: skip


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    arguments = _parser().parse_args(argv)
    run: Callable[[argparse.Namespace], int] = arguments.run
    try:
        return run(arguments)
    except USER_FAULTS as fault:
        print(f"readmission {arguments.command}: {fault}", file=sys.stderr)
        return 2
    except BrokenPipeError:  # the reader has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 130


def _open() -> Release:
    """Return the release of the sources as they are; builds it, with a word on stderr, when it is not there yet."""
    top = release.home()
    if not (top / release.key()).is_dir():
        print("building the release (once for each state of the facts) …", file=sys.stderr)
    return release.current(top)


def _overview(arguments: argparse.Namespace) -> int:
    found = overview(_open(), arguments.on)
    if arguments.format == "json":
        _print_json(found.figures())
        return 0
    print(f"The field on {found.on} (release {found.version})\n")
    rows = [
        (name.replace("_", " "), str(len(items)), ", ".join(items)) for name, items in found.items.items()
    ]
    print(table(("figure", "count", "items"), rows))
    return 0


def _gaps(arguments: argparse.Namespace) -> int:
    found = coverage.gaps(_open(), arguments.country, arguments.on, arguments.persons)
    if arguments.format == "json":
        rows = [{name: row[name] for name in _GAP_FIELDS} for row in map(asdict, found.rows)]
        head = {"country": found.country.alpha3, "on": found.on.isoformat(), "persons": found.persons}
        _print_json({**head, "version": found.version, "rows": rows})
    elif arguments.format == "csv":
        writer = csv.writer(sys.stdout)
        writer.writerow(_GAP_FIELDS)
        writer.writerows([_cell(asdict(row)[name]) for name in _GAP_FIELDS] for row in found.rows)
    else:
        _print_gaps(found)
    return 0


_GAP_FIELDS = ("state", "verdict", "rank", "instruments", "hint", "closed_by", "evidence")


def _cell(value: Any) -> str:
    return "|".join(value) if isinstance(value, tuple) else str(value)


def _print_gaps(found: coverage.Gaps) -> None:
    today = " (today)" if found.on == datetime.date.today() else ""
    print(
        f"{found.country.name} ({found.country.alpha3}) on {found.on}{today}: {found.persons}; release {found.version}"
    )
    print('Verdicts say what is recorded: "not-recorded" does not mean that there is no instrument.\n')
    rows = [
        (row.name, row.verdict, " ".join(row.instruments), row.evidence, row.hint, " ".join(row.closed_by))
        for row in found.rows
    ]
    print(table(("Member State", "verdict", "covered by", "weakest evidence", "hint", "closed by"), rows))
    print(
        f"\n{len(found.rows)} Member States; `readmission why STATE {found.country.alpha3}` gives the premises."
    )


def _why(arguments: argparse.Namespace) -> int:
    found = coverage.why(_open(), arguments.state, arguments.country, arguments.on, arguments.persons)
    if arguments.format == "json":
        _print_json({
            "state": found.state.alpha3, "country": found.country.alpha3, "on": found.on.isoformat(),
            "persons": found.persons, "version": found.version,
            "verdict": found.row.verdict if found.row else None, "rank": found.row.rank if found.row else None,
            "hint": found.row.hint if found.row else "", "evidence": found.row.evidence if found.row else "",
            "premises": [asdict(premise) for premise in found.premises],
        })  # fmt: skip
        return 0
    _print_why(found)
    return 0


def _print_why(found: coverage.Why) -> None:
    print(
        f"{found.state.name} and {found.country.name} on {found.on}: {found.persons}; release {found.version}"
    )
    if found.row is None:
        print(
            f"{found.state.name} was no Member State of the Union on that day; instruments may bind it all the same."
        )
    else:
        print(
            f"verdict: {found.row.verdict} ({found.row.rank}); weakest evidence: {found.row.evidence or 'none'}"
        )
        print(f"hint: {found.row.hint or 'none'}")
    if not found.premises:
        print("\nNo premise is recorded for this pair.")
    for premise, sources in grouped(found.premises).items():
        print("\n" + "\n".join([*premise, *(line for source in sources for line in source)]))


def grouped(premises: Sequence[coverage.Premise]) -> dict[tuple[str, str], list[list[str]]]:
    """Return, for each premise as two lines of text, its sources as lines; addresses stay on one line each."""
    found: dict[tuple[str, str], list[list[str]]] = {}
    for each in premises:
        span = each.date + (f" until {each.until}" if each.until else "")
        head = f"{each.situation}: {each.instrument_name or each.instrument} ({each.instrument})".replace(
            " ()", ""
        )
        told = ", ".join(part for part in (each.source, each.locator) if part)
        source = [f"    {each.level}: {told}", *(f"      {part}" for part in (each.url, each.note) if part)]
        found.setdefault((head, "  " + " ".join(part for part in (span, each.what) if part)), []).append(
            source
        )
    return found


def _query(arguments: argparse.Namespace) -> int:
    if arguments.query is None:
        print(table(("question", "asks"), [(q.name, q.summary) for q in questions.load().values()]))
        return 0
    opened = _open()
    engine: Engine = Remote(arguments.engine) if arguments.engine else opened.engine
    results = engine.results(_text(arguments, opened))
    if arguments.format != "table":
        sys.stdout.buffer.write(answers.named(results, arguments.format))
    elif answers.is_table(results):
        solutions = Solutions.of(results)
        print(table(solutions.variables, answers.cells(solutions, facts.BASE)))
        print(f"\n{len(solutions.rows)} rows; release {opened.version}")
    else:
        sys.stdout.buffer.write(answers.named(results, "turtle" if answers.is_graph(results) else "csv"))
    return 0


def _text(arguments: argparse.Namespace, opened: Release) -> str:
    """Return the SPARQL text of a question by name, of a file, or of standard input (``-``)."""
    values = dict(_pair(stated) for stated in arguments.param)
    name = str(arguments.query)
    if name == "-":
        found = questions.parse("-", sys.stdin.read())
    elif name.endswith((".rq", ".sparql")) or Path(name).is_file():
        found = questions.parse(name, Path(name).read_text(encoding="utf-8"))
    else:
        found = questions.find(name)
    return found.sparql(values, opened.gazetteer)


def _pair(stated: str) -> tuple[str, str]:
    name, equals, value = stated.partition("=")
    if not equals:
        raise questions.ParameterError(f"--param {stated!r}: write it as name=value, such as on=2021-02-10")
    return name, value


def _check(arguments: argparse.Namespace) -> int:
    from readmission import checks

    found = checks.check(arguments.files, progress=sys.stderr.isatty())
    for finding in found:
        print(finding)
    grave = sum(finding.severity == "violation" for finding in found)
    print(f"{grave} violations, {len(found) - grave} warnings and remarks", file=sys.stderr)
    return 1 if grave else 0


def _build(_: argparse.Namespace) -> int:
    built = release.current(release.home())
    print(f"release {built.version}: {built.counts['statements']} statements in {built.path}")
    return 0


def _export(arguments: argparse.Namespace) -> int:
    opened = _open()
    for path in export.export(opened, arguments.dir):
        print(f"{path} {path.stat().st_size} bytes")
    return 0


def _format(arguments: argparse.Namespace) -> int:
    from readmission.canonical import rewrite

    chosen = [file for file in facts.load().files if not arguments.files or file.name in arguments.files]
    for path in rewrite(chosen):
        print(f"rewritten: {path}")
    return 0


def _serve(arguments: argparse.Namespace) -> int:
    from readmission.web import serving

    return serving.run(_served(arguments), arguments.host, arguments.port)


def _served(arguments: argparse.Namespace) -> Any:
    """Return what to serve: given files, the release of the facts, or the last whole one when they are refused."""
    if arguments.data:
        from readmission.web import Data

        return Data.opened(arguments.data)
    try:
        return _open()
    except release.BuildRefused as fault:
        kept = release.last(release.home())
        if kept is None:
            raise
        print(f"{fault}\nserving the last whole release instead: {kept.version}", file=sys.stderr)
        return kept


def _print_json(value: Any) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=2))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="readmission", description="The knowledge graph of the EU's readmission instruments."
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(name: str, run: Callable[[argparse.Namespace], int], text: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=text, description=text)
        added.set_defaults(run=run)
        return added

    def asking(added: argparse.ArgumentParser, formats: Sequence[str]) -> None:
        added.add_argument("--format", choices=formats, default="table")

    def dated(added: argparse.ArgumentParser) -> None:
        added.add_argument(
            "--on",
            type=_day,
            default=datetime.date.today(),
            metavar="DATE",
            help="YYYY-MM-DD; today by default",
        )

    def persons(added: argparse.ArgumentParser) -> None:
        added.add_argument(
            "--persons",
            default=coverage.OWN_NATIONALS,
            metavar="CODE",
            help="category of persons; own-nationals by default",
        )

    added = command("overview", _overview, "The state of the whole field on a date.")
    dated(added)
    asking(added, ("table", "json"))
    added = command("gaps", _gaps, "One row per Member State: what covers it with a country on a date.")
    added.add_argument("country", help="code or name, in any language we hold")
    dated(added)
    persons(added)
    asking(added, ("table", "json", "csv"))
    added = command(
        "why", _why, "The verdict for a Member State and a country, and each premise with its source."
    )
    added.add_argument("state")
    added.add_argument("country")
    dated(added)
    persons(added)
    asking(added, ("table", "json"))
    added = command("query", _query, "Ask a question by name, a SPARQL file, or standard input (-).")
    added.add_argument("query", nargs="?", help="without it, all questions are listed")
    added.add_argument("--param", action="append", default=[], metavar="NAME=VALUE")
    added.add_argument("--engine", metavar="URL", help="ask this SPARQL endpoint instead")
    asking(added, ("table", *answers.ROWS, *answers.GRAPHS))
    added = command(
        "check", _check, "Check the facts, or some files: file:line: severity: what is wrong: how to mend it."
    )
    added.add_argument("files", nargs="*", metavar="FILE", help="such as graph/instruments/eu/geo.ttl")
    command("build", _build, "Build the release of the facts as they are.")
    added = command(
        "export", _export, "Write the release as N-Quads, TriG, Turtle and JSON-LD with checksums."
    )
    added.add_argument("dir", type=Path)
    added = command("format", _format, "Bring fact files into the one form the repository keeps.")
    added.add_argument("files", nargs="*", metavar="FILE")
    added = command("serve", _serve, "Serve the endpoint and the pages.")
    added.add_argument("--host", default="127.0.0.1")
    added.add_argument("--port", type=int, default=8000)
    added.add_argument(
        "--data",
        nargs="+",
        type=Path,
        metavar="FILE",
        help="serve these RDF files instead of the built-in graph",
    )
    return parser


def _day(text: str) -> datetime.date:
    try:
        return dates.day(text)
    except dates.DateError as fault:
        raise argparse.ArgumentTypeError(str(fault)) from fault


if __name__ == "__main__":
    sys.exit(main())
