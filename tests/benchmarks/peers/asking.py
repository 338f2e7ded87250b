"""One question to one server, and what came of it: rows and seconds, or why there are none."""

import http.client
import json
import time
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from benchmarks.peers.servers import Server

JSON = "application/sparql-results+json"
Rows = list[dict[str, str]]


class UnansweredError(RuntimeError):
    """A server did not answer with 200 and rows, or not in time; the message says which."""


@dataclass(frozen=True)
class Answer:
    """Rows as texts, and the seconds from asking to the last byte."""

    rows: Rows
    seconds: float


def ask(server: Server, text: str, patience: float) -> Answer:
    """Ask by GET, as the load generator does; raises UnansweredError."""
    parts = urlsplit(server.url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=patience)
    begun = time.monotonic()
    try:
        connection.request("GET", target(server, text), headers={"Accept": JSON})
        answer = connection.getresponse()
        body = answer.read()
    except TimeoutError as fault:
        raise UnansweredError(f"over {patience:g} s") from fault
    except (OSError, http.client.HTTPException) as fault:
        raise UnansweredError(f"no answer ({fault})") from fault
    finally:
        connection.close()
    seconds = time.monotonic() - begun
    if answer.status != 200:
        raise UnansweredError(f"status {answer.status}")
    return Answer(_rows(body), seconds)


def target(server: Server, text: str) -> str:
    """Return the path and query of a request for a question."""
    return f"{urlsplit(server.url).path}?query={quote(text, safe='')}"


def _rows(body: bytes) -> Rows:
    try:
        bindings = json.loads(body)["results"]["bindings"]
    except (ValueError, KeyError) as fault:
        raise UnansweredError("200 with a body that is no whole answer") from fault
    return [{name: cell["value"] for name, cell in row.items()} for row in bindings]
