"""The release as files to keep, cite and load elsewhere."""

import argparse
from pathlib import Path

from readmission import current_release
from readmission.building.export import export
from readmission.commands.output import print_message


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    parser.add_argument("dir", type=Path, metavar="DIR", help="a new or an empty folder")


def run(arguments: argparse.Namespace) -> int:
    """Write the release into a new folder."""
    for path in export(current_release.on_disk(print_message), arguments.dir):
        print(f"{path} {path.stat().st_size:,} bytes")
    return 0
