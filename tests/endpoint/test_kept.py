"""What answers kept in memory promise: the same answer as the first, to whom it belongs, and never another's."""

import datetime
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient
from prometheus_client import generate_latest
from werkzeug.test import TestResponse

from readmission.engine.embedded import EmbeddedEngine
from readmission.engine.execution import Answer, InProcessService, Query
from readmission.engine.running_query import RunningQuery
from readmission.release import Release
from readmission.web.app import Data, Settings, create_app
from readmission.web.http import answer_cache
from readmission.web.http.headers import cache_control
from readmission.web.http.metrics import RequestLog

NAMES = "SELECT ?name { ?thing <http://example.org/name> ?name } ORDER BY ?name"
CONSTRUCT = "CONSTRUCT WHERE { ?thing <http://example.org/name> ?name }"
OF_ONE_CLIENT = ("X-Query-Id", "RateLimit", "RateLimit-Policy")


class Engine(InProcessService):
    """The engine in this process; it notes what it is asked, and tells each client its share."""

    def __init__(self, data: Data) -> None:
        super().__init__(data.engine, 10**7)
        self.asked: list[Query] = []

    def rate_limit_headers(self, client: str) -> dict[str, str]:
        return {"RateLimit": f'"engine-seconds";r=1;t=1;for={client}'}

    def ask(self, query: Query, running: RunningQuery) -> Answer:
        self.asked.append(query)
        return super().ask(query, running)


def holding(*names: str, version: str = "sample-1") -> Data:
    store = ox.Store()
    things = ((ox.NamedNode(f"http://example.org/{n}"), ox.Literal(name)) for n, name in enumerate(names))
    store.extend(ox.Quad(thing, ox.NamedNode("http://example.org/name"), name) for thing, name in things)
    return Data(version, EmbeddedEngine(store))


@pytest.fixture
def data() -> Data:
    return holding(*(f"name {number} of many, as long as it takes to be compressed" for number in range(50)))


@pytest.fixture
def engine(data: Data) -> Engine:
    return Engine(data)


@pytest.fixture
def request_log() -> RequestLog:
    return RequestLog("sample-1")


@pytest.fixture
def client(data: Data, engine: Engine, request_log: RequestLog) -> FlaskClient:
    return create_app(data, service=engine, request_log=request_log).test_client()


def asked(
    client: FlaskClient, query: str = NAMES, address: str = "127.0.0.1", **headers: str
) -> TestResponse:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.get(
        "/sparql", query_string={"query": query}, headers=named, environ_base={"REMOTE_ADDR": address}
    )


def test_a_repeated_query_is_answered_from_the_cache(client: FlaskClient, engine: Engine) -> None:
    first, again = asked(client), asked(client)
    assert (first.status_code, again.status_code, first.data) == (200, 200, again.data)
    assert len(engine.asked) == 1, "the engine ran a query whose answer was kept"
    assert again.headers["Server-Timing"].startswith("kept")
    assert "kept" not in first.headers["Server-Timing"]


def test_a_cache_hit_repeats_all_headers_except_those_of_one_client(
    client: FlaskClient,
) -> None:
    first, again = asked(client, address="192.0.2.1"), asked(client, address="192.0.2.2")
    apart = {*OF_ONE_CLIENT, "Server-Timing"}
    assert {name: value for name, value in first.headers if name not in apart} == {
        name: value for name, value in again.headers if name not in apart
    }
    assert "192.0.2.1" in first.headers["RateLimit"]
    for name in OF_ONE_CLIENT:
        assert name not in again.headers, f"{name} of the client that asked first was told to another"


def test_before_midnight_an_answer_says_the_same_new_and_kept(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.time", lambda: 86_400 * 20_000 - 7.0)
    first, again = asked(client), asked(client)
    assert again.headers["Server-Timing"].startswith("kept")
    assert first.headers["Cache-Control"] == again.headers["Cache-Control"] == "public, max-age=7"


def test_the_cache_key_has_accept_encoding_parameters_and_host(client: FlaskClient, engine: Engine) -> None:
    ways: list[Callable[[], TestResponse]] = [
        lambda: asked(client, Accept="text/csv"),
        lambda: asked(client, Accept="application/sparql-results+xml"),
        lambda: asked(client, Accept="text/csv", Accept_Encoding="gzip"),
        lambda: asked(client, Accept="text/csv", Accept_Encoding="br"),
        lambda: asked(client, "SELECT * { ?s ?p <x> }", Host="one.example"),
        lambda: asked(client, "SELECT * { ?s ?p <x> }", Host="two.example"),
        lambda: asked(client, NAMES + " LIMIT 1"),
        lambda: client.get(
            "/sparql", query_string={"query": NAMES, "default-graph-uri": "http://example.org/g"}
        ),
        lambda: client.get("/sparql.tsv", query_string={"query": NAMES}),
        lambda: client.post("/sparql", data={"query": NAMES + " LIMIT 2"}),
        lambda: client.post("/sparql", data={"query": NAMES + " LIMIT 3"}),
        lambda: client.post("/sparql", data=NAMES, content_type="application/sparql-query"),
    ]
    first = [way() for way in ways]
    assert [told.status_code for told in first] == [200] * len(ways)
    assert len(engine.asked) == len(ways), "two different questions got one answer"
    again = [way() for way in ways]
    assert len(engine.asked) == len(ways), "an answer that was kept was not found again"
    assert [(told.data, told.headers["Content-Type"]) for told in first] == [
        (told.data, told.headers["Content-Type"]) for told in again
    ]


def test_if_none_match_answers_304(client: FlaskClient, engine: Engine) -> None:
    tag = asked(client, Accept_Encoding="gzip").headers["ETag"]
    for held in (tag, f'"other", W/{tag}'):
        told = asked(client, Accept_Encoding="gzip", If_None_Match=held)
        assert (told.status_code, told.data, told.headers["ETag"]) == (304, b"", tag)
        assert "Access-Control-Allow-Origin" in told.headers
        assert not {"Content-Type", "Content-Length", "Content-Encoding"} & set(told.headers.keys())
    assert asked(client, Accept_Encoding="gzip", If_None_Match='"other"').status_code == 200
    assert len(engine.asked) == 1


def test_head_has_the_headers_of_get(client: FlaskClient, engine: Engine) -> None:
    alone = client.head("/sparql", query_string={"query": NAMES})
    whole = asked(client)
    head = client.head("/sparql", query_string={"query": NAMES})
    assert (alone.data, head.data, head.status_code) == (b"", b"", 200)
    assert head.headers["Content-Length"] == str(len(whole.data)) == whole.headers["Content-Length"]
    assert len(engine.asked) == 2, "the HEAD after the GET asked the engine again"
    assert asked(client).data == whole.data


@pytest.mark.parametrize(
    "query",
    [
        "SELECT (NOW() AS ?now) {}",
        "SELECT (RAND() AS ?n) {}",
        "SELECT (UUID() AS ?n) {}",
        "SELECT (STRUUID() AS ?n) {}",
        "SELECT",
        "SELECT * { SERVICE <http://127.0.0.1:9/> {} }",
    ],
)
def test_answers_that_may_change_are_not_cached(client: FlaskClient, engine: Engine, query: str) -> None:
    for _ in range(2):
        asked(client, query)
    assert len(engine.asked) == 2, "an error, or an answer that differs each time, was kept"


@pytest.mark.parametrize("way", [{"Cache_Control": "no-cache"}, {"X_Query_Id": "a-number-of-my-own"}])
def test_cache_control_no_cache_runs_the_query_again(
    client: FlaskClient, engine: Engine, way: dict[str, str]
) -> None:
    asked(client)
    told = asked(client, **way)
    assert len(engine.asked) == 2
    assert "X-Query-Id" in told.headers


def test_the_cache_is_bounded_and_evicts_the_least_recently_used(data: Data) -> None:
    engine, request_log = Engine(data), RequestLog("sample-1")
    room = 60_000
    client = create_app(data, Settings(cache_bytes=room), engine, request_log).test_client()
    asked(client, NAMES + " LIMIT 1")
    for number in range(2, 40):
        asked(client, NAMES + f" LIMIT {number}")
        asked(client, NAMES + " LIMIT 1")
        used = request_log.registry.get_sample_value("readmission_kept_bytes")
        assert used is not None
        assert 0 < used <= room
    assert len(engine.asked) == 39, "the answer asked for all the time had to make way"
    asked(client, NAMES + " LIMIT 2")
    assert len(engine.asked) == 40, "more was kept than there is room for"


def test_a_cache_of_zero_bytes_stores_nothing(data: Data) -> None:
    engine = Engine(data)
    client = create_app(data, Settings(cache_bytes=0), engine).test_client()
    assert asked(client).data == asked(client).data
    assert len(engine.asked) == 2


def test_releases_share_no_cached_answer(engine: Engine, client: FlaskClient) -> None:
    old = asked(client)
    newer = create_app(holding("a new name", version="sample-2")).test_client()
    told = asked(newer, If_None_Match=old.headers["ETag"])
    assert told.status_code == 200
    assert [row["name"]["value"] for row in told.get_json(force=True)["results"]["bindings"]] == [
        "a new name"
    ]
    assert asked(newer).headers["X-Release"] == "sample-2"


def test_a_cached_page_about_today_expires_at_midnight_utc(
    built: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = create_app(built).test_client()
    day = datetime.datetime(2026, 3, 1, 23, 59, 30, tzinfo=datetime.UTC)

    def set_clock(moment: datetime.datetime) -> None:
        monkeypatch.setattr("time.time", moment.timestamp)
        monkeypatch.setattr("readmission.dates.today", moment.date)

    set_clock(day)
    page = client.get("/countries/GEO.json")
    again = client.get("/countries/GEO.json")
    assert page.get_json()["on"] == again.get_json()["on"] == "2026-03-01"
    assert again.headers["Server-Timing"].startswith("kept")
    for told in (page, again):
        assert told.headers["Cache-Control"] == "public, max-age=30", "caches would show yesterday as today"
    set_clock(day + datetime.timedelta(minutes=1))
    assert client.get("/countries/GEO.json").get_json()["on"] == "2026-03-02"


def test_concurrent_requests_get_their_own_cached_answers(client: FlaskClient) -> None:
    application = client.application
    started = threading.Barrier(8)

    def rows(number: int) -> list[int]:
        mine = application.test_client()
        started.wait()
        return [
            len(
                asked(mine, NAMES + f" LIMIT {1 + (number + turn) % 20}").get_json(force=True)["results"][
                    "bindings"
                ]
            )
            for turn in range(60)
        ]

    with ThreadPoolExecutor(8) as threads:
        for number, counts in enumerate(threads.map(rows, range(8))):
            assert counts == [1 + (number + turn) % 20 for turn in range(60)]


def test_cache_hits_misses_and_size_are_published(client: FlaskClient, request_log: RequestLog) -> None:
    for query in (NAMES, NAMES, NAMES, CONSTRUCT):
        asked(client, query)
    told = generate_latest(request_log.registry).decode()
    assert 'readmission_kept_answers_total{found="hit"} 2.0' in told
    assert 'readmission_kept_answers_total{found="miss"} 2.0' in told
    assert client.get("/limits").get_json()["kept_bytes"] == Settings().cache_bytes


def test_vary_names_only_fields_of_the_cache_key(client: FlaskClient) -> None:
    """What an answer says it varies with has to be part of the question it is kept under."""
    varying = {field.strip().lower() for field in asked(client).headers["Vary"].split(",")}
    assert varying <= answer_cache.VARY_FIELDS
    assert cache_control(0) == "public, max-age=0"
