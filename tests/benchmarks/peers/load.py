"""Load on one server by wrk for some seconds: many connections, each asking again as soon as it is answered."""

import json
import math
import os
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.peers.asking import target
from benchmarks.peers.servers import Server

SCRIPT = Path(__file__).with_name("load.lua")
PATIENCE = 30
"""Seconds that a connection waits for an answer, and the longest that one measurement takes."""
_ROOM = 1_000_000
_TICKS = os.sysconf("SC_CLK_TCK")


class LoadError(RuntimeError):
    """A measurement in which not every request was answered with 200; the message says what happened."""


@dataclass(frozen=True)
class Pace:
    """Requests answered in a second, and milliseconds of the slowest one in a hundred.

    ``work``: milliseconds of processor time that the server takes for an answer; other programs hardly change it.
    ``alone``: so slow a server that one answer at a time was taken for its pace.
    """

    rate: float
    p99: float
    work: float | None = None
    alone: bool = False


@dataclass
class Generator:
    """Starts wrk; numbers that make texts differ are never used twice."""

    program: str
    folder: Path
    seconds: int
    _next: int = 1

    def pace(self, server: Server, texts: Sequence[str], connections: int, each: float, cold: bool) -> Pace:
        """Ask a server for some seconds; ``each`` is what one answer takes it. Raises LoadError."""
        needed = math.ceil(2 * each * connections / (os.cpu_count() or 1))
        alone = Pace(1 / each, 1000 * each, alone=True)
        if needed > PATIENCE:
            return alone
        lines = self.folder / "requests"
        asked = texts if cold else texts[:1]
        lines.write_text("".join(target(server, text) + "\n" for text in asked), encoding="ascii")
        before = _worked(server)
        told = self._told(server, connections, max(self.seconds, needed), lines, cold)
        worked = _worked(server) - before
        settle(server)
        wrong = [f"{told[name]:g} {name}" for name in ("refused", "timeouts", "broken") if told[name]]
        if wrong:
            raise LoadError(f"{', '.join(wrong)}, {told['answers']:g} answered")
        if not told["answers"]:
            return alone
        rate = 1e6 * told["answers"] / told["microseconds"]
        return Pace(rate, told["p99"] / 1000, 1000 * worked / told["answers"])

    def _told(
        self, server: Server, connections: int, seconds: int, lines: Path, cold: bool
    ) -> dict[str, float]:
        self._next += _ROOM
        parts = urlsplit(server.url)
        command = [
            self.program,
            "--threads",
            "1",
            "--connections",
            str(connections),
            "--duration",
            f"{seconds}s",
        ]
        command += ["--timeout", f"{PATIENCE}s", "--script", str(SCRIPT), f"http://{parts.netloc}", "--"]
        command += [str(lines), *([str(self._next)] if cold else [])]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode or not done.stdout.rstrip().endswith("}"):
            raise LoadError(f"wrk: {(done.stderr or done.stdout).strip()[-200:]}")
        found: dict[str, float] = json.loads(done.stdout.rstrip().splitlines()[-1])
        return found


def settle(server: Server) -> None:
    """Wait until a server has done with the requests that nobody waits for any more."""
    until = time.monotonic() + 2 * PATIENCE
    before = _worked(server)
    while time.monotonic() < until:
        time.sleep(0.1)
        now = _worked(server)
        if now - before < 0.02:
            return
        before = now


def _worked(server: Server) -> float:
    """Return the processor seconds that a server has taken so far."""
    seconds = 0.0
    for one in server.processes:
        try:
            fields = Path(f"/proc/{one}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        except OSError:
            continue
        seconds += (int(fields[11]) + int(fields[12])) / _TICKS
    return seconds
