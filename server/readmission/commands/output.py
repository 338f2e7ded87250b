"""How commands speak: that a build takes a while, what they were told in one line, and data as bytes."""

import sys

from readmission import release
from readmission.building import pipeline
from readmission.release import Release
from readmission.reports.files import file_bytes
from readmission.reports.schema import Report


def opened() -> Release:
    """Return the release of the sources as they are; builds it, with a word on stderr, when it is not there yet."""
    return pipeline.current(release.home(), say=say)


def say(text: str) -> None:
    """Tell people what goes on, apart from the answer."""
    print(text, file=sys.stderr, flush=True)


def as_file(report: Report, kind: str) -> int:
    """Write an answer as ``json``, ``csv`` or ``xlsx``; returns the exit status of a command that has answered."""
    return as_bytes(file_bytes(report, kind))


def as_bytes(data: bytes) -> int:
    """Write a file's content, whatever letters the console knows; returns the exit status of an answer."""
    sys.stdout.flush()
    sys.stdout.buffer.write(data)
    return 0
