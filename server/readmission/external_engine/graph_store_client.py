"""Writing graphs into an outside engine: the Graph Store Protocol (https://www.w3.org/TR/sparql11-http-rdf-update/).

Engines that guard their store ask for a login; Basic and Digest (RFC 7616) are understood.
"""

import base64
import urllib.request
from collections.abc import Iterable, Iterator, Sequence
from http.client import HTTPException
from itertools import islice
from urllib.error import HTTPError, URLError
from urllib.parse import quote
from urllib.request import HTTPPasswordMgrWithDefaultRealm, Request, parse_http_list, parse_keqv_list

from readmission.engine.interface import EngineFault

_LINES = 20_000
"""Statements in one request: engines read a request's body whole, and some refuse large ones."""
_TURTLE = "text/turtle"  # N-Triples are Turtle, and every engine reads Turtle


class GraphStore:
    """The graph store of an outside engine, written to by whoever may; raises EngineFault."""

    def __init__(self, url: str, login: str | None = None, timeout: float = 300) -> None:
        self.url, self._timeout = url, timeout
        self._login = login
        self._challenge: str | None = None
        passwords = HTTPPasswordMgrWithDefaultRealm()
        user, _, password = (login or "").partition(":")
        passwords.add_password(None, url, user, password)
        self._digest = urllib.request.HTTPDigestAuthHandler(passwords)

    def put(self, graph: str, statements: Iterable[str]) -> None:
        """Make a graph consist of these statements (lines of N-Triples), in as many requests as it takes.

        Blank nodes are one and the same within one request only: statements that share them come first.
        """
        method = "PUT"
        for part in _parts(statements):
            self._send(method, graph, "".join(part).encode())
            method = "POST"  # which adds to the graph

    def delete(self, graph: str) -> None:
        """Remove a graph; it need not be there."""
        self._send("DELETE", graph, None, spared=(404,))

    def _send(self, method: str, graph: str, body: bytes | None, spared: Sequence[int] = ()) -> None:
        address = f"{self.url}{'&' if '?' in self.url else '?'}graph={quote(graph, safe='')}"
        try:
            self._tried(method, address, body)
        except HTTPError as fault:
            with fault:
                if fault.code in spared:
                    return
                told = fault.read(300).decode(errors="replace").strip()
            raise EngineFault(
                f"the graph store {self.url} answers {fault.code} to {method} of <{graph}>: {told}; name the right "
                "address with --graph-store, and a login that may write"
            ) from fault
        except (URLError, TimeoutError, HTTPException, ConnectionError) as fault:
            raise EngineFault(
                f"the graph store {self.url} does not answer ({fault}); is the engine running?"
            ) from fault

    def _tried(self, method: str, address: str, body: bytes | None) -> None:
        if self._login and self._challenge is None:
            self._challenge = self._asked(address)
        request = Request(address, body, {"Content-Type": _TURTLE}, method=method)  # noqa: S310  # see Remote
        if header := self._authorization(request):
            request.add_unredirected_header("Authorization", header)
        urllib.request.urlopen(request, timeout=self._timeout).close()  # noqa: S310

    def _asked(self, address: str) -> str:
        """Return how the engine wants to be told who writes: asked with an empty request, before any large one."""
        try:
            urllib.request.urlopen(Request(address, b"", method="POST"), timeout=self._timeout).close()  # noqa: S310
        except HTTPError as fault:
            fault.close()
            return str(fault.headers.get("WWW-Authenticate", ""))
        return ""

    def _authorization(self, request: Request) -> str | None:
        scheme, _, rest = (self._challenge or "").partition(" ")
        if scheme.lower() == "digest":
            answered = self._digest.get_authorization(request, parse_keqv_list(parse_http_list(rest)))
            return f"Digest {answered}"
        return f"Basic {base64.b64encode(self._login.encode()).decode()}" if self._login else None


def _parts(statements: Iterable[str]) -> Iterator[list[str]]:
    """Yield the statements in parts; one empty part when there are none, so that the graph is emptied."""
    left = iter(statements)
    yield list(islice(left, _LINES))
    while part := list(islice(left, _LINES)):
        yield part
