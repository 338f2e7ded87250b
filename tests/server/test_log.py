"""What the server's log promises an operator: the lines that ``--log`` asks for, and no others."""

import json
import urllib.request
from pathlib import Path
from urllib.error import HTTPError

import pytest

from harness.running import started


@pytest.mark.parametrize(
    ("option", "expected"),
    [("all", ["/nowhere", "/sparql", "query"]), ("queries", ["query"]), ("none", [])],
)
def test_the_log_has_the_lines_that_are_asked_for(option: str, expected: list[str], tmp_path: Path) -> None:
    data = tmp_path / "data.ttl"
    data.write_text("<http://example.org/a> <http://example.org/b> 1 .\n")
    with started(tmp_path, "--data", str(data), "--log", option) as server:
        with pytest.raises(HTTPError, match="404"):
            urllib.request.urlopen(f"http://127.0.0.1:{server.port}/nowhere")
        with urllib.request.urlopen(f"http://127.0.0.1:{server.port}/sparql?query=ASK%7B%7D") as answer:
            assert answer.status == 200
    lines = [json.loads(line) for line in server.log.read_text().splitlines() if line.startswith("{")]
    logged = sorted({line.get("path", "query") for line in lines} - {"/ready"})
    assert logged == expected, "the server logs what --log does not ask for, or not what it asks for"
