"""What serving promises: the short way through the server gives what the long one does, and a reload loses nothing."""

import asyncio
import http.client
import os
import re
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import pytest

from harness import running
from readmission.web.app import create_app
from readmission.web.endpoint.dataset import Data
from readmission.web.http.reply import Reply
from readmission.web.server.rsgi import Gateway

pytestmark = pytest.mark.alone  # it measures time

NAMES = "SELECT ?name { ?thing <http://example.org/name> ?name } ORDER BY ?name"
GRAPH = "CONSTRUCT WHERE { ?thing <http://example.org/name> ?name }"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
OF_ONE_ANSWER = {"x-query-id", "server-timing", "ratelimit", "ratelimit-policy", "date", "server"}


@dataclass
class Server:
    """A server that was started as users do, and what it said."""

    process: "subprocess.Popen[bytes]"
    port: int
    log: Path
    data: Path

    def ask(self, method: str, path: str, headers: dict[str, str], body: str | None = None) -> "Response":
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            told = {name.lower(): value for name, value in answer.getheaders()}
            return Response(answer.status, told, answer.read())
        finally:
            connection.close()


@dataclass
class Response:
    """An answer."""

    status: int
    headers: dict[str, str]
    body: bytes

    def lasting(self) -> dict[str, str]:
        return {name: value for name, value in self.headers.items() if name not in OF_ONE_ANSWER}


def written(path: Path, *names: str) -> Path:
    lines = (f'<urn:{n}> <http://example.org/name> "{name}" .\n' for n, name in enumerate(names))
    path.write_text("".join(lines), encoding="utf-8")
    return path


@contextmanager
def started(folder: Path, *options: str) -> Iterator[Server]:
    data = written(folder / "data.nt", *(f"name {n}, long enough" for n in range(40)))
    with running.started(folder, *options, "--data", str(data)) as server:
        yield Server(server.process, server.port, server.log, data)
    assert server.process.returncode == 0, server.log.read_text()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with started(tmp_path) as server:
        yield server


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Data]]:
    """A server that no test changes, and what it serves."""
    with started(tmp_path_factory.mktemp("served")) as server:
        yield server, Data.open([server.data])


def awaited(log: Path, pattern: str) -> str:
    """Return the first group of what the server says, waiting for it."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        if found := re.search(pattern, log.read_text()):
            return found.group(1)
        time.sleep(0.05)
    pytest.fail(f"the server did not say {pattern}:\n{log.read_text()}")


@pytest.mark.parametrize("query", [NAMES, GRAPH, "ASK { ?s ?p ?o }", "SELECT (NOW() AS ?now) {}"])
@pytest.mark.parametrize(
    "accept",
    ["", "*/*", "application/sparql-results+json", "text/turtle, text/csv;q=0.5", "application/n-triples",
     "application/sparql-results+xml, application/rdf+xml"],
)  # fmt: skip
@pytest.mark.parametrize("codings", ["", "gzip", "br;q=0.5, zstd", "identity"])
def test_the_fast_path_and_flask_give_the_same_answer(
    served: tuple[Server, Data], query: str, accept: str, codings: str
) -> None:
    server, data = served
    headers = {"Accept": accept} if accept else {}
    headers |= {"Accept-Encoding": codings, "Host": "example.org"}
    there = server.ask("POST", "/sparql", {**FORM, **headers}, urlencode({"query": query}))
    here = create_app(data).test_client().post("/sparql", data={"query": query}, headers=headers)
    assert there.status == here.status_code
    if "NOW" in query:
        assert there.headers["cache-control"] == here.headers["Cache-Control"] == "no-store"
        return
    assert there.lasting() == {
        name.lower(): value for name, value in here.headers if name.lower() not in OF_ONE_ANSWER
    }
    if here.status_code == 200:
        assert sorted(there.body.splitlines()) == sorted(here.data.splitlines())


REFUSED = {
    "unreadable": ("SELECT {\n  ?s ?p\n}", 400),
    "undeclared": ("SELECT * { ?s skos:prefLabel ?o }", 400),
    "update": ("DELETE WHERE { ?s ?p ?o }", 400),
    "federation": ("ASK { SERVICE <http://example.org/> { ?s ?p ?o } }", 403),
}


@pytest.mark.parametrize(("query", "status"), REFUSED.values(), ids=REFUSED)
@pytest.mark.parametrize("accept", ["*/*", "application/sparql-results+xml", "text/plain, application/xml"])
@pytest.mark.parametrize("long", [False, True], ids=["short", "long"])
def test_the_fast_path_and_flask_give_the_same_problem(
    served: tuple[Server, Data], query: str, status: int, accept: str, *, long: bool
) -> None:
    server, data = served
    text = query + (f" # {'x' * 50_000}" if long else "")
    headers = {"Accept": accept, "Content-Type": "application/sparql-query", "Host": "example.org"}
    there = server.ask("POST", "/sparql", headers, text)
    here = create_app(data).test_client().post("/sparql", data=text, headers=headers)
    assert there.lasting() == {
        name.lower(): value for name, value in here.headers if name.lower() not in OF_ONE_ANSWER
    }
    assert (there.status, there.body) == (here.status_code, here.data) == (status, here.data)


def test_chunked_and_incomplete_bodies_are_refused(server: Server) -> None:
    chunked = (
        b"POST /sparql HTTP/1.1\r\nHost: a\r\nContent-Type: application/sparql-query\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n5\r\nASK{}\r\nzz\r\n"
    )
    assert raw(server.port, chunked).startswith(b"HTTP/1.1 411 ")
    cut = (
        b"POST /sparql HTTP/1.1\r\nHost: a\r\nContent-Type: application/sparql-query\r\n"
        b"Content-Length: 99\r\n\r\nASK{}"
    )
    assert b" 200 " not in raw(server.port, cut, ends=True)


def raw(port: int, message: bytes, *, ends: bool = False) -> bytes:
    with socket.create_connection(("127.0.0.1", port), 10) as connection:
        connection.sendall(message)
        if ends:
            connection.shutdown(socket.SHUT_WR)
        connection.settimeout(10)
        return connection.recv(65536)


def test_sighup_serves_the_next_release_and_loses_no_request(server: Server) -> None:
    before = server.ask("GET", "/health", {}).headers["x-release"]
    over, wrong, seen = threading.Event(), [], set()

    def keep_asking(client: int) -> None:
        turn = 0
        while not over.is_set():
            turn += 1
            got = server.ask("GET", "/sparql?" + urlencode({"query": f"{NAMES} # {client} {turn}"}), {})
            fresh = b"after the reload" in got.body
            seen.add((got.headers["x-release"], fresh))
            if got.status != 200 or (got.headers["x-release"] == before) == fresh:
                wrong.append((got.status, got.headers["x-release"], got.body[:200]))

    clients = [threading.Thread(target=keep_asking, args=(n,)) for n in range(4)]
    for client in clients:
        client.start()
    time.sleep(0.5)
    written(server.data, "after the reload")
    server.process.send_signal(signal.SIGHUP)
    after = awaited(server.log, r"Serving (\S+) from now on")
    time.sleep(0.5)
    over.set()
    for client in clients:
        client.join()
    assert not wrong, wrong[:3]
    assert seen == {(before, False), (after, True)}, (
        "both releases must have answered, each with its own facts"
    )
    assert len(children(server.process.pid)) == 1, "the workers of the old release are still there"


def test_a_failed_reload_keeps_the_present_release(server: Server) -> None:
    server.data.write_text("no triples", encoding="utf-8")
    server.process.send_signal(signal.SIGHUP)
    told = awaited(server.log, r"(The reload failed; .*)")
    assert "data.nt" in told, "it must name the file"
    assert server.ask("GET", "/sparql?" + urlencode({"query": NAMES}), {}).status == 200


def test_a_reload_without_a_newer_release_says_so(server: Server) -> None:
    os.kill(server.process.pid, signal.SIGHUP)
    awaited(server.log, r"(Nothing newer than \S+)")


def test_a_client_that_reads_nothing_does_not_delay_the_shutdown(tmp_path: Path) -> None:
    with started(tmp_path, "--deadline", "3") as server:
        query = urlencode({"query": "SELECT * { ?a ?b ?c . ?d ?e ?f VALUES ?n { 1 2 3 4 5 6 7 8 9 } }"})
        with socket.create_connection(("127.0.0.1", server.port)) as connection:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            connection.sendall(f"GET /sparql?{query} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
            assert connection.recv(12) == b"HTTP/1.1 200"
            begun = time.monotonic()
            server.process.terminate()
            server.process.wait(30)
            assert time.monotonic() - begun < 15


def test_memory_of_answers_to_slow_clients_is_bounded() -> None:
    class Protocol:
        """A client that takes nothing in until it is told to."""

        def __init__(self) -> None:
            self.statuses: list[int] = []
            self.reads = asyncio.Event()

        def response_bytes(self, status: int, headers: object, body: bytes) -> None:
            self.statuses.append(status)

        def response_stream(self, status: int, headers: object) -> "Protocol":
            self.statuses.append(status)
            return self

        async def send_bytes(self, part: bytes) -> None:
            await self.reads.wait()

    async def sent() -> list[list[int]]:
        gateway, clients = Gateway(0, None, room=5_000_000), [Protocol() for _ in range(4)]
        long, short = Reply(200, [], bytes(2_000_000)), Reply(200, [], b"short")
        slow = [asyncio.create_task(gateway.send(long, one)) for one in clients[:3]]  # type: ignore[arg-type]
        await asyncio.sleep(0)
        await gateway.send(short, clients[3])  # type: ignore[arg-type]
        for client in clients:
            client.reads.set()
        await asyncio.gather(*slow)
        await gateway.send(long, clients[2])  # type: ignore[arg-type]
        return [client.statuses for client in clients]

    assert asyncio.run(sent()) == [[200], [200], [503, 200], [200]]


def children(pid: int) -> list[str]:
    """Return the processes that a process has started: the zygotes."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return [child for task in tasks for child in (task / "children").read_text().split()]
