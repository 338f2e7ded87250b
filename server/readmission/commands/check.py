"""Every check on the facts, or on some files of them."""

import argparse
import sys

from readmission.building import checks

_WIDTH = 40


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    parser.add_argument(
        "files",
        nargs="*",
        metavar="FILE",
        help="a fact file, such as graph/instruments/eu/geo.ttl; all by default",
    )


def run(arguments: argparse.Namespace) -> int:
    """Print every finding; 1 when one is a violation."""
    shown = sys.stderr.isatty()
    try:
        found = checks.check(arguments.files, progress=_progress if shown else None)
    finally:
        if shown:
            print(f"\r{'':{_WIDTH}}", end="\r", file=sys.stderr)
    for finding in found:
        print(finding)
    grave = sum(finding.severity == "violation" for finding in found)
    print(f"{grave} violations, {len(found) - grave} warnings and remarks", file=sys.stderr)
    if arguments.files:
        note = (
            "not checked: OWL reasoning, and the shapes of other files; `readmission check` checks everything"
        )
        print(note, file=sys.stderr)
    return 1 if grave else 0


def _progress(done: int, total: int) -> None:
    """Write how far the checks are over what was written before: the line stays one line, and goes at the end."""
    print(f"\r{f'check query {done + 1} of {total}':{_WIDTH}}", end="", file=sys.stderr, flush=True)
