"""A limit on the memory of a program and all that it starts: a control group, or what the kernel does, imitated."""

import contextlib
import os
import signal
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from harness.running import PROGRAM, descendants, share

_GROUP = 'echo $$ > "$1/cgroup.procs"; shift; exec "$@"'


class Scarcity:
    """A limit in MiB, in force for what ``program`` starts."""

    def __init__(self, size: int, group: Path | None) -> None:
        self.size, self._group, self._over = size, group, threading.Event()

    @property
    def program(self) -> Sequence[str]:
        """The command that starts ``readmission`` under the limit."""
        return PROGRAM if self._group is None else ("/bin/sh", "-c", _GROUP, "sh", str(self._group), *PROGRAM)

    @contextlib.contextmanager
    def watched(self, process: int) -> Iterator[None]:
        """Where there is no control group, do in its place what the kernel does."""
        if self._group:
            yield
            return
        watch = threading.Thread(target=self._watch, args=(process,))
        watch.start()
        try:
            yield
        finally:
            self._over.set()
            watch.join()

    def _watch(self, process: int) -> None:
        while not self._over.wait(0.02):
            family = [process, *descendants(process)]
            if sum(map(share, family)) > self.size * 1024:
                worst = max(family, key=_badness)
                with contextlib.suppress(ProcessLookupError):
                    os.kill(worst, signal.SIGKILL)


@contextlib.contextmanager
def scarce(size: int) -> Iterator[Scarcity]:
    """Limit memory to a number of MiB: by a control group below ours (version 1), where we may make one."""
    group = _made(size)
    try:
        yield Scarcity(size, group)
    finally:
        if group:
            _removed(group)


def _made(size: int) -> Path | None:
    with contextlib.suppress(OSError, StopIteration):
        lines = Path("/proc/self/cgroup").read_text(encoding="ascii").splitlines()
        own = next(path for _, name, path in (line.split(":", 2) for line in lines) if name == "memory")
        group = Path(f"/sys/fs/cgroup/memory{own}") / f"readmission-{os.getpid()}-{time.monotonic_ns()}"
        group.mkdir()
        try:
            (group / "memory.limit_in_bytes").write_text(str(size * 2**20), encoding="ascii")
        except OSError:
            group.rmdir()
            raise
        return group
    return None


def _removed(group: Path) -> None:
    end = time.monotonic() + 10
    while True:
        try:
            group.rmdir()
        except OSError:  # the last process is still on its way out
            if time.monotonic() > end:
                raise
            time.sleep(0.05)
        else:
            return


def _badness(process: int) -> int:
    with contextlib.suppress(OSError):
        return int(Path(f"/proc/{process}/oom_score").read_text(encoding="ascii"))
    return -1
