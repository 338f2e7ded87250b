"""``readmission serve`` as operators start it, its processes, and what they take."""

import contextlib
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.wire import Client, MalformedHttpError, get_query

PROGRAM = (str(Path(sys.executable).with_name("readmission")),)


@dataclass(frozen=True)
class Server:
    """A server that runs; ``process`` is its front."""

    process: "subprocess.Popen[bytes]"
    port: int
    log: Path

    def family(self) -> list[int]:
        """Return all its processes but the front."""
        return descendants(self.process.pid)

    def zygotes(self) -> list[int]:
        """Return the processes that hold the data and fork workers."""
        return [pid for pid in self._of_data() if parent(pid) not in self._of_data()]

    def workers(self) -> list[int]:
        """Return the processes that run queries."""
        return [pid for pid in self._of_data() if parent(pid) in self._of_data()]

    def _of_data(self) -> list[int]:
        return [pid for pid in self.family() if "readmission.workers.zygote" in command(pid)]

    def memory(self) -> float:
        """Return the MiB that all its processes take, what they share counted once."""
        return sum(map(share, [self.process.pid, *self.family()])) / 1024

    def files(self) -> int:
        """Return how many files and sockets its processes hold open."""
        return sum(map(count_open_files, [self.process.pid, *self.family()]))

    def ready(self) -> bool:
        """Tell whether it answers queries."""
        try:
            return Client(self.port, seconds=5).send(get_query("ASK {}")).status == 200
        except (OSError, MalformedHttpError):
            return False


@contextlib.contextmanager
def started(
    folder: Path,
    *options: str,
    port: int = 0,
    surroundings: Mapping[str, str] | None = None,
    program: Sequence[str] = PROGRAM,
) -> Iterator[Server]:
    """Start a server and wait until it answers; stop it at the end."""
    log = folder / f"log-{time.monotonic_ns()}"
    with log.open("wb") as written:
        process = subprocess.Popen(
            [*program, "serve", "--port", str(port), *options],
            stderr=written, env={**os.environ, **(surroundings or {})},
        )  # fmt: skip
    try:
        found = wait_for(lambda: _address(process, log), "it does not listen", 60)
        server = Server(process, int(found.group(1)), log)
        wait_for(server.ready, "it does not answer", 60)
        yield server
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise


def _address(process: "subprocess.Popen[bytes]", log: Path) -> re.Match[str] | None:
    assert process.poll() is None, log.read_text()
    return re.search(r"Serving on http://127\.0\.0\.1:(\d+)/", log.read_text())


def wait_for(true: Callable[[], Any], fault: str, seconds: float = 30) -> Any:
    """Return what is true in the end; fails when it is not in time."""
    end = time.monotonic() + seconds
    while not (found := true()):
        assert time.monotonic() < end, f"{fault}, for {seconds:g} seconds"
        time.sleep(0.02)
    return found


def descendants(pid: int) -> list[int]:
    """Return the processes that a process has started, and those that they have."""
    own: list[int] = []
    with contextlib.suppress(OSError):  # it has gone in the meantime
        for task in Path(f"/proc/{pid}/task").iterdir():
            own += [int(one) for one in (task / "children").read_text(encoding="ascii").split()]
    return own + [one for child in own for one in descendants(child)]


def runs(pid: int) -> bool:
    """Tell whether a process is there, and no zombie."""
    return _status(pid, "State", "X")[0] not in "ZX"


def parent(pid: int) -> int:
    """Return the process that has started this one."""
    return int(_status(pid, "PPid", "0"))


def command(pid: int) -> str:
    """Return a process's command line."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8", errors="replace").replace("\0", " ")
    return ""


def share(pid: int) -> int:
    """Return the KiB that a process takes; of what it shares with others its part."""
    with contextlib.suppress(OSError):
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
        return int(re.findall(r"^Pss:\s+(\d+)", rollup, re.MULTILINE)[0])
    return 0


def count_open_files(pid: int) -> int:
    """Return how many files and sockets a process holds."""
    with contextlib.suppress(OSError):
        return len(os.listdir(f"/proc/{pid}/fd"))
    return 0


def _status(pid: int, name: str, gone: str) -> str:
    with contextlib.suppress(OSError):
        text = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
        found = re.search(rf"^{name}:\s+(\S+)", text, re.MULTILINE)
        return found.group(1) if found else gone
    return gone
