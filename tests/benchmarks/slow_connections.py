"""Besiege a server with slow connections, and measure what becomes of an ordinary client and of the memory.

    PYTHONPATH=tests python tests/benchmarks/slow_connections.py --count 10000 --seconds 30

Three kinds: ``heads`` send half a head and then a byte now and then, ``bodies`` the same with a body, and
``readers`` ask for a large answer and hardly read it. Each comes from one of 200 addresses. Promised: an ordinary
client, on a new connection each time, is answered within a second; each connection takes at most ``ROOM`` KiB, and a
reader the size of its answer as well; when they have gone, their sockets have gone too, and a third siege of the
same kind takes no more memory than the second (what was taken once need not go back to the system, and not all of it
fits the next ones at once).
Exit status 1 when a promise is broken.
"""

import argparse
import asyncio
import contextlib
import itertools
import resource
import socket
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from harness.running import Server, started, wait_for
from harness.wire import Client, MalformedHttpError, get_query

KINDS = ("heads", "bodies", "readers")
ROOM = 64
SPARE = 100
"""MiB that a server may take more after a siege than before, whatever its size."""
_OURS = 500  # files that we need for ourselves
_HEAD = b"GET /sparql?query=ASK%7B%7D HTTP/1.1\r\nHost: localhost\r\nX-Slow: "
_BODY = (
    b"POST /sparql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/sparql-query\r\n"
    b"Content-Length: 100000\r\n\r\nASK "
)


@dataclass
class Siege:
    """What was seen of a siege; memory in MiB."""

    kind: str
    count: int
    held: int = 0
    """Connections that the server took."""
    refused: int = 0
    """Connections that it did not take, or closed at once."""
    times: list[float] = field(default_factory=list)
    """Seconds after which an ordinary client was answered."""
    unanswered: list[str] = field(default_factory=list)
    answer: float = 0.0
    """Size of an answer to a reader."""
    before: float = 0.0
    height: float = 0.0
    after: float = 0.0
    """Memory when they have gone, some of it kept for the next ones."""
    left: int = 0
    """Files and sockets more than before, once they have gone."""

    def faults(self) -> list[str]:
        """Return the promises that were broken."""
        bound = self.count * (ROOM / 1024 + self.answer) + SPARE
        promises = {
            f"an ordinary client is answered: {self.unanswered[:3]}": not self.unanswered,
            f"within a second, not {max(self.times, default=0):.2f}": max(self.times, default=0) < 1,
            f"memory grows by {bound:.0f} MiB at most, not {self.height - self.before:.0f}":
                self.height - self.before < bound,
            f"sockets are free again, all but {self.left}": self.left <= 5,
        }  # fmt: skip
        return [promise for promise, kept in promises.items() if not kept]

    def __str__(self) -> str:
        p99 = sorted(self.times)[int(len(self.times) * 0.99)] if self.times else float("nan")
        median = statistics.median(self.times) if self.times else float("nan")
        return (
            f"{self.kind:8}{self.count:7} connections, {self.held} held; ordinary client: {len(self.times)} answers, "
            f"median {median * 1000:.0f} ms, p99 {p99 * 1000:.0f} ms, {len(self.unanswered)} unanswered; memory "
            f"{self.before:.0f}, {self.height:.0f}, {self.after:.0f} MiB; {self.left} sockets left"
        )


def most() -> int:
    """Return how many connections this process may hold, after asking for as many as it may have."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard - _OURS


def besieged(server: Server, kind: str, count: int, seconds: float) -> Siege:
    """Besiege a server for so many seconds, and tell what was seen."""
    most()
    siege = Siege(kind, count)
    text = "SELECT ?s ?p ?o { ?s ?p ?o }"
    if kind == "readers":
        siege.answer = len(Client(server.port).send(get_query(text)).body) / 2**20
    wait_for(lambda: len(server.workers()) == _settled(server), "its workers do not come", 10)
    siege.before, files = server.memory(), server.files()
    asyncio.run(_siege(server, siege, text, seconds))
    with contextlib.suppress(AssertionError):  # told as a broken promise
        wait_for(lambda: server.files() <= files + 5, "sockets are left", 15)
    time.sleep(1)
    siege.after, siege.left = server.memory(), max(0, server.files() - files)
    return siege


def _settled(server: Server) -> int:
    """Return how many workers there are, a moment later."""
    time.sleep(0.3)
    return len(server.workers())


async def _siege(server: Server, siege: Siege, text: str, seconds: float) -> None:
    # a listening socket keeps some hundreds waiting; and readers shall be slow, not ask too much at a time
    open_ = asyncio.Semaphore(3 if siege.kind == "readers" else 200)
    over = asyncio.Event()
    slow = [
        asyncio.create_task(_slow(server.port, siege, number, text, open_, over))
        for number in range(siege.count)
    ]
    ordinary = asyncio.create_task(asyncio.to_thread(_ordinary, server.port, siege, over))
    end, begun = 0.0, time.monotonic()
    while not end or time.monotonic() < end:
        await asyncio.sleep(0.5)
        siege.height = max(siege.height, await asyncio.to_thread(server.memory))
        if not end and (siege.held + siege.refused == siege.count or time.monotonic() - begun > 120):
            end = time.monotonic() + seconds
    over.set()
    await asyncio.gather(ordinary, *slow)


async def _slow(
    port: int, siege: Siege, number: int, text: str, open_: asyncio.Semaphore, over: asyncio.Event
) -> None:
    """Hold one connection until the siege is over, or the server has had enough of it."""
    connection = socket.socket()
    connection.setblocking(False)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    loop = asyncio.get_running_loop()
    taken = False
    try:
        async with open_:
            connection.bind((f"127.0.3.{number % 200 + 1}", 0))
            await asyncio.wait_for(loop.sock_connect(connection, ("127.0.0.1", port)), 30)
            # no two readers ask the same, so that no answer is shared
            first = {"heads": _HEAD, "bodies": _BODY}.get(siege.kind) or get_query(f"{text} # {number}")
            await loop.sock_sendall(connection, first)
            if siege.kind == "readers" and not (await loop.sock_recv(connection, 100)).startswith(
                b"HTTP/1.1 200 "
            ):
                raise ConnectionError
        taken = True
        siege.held += 1
        while not over.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(over.wait(), 5)
                break
            if siege.kind == "readers":
                await asyncio.wait_for(loop.sock_recv(connection, 1000), 1)
            else:
                await loop.sock_sendall(connection, b"x")
    except (OSError, TimeoutError):
        siege.refused += not taken  # to close it later is the server's good right too
    finally:
        connection.close()


def _ordinary(port: int, siege: Siege, over: asyncio.Event) -> None:
    """Ask short questions, no two alike, each on a connection of its own."""
    for number in itertools.count():
        if over.is_set():
            return
        begun = time.monotonic()
        try:
            told = Client(port, "127.0.4.1", 10).send(
                get_query(f"SELECT (1 AS ?one) {{}} # {number}", Connection=b"close")
            )
            if told.status != 200:
                siege.unanswered.append(f"status {told.status}")
        except (OSError, MalformedHttpError) as fault:
            siege.unanswered.append(f"{type(fault).__name__}: {fault}")
        else:
            siege.times.append(time.monotonic() - begun)
        time.sleep(0.05)


def again(server: Server, kind: str, count: int, seconds: float) -> list[str]:
    """Besiege a server three times, tell of it, and return the promises that were broken."""
    sieges = [besieged(server, kind, count, seconds) for _ in range(3)]
    print(*sieges, sep="\n", flush=True)
    more = sieges[2].height - sieges[1].height
    leak = (
        [f"the third siege takes no more memory than the second, not {more:.0f} MiB more"]
        if more > SPARE
        else []
    )
    return [fault for siege in sieges for fault in siege.faults()] + leak


def main() -> int:
    """Besiege a server of its own with each kind; print what was seen."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--readers", type=int, default=300)
    parser.add_argument("--rows", type=int, default=20_000, help="of a reader's answer, 160 bytes each")
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--kind", choices=KINDS)
    arguments = parser.parse_args()
    if arguments.count > most():
        print(f"only {most()} connections: raise the hard limit of open files for more", file=sys.stderr)
    kept = True
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "data.nq"
        lines = (
            f'<urn:s{n}> <urn:p{n % 7}> "value {n}, {"x" * 40}" <urn:g{n % 3}> .\n'
            for n in range(arguments.rows)
        )
        file.write_text("".join(lines), encoding="utf-8")
        for kind in [arguments.kind] if arguments.kind else KINDS:
            count = arguments.readers if kind == "readers" else min(arguments.count, most())
            with started(Path(folder), "--data", str(file)) as server:
                faults = again(server, kind, count, arguments.seconds)
            print(*(f"BROKEN: {fault}" for fault in faults), sep="\n", flush=True)
            kept &= not faults
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
