"""What no request may bring about: an answer without a reason, without CORS, or without a line in the log.

Every route is asked with letters of all languages and with worse, in every place of an address and in headers.
"""

import json
import re
import urllib.request
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

import pytest

from harness import hostile
from harness.outside_engines import free_port
from harness.running import Server, started, wait_for
from harness.wire import Client, request
from readmission.release import Release
from readmission.web.app import create_app
from readmission.web.server.throttle import Throttle

TOLD = {
    *(
        200,
        204,
        301,
        303,
        302,
        304,
        308,
        400,
        403,
        404,
        405,
        406,
        408,
        409,
        411,
        412,
        413,
        414,
        415,
        416,
        422,
        429,
        431,
    ),
    *(501, 503, 504, 507),
}
"""Statuses that tell what became of a request; 500 is none of them."""
ENOUGH = [pytest.param(1500, id="some"), pytest.param(20_000, id="twenty-thousand", marks=pytest.mark.slow)]


@pytest.fixture(scope="module")
def metrics() -> int:
    return free_port()


@pytest.fixture(scope="module")
def server(
    built: Release, home: Path, tmp_path_factory: pytest.TempPathFactory, metrics: int
) -> Iterator[Server]:
    """The whole site, as operators start it."""
    options = ("--proxy", "127.0.0.1", "--metrics", str(metrics))
    with started(
        tmp_path_factory.mktemp("requests"), *options, surroundings={"READMISSION_HOME": str(home)}
    ) as server:
        yield server


@pytest.fixture(scope="module")
def addresses(built: Release) -> list[str]:
    return hostile.paths(create_app(built).url_map)


def lines(server: Server) -> Counter[int]:
    """Return how many requests the log tells of, by status."""
    found = [json.loads(line) for line in server.log.read_text().splitlines() if line.startswith("{")]
    return Counter(line["status"] for line in found if line["event"] == "request")


def counted(port: int) -> Counter[int]:
    """Return how many requests the metrics tell of, by status."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        text = answer.read().decode()
    found = re.findall(r'^readmission_requests_total\{status="(\d+)"\} (\S+)$', text, re.MULTILINE)
    return Counter({int(status): int(float(value)) for status, value in found})


@pytest.mark.parametrize("count", ENOUGH)
def test_every_request_gets_a_reason_cors_headers_and_a_log_line(
    server: Server, addresses: list[str], metrics: int, count: int
) -> None:
    client, ours = Client(server.port, seconds=60), Counter[int]()
    before = wait_for(lambda: lines(server) == counted(metrics) and lines(server), "log and metrics differ")
    for sent in hostile.made(addresses, count, seed=11):
        if not sent.is_http:
            client.close()  # the server may take it for two requests; the answer to the first is what counts
        answer = client.send(sent.raw)
        if not sent.is_http:
            client.close()
        assert answer.status in TOLD, f"{answer.status}: {sent.raw[:400]!r}\n{answer.body[:400]!r}"
        if "server" not in answer.headers:  # refused while it was read, before there was a request
            assert not sent.is_http, f"{answer.status} from the HTTP server: {sent.raw[:400]!r}"
            continue
        ours[answer.status] += 1
        assert answer.headers["access-control-allow-origin"] == "*", sent.raw[:400]
        if answer.status >= 400 and answer.status != 412 and not sent.raw.startswith(b"HEAD"):
            assert answer.body, f"{answer.status} without a reason: {sent.raw[:400]!r}"
    client.close()
    wait_for(lambda: lines(server) - before == ours, f"the log does not tell of each request: {ours}")
    assert counted(metrics) - before == ours
    assert "Traceback" not in server.log.read_text()


PLACES = {
    "path": "/sparql.{}",
    "last part of a path": "/graph/{}",
    "name of a parameter": "/limits?{}=1",
    "name of a parameter without a value": "/openapi.json?{}",
    "value of a parameter": "/limits?format={}",
    "value of a parameter that nobody reads": "/health?x={}",
    "day": "/?on={}",
    "query": "/sparql?query=SELECT(%22{}%22%20AS%20%3Fx)%7B%7D&format=csv",
    "graph": "/graphs?graph=http://example.org/{}",
    "format": "/sparql?query=ASK%7B%7D&format={}",
}


@pytest.mark.parametrize("place", PLACES)
def test_raw_utf_8_paths_equal_percent_encoded_paths(server: Server, place: str) -> None:
    client = Client(server.port, seconds=30)
    for language, text in hostile.LETTERS.items():
        raw = "".join(letter if ord(letter) > 127 else quote(letter) for letter in text)
        first, second = (
            client.send(request(b"GET", PLACES[place].replace("{}", spelling).encode(), X_Own=text.encode()))
            for spelling in (quote(text), raw)
        )
        assert first.status in TOLD, (language, first)
        assert (second.status, second.body) == (first.status, first.body), f"{language}: {text}"
        if place == "query":
            assert first.body.decode() == f"x\r\n{text}\r\n".replace(
                text, f'"{text}"' if "," in text else text
            )
    client.close()


def test_a_country_is_found_by_its_name_however_the_name_is_spelt(server: Server) -> None:
    for name, code in (
        ("Türkei", "TUR"),
        ("Грузия", "GEO"),
        ("საქართველო", "GEO"),
        ("Μαρόκο", "MAR"),
        ("المغرب", "MAR"),
    ):
        for spelling in (name.encode(), quote(name).encode()):
            told = Client(server.port).send(request(b"GET", b"/countries?name=" + spelling))
            assert told.status in (302, 404), told
            if told.status == 302:
                assert urlsplit(told.headers["location"]).path == f"/countries/{code}"
            else:
                assert name in json.loads(told.body)["detail"], "the letters are not those that were sent"


def test_control_characters_of_paths_are_escaped_in_the_log(server: Server) -> None:
    path = '/\x1b[2J\u202e\r\n{}"'
    assert Client(server.port).send(request(b"GET", quote(path).encode())).status == 404
    line = wait_for(
        lambda: [line for line in server.log.read_text().splitlines() if "%1B%5B2J" in line],
        "no line tells of it",
    )[-1]
    assert line.isascii()
    assert unquote(json.loads(line)["path"]) == path


def test_the_log_holds_no_query_text_and_no_client_address(server: Server) -> None:
    secret, client = "a-secret-of-mine", "203.0.113.77"
    Client(server.port).send(
        request(b"GET", f"/health?{secret}={secret}".encode(), X_Forwarded_For=client.encode())
    )
    wait_for(lambda: "/health" in server.log.read_text(), "the request has no line")
    assert secret not in server.log.read_text()
    assert client not in server.log.read_text()


REFUSED = {
    "900 fields": ("/limits?" + "&".join(f"f{n}=1" for n in range(900)), 414),
    "30 fields": ("/limits?" + "&".join(f"f{n}=1" for n in range(30)), 400),
    "a day of 60 kB": ("/?on=" + "1" * 60_000, 414),
    "a day of 3 kB": ("/matrix?on=" + "1" * 3000, 400),
    "a name of 2 kB": ("/countries?name=" + "x" * 2000, 400),
    "a name of 2 kB in a path": ("/countries/" + "x" * 2000, 414),
    "a name of 500 bytes in a path": ("/countries/" + "x" * 500 + "/why/DEU", 414),
    "an unknown path": ("/none", 404),
    "an unknown path below a known one": ("/matrix/none", 404),
}


@pytest.mark.parametrize(("address", "status"), REFUSED.values(), ids=REFUSED)
@pytest.mark.parametrize("method", [b"GET", b"HEAD"])
def test_too_long_addresses_are_refused_before_flask(
    server: Server, address: str, status: int, method: bytes
) -> None:
    told = Client(server.port).send(request(method, address.encode(), Accept=b"*/*"))
    assert (told.status, told.headers["content-type"]) == (status, "application/problem+json")
    assert told.headers["access-control-allow-origin"] == "*"
    assert "x-release" in told.headers
    if method == b"GET":
        assert json.loads(told.body)["status"] == status


def test_long_queries_and_non_latin_names_are_accepted(server: Server) -> None:
    for address in (
        "/sparql?query=" + quote("ASK {} #" + "é" * 2000),
        "/sparql.csv?query=" + quote("ASK {} #" + "é" * 2000),
        "/sparql?query=ASK%7B%7D&" + "&".join(f"named-graph-uri=http://example.org/{n}" for n in range(100)),
        "/inspect?query=" + quote("ASK {} #" + "é" * 2000),
    ):
        assert Client(server.port).send(request(b"GET", address.encode())).status == 200, address[:60]
    told = Client(server.port).send(request(b"GET", b"/countries?name=" + quote("დ" * 130).encode()))
    assert told.status == 404
    graph = Client(server.port).send(request(b"GET", b"/graphs?graph=http://example.org/" + b"x" * 900))
    assert graph.status == 404


def test_browsers_get_an_html_page_for_404(server: Server) -> None:
    told = Client(server.port).send(request(b"GET", b"/none", Accept=b"text/html,*/*;q=0.8"))
    assert (told.status, told.headers["content-type"]) == (404, "text/html; charset=utf-8")


@pytest.mark.parametrize("day", ["0001-01-01", "0001-12-31", "9999-12-31"])
@pytest.mark.parametrize(
    "address",
    ["/changes?to=%s", "/changes.json?to=%s", "/changes?from=%s", "/?on=%s", "/countries/GEO?on=%s"],
)
def test_the_first_and_last_day_of_the_calendar_are_answered(server: Server, address: str, day: str) -> None:
    told = Client(server.port, seconds=60).send(request(b"GET", (address % day).encode()))
    assert told.status in (200, 400), told.body[:300]
    if told.status == 400:  # the other day lies on the wrong side of this one
        assert "from" in address, told.body


def test_refusals_are_throttled_while_queries_run() -> None:
    restraint = Throttle()
    assert not any(restraint.delay(False, 404, 100.0) for _ in range(500)), (
        "nobody asks a query, and a refusal waits"
    )
    assert restraint.delay(True, 200, 100.0) == 0.0
    waits = [restraint.delay(False, status, 100.0) for status in (204, 400, 404, 414, 415) * 100]
    assert waits[:50] == [0.0] * 50
    assert waits == sorted(waits)
    assert 0 < waits[-1] <= 1.0
    assert not any(
        restraint.delay(False, status, 100.0) for status in (200, 206, 304, 429, 500, 503, 504, 507)
    )
    assert restraint.delay(False, 404, 101.5) == 0.0
