"""Data files that are held open: they stay readable when they are deleted or replaced."""

import contextlib
import os
from collections.abc import Sequence
from pathlib import Path


class FileChangedError(OSError):
    """A file that was changed in place: other data must not be served under this version."""


class OpenFiles:
    """Data files, held open until ``close``."""

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

    def handles_and_names(self) -> tuple[tuple[int, str], ...]:
        """Return handle and name of each file, for a process that has these handles, too. Raises FileChangedError."""
        for (file, first), handle in zip(self._first.items(), self._handles, strict=True):
            if _state(handle) != first:
                raise FileChangedError(f"{file} has been changed; SIGHUP has it read anew")
        return tuple(zip(self._handles, map(str, self._first), strict=True))

    def close(self) -> None:
        """Let the files go."""
        while self._handles:
            with contextlib.suppress(OSError):
                os.close(self._handles.pop())


def _state(handle: int) -> tuple[int, int]:
    stated = os.fstat(handle)
    return stated.st_size, stated.st_mtime_ns
