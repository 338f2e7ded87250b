"""An engine elsewhere: whatever it sends, its answer is whole and right, or the reason is told."""

import contextlib
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

import pytest

from readmission.cli import main
from readmission.engine.interface import EngineError, Solutions
from readmission.engine.remote import RemoteEngine
from readmission.errors import UserError

SELECT = "SELECT ?x { ?x ?y ?z }"
RESULTS = "application/sparql-results+json"


@dataclass
class Endpoint:
    """An endpoint that sends what a test lays into it; ``seen`` is what it was asked."""

    url: str = ""
    status: int = 200
    body: bytes = b""
    kind: str = RESULTS
    moved: dict[str, tuple[int, str]] = field(default_factory=dict)
    seen: list[tuple[str, str, bytes]] = field(default_factory=list)


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    found = Endpoint()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            found.seen.append(
                (self.command, self.path, self.rfile.read(int(self.headers["Content-Length"] or 0)))
            )
            self.reply()

        def do_GET(self) -> None:
            found.seen.append((self.command, self.path, b""))
            self.reply()

        def reply(self) -> None:
            status, address = found.moved.get(self.path, (found.status, ""))
            self.send_response(status)
            if address:
                self.send_header("Location", address)
            body = b"" if address else found.body
            self.send_header("Content-Type", found.kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the library names it so
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=[0.02])
    thread.start()
    found.url = f"http://127.0.0.1:{server.server_port}/sparql"
    yield found
    server.shutdown()
    thread.join()
    server.server_close()


def row(**terms: Any) -> bytes:
    return json.dumps({"head": {"vars": ["x"]}, "results": {"bindings": [terms]}}).encode()


GOOD = row(x={"type": "uri", "value": "http://example.org/a,b"})


def test_a_right_answer_is_read(endpoint: Endpoint) -> None:
    endpoint.body = GOOD
    results = RemoteEngine(endpoint.url).results(SELECT, ["http://example.org/g"])
    assert Solutions.of(results).texts() == [{"x": "http://example.org/a,b"}]
    method, path, body = endpoint.seen[0]
    assert (method, path) == ("POST", "/sparql")
    assert parse_qs(body.decode()) == {
        "query": ["SELECT ?x { ?x ?y ?z }"],
        "default-graph-uri": ["http://example.org/g"],
    }


ODD = [
    {"type": "uri", "value": "http://example.org/a b"}, {"type": "uri", "value": "relative"},
    {"type": "uri", "value": ""},
    {"type": "uri", "value": "http://[x"}, {"type": "uri", "value": 5}, {"type": "literal", "value": 5},
    {"type": "literal", "value": "x", "xml:lang": "en_US"}, {"type": "literal", "value": "x", "datatype": "no iri"},
    {"type": "literal"}, {"value": "x"}, {"type": "other", "value": "x"}, "x", 5, None, [],
    {"type": "triple", "value": {"subject": {"type": "literal", "value": "x"}}},
]  # fmt: skip


@pytest.mark.parametrize("term", ODD, ids=str)
@pytest.mark.parametrize("place", [0, 700])
def test_an_invalid_term_is_reported_in_any_position(term: object, place: int, endpoint: Endpoint) -> None:
    fine: list[object] = [{"x": {"type": "literal", "value": str(number)}} for number in range(place)]
    told = {"head": {"vars": ["x"]}, "results": {"bindings": [*fine, {"x": term}]}}
    endpoint.body = json.dumps(told).encode()
    with pytest.raises(EngineError, match="cannot be read"):
        RemoteEngine(endpoint.url).results(SELECT)


BROKEN = [
    b"", b"null", b"[]", b"{}", b"5", b'"x"', b"{", GOOD[:-3], GOOD + b"x", b"\xff", b'{"head":{"vars":["x"]}}',
    b'{"head":{"vars":["x"]},"results":{"bindings":[{"x":{"type":"literal","value":"\\ud800"}}]}}',
    b'{"head":{},"boolean":true}', b'{"head":{"vars":["x"]},"results":5}',
    b'{"head":{"vars":["x"]},"results":{"bindings":[5]}}',
]  # fmt: skip


@pytest.mark.parametrize("body", BROKEN)
@pytest.mark.parametrize("query", [SELECT, "ASK {}", "CONSTRUCT WHERE {?x ?y ?z}"])
def test_a_malformed_answer_is_an_engine_error(body: bytes, query: str, endpoint: Endpoint) -> None:
    endpoint.body = body
    with contextlib.suppress(EngineError):
        results = RemoteEngine(endpoint.url).results(query)
        assert isinstance(bool(results), bool) if query == "ASK {}" else list(results) is not None  # type: ignore[arg-type]


@pytest.mark.parametrize("status", [301, 302, 307, 308])
@pytest.mark.parametrize("address", ["/moved", "{host}/moved", "moved?a=b"])
def test_a_redirect_repeats_the_post(status: int, address: str, endpoint: Endpoint) -> None:
    endpoint.body = GOOD
    endpoint.moved["/sparql"] = status, address.format(host=endpoint.url.removesuffix("/sparql"))
    assert Solutions.of(RemoteEngine(endpoint.url).results(SELECT)).rows
    (_, _, first), (method, path, second) = endpoint.seen
    assert (method, second) == ("POST", first), "the query was left behind"
    assert path.startswith("/moved")


def test_303_see_other_is_reported_with_its_address(endpoint: Endpoint) -> None:
    endpoint.moved["/sparql"] = 303, "/page"
    with pytest.raises(EngineError, match=r"/page \(303"):
        RemoteEngine(endpoint.url).results(SELECT)


@pytest.mark.parametrize(
    "address", ["/sparql", "file:///etc/passwd", "ftp://127.0.0.1/x", "gopher://x", "http://[::1"]
)
def test_an_unusable_redirect_is_an_engine_error(address: str, endpoint: Endpoint) -> None:
    endpoint.moved["/sparql"] = 302, address
    with pytest.raises(EngineError):
        RemoteEngine(endpoint.url).results(SELECT)


@pytest.mark.parametrize("kind", ["text/html", "text/html; charset=utf-8", "application/xhtml+xml", RESULTS])
def test_an_html_page_instead_of_results_is_reported(kind: str, endpoint: Endpoint) -> None:
    endpoint.body, endpoint.kind = b"\n<!DOCTYPE html><title>Welcome</title>", kind
    for query in (SELECT, "CONSTRUCT WHERE {?x ?y ?z}"):
        with pytest.raises(EngineError, match="name the address of the SPARQL endpoint"):
            RemoteEngine(endpoint.url).results(query)


@pytest.mark.parametrize(
    "url",
    ["http://[::1", "http://", "127.0.0.1", "nothing", "", "file:///etc/passwd", "ftp://127.0.0.1/",
     "http://127.0.0.1:99999/",
     "http://127.0.0.1:port/", "http://a b/", "http://user:word@127.0.0.1:1/", "http://127.0.0.1:1/\x00",
     "javascript:x",
     "http://127.0.0.1:1/sparql?x=é", "http://\udcff/", "http://127.0.0.1:1/\n", "HTTP://127.0.0.1:1/", "http://é…/"],
)  # fmt: skip
def test_an_invalid_url_is_reported(url: str) -> None:
    with pytest.raises((EngineError, UserError)) as fault:
        RemoteEngine(url, timeout=2).results(SELECT)
    assert url.split("\x00")[0][:20] in str(fault.value)


def test_letters_beyond_ascii_in_an_address_are_sent_encoded(endpoint: Endpoint) -> None:
    endpoint.body = GOOD
    RemoteEngine(f"{endpoint.url}/é?graph=ü").results(SELECT)
    assert endpoint.seen[0][1] == "/sparql/%C3%A9?graph=%C3%BC"


@pytest.mark.parametrize(
    ("status", "told"), [(401, "401"), (404, "404"), (414, "414"), (500, "500"), (503, "503")]
)
def test_an_http_error_is_reported_with_its_text(status: int, told: str, endpoint: Endpoint) -> None:
    endpoint.status, endpoint.body, endpoint.kind = status, b"no such \xff thing", "text/plain"
    with pytest.raises(EngineError, match=f"{told}: no such . thing"):
        RemoteEngine(endpoint.url).results(SELECT)


@pytest.mark.parametrize("format_", ["table", "json", "csv"])
def test_the_command_line_reports_engine_errors_in_one_line(
    format_: str, endpoint: Endpoint, home: object, capsys: pytest.CaptureFixture[str], tmp_path: Any
) -> None:
    query = tmp_path / "query.rq"
    query.write_text(SELECT, encoding="utf-8")
    endpoint.body = row(x={"type": "uri", "value": "http://example.org/a b"})
    assert main(["query", str(query), "--engine", endpoint.url, "--format", format_]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert endpoint.url in said.err
    assert "Traceback" not in said.err
