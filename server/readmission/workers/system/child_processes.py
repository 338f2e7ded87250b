"""Child processes that have ended."""

import os
from collections.abc import Iterator


def reap() -> Iterator[tuple[int, int]]:
    """Reap children that have ended: yield the pid of each, and its exit status or, below zero, its signal."""
    while True:
        try:
            child, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if child == 0:
            return
        yield child, os.waitstatus_to_exitcode(status)
