"""How long people wait before anything happens: commands to their end, and the server until it answers queries.

Seconds by the clock and of the processor, medians of some runs, from a release that is built. Of the server the
processor time is that of the front and of the process that loads the data for the workers, until ``/ready`` says 200.
"""

import os
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from statistics import median

from readmission import release
from readmission.building import pipeline

COMMANDS = (("--help",), ("gaps", "Georgia"), ("why", "Ireland", "Ukraine"), ("overview",))
LIMIT = 2.0
"""Seconds from the start of the server to its first answer, on two free processors."""
_TICKS = os.sysconf("SC_CLK_TCK")

Start = tuple[str, float, float]
"""What starts, seconds by the clock, seconds of the processor."""


def starts(runs: int = 5) -> list[Start]:
    """Return a line for each command, and one for the server."""
    pipeline.current(release.home())
    return [_middle(arguments, [_command(arguments) for _ in range(runs)]) for arguments in COMMANDS] + [
        _middle(("serve", "to", "/ready"), [_server() for _ in range(runs)])
    ]


def _middle(name: tuple[str, ...], found: list[tuple[float, float]]) -> Start:
    clock, processor = zip(*found, strict=True)
    return " ".join(name), median(clock), median(processor)


def _called(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "readmission.cli", *arguments]


def _command(arguments: tuple[str, ...]) -> tuple[float, float]:
    before, start = os.times(), time.monotonic()
    subprocess.run(_called(*arguments), stdout=subprocess.DEVNULL, check=True)
    after = os.times()
    used = after.children_user + after.children_system - before.children_user - before.children_system
    return time.monotonic() - start, used


def _server() -> tuple[float, float]:
    start = time.monotonic()
    with subprocess.Popen(_called("serve", "--port", "0"), stderr=subprocess.PIPE, text=True) as server:
        try:
            assert server.stderr is not None
            address = next(
                found.group() for line in server.stderr if (found := re.search(r"http://\S+/", line))
            )
            while not _is_ready(address):
                time.sleep(0.01)
            passed = time.monotonic() - start
            return passed, sum(map(_used, (server.pid, *_children(server.pid))))
        finally:
            server.terminate()


def _is_ready(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}ready"):
            return True
    except urllib.error.HTTPError as fault:
        fault.close()
        return False


def _children(process: int) -> list[int]:
    found = Path(f"/proc/{process}/task").glob("*/children")
    return [int(child) for file in found for child in file.read_text().split()]


def _used(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS
