"""What a server promises while its first release is being built: an answer that says when to come back."""

import http.client
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from harness.running import PROGRAM, wait_for
from readmission.web.server import sockets, startup

BROWSER = "text/html,application/xhtml+xml,*/*;q=0.8"


@contextmanager
def response(
    port: int, method: str, path: str, accept: str = "*/*"
) -> Iterator[tuple[http.client.HTTPResponse, bytes]]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request(method, path, headers={"Accept": accept})
        answer = connection.getresponse()
        yield answer, answer.read()
    finally:
        connection.close()


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "QUERY", "OPTIONS", "DELETE"])
def test_every_request_is_answered_with_503_and_when_to_come_back(method: str) -> None:
    with (
        sockets.listen("127.0.0.1", 0) as listening,
        startup.refuse(listening),
        response(listening.getsockname()[1], method, "/sparql?query=ASK%7B%7D") as (answer, body),
    ):
        assert answer.status == 503
        assert int(answer.headers["Retry-After"]) > 0
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert not body if method == "HEAD" else json.loads(body)["status"] == 503


def test_a_browser_gets_a_page_that_asks_again_by_itself() -> None:
    with (
        sockets.listen("127.0.0.1", 0) as listening,
        startup.refuse(listening),
        response(listening.getsockname()[1], "GET", "/", BROWSER) as (answer, body),
    ):
        assert answer.status == 503
        assert answer.headers["Content-Type"].startswith("text/html")
        assert b'http-equiv="refresh"' in body


@pytest.mark.slow
def test_a_first_start_answers_503_until_its_release_is_built(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("READMISSION_HOME", str(tmp_path / "releases"))
    with sockets.listen("127.0.0.1", 0) as found:
        port = found.getsockname()[1]

    def status() -> int | None:
        try:
            with response(port, "GET", "/ready") as (answer, _):
                return answer.status
        except OSError:
            return None

    log = tmp_path / "log"
    with log.open("wb") as written:
        server = subprocess.Popen([*PROGRAM, "serve", "--port", str(port)], stderr=written)
    try:
        wait_for(lambda: status() == 503, "nobody answers while the release is built", 60)
        wait_for(lambda: status() == 200, "the server is not ready", 300)
        assert "503" in log.read_text(), "the terminal does not say what is going on"
    finally:
        server.terminate()
        server.wait(30)
    sys.stdout.write(log.read_text()[:500])
