"""Ask a server for work outside of queries, in thirty ways, and measure what is left for a client that asks queries.

    make siege                 every way, sixteen clients each
    PYTHONPATH=tests python tests/benchmarks/siege.py --only matrix --seconds 5 --rounds 3

In each round the light client is measured alone, and then beside sixteen clients that ask for one kind of work, one
request after the other on a connection and from an address of their own, so that no limit for a single client holds
them back. An answer from memory is never asked for. Exit status 1 when a promise is broken.
"""

import argparse
import contextlib
import itertools
import os
import random
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import quote

from benchmarks import runaways
from readmission.engine.limits import MEBIBYTE
from readmission.web.app import Settings
from readmission.workers.worker import IDLE_SECONDS

HTML = {"Accept": "text/html", "Cache-Control": "no-cache"}
JSON = {"Accept": "application/json", "Cache-Control": "no-cache"}
CODED = {"Accept-Encoding": "gzip", "Cache-Control": "no-cache"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
UNKNOWN = " ".join(f"?s{n} <https://w3id.org/eu-readmission/ontology#concernz{n}> ?o{n} ." for n in range(34))
ROWS = quote("SELECT * { ?s ?p ?o } LIMIT 1000 OFFSET ")


@dataclass(frozen=True)
class Shot:
    """One request."""

    path: str
    headers: Mapping[str, str] = field(default_factory=lambda: HTML)
    method: str = "GET"
    body: bytes | None = None


def _day(number: int) -> str:
    return (date(1990, 1, 1) + timedelta(days=number % 13_000)).isoformat()


def _text(number: int, length: int) -> str:
    return "".join(random.Random(number).choices("abcdefghijklmnopqrstuvwxyz", k=length))


WAYS: dict[str, Callable[[int], Shot]] = {
    "front page of a day": lambda n: Shot(f"/?on={_day(n)}"),
    "matrix of a day": lambda n: Shot(f"/matrix?on={_day(n)}"),
    "matrix as workbook": lambda n: Shot(f"/matrix.xlsx?on={_day(n)}"),
    "matrix as CSV": lambda n: Shot(f"/matrix.csv?on={_day(n)}"),
    "changes of a span": lambda n: Shot(f"/changes?from={_day(n)}&to={_day(n + 400)}"),
    "work of a day": lambda n: Shot(f"/work?on={_day(n)}"),
    "work as JSON": lambda n: Shot(f"/work.json?on={_day(n)}", JSON),
    "country on a day": lambda n: Shot(f"/countries/NGA?on={_day(n)}"),
    "country as JSON": lambda n: Shot(f"/countries/GEO.json?on={_day(n)}", JSON),
    "reasons on a day": lambda n: Shot(f"/countries/UKR/why/IRL?on={_day(n)}"),
    "head of a page": lambda n: Shot(f"/matrix?on={_day(n)}", method="HEAD"),
    "inspection": lambda n: Shot(f"/inspect?query={quote(f'SELECT * {{ {UNKNOWN} }} # {n}')}", JSON),
    "inspection as a page": lambda n: Shot(f"/inspect?query={quote(f'SELECT * {{ {UNKNOWN} }} # {n}')}"),
    "unknown long name": lambda n: Shot(f"/countries?name={_text(n, 2000)}"),
    "unknown short name": lambda n: Shot(f"/countries?name={_text(n, 9)}"),
    "range of the data set": lambda n: Shot("/dataset.nq", {"Range": f"bytes={n * 97}-{n * 97 + 999}"}),
    "data set compressed": lambda _: Shot("/dataset.nq", CODED),
    "nine hundred fields": lambda n: Shot("/matrix?" + "&".join(f"f{n}{m}=1" for m in range(900))),
    "day of 60 kB": lambda n: Shot(f"/matrix?on={_text(n, 60_000)}"),
    "EDTF of 3 kB": lambda n: Shot(f"/matrix?on=%5B{','.join(_day(n + m) for m in range(270))}%5D"),
    "preflight": lambda _: Shot("/sparql", {"Origin": "http://x", "Access-Control-Request-Method": "POST"}, "OPTIONS"),
    "no such page": lambda n: Shot(f"/{_text(n, 12)}"),
    "no such page, as JSON": lambda n: Shot(f"/{_text(n, 12)}", JSON),
    "service description": lambda _: Shot("/sparql", {"Accept": "text/turtle", "Cache-Control": "no-cache"}),
    "OpenAPI": lambda _: Shot("/openapi.json", JSON),
    "file of the look": lambda _: Shot("/static/site.css"),
    "answer as a page": lambda n: Shot(f"/sparql?query={ROWS}{n % 100_000}"),
    "whole graph": lambda n: Shot(f"/graphs?default&n={n}", CODED),
    "upload of another type": lambda _: Shot("/sparql", {"Content-Type": "image/png"}, "POST", b"x" * 500_000),
    "form without a query": lambda _: Shot("/sparql", FORM, "POST", b"a=" + b"b" * 200_000),
}  # fmt: skip


@dataclass
class Fate:
    """What became of one way: statuses, and the light client's pace alone and beside it."""

    statuses: Counter[int] = field(default_factory=Counter)
    rates: list[float] = field(default_factory=list)
    p99s: list[float] = field(default_factory=list)


def main() -> int:
    """Run the rounds, print the table, and say whether all promises were kept."""
    arguments = _arguments()
    ways = {name: way for name, way in WAYS.items() if arguments.only in name}
    with (
        tempfile.TemporaryDirectory() as folder,
        runaways.served(arguments, Path(folder) / "log") as (process, port),
    ):
        runaways.light_alone(port, 2)
        before = runaways.memory(process.pid)
        kept = [told(name, siege(port, way, arguments)) for name, way in ways.items()]
        time.sleep(IDLE_SECONDS + 10)  # workers that took much memory have ended then
        runaways.settle(process.pid)
        kept.append(runaways.told_rest(process.pid, before, Settings.cache_bytes // MEBIBYTE))
    return 0 if all(kept) else 1


def siege(port: int, way: Callable[[int], Shot], arguments: argparse.Namespace) -> Fate:
    """Measure the light client alone and beside those who ask for one kind of work, in turns."""
    fate, numbers = Fate(), itertools.count()
    for _ in range(arguments.rounds):
        alone = runaways.light_alone(port, arguments.seconds)
        with besieged(port, way, numbers, fate, arguments.clients):
            beside = runaways.light_alone(port, arguments.seconds)
        fate.rates.append(beside.rate / alone.rate)
        fate.p99s.append(beside.p99 / alone.p99)
    return fate


@contextlib.contextmanager
def besieged(
    port: int, way: Callable[[int], Shot], numbers: Iterator[int], fate: Fate, clients: int
) -> Iterator[None]:
    """Have so many clients ask for one kind of work meanwhile."""
    over = threading.Event()
    threads = [
        threading.Thread(target=ask, args=(port, f"127.0.2.{number + 1}", way, numbers, over, fate.statuses))
        for number in range(clients)
    ]
    for thread in threads:
        thread.start()
    try:
        time.sleep(0.5)
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join()


def ask(
    port: int,
    source: str,
    way: Callable[[int], Shot],
    numbers: Iterator[int],
    over: threading.Event,
    statuses: Counter[int],
) -> None:
    """Ask one request after the other; who is refused comes back when Retry-After says so."""
    os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 10)  # the server is measured, not this program
    connection = HTTPConnection("127.0.0.1", port, timeout=60, source_address=(source, 0))
    while not over.is_set():
        shot = way(next(numbers))
        try:
            connection.request(shot.method, shot.path, shot.body, dict(shot.headers))
            answer = connection.getresponse()
            answer.read()
            statuses[answer.status] += 1
            over.wait(float(answer.headers.get("Retry-After", 0)))
        except (OSError, HTTPException):
            statuses[0] += 1
            connection.close()
    connection.close()


def told(name: str, fate: Fate) -> bool:
    """Print what became of the light client beside one way; tell whether enough was left to it."""
    rate, p99 = statistics.median(fate.rates), statistics.median(fate.p99s)
    good = (
        rate >= 0.7
        and p99 < 3
        and not any(status >= 500 and status not in runaways.ENDS for status in fate.statuses)
    )
    ends = ", ".join(f"{status} x{count}" for status, count in sorted(fate.statuses.items()))
    print(f"{name:26}rate {rate:5.2f}  p99 {p99:5.2f}  {ends}{'' if good else '  BROKEN'}", flush=True)
    return good


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", help=argparse.SUPPRESS)
    parser.add_argument("--deadline", type=float, default=10.0)
    parser.add_argument("--memory", type=int, default=512, help="MiB a query may take")
    parser.add_argument("--seconds", type=float, default=3.0, help="length of half a round")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--only", default="", help="a part of the names of the ways to try")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
