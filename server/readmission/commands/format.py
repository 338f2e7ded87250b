"""Fact files in the one form the repository keeps."""

import argparse

from readmission import facts
from readmission.canonical import rewrite


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    parser.add_argument("files", nargs="*", metavar="FILE")


def run(arguments: argparse.Namespace) -> int:
    """Bring fact files into canonical form."""
    chosen = [file for file in facts.load().files if not arguments.files or file.name in arguments.files]
    for path in rewrite(chosen):
        print(f"rewritten: {path}")
    return 0
