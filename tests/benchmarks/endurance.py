"""A server under the heaviest queries where memory is scarce."""

import threading
import time
from collections import Counter, defaultdict
from pathlib import Path

from benchmarks import runaways
from harness.running import started
from harness.scarcity import scarce
from harness.wire import Client, get_query

_ATTACKERS = 12


def endured(folder: Path, size: int, seconds: float, *options: str) -> tuple[Counter[int], set[int], bool]:
    """Attack a server that has ``size`` MiB; return how light queries ended, how attacks, and if the front lived."""
    light: Counter[int] = Counter()
    fates: dict[str, runaways.Fate] = defaultdict(runaways.Fate)
    over = threading.Event()
    with (
        scarce(size) as scarcity,
        started(folder, "--deadline", "5", *options, program=scarcity.program) as server,
        scarcity.watched(server.process.pid),
    ):
        threads = [
            threading.Thread(target=runaways.attack, args=(server.port, number, over, fates, True))
            for number in range(_ATTACKERS)
        ]
        for thread in threads:
            thread.start()
        end = time.monotonic() + seconds
        while time.monotonic() < end and server.process.poll() is None:
            query = get_query(f"ASK {{ ?s ?p {sum(light.values())} }}")
            light[Client(server.port, seconds=20).send(query).status] += 1
            time.sleep(0.1)
        lives = server.process.poll() is None
        over.set()
        for thread in threads:
            thread.join()
    return light, {status for fate in fates.values() for status in fate.statuses}, lives
