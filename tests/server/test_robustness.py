"""What no client, no accident and no operator may bring about: a hang, a fault without a reason, a wrong answer.

Each test talks to ``readmission serve`` over the wire. The long forms of these tests are run by ``make nightly``.
"""

import contextlib
import json
import os
import signal
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote_from_bytes

import pyoxigraph as ox
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks import slow_connections
from harness.running import Server, runs, started, wait_for
from harness.wire import FORM, QUERY, Client, MalformedHttpError, exchange, get_query, replies, reply, request

pytestmark = pytest.mark.alone  # it measures time

DEADLINE = 2
EXPLAINED = {400, 403, 405, 406, 413, 414, 415, 422, 429, 431, 501, 503, 504, 505, 507}
"""Statuses by which a server tells why it does not answer; 500 is none of them."""
ENDED = {200, 400, 403, 406, 422, 429, 503, 504, 507}
"""How a query may end."""
ASK = get_query("ASK {}")
YES = b'{"head":{},"boolean":true}'


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Statements enough for answers of a megabyte."""
    path = tmp_path_factory.mktemp("robustness") / "data.nq"
    lines = (f'<urn:s{n}> <urn:p{n % 7}> "value {n}, {"x" * 40}" <urn:g{n % 3}> .\n' for n in range(10_000))
    path.write_text("".join(lines), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def server(file: Path) -> Iterator[Server]:
    with started(file.parent, "--data", str(file), "--deadline", str(DEADLINE), "--memory", "128") as server:
        yield server


# -- bytes that are no HTTP, or hardly -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Wrong:
    """Bytes to send, and what may come back: statuses in their order; nothing at all where that is said."""

    bytes: bytes
    expected: set[int] = field(default_factory=lambda: {400})
    silence: bool = True
    """Whether the server may close the connection without a word."""
    leave: bool = False
    """Whether the client says no more, where the server would wait for the rest."""


HEAD = b"GET /health HTTP/1.1\r\nHost: x\r\n"
POST = b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n"
UNREAD = {400, 411, 413, 501}
"""How a body may be refused whose end is in doubt."""
SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
MALFORMED = {
    "nothing": Wrong(b"", set(), leave=True),
    "an empty line": Wrong(b"\r\n", leave=True),
    "random bytes": Wrong(bytes(range(256)) * 4, leave=True),
    "TLS": Wrong(bytes.fromhex("16030100c8010000c40303") + bytes(190), leave=True),
    "half a request line": Wrong(b"GET /spar", leave=True),
    "half a header": Wrong(HEAD + b"X-Half: ", leave=True),
    "no version": Wrong(b"GET /health\r\n\r\n", {200, 400, 505}, leave=True),
    "version 3.7": Wrong(b"GET /health HTTP/3.7\r\nHost: x\r\n\r\n", {400, 505}, leave=True),
    "version x": Wrong(b"GET /health HTTP/x.y\r\nHost: x\r\n\r\n", {400, 505}, leave=True),
    "words between": Wrong(b"GET /health now HTTP/1.1\r\nHost: x\r\n\r\n", {400, 404}, leave=True),
    "no method": Wrong(b" /health HTTP/1.1\r\nHost: x\r\n\r\n", {400, 405}, leave=True),
    "a method of control characters": Wrong(b"G\x00T /health HTTP/1.1\r\nHost: x\r\n\r\n", {400, 405}, leave=True),
    "an unknown method": Wrong(b"BREW /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", {400, 405, 501}),
    "a method in small letters": Wrong(
        b"get /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", {200, 400, 405, 501}
    ),
    "a NUL in the path": Wrong(b"GET /he\x00alth HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", {400, 404}),
    "eight-bit bytes in the path": Wrong(
        b"GET /\xff\xfe?query=\xff HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", {400, 404}
    ),
    "broken percents": Wrong(
        b"GET /sparql?query=%zz%%%f HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", {400}, silence=False
    ),
    "a percent-encoded NUL": Wrong(
        b"GET /sparql?query=ASK%7B%7D%00 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", {400}, silence=False
    ),
    "dots out of the folder": Wrong(
        b"GET /static/../../../../etc/passwd HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", {400, 404}
    ),
    "encoded dots out of the folder": Wrong(
        b"GET /static/..%2f..%2f..%2fetc%2fpasswd HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", {400, 404}
    ),
    "an overlong path": Wrong(b"GET /" + b"a" * 600_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", {400, 404, 414, 431}),
    "an overlong header": Wrong(HEAD + b"X-Long: " + b"a" * 600_000 + b"\r\n\r\n", {400, 413, 431}),
    "a header without end": Wrong(HEAD + b"X-Long: " + b"a" * 600_000, {400, 413, 431}, leave=True),
    "ten thousand headers": Wrong(HEAD + b"X-Many: 1\r\n" * 10_000 + b"\r\n", {400, 413, 431}, leave=True),
    "a NUL in a header": Wrong(HEAD + b"X-Nul: a\x00b\r\nConnection: close\r\n\r\n"),
    "a control character in a header": Wrong(HEAD + b"X-Bell: a\x07b\r\nConnection: close\r\n\r\n", {200, 400}),
    "a header without colon": Wrong(HEAD + b"nonsense\r\nConnection: close\r\n\r\n"),
    "a header without name": Wrong(HEAD + b": nonsense\r\nConnection: close\r\n\r\n"),
    "a space before the colon": Wrong(HEAD + b"Content-Length : 0\r\nConnection: close\r\n\r\n"),
    "a folded header": Wrong(HEAD + b"X-Fold: a\r\n b\r\nConnection: close\r\n\r\n", {200, 400}),
    "line ends without CR": Wrong(b"GET /health HTTP/1.1\nHost: x\nConnection: close\n\n", {200, 400}, leave=True),
    "line ends without LF": Wrong(b"GET /health HTTP/1.1\rHost: x\rConnection: close\r\r", leave=True),
    "no Host": Wrong(b"GET /health HTTP/1.1\r\nConnection: close\r\n\r\n"),
    "two Hosts": Wrong(HEAD + b"Host: y\r\nConnection: close\r\n\r\n"),
    "a Host of nonsense": Wrong(
        b"GET /sparql HTTP/1.1\r\nHost: <a b>\r\nAccept: text/turtle\r\nConnection: close\r\n\r\n"
    ),
    "an empty Host": Wrong(b"GET /sparql HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n"),
    "two Content-Lengths": Wrong(POST + b"Content-Length: 6\r\nContent-Length: 70\r\n\r\nASK {}" + SMUGGLED),
    "a list of Content-Lengths": Wrong(POST + b"Content-Length: 6, 70\r\n\r\nASK {}" + SMUGGLED),
    "a signed Content-Length": Wrong(POST + b"Content-Length: +6\r\n\r\nASK {}" + SMUGGLED),
    "a negative Content-Length": Wrong(POST + b"Content-Length: -6\r\n\r\nASK {}" + SMUGGLED),
    "a hexadecimal Content-Length": Wrong(POST + b"Content-Length: 0x6\r\n\r\nASK {}" + SMUGGLED),
    "an endless Content-Length": Wrong(
        POST + b"Content-Length: 99999999999999999999999\r\n\r\nASK {}", {400, 413}, leave=True
    ),
    "more than a body may hold": Wrong(POST + b"Content-Length: 2000000\r\n\r\nASK {}", {400, 413}, leave=True),
    "Content-Length and chunks": Wrong(
        POST + b"Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + SMUGGLED, UNREAD
    ),
    "chunks, said oddly": Wrong(POST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + SMUGGLED, UNREAD),
    "chunks, said twice": Wrong(
        POST + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n" + SMUGGLED, UNREAD
    ),
    "an unknown transfer coding": Wrong(POST + b"Transfer-Encoding: gzip\r\n\r\nASK {}", UNREAD, leave=True),
    "a chunk of no number": Wrong(POST + CHUNKED + b"zz\r\nASK {}\r\n0\r\n\r\n", UNREAD, leave=True),
    "a chunk of a negative number": Wrong(POST + CHUNKED + b"-6\r\nASK {}\r\n0\r\n\r\n", UNREAD, leave=True),
    "a chunk of 2^64 and 6": Wrong(
        POST + CHUNKED + b"10000000000000006\r\nASK {}\r\n0\r\n\r\n", UNREAD, leave=True
    ),
    "a chunk without end": Wrong(POST + CHUNKED + b"6\r\nASK {}0\r\n\r\n", UNREAD, leave=True),
    "chunks cut off": Wrong(POST + CHUNKED + b"6\r\nASK", UNREAD, leave=True),
    "a body cut off": Wrong(POST + b"Content-Length: 100\r\n\r\nASK {}", leave=True),
    "OPTIONS *": Wrong(b"OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", {200, 204, 400, 404, 405}),
    "CONNECT": Wrong(b"CONNECT 127.0.0.1:9 HTTP/1.1\r\nHost: x\r\n\r\n", {400, 404, 405, 501}, leave=True),
    "an expectation of nonsense": Wrong(HEAD + b"Expect: 42-miracles\r\nConnection: close\r\n\r\n", {200, 400, 417}),
    "an upgrade": Wrong(
        HEAD + b"Connection: Upgrade, close\r\nUpgrade: websocket\r\nSec-WebSocket-Key: eA==\r\n"
        b"Sec-WebSocket-Version: 13\r\n\r\n", {200, 400, 403, 404, 426, 501}, leave=True,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", MALFORMED)
def test_malformed_http_is_refused(server: Server, name: str) -> None:
    wrong = MALFORMED[name]
    raw, reset = exchange(server.port, wrong.bytes, leave=wrong.leave)
    told = replies(raw, reset)
    statuses = [answer.status for answer in told]
    assert len(told) <= 1, (
        f"{name}: {statuses}; what follows a request in doubt may never be taken for a request"
    )
    assert set(statuses) <= wrong.expected, f"{name}: {raw[:300]!r}"
    assert statuses or wrong.silence, f"{name}: closed without a word"
    assert_well(server)


def test_http_2_is_answered_or_refused(server: Server) -> None:
    raw, reset = exchange(
        server.port, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(3) + b"\x04" + bytes(5), leave=True
    )
    settings_frame = raw[3:4] == b"\x04" and raw[5:9] == bytes(4)
    assert settings_frame or all(answer.status in (400, 405, 505) for answer in replies(raw, reset)), raw[
        :100
    ]
    assert_well(server)


def test_absolute_form_request_targets_are_answered(server: Server) -> None:
    """RFC 9112, section 3.2.2: a server must accept it."""
    target = b"http://localhost/sparql?query=ASK%7B%7D"
    told = replies(*exchange(server.port, request(b"GET", target, Connection=b"close")))
    assert [(answer.status, answer.body) for answer in told] == [(200, YES)]


def test_pipelined_requests_are_answered_in_order(server: Server) -> None:
    numbers = range(30)
    asked = b"".join(get_query(f"SELECT ?n {{ VALUES ?n {{ {n} }} }}", Accept=b"text/csv") for n in numbers)
    with socket.create_connection(("127.0.0.1", server.port), 10) as connection:
        connection.sendall(asked)
        with connection.makefile("rb") as stream:
            told = [reply(stream) for _ in numbers]
    assert [answer.body for answer in told if answer] == [b"n\r\n%d\r\n" % n for n in numbers]


def test_a_pipeline_that_breaks_off_holds_no_resources(server: Server) -> None:
    asked = b"".join(get_query(f"SELECT * {{ ?s ?p ?o FILTER(?o != {n}) }}") for n in range(50))
    for _ in range(5):
        with socket.create_connection(("127.0.0.1", server.port), 10) as connection:
            connection.sendall(asked)
    assert_well(server, seconds=10)


def test_expect_100_continue_is_answered(server: Server) -> None:
    """RFC 9110, section 10.1.1: a server answers 100, or at once with the final status."""
    head = POST + b"Content-Length: 6\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n"
    with socket.create_connection(("127.0.0.1", server.port), 10) as connection:
        connection.sendall(head)
        first = connection.recv(1000)
        assert first.startswith((b"HTTP/1.1 100 ", b"HTTP/1.1 417 ")), first
        connection.sendall(b"ASK {}")
        with connection.makefile("rb") as stream:
            told = reply(stream)
    assert told is not None
    assert (told.status, told.body) == (200, YES)


def test_chunked_bodies_are_refused_and_smuggle_no_request(server: Server) -> None:
    chunks = b"3;note=x\r\nASK\r\n3\r\n {}\r\n0\r\n\r\n"
    told = replies(*exchange(server.port, POST + CHUNKED + chunks + SMUGGLED, leave=True))
    assert [answer.status for answer in told[:1]] == [411]
    assert "Content-Length" in json.loads(told[0].body)["detail"]
    assert {answer.status for answer in told[1:]} <= {404}, (
        "what follows whole chunks is a request of its own"
    )


def test_forwarded_headers_with_underscores_are_ignored(tmp_path: Path, file: Path) -> None:
    """``X_Forwarded_For`` and ``X-Forwarded-For`` are one name to WSGI; a proxy replaces the second alone."""
    asker, other, number = b"203.0.113.1", b"203.0.113.9", "a-query-of-203-0-113-1"
    spoof = b"X-Forwarded-For: " + asker + b"\r\nX_Forwarded_For: " + other + b"\r\nHost: x\r\n"
    endless = quote_from_bytes(b"SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }").encode()

    def stop(client: bytes) -> int:
        stopping = request(b"DELETE", f"/queries/{number}".encode(), X_Forwarded_For=client)
        return Client(behind.port).send(stopping).status

    with (
        started(tmp_path, "--data", str(file), "--proxy", "127.0.0.1") as behind,
        ThreadPoolExecutor(1) as threads,
    ):
        asked = b"GET /sparql?query=" + endless + b" HTTP/1.1\r\n" + spoof
        raw = asked + b"Connection: close\r\nX-Query-Id: " + number.encode() + b"\r\n\r\n"
        told = threads.submit(exchange, behind.port, raw, seconds=20)
        wait_for(lambda: stop(asker) == 204 or told.done(), "the query is not its asker's")
        assert stop(other) == 404
        assert [answer.status for answer in replies(*told.result())] == [409], "the query had another owner"


# -- random bytes ----------------------------------------------------------------------------------------------------

WORDS = (
    "SELECT ASK CONSTRUCT DESCRIBE WHERE { } ( ) . ; , * ?s ?p ?o $x <urn:p1> <urn:s1> a 'x' \"y\"@en 1 -2.5e3 true"
    " FILTER OPTIONAL MINUS UNION GRAPH BIND VALUES AS LIMIT 3 ORDER BY GROUP HAVING COUNT(*) STR REGEX EXISTS NOT"
    " | / ^ + ! = != < && || # PREFIX : BASE FROM NAMED SERVICE UNDEF IN [] _:b \\u0041 \n \t INSERT DATA DROP ALL"
).split(" ")
TEXTS = st.one_of(
    st.binary(max_size=3000),
    st.text(max_size=1000).map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.lists(st.sampled_from(WORDS), max_size=60).map(lambda words: " ".join(words).encode()),
    st.binary(max_size=40).map(lambda raw: b"SELECT * { ?s ?p '" + raw + b"' } LIMIT 3"),
)
ENOUGH = [pytest.param(60, id="some"), pytest.param(10_000, id="ten-thousand", marks=pytest.mark.slow)]


def tried(count: int, strategy: st.SearchStrategy[bytes], check: Callable[[bytes], None]) -> None:
    """Hold a promise against so many examples: always the same ones in the gate, others each night."""
    run = given(strategy)(check)
    settings(
        max_examples=count, derandomize=count < 1000, deadline=None, database=None,
        suppress_health_check=[HealthCheck.too_slow],
    )(run)()  # fmt: skip


@pytest.mark.parametrize("count", ENOUGH)
@pytest.mark.parametrize("form", ["address", "form", "body"])
def test_any_bytes_as_a_query_get_an_answer(server: Server, form: str, count: int) -> None:
    client = Client(server.port, seconds=DEADLINE + 3)
    writing: dict[str, Callable[[bytes], bytes]] = {
        "address": get_query,
        "form": lambda text: request(
            b"POST", b"/sparql", b"query=" + quote_from_bytes(text).encode(), Content_Type=FORM
        ),
        "body": lambda text: request(b"POST", b"/sparql", text, Content_Type=QUERY),
    }

    def check(text: bytes) -> None:
        told = client.send(writing[form](text))
        assert told.status in ENDED | ({404} if not text else set()), (told.status, text, told.body[:500])
        if told.status != 200:
            assert told.headers["content-type"] == "application/problem+json", text
            assert json.loads(told.body)["status"] == told.status
        elif told.headers["content-type"].endswith("json"):
            json.loads(told.body)

    tried(count, TEXTS, check)
    client.close()
    assert_well(server)


@pytest.mark.parametrize("count", ENOUGH)
@pytest.mark.parametrize("whole", [True, False], ids=["whole-heads", "values"])
def test_any_bytes_as_headers_get_an_answer(server: Server, whole: bool, count: int) -> None:
    names = (
        b"Accept Accept-Encoding Authorization Cache-Control Connection Content-Type Cookie Host If-None-Match "
        b"If-Modified-Since Range Transfer-Encoding X-Forwarded-For X-Query-Id Content-Length Expect Upgrade X-Own"
    ).split()
    fields = st.lists(st.tuples(st.sampled_from(names), st.binary(max_size=80)), min_size=1, max_size=4)

    def headed(stated: list[tuple[bytes, bytes]]) -> bytes:
        lines = [name + b": " + value.replace(b"\r", b"").replace(b"\n", b"") for name, value in stated]
        return b"\r\n".join([b"GET /sparql?query=ASK%7B%7D HTTP/1.1", b"Host: x", *lines, b"", b""])

    strategy = (
        st.binary(max_size=400).map(lambda raw: HEAD + raw + b"\r\n\r\n") if whole else fields.map(headed)
    )

    def check(raw: bytes) -> None:
        for answer in replies(*exchange(server.port, raw, leave=True, seconds=DEADLINE + 3)):
            assert answer.status in EXPLAINED | {200, 204, 206, 304, 404, 408, 409, 416, 417}, (raw, answer)

    tried(count, strategy, check)
    assert_well(server)


# -- slow connections ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", slow_connections.KINDS)
def test_slow_connections_do_not_delay_others(server: Server, kind: str) -> None:
    """Bounds: see slow_connections.py; ten thousand of them every night."""
    siege = slow_connections.besieged(server, kind, count=200 if kind != "readers" else 30, seconds=1)
    assert not siege.faults(), siege


@pytest.mark.slow
@pytest.mark.parametrize("kind", slow_connections.KINDS)
def test_ten_thousand_slow_connections_do_not_delay_others(tmp_path: Path, file: Path, kind: str) -> None:
    count = min(10_000, slow_connections.most()) if kind != "readers" else 300
    with started(tmp_path, "--data", str(file)) as server:
        faults = slow_connections.again(server, kind, count, seconds=15)
    assert not faults, faults


# -- kill -9 ---------------------------------------------------------------------------------------------------------


@dataclass
class Load:
    """Clients that ask questions no two of which are alike, and compare each answer with the right one."""

    port: int
    right: dict[str, bytes]
    """Questions with %s for a mark, and the body of the answer with %s for the mark."""
    ended: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def ask(self, number: int) -> None:
        """Ask until it is over, from an address of one's own."""
        turn = 0
        questions = list(self.right.items())
        while not self.over.is_set():
            turn += 1
            question, answer = questions[turn % len(questions)]
            mark = f"client {number} turn {turn}"
            client = Client(self.port, f"127.0.2.{number + 1}")
            try:
                told = client.send(get_query(question.replace("%s", mark)))
            except (OSError, MalformedHttpError) as fault:
                self.ended[f"cut: {type(fault).__name__}"] += 1
                time.sleep(0.05)
                continue
            finally:
                client.close()
            self.ended[str(told.status)] += 1
            if told.status == 200 and told.body != answer.replace(b"%s", mark.encode()):
                self.wrong.append(f"{mark}: {len(told.body)} bytes: {told.body[:200]!r}")

    def since(self, before: Counter[str]) -> Counter[str]:
        """Return what has ended since."""
        return self.ended - before


def load(server: Server, file: Path) -> Load:
    store = ox.Store()
    store.bulk_load(path=str(file), format=ox.RdfFormat.N_QUADS)
    texts = (
        'SELECT ("%s" AS ?mark) ?s ?o { ?s <urn:p3> ?o } ORDER BY ?o LIMIT 1000',
        'SELECT ("%s" AS ?mark) ?p (COUNT(*) AS ?n) { ?s ?p ?o } GROUP BY ?p ORDER BY ?p',
        'SELECT ("%s" AS ?mark) { }',
    )
    right = {}
    for text in texts:
        results = store.query(text, use_default_graph_as_union=True)
        assert isinstance(results, ox.QuerySolutions)
        right[text] = results.serialize(format=ox.QueryResultsFormat.JSON) or b""
    return Load(server.port, right)


def under_load(
    server: Server, file: Path, kill: Callable[[], None], rounds: int
) -> tuple[Load, Counter[str]]:
    """Kill so many times while six clients ask; return the load, and what ended after the last kill."""
    loaded = load(server, file)
    with ThreadPoolExecutor(6) as threads:
        clients = [threads.submit(loaded.ask, number) for number in range(6)]
        try:
            for _ in range(rounds):
                time.sleep(0.5)
                kill()
            before = loaded.ended.copy()
            wait_for(lambda: loaded.since(before)["200"] > 50, "nobody is answered any more")
        finally:
            loaded.over.set()
        for client in clients:
            client.result()
    return loaded, loaded.since(before)


@pytest.mark.parametrize(
    "rounds", [pytest.param(3, id="some"), pytest.param(60, id="many", marks=pytest.mark.slow)]
)
def test_a_worker_killed_under_load_loses_no_answer(server: Server, file: Path, rounds: int) -> None:
    def kill() -> None:
        for pid in server.workers()[:2]:
            kill_process(pid)

    loaded, _ = under_load(server, file, kill, rounds)
    assert not loaded.wrong, loaded.wrong[:3]
    assert set(loaded.ended) <= {"200", "503", "504"}, f"{loaded.ended}: a lost worker's query is asked again"
    assert loaded.ended["200"] > 0.9 * loaded.ended.total(), loaded.ended


@pytest.mark.parametrize(
    "rounds", [pytest.param(2, id="some"), pytest.param(20, id="many", marks=pytest.mark.slow)]
)
def test_a_zygote_killed_under_load_is_restarted(server: Server, file: Path, rounds: int) -> None:
    def kill() -> None:
        for pid in server.zygotes():
            kill_process(pid)
            wait_for(lambda: server.zygotes() and server.workers(), "no zygote came back")

    loaded, _ = under_load(server, file, kill, rounds)
    assert not loaded.wrong, loaded.wrong[:3]
    assert set(loaded.ended) <= {"200", "503", "504"}, f"{loaded.ended}: say 503 while there is no worker"
    assert len(server.zygotes()) == 1


def test_a_front_killed_under_load_leaves_no_process_and_frees_the_port(tmp_path: Path, file: Path) -> None:
    with started(tmp_path, "--data", str(file)) as server:
        loaded = load(server, file)
        with ThreadPoolExecutor(6) as threads:
            clients = [threads.submit(loaded.ask, number) for number in range(6)]
            try:
                wait_for(lambda: loaded.ended["200"] > 50, "nobody is answered")
                family = server.family()
                assert len(family) > 2
                server.process.send_signal(signal.SIGKILL)
                server.process.wait()
                wait_for(lambda: not any(map(runs, family)), "its processes outlive the front")
                before = loaded.ended.copy()
                with started(tmp_path, "--data", str(file), port=server.port):
                    wait_for(lambda: loaded.since(before)["200"] > 50, "the next server answers nobody")
                    loaded.over.set()
                    for client in clients:
                        client.result()
            finally:
                loaded.over.set()
    assert not loaded.wrong, loaded.wrong[:3]
    assert {name for name in loaded.ended if not name.startswith("cut")} <= {"200", "503", "504"}, (
        loaded.ended
    )


def kill_process(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


# -- what is served, changed on disk ---------------------------------------------------------------------------------

COUNT = request(
    b"GET", b"/sparql.csv?timeout=1&query=" + quote_from_bytes(b"SELECT (COUNT(*) AS ?n) { ?s ?p ?o }").encode(),
    Cache_Control=b"no-cache",
)  # fmt: skip


@pytest.mark.parametrize("change", ["removed", "replaced", "rewritten in place"])
def test_served_data_do_not_change_with_their_file(tmp_path: Path, change: str) -> None:
    path = tmp_path / "data.nq"
    path.write_text("<urn:a> <urn:b> <urn:c> .\n", encoding="utf-8")
    other = "<urn:a> <urn:b> <urn:c> .\n<urn:a> <urn:b> <urn:d> .\n"
    with started(tmp_path, "--data", str(path)) as server:
        before = Client(server.port).send(COUNT)
        assert before.body == b"n\r\n1\r\n"
        if change == "removed":
            path.unlink()
        elif change == "replaced":
            (tmp_path / "new").write_text(other, encoding="utf-8")
            (tmp_path / "new").replace(path)
        else:
            path.write_text(other, encoding="utf-8")
        for _ in range(20):
            told = Client(server.port).send(COUNT)
            assert (told.status, told.body) == (200, before.body)
        for pid in server.workers():
            kill_process(pid)
        wait_for(server.ready, "no worker came back")
        told = Client(server.port).send(COUNT)
        assert (told.status, told.body) == (200, before.body), "new workers answer from other data"
        for pid in server.zygotes():
            kill_process(pid)
        end = time.monotonic() + 2
        while time.monotonic() < end:
            told = Client(server.port, seconds=15).send(COUNT)
            assert told.status in (200, 503), told
            if told.status == 200:
                assert told.body == before.body, (
                    f"the data of the {change} file are served under the version of the old"
                )
                assert told.headers["x-release"] == before.headers["x-release"]
            time.sleep(0.1)


def assert_well(server: Server, seconds: float = 5) -> None:
    """Fail when a server does not answer as it should."""
    told = Client(server.port, seconds=seconds).send(ASK)
    assert (told.status, told.body) == (200, YES)
