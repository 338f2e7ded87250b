"""The server has workers answer what views make: the same bytes as the application alone, within their limits."""

import gzip
import re
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path

import pytest
from flask import Flask

from harness.running import Server, started
from readmission.release import DATASET_FILE, Release
from readmission.web.app import Settings, create_app

SAMPLES = {
    "alpha3": "UKR", "state": "IRL", "kind": "csv", "filename": "site.css", "suffix": "csv",
    "_name": "country/ukr", "number": "0" * 16, "place": "id", "name": "eura/geo.html", "extension": "ttl",
    "path": "derived.ttl",
}  # fmt: skip
OWN = {"x-query-id", "server-timing", "ratelimit", "ratelimit-policy", "server", "date", "content-length"}
"""Headers that tell of one request."""


@pytest.fixture(scope="module")
def server(built: Release, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with started(tmp_path_factory.mktemp("dispatch")) as running:
        yield running


@pytest.fixture(scope="module")
def app(built: Release) -> Flask:
    return create_app(built)


def get(
    server: Server, path: str, headers: dict[str, str] | None = None, method: str = "GET"
) -> tuple[HTTPResponse, bytes]:
    connection = HTTPConnection("127.0.0.1", server.port, timeout=60)
    try:
        connection.request(method, path, headers={"Host": "localhost", **(headers or {})})
        answer = connection.getresponse()
        return answer, answer.read()
    finally:
        connection.close()


def paths(app: Flask) -> list[str]:
    rules = [rule for rule in app.url_map.iter_rules() if rule.methods and "GET" in rule.methods]
    return sorted(
        {re.sub(r"<(?:[^:<>]*:)?(\w+)>", lambda part: SAMPLES[part[1]], str(rule)) for rule in rules}
    )


@pytest.mark.parametrize("media_type", ["text/html", "application/json"])
def test_workers_answer_every_route_as_flask_does(server: Server, app: Flask, media_type: str) -> None:
    differing = []
    for path in paths(app):
        asked = f"{path}?query=ASK%7B%7D" if path.startswith(("/sparql", "/inspect")) else path
        answer, body = get(server, asked, {"Accept": media_type})
        alone = app.test_client().get(asked, headers={"Accept": media_type, "Host": "localhost"})
        fields = {name.lower(): value for name, value in answer.getheaders() if name.lower() not in OWN}
        expected = {name.lower(): value for name, value in alone.headers if name.lower() not in OWN}
        if path in ("/limits", "/openapi.json"):  # the application alone has no workers, and so fewer limits
            body, fields, expected = alone.data, {}, {}
        if (answer.status, body, fields) != (alone.status_code, alone.data, expected):
            differing.append((path, answer.status, alone.status_code, fields.items() ^ expected.items()))
    assert not differing, "served otherwise than made"
    assert "Too many open files" not in server.log.read_text(), (
        "a view opens a file in a worker; read it at start"
    )


def test_the_front_holds_no_data(server: Server) -> None:
    get(server, "/countries/UKR")
    status = Path(f"/proc/{server.process.pid}/status").read_text(encoding="ascii")
    front = int(re.findall(r"RssAnon:\s+(\d+)", status)[0]) / 1024
    dataset = 39  # MiB of the file, which take more in an engine
    assert front < 2 * dataset, "the front has loaded the data set; only workers need it"


def test_a_page_is_logged_as_a_query(server: Server) -> None:
    answer, _ = get(server, "/countries/UKR?on=2011-01-01", {"X-Query-Id": "a-page-with-a-number"})
    assert answer.headers["X-Query-Id"] == "a-page-with-a-number"
    assert answer.headers["RateLimit"].startswith('"engine-seconds"')
    first, again = (get(server, "/countries/UKR?on=2011-01-02")[0] for _ in range(2))
    assert (first.headers["RateLimit"], again.headers["RateLimit"]) != (None, None)
    assert again.headers["RateLimit"] is None, "an answer from memory takes nothing of a share"


@pytest.mark.parametrize("media_type", ["text/html", "application/json"])
def test_a_page_over_its_deadline_gets_a_problem_in_the_accepted_format(
    built: Release, tmp_path: Path, media_type: str
) -> None:
    with started(tmp_path, "--deadline", "0.05") as hurried:
        answer, body = get(hurried, "/work?on=1999-09-09", {"Accept": media_type})
    assert answer.status in (503, 504)
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert (b"<h1>" in body) is (media_type == "text/html")


def test_the_data_set_is_served_whole_by_range_and_compressed(server: Server, built: Release) -> None:
    assert built.path is not None
    whole = (built.path / DATASET_FILE).read_bytes()
    answer, body = get(server, "/dataset.nq")
    assert (answer.status, body == whole) == (200, True)
    part, body = get(server, "/dataset.nq", {"Range": "bytes=1000-1999"})
    assert (part.status, body) == (206, whole[1000:2000])
    assert part.headers["Content-Range"] == f"bytes 1000-1999/{len(whole)}"
    long, body = get(server, "/dataset.nq", {"Range": "bytes=1000-1000999"})
    assert (long.status, body) == (206, whole[1000:1001000])
    last, body = get(server, "/dataset.nq", {"Range": "bytes=-7"})
    assert (last.status, body) == (206, whole[-7:])
    assert get(server, "/dataset.nq", {"Range": f"bytes={len(whole)}-"})[0].status == 416
    coded, body = get(server, "/dataset.nq", {"Accept-Encoding": "gzip"})
    assert (coded.headers["Content-Encoding"], gzip.decompress(body) == whole) == ("gzip", True)
    head, body = get(server, "/dataset.nq", method="HEAD")
    assert (head.status, head.headers["Content-Length"], body) == (200, str(len(whole)), b"")
    held = {"If-None-Match": answer.headers["ETag"]}
    assert get(server, "/dataset.nq", held)[0].status == 304
    assert get(server, "/dataset.nq", {"Range": "bytes=0-9", "If-Range": '"another"'})[0].status == 200


def test_a_query_over_the_limits_is_still_inspected(server: Server) -> None:
    nested = "SELECT * { FILTER(" + "(" * 1500 + "1" + ")" * 1500 + ") }"
    answer, body = get(
        server, f"/inspect?query={nested.replace(' ', '%20').replace('{', '%7B').replace('}', '%7D')}"
    )
    assert answer.status == 200, body[:300]


def test_workers_use_the_settings(app: Flask, server: Server) -> None:
    assert Settings().page_rows == 1000
    _, body = get(
        server, "/sparql?query=SELECT%20*%7B?s%20?p%20?o%7D%20LIMIT%201500", {"Accept": "text/html"}
    )
    assert body.count(b"<tr>") in range(1000, 1003)
