"""The release of the facts as they are, built where it is not there yet."""

import argparse

from readmission import current_release
from readmission.commands.output import print_message


def arguments(_: argparse.ArgumentParser) -> None:
    """Add nothing: the command takes no arguments."""


def run(_: argparse.Namespace) -> int:
    """Build the release and say what it holds."""
    built = current_release.on_disk(print_message)
    print(f"release {built.version}: {built.counts['statements']:,} statements in {built.path}")
    return 0
