"""Which server a request was sent to: the names that count as one, and the path that a proxy serves us under."""

import asyncio
import re
from typing import Any

import pyoxigraph as ox
import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness import hostile
from readmission.engine.embedded import EmbeddedEngine
from readmission.release import Release
from readmission.web.app import Data, create_app
from readmission.web.server.entrance import Entrance, is_host
from readmission.web.server.rsgi import Gateway

HOSTS = (
    "localhost", "localhost:8000", "readmission.example", "readmission.example.", "READMISSION.example:443",
    "x:", "x:0", "my_service:8000", "127.0.0.1", "127.0.0.1:65535", "[::1]", "[::1]:8000", "[2001:db8::7]",
    "[::ffff:192.0.2.1]", "xn--e1afmkfd.example", "a-b.c-d",
)  # fmt: skip
NO_HOSTS = (
    "", " ", "x:99999", "x:65536", "a:b", "a:-1", "a:1:2", "[::1", "::1", "[zz]", "[]", "[::1]x", "[1.2.3.4]", "[:::]",
    "[fe80::1%eth0]", "é.example", "a b", "a/b", "a@b", "a,b", "a?b", "a#b", "..", ".", ".a", "a..b", "%41", "https://a",
    "a\x00b", "a\r\nb", "{{7*7}}", "<a>", '"a"', "a" * 64, "a." * 200, "a:" + "1" * 400,
)  # fmt: skip


@pytest.mark.parametrize("host", HOSTS)
def test_names_and_addresses_are_hosts(host: str) -> None:
    assert is_host(host)


@pytest.mark.parametrize("host", NO_HOSTS)
def test_other_texts_are_no_host(host: str) -> None:
    assert not is_host(host)


@pytest.fixture(scope="module")
def app(built: Release) -> Flask:
    return create_app(built)


def environ(path: str, **headers: str) -> dict[str, Any]:
    """Return a request as the gateway makes it."""
    base = {"REQUEST_METHOD": "GET", "SCRIPT_NAME": "", "PATH_INFO": path, "QUERY_STRING": "", "HTTP_HOST": "localhost",
            "SERVER_PROTOCOL": "HTTP/1.1", "wsgi.url_scheme": "http"}  # fmt: skip
    return base | headers


@pytest.mark.parametrize("host", NO_HOSTS)
def test_an_invalid_host_header_gets_400_on_every_route(app: Flask, host: str) -> None:
    entrance = Entrance("release-1", app.url_map)
    for path in hostile.paths(app.url_map):
        told = entrance.reply(environ(path, HTTP_HOST=host))
        assert told is not None, path
        assert told.status == 400, path
        headers = dict(told.headers)
        assert (headers["Access-Control-Allow-Origin"], headers["X-Release"]) == ("*", "release-1")
        assert b"Host header" in told.body


@pytest.fixture(scope="module")
def small() -> FlaskClient:
    app = create_app(Data("sample", EmbeddedEngine(ox.Store())))
    app.testing = True  # an exception is told
    return app.test_client()


LABEL = r"[a-zA-Z0-9_-]{1,20}"


@given(
    host=st.from_regex(
        rf"({LABEL}(\.{LABEL}){{0,3}}\.?|\[[0-9a-f:.]{{2,12}}\])(:[0-9]{{0,5}})?", fullmatch=True
    )
)
@settings(
    max_examples=60, deadline=None, derandomize=True, database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip
def test_flask_builds_urls_for_every_valid_host(small: FlaskClient, host: str) -> None:
    if is_host(host):
        for path in ("/", "/sparql", "/openapi.json"):
            assert small.get(path, headers={"Host": host}).status_code < 500, host


# -- behind a proxy, under a path of its own -------------------------------------------------------------------------


class Headers:
    def __init__(self, **stated: str) -> None:
        self.stated = {name.replace("_", "-"): value for name, value in stated.items()}

    def items(self) -> Any:
        return self.stated.items()


class Scope:
    """A request as the HTTP server hands it over."""

    method, http_version, scheme, authority = "GET", "1.1", "http", None
    server, client = "127.0.0.1:8000", "192.0.2.1:5000"

    def __init__(self, path: str, query_string: str = "", **headers: str) -> None:
        self.path, self.query_string, self.headers = path, query_string, Headers(host="localhost", **headers)


def received(scope: Scope, proxy: str | None) -> dict[str, Any]:
    async def made() -> dict[str, Any]:
        return await Gateway(1000, proxy, 1000).environ(scope, None)  # type: ignore[arg-type]

    return asyncio.run(made())


def test_letters_reach_the_application_as_the_bytes_of_their_utf_8() -> None:
    """PEP 3333, "Unicode Issues": each byte stands as one character."""
    found = received(Scope("/ж", "name=Türkei&ж=ა"), None)
    assert found["PATH_INFO"].encode("latin-1").decode() == "/ж"
    assert found["QUERY_STRING"].encode("latin-1").decode() == "name=Türkei&ж=ა"


@pytest.mark.parametrize(
    ("stated", "prefix"), [("/data", "/data"), ("/data/", "/data"), ("/", ""), ("/a, /b/c", "/b/c")]
)
def test_x_forwarded_prefix_is_read_from_the_proxy_only(stated: str, prefix: str) -> None:
    asked = Scope("/sparql", x_forwarded_prefix=stated)
    assert received(asked, "192.0.2.1")["SCRIPT_NAME"] == prefix
    assert received(asked, "192.0.2.2")["SCRIPT_NAME"] == ""
    assert received(asked, None)["SCRIPT_NAME"] == ""


@pytest.mark.parametrize(
    "prefix", ["//evil.example", "data", "/a b", '/"', "/<x>", "https://evil.example", "/a?b", "/a#b"]
)
def test_an_invalid_x_forwarded_prefix_is_refused(app: Flask, prefix: str) -> None:
    told = Entrance("release-1", app.url_map).reply(environ("/", SCRIPT_NAME=prefix))
    assert told is not None
    assert told.status == 400
    assert b"X-Forwarded-Prefix" in told.body


@pytest.mark.parametrize(
    "path",
    ["/", "/matrix", "/changes", "/work", "/countries/GEO", "/countries/GEO/why/DEU", "/sparql?format=html", "/none",
     "/limits?format=html", "/inspect?query=ASK%7B%7D&format=html", "/countries/Gorgia"],
)  # fmt: skip
def test_links_begin_with_x_forwarded_prefix(app: Flask, path: str) -> None:
    page = app.test_client().get(
        path, base_url="https://site.example/data/graph", headers={"Accept": "text/html"}
    )
    links = re.findall(r'\b(?:href|src|action)="([^"#][^"]*)"', page.text)
    ours = [link for link in links if not link.startswith("http")]
    assert ours
    assert not [link for link in ours if not link.startswith("/data/graph/")]


def test_links_for_programs_begin_with_the_path_prefix(app: Flask) -> None:
    client, base = app.test_client(), "https://site.example/data/graph"
    assert client.get("/openapi.json", base_url=base).json["servers"] == [{"url": base}]  # type: ignore[index]
    assert f"<{base}/sparql>" in client.get("/sparql", base_url=base, headers={"Accept": "text/turtle"}).text
    found = client.get("/countries?name=Georgia", base_url=base)
    assert found.headers["Location"] == "/data/graph/countries/GEO"
