"""What the disk must keep: files that are there when their name is, and locks between processes.

Locks are those of the operating system (flock), not process ids: two containers that share a folder do not see each
other's processes, and the system lets go of a lock when its holder dies.
"""

import contextlib
import errno
import os
import sys
from collections.abc import Iterator
from pathlib import Path

_WITHOUT_LOCKS = {errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP}


def save(path: Path, data: bytes) -> None:
    """Write a file and wait until the disk has it; an OSError names the file, a full disk's too."""
    try:
        with path.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except OSError as fault:
        fault.filename = fault.filename or str(path)
        raise


def sync(folder: Path) -> None:
    """Wait until the disk has the names in a folder, as renamed, added and removed."""
    if sys.platform == "win32":
        return  # where no folder can be opened
    with _open(folder) as descriptor:
        os.fsync(descriptor)


@contextlib.contextmanager
def lock(path: Path, *, shared: bool = False, create: bool = False, waits: bool = True) -> Iterator[None]:
    """Hold the lock of a folder, or of a file ``made`` for it: many share it, or one has it alone.

    ``waits`` for others, or raises BlockingIOError while they hold it.

    Two locks of one path in one process wait for each other, as those of two processes do. A file system that has no
    locks gives none. A folder that hosts share over a network needs a file, for folders are locked on each host only.
    """
    if sys.platform == "win32":
        yield
        return
    import fcntl

    with _open(path, os.O_RDWR | os.O_CREAT if create else os.O_RDONLY) as descriptor:
        try:
            kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
            fcntl.flock(descriptor, kind if waits else kind | fcntl.LOCK_NB)
        except OSError as fault:
            if fault.errno not in _WITHOUT_LOCKS:
                raise
        yield


@contextlib.contextmanager
def _open(path: Path, flags: int = os.O_RDONLY) -> Iterator[int]:
    descriptor = os.open(path, flags, 0o666)
    try:
        yield descriptor
    finally:
        os.close(descriptor)
