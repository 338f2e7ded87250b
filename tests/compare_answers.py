"""Do two checkouts give the same answers? ``python tests/compare_answers.py OLD_FOLDER NEW_FOLDER``

Each folder is a checkout with a ``.venv`` of its own (``make .venv/.ready``). This file runs itself with the Python of
each, both at once: one process opens the release once (building it where it is not there yet) and passes every call
through the command line's own ``main``, as JSON and as CSV. Then the answers are compared. Prints each answer that
differs, with some of the lines that do. Exit status: 0 where all are the same, 1 where any differs, 2 where a checkout
cannot answer. The version of the release is left out of account.
"""

import argparse
import contextlib
import difflib
import functools
import importlib
import importlib.util
import io
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

COUNTRIES = {
    "GEO": "an agreement of the Union",
    "BGD": "an arrangement only",
    "KAZ": "a clause in a wider agreement, and negotiations",
    "BLR": "an agreement that one side suspended",
    "NGA": "the Cotonou and the Samoa Agreement, and negotiations",
    "BTN": "nothing on record",
    "SRB": "a successor of a former state",
    "XKX": "not recognised by all",
    "GBR": "a former Member State",
    "CHE": "many bilateral agreements, and itself a European state",
}
STATES = ("DNK", "GBR")
DAYS = ("1990-06-30", "2010-01-01", "2020-06-30", "2021-02-10", "2026-11-21")
FORMATS = ("json", "csv")
CANNOT = 2


def main() -> int:
    """Compare two checkouts, or, with ``--into``, be the process of one."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "folders", nargs="*", type=Path, metavar="FOLDER", help="the old and the new checkout"
    )
    parser.add_argument("--lines", type=int, default=6, help="lines shown of each difference (default: 6)")
    parser.add_argument("--into", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.into:
        return write_answers(arguments.into)
    if len(arguments.folders) != len(("old", "new")):
        parser.error("name two folders: the old checkout and the new one")
    with tempfile.TemporaryDirectory() as kept:
        places = [Path(kept, name) for name in ("old", "new")]
        if not answered(arguments.folders, places):
            return CANNOT
        return compare(places[0], places[1], arguments.lines)


def answered(folders: list[Path], places: list[Path]) -> bool:
    """Have both checkouts answer at the same time; false, with the reason on stderr, where one cannot."""
    pythons = [folder.resolve() / ".venv" / "bin" / "python" for folder in folders]
    for missing in (python for python in pythons if not python.exists()):
        print(f"{missing} is not there; run `make .venv/.ready` in that checkout", file=sys.stderr)
        return False
    running = []
    for python, place in zip(pythons, places, strict=True):
        place.mkdir()
        call = [str(python), "-P", str(Path(__file__).resolve()), "--into", str(place)]
        running.append(subprocess.Popen(call, cwd=python.parents[2]))
    failed = [python for python, process in zip(pythons, running, strict=True) if process.wait()]
    for python in failed:
        print(f"{python} gave no answers; its message stands above", file=sys.stderr)
    return not failed


def compare(old: Path, new: Path, lines: int) -> int:
    """Print what differs between two folders of answers; return the exit status."""
    calls = sorted({path.name for place in (old, new) for path in place.iterdir()})
    differing = 0
    for call in calls:
        before, after = (
            text.read_text("utf-8") if (text := place / call).exists() else None for place in (old, new)
        )
        if before == after:
            continue
        differing += 1
        print(f"{call}")
        for line in difference(before, after, lines):
            print(f"    {line}")
    print(f"{len(calls)} answers compared, {differing} differ")
    return int(bool(differing))


def difference(before: str | None, after: str | None, lines: int) -> Iterator[str]:
    """Return the first lines that differ, and how many more do."""
    if before is None or after is None:
        yield "only the new checkout answers" if before is None else "only the old checkout answers"
        return
    changed = [
        line
        for line in difflib.unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm="")
        if not line.startswith(("---", "+++", "@@"))
    ]
    yield from (line[:160] for line in changed[:lines])
    if len(changed) > lines:
        yield f"… and {len(changed) - lines} lines more"
    if not changed:
        yield "only the ends of lines differ"


def write_answers(place: Path) -> int:
    """Write each answer of the checkout whose Python runs this into a file named after the call."""
    version = open_once()
    cli: Any = importlib.import_module("readmission.cli")
    for call in calls():
        for format_ in FORMATS:
            if call[0] in ("why", "network") and format_ != "json":
                continue
            status, said = run(cli, [*call, "--format", format_])
            name = " ".join([*(part for part in call if part != "--param"), format_])
            place.joinpath(name).write_text(
                f"status {status}\n{said}".replace(version, "VERSION"), "utf-8", newline=""
            )
    return 0


def open_once() -> str:
    """Have all commands share one open release, and return its version.

    Commands take the function that opens it from the module beside them that writes output; both had other names once.
    """
    names = ("readmission.commands.output", "readmission.commands.telling")
    output: Any = importlib.import_module(next(name for name in names if importlib.util.find_spec(name)))
    opening = next(name for name in ("open_release", "opened") if hasattr(output, name))
    shared = functools.cache(getattr(output, opening))
    setattr(output, opening, shared)
    return str(shared().version)


def run(cli: Any, call: list[str]) -> tuple[object, str]:
    """Run a command; return its exit status and what it printed, on stderr as well."""
    kept, errors = io.TextIOWrapper(io.BytesIO(), "utf-8", newline=""), io.StringIO()
    status: object
    with contextlib.redirect_stdout(kept), contextlib.redirect_stderr(errors):
        try:
            status = cli.main(call)
        except SystemExit as stop:  # arguments that the command does not take
            status = stop.code
    kept.flush()
    buffer = kept.buffer
    assert isinstance(buffer, io.BytesIO)
    return status, buffer.getvalue().decode("utf-8") + errors.getvalue()


def calls() -> Iterator[list[str]]:
    """Return every call: the commands, then each question with each country and each day that it takes."""
    for day in DAYS:
        yield from (["gaps", country, "--on", day] for country in COUNTRIES)
        yield from (["why", state, country, "--on", day] for country in COUNTRIES for state in STATES)
        yield from ([command, "--on", day] for command in ("matrix", "overview", "network"))
        yield ["changes", "--from", DAYS[0], "--to", day]
    questions: Any = importlib.import_module("readmission.questions")
    for question in questions.load().values():
        yield from (["query", question.name, *values] for values in parameters(question))


def parameters(question: Any) -> Iterator[list[str]]:
    """Return the parameters of a question, each country with each day; the others keep their defaults."""
    kinds = {parameter.name: parameter.kind for parameter in question.parameters}
    for country in COUNTRIES if "country" in kinds else ("",):
        for day in DAYS if kinds.keys() & {"on", "to"} else ("",):
            values = {"country": country, "on": day, "from": DAYS[0], "to": day}
            stated = [f"{name}={value}" for name, value in values.items() if name in kinds and value]
            yield [part for pair in stated for part in ("--param", pair)]


if __name__ == "__main__":
    os.environ.setdefault("PYTHONWARNINGS", "ignore")
    sys.exit(main())
