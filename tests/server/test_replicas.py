"""Two replicas behind nginx and behind HAProxy, with the files of server/docs/replicas: one dies, no answer is lost."""

import gzip
import http.client
import re
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import urlopen

import pytest

from harness.outside_engines import MissingEngineError, free_port
from harness.proxies import KINDS, NAME, Proxy, proxy
from harness.running import Server, started, wait_for

pytestmark = pytest.mark.alone  # it measures time

ROWS, TEXT = 300, "text " * 100
SMALL = "SELECT (COUNT(*) + {0} AS ?n) WHERE {{ ?s ?p ?o }}"
LARGE = "SELECT ?s ?o ({0} AS ?n) WHERE {{ ?s ?p ?o }} ORDER BY ?s"
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
CLIENTS = 12
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def right(query: str, number: int) -> str:
    """Return the answer to a query, as CSV."""
    if query == SMALL:
        return f"n\r\n{ROWS + number}\r\n"
    rows = [f"urn:x:{row:04},{TEXT},{number}\r\n" for row in range(ROWS)]
    return "".join(["s,o,n\r\n", *rows])


class Connection(http.client.HTTPSConnection):
    """A client's connection to a proxy, from an address of its own."""

    def __init__(self, place: Proxy, source: str) -> None:
        super().__init__(NAME, place.secure, timeout=30, context=place.trusting, source_address=(source, 0))
        self._create_connection = lambda address, *rest: _connect(("127.0.0.1", address[1]), *rest)

    def asked(
        self, method: str, path: str, body: str | None = None, headers: dict[str, str] | None = None
    ) -> tuple[int, http.client.HTTPMessage, bytes]:
        self.request(method, path, body, headers or {})
        answer = self.getresponse()
        return answer.status, answer.headers, answer.read()


_connect = http.client.socket.create_connection  # type: ignore[attr-defined]


@dataclass
class Crowd:
    """Clients that ask one question after another, each from its own address, until they are told to stop."""

    place: Proxy
    answered: Counter[str] = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)
    """Questions without a right answer, and what came instead."""
    cut: list[str] = field(default_factory=list)
    """Long answers that broke off, which the client saw, and asked again."""
    _over: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> "Crowd":
        self._threads = [threading.Thread(target=self._ask, args=(one,)) for one in range(CLIENTS)]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _ask(self, one: int) -> None:
        source = f"127.0.0.{10 + one}"
        connection, number = Connection(self.place, source), 0
        while not self._over.is_set():
            number += 1
            query = LARGE if number % 5 == 0 else SMALL
            method = "GET" if number % 2 else "POST"
            try:
                self._once(connection, method, query, number * 100 + one)
            except http.client.IncompleteRead:
                self.cut.append(query)
                connection.close()
                self._once(connection, method, query, number * 100 + one)
            except (OSError, http.client.HTTPException) as fault:  # whatever it is, the client has no answer
                self.lost.append(f"{method} {query[:30]}: {fault!r}")
                connection.close()
        connection.close()

    def _once(self, connection: Connection, method: str, query: str, number: int) -> None:
        asked = urlencode({"query": query.format(number), "format": "csv"})
        path, body = (f"/sparql?{asked}", None) if method == "GET" else ("/sparql", asked)
        status, _, read = connection.asked(method, path, body, FORM if body else None)
        if status == 200 and read.decode() == right(query, number):
            self.answered[method] += 1
        else:
            self.lost.append(f"{method} {query[:30]}: {status} {read[:200]!r}")


@dataclass
class Replica:
    """One of the two servers, which can be killed and started again."""

    folder: Path
    data: Path
    port: int = field(default_factory=free_port)
    metrics: int = field(default_factory=free_port)

    def start(self, stack: ExitStack) -> Server:
        options = ("--data", str(self.data), "--proxy", "127.0.0.1", "--metrics", str(self.metrics))
        return stack.enter_context(started(self.folder, *options, port=self.port))

    def ended(self, outcome: str = "answered") -> float:
        """Return how many queries have ended so since it was started."""
        with urlopen(f"http://127.0.0.1:{self.metrics}/metrics", timeout=10) as told:
            text = told.read().decode()
        found = re.search(rf'^readmission_queries_total{{outcome="{outcome}"}} (\S+)', text, re.MULTILINE)
        assert found, text
        return float(found[1])


Replicas = tuple[list[Replica], list[Server], ExitStack]


@pytest.fixture(scope="module")
def replicas(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Replicas]:
    top = tmp_path_factory.mktemp("replicas")
    data = top / "data.nt"
    data.write_text(
        "".join(f'<urn:x:{row:04}> <urn:x:p> "{TEXT}" .\n' for row in range(ROWS)), encoding="utf-8"
    )
    both = [Replica(top, data), Replica(top, data)]
    with ExitStack() as stack:
        yield both, [replica.start(stack) for replica in both], stack


@pytest.fixture(scope="module", params=sorted(KINDS))
def place(
    request: pytest.FixtureRequest,
    replicas: Replicas,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Proxy]:
    one, two = replicas[0]
    try:
        with proxy(request.param, tmp_path_factory.mktemp(request.param), (one.port, two.port)) as found:
            yield found
    except MissingEngineError as missing:
        pytest.skip(f"NOT TESTED behind {request.param}: {missing}")


def test_a_replica_killed_under_load_costs_no_answer(place: Proxy, replicas: Replicas) -> None:
    (one, two), servers, stack = replicas
    before = one.ended(), two.ended()
    with Crowd(place) as crowd:
        wait_for(lambda: one.ended() > before[0] and two.ended() > before[1], "not both take part")
        servers[0].process.send_signal(signal.SIGKILL)
        servers[0].process.wait()
        killed, survivor = crowd.answered.total(), two.ended()
        wait_for(lambda: crowd.answered.total() > killed + 20 * CLIENTS, "the other does not take over")
        assert two.ended() > survivor
        servers[0] = one.start(stack)
        begun = one.ended()
        wait_for(lambda: one.ended() > begun, "the replica that was started again is not asked")
    told = f"{crowd.answered.total()} answered, {len(crowd.cut)} cut and asked again"
    print(told)
    assert not crowd.lost, f"{told}; lost: {crowd.lost[:5]}"
    assert len(crowd.cut) <= CLIENTS, f"{told}: more than could be under way when the replica died"
    assert set(crowd.cut) <= {LARGE}, f"{told}: a short answer goes out in one piece"
    assert set(crowd.answered) == {"GET", "POST"}


def test_a_query_is_stopped_by_its_client_and_by_no_other(place: Proxy) -> None:
    """The proxy sends a client always to the same replica, and tells it who the client is, whatever that one claims."""
    number = f"stopped-by-its-owner-{place.secure}"
    headers = {**FORM, "X-Query-Id": number, "X-Forwarded-For": "127.0.0.99"}
    found: list[int] = []

    def ask() -> None:
        with closing(Connection(place, "127.0.0.30")) as connection:
            found.append(connection.asked("POST", "/sparql", urlencode({"query": ENDLESS}), headers)[0])

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        for source in ("127.0.0.99", "127.0.0.31"):
            with closing(Connection(place, source)) as stranger:
                assert stranger.asked("DELETE", f"/queries/{number}")[0] == 404
        with closing(Connection(place, "127.0.0.30")) as owner:
            wait_for(lambda: owner.asked("DELETE", f"/queries/{number}")[0] == 204, "it cannot be stopped")
    finally:
        asking.join()
    assert found == [409]  # what a query that was stopped is answered


def test_a_client_disconnect_stops_its_query_behind_the_proxy(place: Proxy, replicas: Replicas) -> None:
    def left() -> float:
        return sum(replica.ended("client-left") for replica in replicas[0])

    before = left()
    with closing(Connection(place, "127.0.0.60")) as connection:
        connection.request("POST", "/sparql", urlencode({"query": ENDLESS}), FORM)
        time.sleep(0.5)
    wait_for(lambda: left() > before, "the replica goes on with the query")


def test_cache_control_is_kept_behind_the_proxy(place: Proxy) -> None:
    packed = {"Accept-Encoding": "gzip"}
    query = urlencode({"query": LARGE.format(place.secure), "format": "csv"})
    with closing(Connection(place, "127.0.0.40")) as one, closing(Connection(place, "127.0.0.41")) as two:
        for path in (f"/graphs?default&format=ntriples&n={place.secure}", f"/sparql?{query}"):
            status, headers, body = one.asked("GET", path, headers=packed)
            assert (status, headers["Content-Encoding"]) == (200, "gzip")
            assert "Accept-Encoding" in headers["Vary"]
            status, plain, read = one.asked("GET", path)
            assert (status, plain["Content-Encoding"], read) == (200, None, gzip.decompress(body))
            asked = {**packed, "If-None-Match": headers["ETag"]}
            status, unchanged, read = one.asked("GET", path, headers=asked)
            assert (status, unchanged["ETag"], read) == (304, headers["ETag"], b"")
            status, other, read = two.asked("GET", path, headers=packed)
            assert (status, gzip.decompress(read)) == (200, gzip.decompress(body))
            assert other["X-Query-Id"] is None or other["X-Query-Id"] != headers["X-Query-Id"]


def test_the_proxy_redirects_to_https_and_hides_private_pages(place: Proxy) -> None:
    plain = http.client.HTTPConnection("127.0.0.1", place.plain, timeout=10)
    plain.request("POST", "/sparql?a=b", headers={"Host": NAME})
    answer = plain.getresponse()
    assert (answer.status, answer.headers["Location"]) == (308, f"https://{NAME}/sparql?a=b")
    plain.close()
    with closing(Connection(place, "127.0.0.50")) as connection:
        _only_what_is_public(connection)


def _only_what_is_public(connection: Connection) -> None:
    assert [connection.asked("GET", path)[0] for path in ("/ready", "/health", "/limits")] == [404, 404, 200]
    assert "max-age" in connection.asked("GET", "/limits")[1]["Strict-Transport-Security"]
    long = "/sparql?" + urlencode({"query": f"{SMALL.format(1)} # {'x' * 60_000}", "format": "csv"})
    assert connection.asked("GET", long)[0] == 200
