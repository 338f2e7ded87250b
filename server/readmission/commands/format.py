"""Fact files in the one form the repository keeps."""

import argparse

from readmission.sources import fact_files
from readmission.sources.formatting import rewrite


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    text = "a fact file, such as graph/instruments/eu/geo.ttl; all by default"
    parser.add_argument("files", nargs="*", metavar="FILE", help=text)


def run(arguments: argparse.Namespace) -> int:
    """Bring fact files into canonical form."""
    loaded = fact_files.load()
    chosen = [loaded.find(path) for path in arguments.files] if arguments.files else list(loaded.files)
    for path in rewrite(chosen):
        print(f"rewritten: {path}")
    return 0
