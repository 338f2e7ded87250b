"""How commands speak: that a build takes a while, what they were told in one line, and data as bytes."""

import json
import sys
from typing import Any

from readmission import current_release
from readmission.release import Release


def opened() -> Release:
    """Return the release to ask; builds it, with a word on stderr, when it is not there yet."""
    return current_release.to_ask(say)


def say(text: str) -> None:
    """Tell people what goes on, apart from the answer."""
    print(text, file=sys.stderr, flush=True)


def as_json(value: Any) -> int:
    """Write data as JSON; returns the exit status of a command that has answered."""
    return as_bytes(f"{json.dumps(value, ensure_ascii=False, indent=2)}\n".encode())


def as_bytes(data: bytes) -> int:
    """Write a file's content, whatever letters the console knows; returns the exit status of an answer."""
    sys.stdout.flush()
    sys.stdout.buffer.write(data)
    return 0
