"""``--version``: the version of the program, and of the last release that is built."""

import argparse
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any


class Version(argparse.Action):
    """Prints the versions and ends; builds nothing."""

    def __init__(self, option_strings: Sequence[str], dest: str, **_: Any) -> None:
        text = "show the version of the program and of the last release that is built"
        super().__init__(option_strings, argparse.SUPPRESS, nargs=0, default=argparse.SUPPRESS, help=text)

    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> None:
        """Print one line on standard output and end with status 0."""
        print(f"readmission {version('readmission')}, {_release()}")
        parser.exit()


def _release() -> str:
    from readmission import packed_release, release  # with their engine, for which help does not wait

    try:
        if found := release.last(release.home()):
            return f"release {found.version}"
    except release.DamagedReleaseError:
        return "the last release is damaged: `readmission build` builds it again"
    packed = packed_release.find()
    return f"release {packed_release.version(packed)}" if packed else "no release built yet"
