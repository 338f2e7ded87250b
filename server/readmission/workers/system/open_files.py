"""The files of data, held open: they stay readable when their names are gone, or come to mean other files."""

import contextlib
import os
from collections.abc import Sequence
from pathlib import Path


class Rewritten(OSError):
    """A file that is not what it was: other data must not be served under the version of these."""


class Holdings:
    """Files that are held open until they are let go."""

    def __init__(self, files: Sequence[Path]) -> None:
        """Raises OSError when a file cannot be opened."""
        self._first: dict[Path, tuple[int, ...]] = {}
        self._handles: list[int] = []
        try:
            for file in files:
                self._handles.append(os.open(file, os.O_RDONLY | os.O_CLOEXEC))
                self._first[file] = _state(self._handles[-1])
        except OSError:
            self.close()
            raise

    @property
    def handles(self) -> tuple[int, ...]:
        """The handle of each file, in their order."""
        return tuple(self._handles)

    def named(self) -> tuple[tuple[int, str], ...]:
        """Return handle and name of each file, for a process that has these handles, too. Raises Rewritten."""
        for (file, first), handle in zip(self._first.items(), self._handles, strict=True):
            if _state(handle) != first:
                raise Rewritten(f"{file} has been changed; SIGHUP has it read anew")
        return tuple(zip(self._handles, map(str, self._first), strict=True))

    def close(self) -> None:
        """Let the files go."""
        while self._handles:
            with contextlib.suppress(OSError):
                os.close(self._handles.pop())


def _state(handle: int) -> tuple[int, int]:
    stated = os.fstat(handle)
    return stated.st_size, stated.st_mtime_ns
