"""How commands speak: reports for people, what goes on beside them, and data as bytes."""

import os
import sys
from typing import TextIO

from readmission import current_release
from readmission.answers.names import names
from readmission.countries.gazetteer import Country
from readmission.errors import ParameterError
from readmission.release import Release
from readmission.reports.files import file_bytes
from readmission.reports.schema import Report
from readmission.reports.terminal.colour import coloured
from readmission.reports.terminal.naming import Naming


def open_release() -> Release:
    """Return the release to ask; builds it, with a word on stderr, when it is not there yet."""
    return current_release.to_ask(print_message)


def find_country(graph: Release, name: str) -> Country:
    """Return the country meant; tells on stderr what a name in another language than English was taken for.

    Raises UnknownCountryError.
    """
    match = graph.gazetteer.match(name)
    if match.explanation:
        print_message(f"understood as: {match.explanation}")
    return match.country


def naming(graph: Release, ids: bool) -> Naming:
    """Return how a report names the things of a release: with their identifiers, or without."""
    return Naming(names(graph), ids)


def show(report: str) -> int:
    """Print a report, in colour where a terminal takes it; returns the exit status of an answer."""
    print(coloured(report) if _takes_colour(sys.stdout) else report)
    return 0


def _takes_colour(stream: TextIO) -> bool:
    """Tell whether colour is wanted: never in a file or a pipe, nor where NO_COLOR (https://no-color.org) is set."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def print_message(text: str) -> None:
    """Tell people what goes on, apart from the answer."""
    print(text, file=sys.stderr, flush=True)


def as_file(report: Report, kind: str) -> int:
    """Write an answer as ``json``, ``csv`` or ``xlsx``; returns the exit status of a command that has answered.

    Raises ParameterError where a terminal would show the bytes of a workbook.
    """
    if kind == "xlsx" and sys.stdout.isatty():
        raise ParameterError("a workbook is no text for a terminal; write it to a file with `> FILE.xlsx`")
    return write_bytes(file_bytes(report, kind))


def write_bytes(data: bytes) -> int:
    """Write a file's content, whatever letters the console knows; returns the exit status of an answer."""
    sys.stdout.flush()
    sys.stdout.buffer.write(data)
    return 0
