"""Work that ends at its n-th change of the file system, as by ``kill -9`` or, where it has not synced, a cut of power.

Python tells of each change before it is made (audit events), so that no place is left out: files opened for writing,
renamed, removed, folders and links made. The work runs in a child, and the child ends itself.
"""

import hashlib
import os
import random
import resource
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

Work = Callable[[], object]
_CHANGES = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.symlink", "os.link", "os.truncate"}
_WRITING = os.O_WRONLY | os.O_RDWR


def each(work: Work) -> Iterator[int]:
    """Run work again and again, killed before its first change, its second …; yield the number after each kill.

    Ends when the work has come to its end, which it must.
    """
    at = 1
    while ended(work, Kill(at)) == -signal.SIGKILL:
        yield at
        at += 1


def torn(work: Work, size: int) -> bool:
    """Run work that is killed while it writes the first file larger than ``size`` bytes; tells whether it was."""

    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    return ended(work, limit) == -signal.SIGXFSZ


def sometime(work: Work, seconds: float) -> bool:
    """Run work that is killed from outside after so many seconds; tells whether it was, or had ended before."""
    child = _forked(work, lambda: None)
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    return _status(child) < 0


def ended(work: Work, before: Callable[[], object]) -> int:
    """Run work in a child after ``before``; returns 0 or the number of the signal, negative; fails on exceptions."""
    return _status(_forked(work, before))


def _forked(work: Work, before: Callable[[], object]) -> int:
    child = os.fork()
    if child == 0:
        status = 1
        try:
            before()
            work()
            status = 0
        except BaseException:  # noqa: BLE001 - the child of a test ends here, whatever happens
            traceback.print_exc()
        finally:
            os._exit(status)
    return child


def _status(child: int) -> int:
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert status <= 0, "the work ended with an exception, see above"
    return status


class Kill:
    """Ends the process at the n-th change; what was written and not synced is empty then."""

    def __init__(self, at: int) -> None:
        self.left = at
        self.unsynced: set[str] = set()

    def __call__(self) -> None:
        sys.addaudithook(self.seen)
        sync = os.fsync

        def synced(descriptor: Any) -> None:
            sync(descriptor)
            self.unsynced.discard(os.readlink(f"/proc/self/fd/{descriptor}"))

        os.fsync = synced  # type: ignore[assignment]

    def seen(self, event: str, values: tuple[Any, ...]) -> None:
        if not (event in _CHANGES or (event == "open" and (values[2] or 0) & _WRITING)) or self.left == 0:
            return
        self.left -= 1
        if self.left == 0:
            for path in filter(os.path.isfile, self.unsynced):
                os.truncate(path, 0)
            os.kill(os.getpid(), signal.SIGKILL)
        path = os.path.realpath(os.fsdecode(values[0])) if isinstance(values[0], str | bytes) else ""
        if event == "open" and not path.endswith("/.lock"):
            self.unsynced.add(path)
        elif event == "os.rename" and path in self.unsynced:
            self.unsynced.remove(path)
            self.unsynced.add(os.path.abspath(os.fsdecode(values[1])))


def digests(top: Path) -> dict[str, str]:
    """The digest of every file below a folder, of those whose names are hidden too."""
    files = (path for path in sorted(top.rglob("*")) if path.is_file())
    return {str(path.relative_to(top)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def flips(data: bytes, most: int, seed: int) -> list[bytes]:
    """The data with one bit changed, for each bit or for some of them."""
    bits = range(len(data) * 8)
    chosen = bits if len(bits) <= most else random.Random(seed).sample(bits, most)
    return [
        data[: bit // 8] + bytes([data[bit // 8] ^ 1 << bit % 8]) + data[bit // 8 + 1 :] for bit in chosen
    ]
