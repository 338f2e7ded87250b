"""What the endpoint promises against queries that ask too much: each ends with a reason, and harms nobody else."""

import contextlib
import json
import re
import signal
import socket
import subprocess
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from email.message import Message
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient

from harness import running
from harness.outside_engines import free_port
from harness.pooled import pooled
from harness.running import descendants, runs, wait_for
from readmission.engine.embedded import EmbeddedEngine
from readmission.engine.limits import Limits
from readmission.web.app import Data, Settings, create_app

pytestmark = pytest.mark.alone  # it measures time

ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
BOMB = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } ORDER BY ?i ?f ?c"
SECRET = "a name that nobody should find in a log"
DEADLINE = 3


@dataclass(frozen=True)
class Answer:
    """An answer over HTTP."""

    status: int
    headers: Message
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)


@dataclass(frozen=True)
class Server:
    """``readmission serve`` as operators start it."""

    process: "subprocess.Popen[bytes]"
    port: int
    metrics: int
    log: Path

    def call(
        self,
        method: str,
        path: str,
        headers: dict[str, str] | None = None,
        source: str = "127.0.0.1",
        body: str | None = None,
    ) -> Answer:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30, source_address=(source, 0))
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read().decode())
        finally:
            connection.close()

    def ask(self, query: str, headers: dict[str, str] | None = None, **parameters: str) -> Answer:
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        return self.call(
            "POST", "/sparql", {**form, **(headers or {})}, body=urlencode({"query": query, **parameters})
        )

    def count(self, outcome: str) -> float:
        """Return how many queries ended so, according to the metrics."""
        connection = HTTPConnection("127.0.0.1", self.metrics, timeout=30)
        connection.request("GET", "/metrics")
        text = connection.getresponse().read().decode()
        connection.close()
        found = re.search(rf'^readmission_queries_total{{outcome="{outcome}"}} (\S+)$', text, re.MULTILINE)
        assert found is not None, text
        return float(found.group(1))

    def lines(self) -> list[Any]:
        return [
            json.loads(line)
            for line in self.log.read_text().splitlines()
            if line.startswith('{"event":"query"')
        ]


@contextlib.contextmanager
def started(folder: Path) -> Iterator[Server]:
    data, metrics = folder / "data.nq", free_port()
    lines = (f'<urn:s{n % 20}> <urn:p{n % 7}> "value {n}" <urn:g{n % 3}> .\n' for n in range(600))
    data.write_text("".join(lines), encoding="utf-8")
    options = ["--deadline", str(DEADLINE), "--memory", "128", "--metrics", str(metrics), "--waiting", "40"]
    with running.started(folder, "--data", str(data), *options) as one:
        yield Server(one.process, one.port, metrics, one.log)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with started(tmp_path_factory.mktemp("server")) as server:
        yield server


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        (ENDLESS, 504, "deadline-passed"),
        (BOMB, 507, "memory-exhausted"),
        ("SELECT * { FILTER(" + "(" * 40_000 + "1" + ")" * 40_000 + ") }", 507, "memory-exhausted"),
        ("SELECT * { SERVICE <http://127.0.0.1:9/> {} }", 403, "service-refused"),
        ("SELECT", 400, "query-unreadable"),
    ],
)
def test_a_stopped_query_gets_a_problem_with_the_reason(
    server: Server, query: str, status: int, code: str
) -> None:
    told = server.ask(query)
    assert told.status == status or (status, told.status) == (507, 504), told.text
    assert told.headers["Content-Type"] == "application/problem+json"
    assert told.json["type"].endswith(f"/problem/{code}") or told.status == 504
    for name in ("X-Query-Id", "Server-Timing", "Access-Control-Allow-Origin", "RateLimit"):
        assert name in told.headers
    assert server.ask("ASK {}").json["boolean"] is True


def test_timeout_lowers_the_deadline(server: Server) -> None:
    begun = time.monotonic()
    told = server.ask(ENDLESS, timeout="0.5")
    assert told.status == 504
    assert "after 0.5 seconds" in told.json["detail"]
    assert time.monotonic() - begun < DEADLINE
    assert server.ask("ASK {}", timeout="soon").status == 400
    assert server.ask("ASK {}", timeout="600").status == 200
    assert server.ask("ASK {}", timeout="").status == 200


def test_a_client_disconnect_stops_its_query(server: Server) -> None:
    before = server.count("client-left")
    with socket.create_connection(("127.0.0.1", server.port)) as leaving:
        address = "/sparql?" + urlencode({"query": ENDLESS})
        leaving.sendall(f"GET {address} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        time.sleep(0.3)
    wait_for(lambda: server.count("client-left") == before + 1, "its query went on", DEADLINE - 1)


def test_delete_queries_stops_only_the_clients_own_query(server: Server) -> None:
    number = str(uuid.uuid4())
    with ThreadPoolExecutor(1) as threads:
        asked = threads.submit(server.ask, ENDLESS, {"X-Query-Id": number})
        time.sleep(0.5)
        assert server.ask("ASK {}", {"X-Query-Id": number}).status == 409
        assert server.call("DELETE", f"/queries/{number}", source="127.0.0.2").status == 404
        assert server.call("DELETE", f"/queries/{number}").status == 204
        told = asked.result()
    assert (told.status, told.headers["X-Query-Id"]) == (409, number)
    assert server.call("DELETE", f"/queries/{number}").status == 404
    assert server.ask("ASK {}", {"X-Query-Id": "short"}).status == 400


def test_query_log_lines_name_the_outcome_and_no_client(server: Server) -> None:
    query = f"SELECT ?s {{ VALUES ?s {{ 1 2 3 }} }} # {SECRET}"
    number = server.ask(query, {"User-Agent": SECRET}).headers["X-Query-Id"]
    wait_for(lambda: any(line["id"] == number for line in server.lines()), "its line was not written")
    line = next(line for line in server.lines() if line["id"] == number)
    assert (line["event"], line["outcome"], line["form"], line["rows"]) == ("query", "answered", "select", 3)
    assert re.fullmatch("[0-9a-f]{16}", line["query"])
    assert {"bytes", "ran", "waited", "release"} < line.keys()
    server.ask(f"SELECT {SECRET}")
    assert SECRET not in server.log.read_text()
    assert not any("127.0.0" in json.dumps(line) for line in server.lines())


def test_limits_are_published(server: Server) -> None:
    limits = server.call("GET", "/limits").json
    assert (limits["deadline_seconds"], limits["memory_mib"]) == (DEADLINE, 128)
    assert limits["waiting_queries"] == 80  # --waiting for short and for long ones each
    page = server.call("GET", "/limits", {"Accept": "text/html"})
    assert "deadline_seconds" in page.text
    assert page.headers["Content-Type"].startswith("text/html")


def test_short_queries_are_answered_under_attack(server: Server) -> None:
    address = "/sparql?" + urlencode({"query": ENDLESS})
    with ThreadPoolExecutor(12) as threads:
        attacks = [
            threads.submit(server.call, "GET", f"{address}%20%23{n}", None, f"127.0.0.{n + 3}")
            for n in range(12)
        ]
        time.sleep(0.5)
        begun = time.monotonic()
        answers = [server.ask("ASK {}").status for _ in range(20)]
        seconds = time.monotonic() - begun
        outcomes = {each.result().status for each in attacks}
    assert answers == [200] * 20
    assert seconds < DEADLINE, "short queries waited for the attack"
    assert outcomes <= {503, 504}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_no_process_outlives_the_server(tmp_path: Path, number: signal.Signals) -> None:
    with started(tmp_path) as server:
        threading.Thread(target=_ignored, args=(server.ask, ENDLESS)).start()
        time.sleep(0.5)
        family = descendants(server.process.pid)
        assert len(family) > 2
        server.process.send_signal(number)
        status = server.process.wait(30)
    assert status == (-9 if number is signal.SIGKILL else 0)
    wait_for(lambda: not any(map(runs, family)), "processes outlived the server")


@pytest.fixture
def data(tmp_path: Path) -> Data:
    path = tmp_path / "data.ttl"
    path.write_text("<urn:a> <urn:b> 1, 2, 3 .", encoding="utf-8")
    return Data.open([path])


def test_a_too_large_answer_gets_422_and_says_how_to_page(data: Data) -> None:
    client = create_app(data, Settings(limits=Limits(answer=1000))).test_client()
    query = "SELECT * { ?a ?b ?c . ?d ?e ?f }"
    told = _asked(client, query)
    assert told.status_code == 422
    assert "LIMIT" in told.json["detail"]
    assert len(_asked(client, f"{query} ORDER BY ?a ?b ?c ?d ?e ?f LIMIT 1").json["results"]["bindings"]) == 1


def test_a_client_over_its_budget_gets_429_and_others_do_not(data: Data) -> None:
    limits = Limits(share=0.1, refill=0.01, quick_slots=1, long_slots=1)
    with pooled(*data.files, limits=limits) as pool:
        client = create_app(data, Settings(limits=limits), pool).test_client()
        assert _asked(client, "ASK {}").headers["RateLimit-Policy"] == '"engine-seconds";q=0;w=10'
        slow = "SELECT (COUNT(*) AS ?n) { " + " ".join(f"?a{n} ?b{n} ?c{n} ." for n in range(20)) + " }"
        assert _asked(client, slow, timeout="2").status_code == 504
        assert _asked(client, "ASK {}").status_code == 200, (
            "an answer kept in memory takes nothing of a share"
        )
        refused = _asked(client, "ASK { }")
        assert refused.status_code == 429
        assert int(refused.headers["Retry-After"]) >= 1
        assert re.fullmatch(r'"engine-seconds";r=0;t=\d+', refused.headers["RateLimit"])
        assert _asked(client, "ASK { }", address="127.0.0.9").status_code == 200


def test_ipv6_addresses_of_one_64_network_share_a_budget(data: Data) -> None:
    limits = Limits(share=0.3, refill=0.01, quick_slots=1, long_slots=1)
    with pooled(*data.files, limits=limits) as pool:
        client = create_app(data, Settings(limits=limits), pool).test_client()
        pool.admission.budgets.charge("2001:db8:1:2::/64", 100.0, time.monotonic())
        assert _asked(client, "ASK {}", address="2001:db8:1:2::77").status_code == 429
        assert _asked(client, "ASK {}", address="2001:db8:1:3::77").status_code == 200


def test_health_is_200_and_ready_503_before_the_first_worker(data: Data, tmp_path: Path) -> None:
    unread = tmp_path / "data.unknown"
    unread.touch()
    with pooled(unread, limits=Limits(deadline=0.4)) as pool:
        client = create_app(data, service=pool).test_client()
        assert client.get("/health").status_code == 200
        assert client.get("/ready").status_code == 503
        waiting = _asked(client, "ASK {}")
        assert waiting.status_code == 503
        assert int(waiting.headers["Retry-After"]) >= 1


def test_too_many_form_fields_are_refused(data: Data) -> None:
    client = create_app(data).test_client()
    assert client.post("/sparql", data={f"f{n}": "" for n in range(2000)}).status_code == 400


def test_an_engine_failure_answers_500_and_is_counted() -> None:
    class Broken(EmbeddedEngine):
        def results(self, *_: object, **__: object) -> ox.QueryBoolean:
            raise RuntimeError("secret")

    app = create_app(Data("broken", Broken(ox.Store())))
    app.logger.disabled = True
    told = app.test_client().get("/sparql?query=ASK%7B%7D")
    assert told.status_code == 500
    assert "secret" not in told.text
    assert "X-Query-Id" in told.headers


def _asked(client: FlaskClient, query: str, address: str = "127.0.0.1", **parameters: str) -> Any:
    return client.get(
        "/sparql",
        query_string={"query": query, **parameters},
        environ_base={"REMOTE_ADDR": address},
    )


def _ignored(call: Callable[[str], object], query: str) -> None:
    with contextlib.suppress(OSError):  # the server goes away under it
        call(query)
