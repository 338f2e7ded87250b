"""Attack a server with twelve runaway queries, fifty at a time, and measure what becomes of them and of others.

    make runaways            the release of the facts as they are
    PYTHONPATH=tests python tests/benchmarks/runaways.py --data FILE --deadline 2 --seconds 10 --rounds 3 --attackers 50

The light client and the attackers take turns: in each round first the light client alone, then both together, so
that other work on the machine weighs on both alike. Every attacker has an address of its own, which is the worst
case: no limit for a single client holds it back. An attacker who is refused comes back when Retry-After says so.
Exit status 1 when a promise is broken.
"""

import argparse
import contextlib
import itertools
import json
import os
import re
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode

TRIPLES = "?a ?b ?c . ?d ?e ?f . ?g ?h ?i ."
DOUBLING = " ".join(f"BIND(CONCAT(?x{n}, ?x{n}) AS ?x{n + 1})" for n in range(60))
VALUES = " ".join(map(str, range(100_000)))
RUNAWAYS = {
    "COUNT of a product": f"SELECT (COUNT(*) AS ?n) {{ {TRIPLES} }}",
    "ORDER BY a product": f"SELECT * {{ {TRIPLES} }} ORDER BY ?i ?f ?c",
    "GROUP BY a product": f"SELECT ?a ?d (COUNT(*) AS ?n) {{ {TRIPLES} }} GROUP BY ?a ?d",
    "DISTINCT of a product": f"SELECT DISTINCT ?a ?d ?g {{ {TRIPLES} }} ORDER BY ?g",
    "property paths": "SELECT (COUNT(*) AS ?n) { ?a (<urn:x>|!<urn:y>|^!<urn:z>)* ?b . ?b (!<urn:x>)+ ?c }",
    "REGEX over everything": f'SELECT * {{ {TRIPLES} FILTER(REGEX(CONCAT(STR(?c), STR(?f), STR(?i)), "(x+y?)+zq")) }}',
    "huge VALUES": f"SELECT (COUNT(*) AS ?n) {{ VALUES ?x {{ {VALUES} }} {{ ?a ?b ?c }} {{ ?d ?e ?f }} }}",
    "deep nesting": "SELECT * { FILTER(" + "(" * 400_000 + "1" + ")" * 400_000 + ") }",
    "1 MB of text": "SELECT (COUNT(*) AS ?n) { "
    + TRIPLES
    + " FILTER(?i IN ("
    + "'x', " * 195_000
    + "'y')) }",
    "CONSTRUCT explosion": f"CONSTRUCT {{ ?a ?e ?i . ?d ?h ?c . ?g ?b ?f }} WHERE {{ {TRIPLES} }}",
    "doubling strings": f"SELECT (STRLEN(?x60) AS ?n) {{ BIND('xxxxxxxxxxxxxxxx' AS ?x0) {DOUBLING} }}",
    "memory bomb": f"SELECT (GROUP_CONCAT(CONCAT(STR(?a), STR(?f), STR(?i))) AS ?all) {{ {TRIPLES} }}",
}
SHORT = "SELECT ?p ?o {{ ?s ?p ?o }} OFFSET {} LIMIT 20"
ANEW = {"Cache-Control": "no-cache"}
"""Each is run, and none is kept: answers from memory would hide what an attack does."""
ENDS = {503, 504, 507, 422}
"""Busy, deadline, memory, and the cap on the size of an answer."""
SLACK = 0.1


@dataclass
class Fate:
    """What became of one kind of runaway query."""

    statuses: Counter[int] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)


@dataclass(frozen=True)
class Pace:
    """How fast the light client was answered."""

    rate: float
    p50: float
    p99: float


def main() -> int:
    """Run the rounds, print the tables, and say whether all promises were kept."""
    arguments = _arguments()
    if arguments.light:
        return light(arguments.light, arguments.seconds)
    with tempfile.TemporaryDirectory() as folder, served(arguments, Path(folder) / "log") as (process, port):
        light_alone(port, 2)
        before = memory(process.pid)
        fates: dict[str, Fate] = defaultdict(Fate)
        alone, attacked = [], []
        for _ in range(arguments.rounds):
            alone.append(light_alone(port, arguments.seconds))
            attacked.append(light_attacked(port, arguments, fates))
            settle(process.pid)
        kept = [told_fates(fates, arguments.deadline), told_pace(alone, attacked)]
        kept.append(told_rest(process.pid, before))
    return 0 if all(kept) else 1


@contextlib.contextmanager
def served(arguments: argparse.Namespace, log: Path) -> Iterator[tuple["subprocess.Popen[bytes]", int]]:
    """Start ``readmission serve`` and yield its process and port."""
    program = Path(sys.executable).with_name("readmission")
    options = ["--port", "0", "--deadline", str(arguments.deadline), "--memory", str(arguments.memory)]
    data = ["--data", arguments.data] if arguments.data else []
    with log.open("wb") as written:
        process = subprocess.Popen([str(program), "serve", *options, *data], stderr=written)
    try:
        while not (found := re.search(r"http://127\.0\.0\.1:(\d+)/", log.read_text())):
            if process.poll() is not None:
                raise SystemExit(f"the server did not start:\n{log.read_text()}")
            time.sleep(0.1)
        port = int(found.group(1))
        while not ready(port):
            time.sleep(0.1)
        yield process, port
    finally:
        process.terminate()
        process.wait(30)


def ready(port: int) -> bool:
    """Tell whether the server has workers."""
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request("GET", "/ready")
        return connection.getresponse().status == 200
    finally:
        connection.close()


def light(port: int, seconds: float) -> int:
    """Ask short queries on one connection, and print the times; runs in a process of its own."""
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    times: list[float] = []
    end = time.perf_counter() + seconds
    for number in itertools.count():
        begun = time.perf_counter()
        if begun > end:
            break
        connection.request(
            "GET", "/sparql?" + urlencode({"query": SHORT.format(number % 1000)}), headers=ANEW
        )
        answer = connection.getresponse()
        answer.read()
        if answer.status != 200:
            print(f"a short query got {answer.status}", file=sys.stderr)
            return 1
        times.append(time.perf_counter() - begun)
    print(json.dumps(times))
    return 0


def light_alone(port: int, seconds: float) -> Pace:
    """Return the pace of the light client."""
    command = [sys.executable, __file__, "--light", str(port), "--seconds", str(seconds)]
    times = sorted(json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout))
    return Pace(len(times) / seconds, times[len(times) // 2] * 1000, times[int(len(times) * 0.99)] * 1000)


def light_attacked(port: int, arguments: argparse.Namespace, fates: dict[str, Fate]) -> Pace:
    """Return the pace of the light client while all attackers ask runaway queries, one after the other."""
    over = threading.Event()
    threads = [
        threading.Thread(target=attack, args=(port, number, over, fates, arguments.distinct))
        for number in range(arguments.attackers)
    ]
    for thread in threads:
        thread.start()
    try:
        time.sleep(0.5)
        return light_alone(port, arguments.seconds)
    finally:
        over.set()
        for thread in threads:
            thread.join()


def attack(port: int, number: int, over: threading.Event, fates: dict[str, Fate], distinct: bool) -> None:
    """Ask one runaway query after the other from an address of one's own, beginning with another one each."""
    os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 10)  # the server is measured, not this program
    names = list(RUNAWAYS)
    source = f"127.0.1.{number + 1}"
    for turn in itertools.count(number):
        if over.is_set():
            return
        name = names[turn % len(names)]
        body = RUNAWAYS[name].encode() + (f"\n# {source} {turn}".encode() if distinct else b"")
        begun = time.perf_counter()
        status, wait = shot(port, body, source)
        fates[name].statuses[status] += 1
        fates[name].seconds.append(time.perf_counter() - begun)
        over.wait(wait)


def shot(port: int, body: bytes, source: str) -> tuple[int, float]:
    """Post a query with as little work as can be; return the status, 0 for none, and what Retry-After asks."""
    head = (
        "POST /sparql HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        f"Content-Type: application/sparql-query\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    read = b""
    with (
        contextlib.suppress(OSError),
        socket.create_connection(("127.0.0.1", port), 120, (source, 0)) as connection,
    ):
        connection.sendall(head.encode())
        connection.sendall(body)
        while part := connection.recv(2**20):
            read = read or part
    found = re.match(rb"HTTP/1.1 (\d+)", read)
    wait = re.search(rb"(?i)\r\nRetry-After: (\d+)\r\n", read)
    return int(found.group(1)) if found else 0, float(wait.group(1)) if wait else 0.0


def told_fates(fates: dict[str, Fate], deadline: float) -> bool:
    """Print how the runaway queries ended; tell whether all ended in time and with a reason."""
    print(f"\n{'runaway query':24}{'asked':>6}{'median s':>10}{'longest s':>11}  ended with")
    kept = True
    for name, fate in fates.items():
        longest = max(fate.seconds)
        good = longest <= deadline + SLACK and set(fate.statuses) <= ENDS
        kept &= good
        ends = ", ".join(f"{status} x{count}" for status, count in sorted(fate.statuses.items()))
        median = statistics.median(fate.seconds)
        print(
            f"{name:24}{len(fate.seconds):6}{median:10.3f}{longest:11.3f}  {ends}{'' if good else '  BROKEN'}"
        )
    print(f"promised: {deadline + SLACK:.1f} s at the latest: {'kept' if kept else 'BROKEN'}")
    return kept


def told_pace(alone: list[Pace], attacked: list[Pace]) -> bool:
    """Print the light client's pace, side by side; tell whether enough of it was left under attack."""
    print(f"\n{'light client':24}{'alone':>10}{'attacked':>10}{'ratio':>8}  promised")
    kept = True
    for name, unit, promised in (("rate", "requests/s", 0.7), ("p50", "ms", None), ("p99", "ms", 3.0)):
        pairs = [
            (getattr(one, name), getattr(other, name)) for one, other in zip(alone, attacked, strict=True)
        ]
        one, other = (statistics.median(values) for values in zip(*pairs, strict=True))
        ratio = statistics.median(after / before for before, after in pairs)
        good = promised is None or (ratio >= promised if name == "rate" else ratio < promised)
        kept &= good
        told = "" if promised is None else f"{'at least' if name == 'rate' else 'under'} {promised}"
        print(
            f"{name + ', ' + unit:24}{one:10.1f}{other:10.1f}{ratio:8.2f}  {told}{'' if good else '  BROKEN'}"
        )
    return kept


def told_rest(pid: int, before: tuple[int, float], kept: int = 0) -> bool:
    """Print what is left of the attack once it is over; tell whether nothing is but MiB of answers that are kept."""
    processes, size = memory(pid)
    print(f"\n{'afterwards':24}{'before':>10}{'after':>10}")
    print(f"{'processes':24}{before[0]:10}{processes:10}")
    print(f"{'memory, MiB (PSS)':24}{before[1]:10.0f}{size:10.0f}")
    good = processes == before[0] and size < before[1] + kept + 50
    print(
        f"promised: no process more, memory returned but for {kept + 50} MiB: {'kept' if good else 'BROKEN'}"
    )
    return good


def settle(pid: int) -> None:
    """Wait until killed workers have been replaced and their memory is free."""
    time.sleep(2)
    for _ in range(100):
        if not any(state(one) in "ZR" for one in descendants(pid)):
            return
        time.sleep(0.1)


def memory(pid: int) -> tuple[int, float]:
    """Return the processes of a server and the memory of all, in MiB, what they share counted once."""
    family = [pid, *descendants(pid)]
    total = 0
    for one in family:
        with contextlib.suppress(OSError):
            rollup = Path(f"/proc/{one}/smaps_rollup").read_text(encoding="ascii")
            total += int(re.findall(r"^Pss:\s+(\d+)", rollup, re.MULTILINE)[0])
    return len(family), total / 1024


def descendants(pid: int) -> list[int]:
    """Return the processes that a process has started, and those that they have."""
    found: list[int] = []
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            found += [int(one) for one in (task / "children").read_text(encoding="ascii").split()]
    return found + [other for one in found for other in descendants(one)]


def state(pid: int) -> str:
    """Return the letter of a process's state; X when it has gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
    except OSError:
        return "X"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", metavar="FILE", help="RDF to serve instead of the release")
    parser.add_argument("--deadline", type=float, default=2.0)
    parser.add_argument("--memory", type=int, default=512, help="MiB a query may take")
    parser.add_argument("--seconds", type=float, default=10.0, help="length of half a round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--attackers", type=int, default=50)
    parser.add_argument("--distinct", action="store_true", help="make every attacking text a new one")
    parser.add_argument("--light", type=int, metavar="PORT", help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    os.environ.setdefault("PYTHONUNBUFFERED", "1")
    sys.exit(main())
