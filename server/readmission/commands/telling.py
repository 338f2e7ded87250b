"""How commands speak: that a build takes a while, what they were told in one line, and data as JSON."""

import json
import sys
from typing import Any

from readmission import release
from readmission.release import Release


def opened() -> Release:
    """Return the release of the sources as they are; builds it, with a word on stderr, when it is not there yet."""
    return release.current(release.home(), say=say)


def say(text: str) -> None:
    """Tell people what goes on, apart from the answer."""
    print(text, file=sys.stderr, flush=True)


def as_json(value: Any) -> int:
    """Print data; returns the exit status of a command that has answered."""
    print(json.dumps(value, ensure_ascii=False, indent=2))
    return 0
