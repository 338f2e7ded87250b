"""Writing graphs into an outside engine: the Graph Store Protocol (https://www.w3.org/TR/sparql11-http-rdf-update/).

Engines that guard their store ask for a login; Basic (RFC 7617) and Digest (RFC 7616) are understood. The login goes to
the address that the operator named and nowhere else: no proxy of the environment is used, no redirect followed.
"""

import ssl
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import quote

from readmission.engine.http_post import web_address
from readmission.engine.interface import EngineError

if TYPE_CHECKING:
    import httpx

_LINES = 20_000
"""Statements in one request: engines read a request's body whole, and some refuse large ones."""
_TOLD = 300
"""Bytes of an engine's refusal that are shown."""
_TURTLE = "text/turtle"  # N-Triples are Turtle, and every engine reads Turtle


class GraphStore:
    """The graph store of an outside engine, written to by whoever may; raises EngineError."""

    def __init__(self, url: str, login: str | None = None, timeout: float = 300) -> None:
        """Name a store by its address; ``login`` is ``user:password``, ``timeout`` the seconds without any progress."""
        self.url, self._login, self._timeout = url, login, timeout
        self._auth: httpx.Auth | None = None
        self._certificates = ssl.create_default_context()

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
        self._send("DELETE", graph, None, accepted_statuses=(404,))

    def _send(
        self, method: str, graph: str, body: bytes | None, accepted_statuses: Sequence[int] = ()
    ) -> None:
        import httpx  # every server has this module; only one that writes to a graph store needs the client

        address = f"{web_address(self.url)}{'&' if '?' in self.url else '?'}graph={quote(graph, safe='')}"
        try:
            with httpx.Client(verify=self._certificates, trust_env=False, timeout=self._timeout) as client:
                if self._login and self._auth is None:
                    self._auth = _authentication(client, address, self._login)
                headers = {"Content-Type": _TURTLE}
                with client.stream(method, address, content=body, headers=headers, auth=self._auth) as reply:
                    if not reply.is_success and reply.status_code not in accepted_statuses:
                        raise self._refusal(method, graph, reply)
        except (httpx.HTTPError, httpx.InvalidURL) as fault:
            raise EngineError(
                f"the graph store {self.url} does not answer ({fault}); is the engine running?"
            ) from fault
        except (KeyError, NotImplementedError) as fault:  # so httpx says which algorithms it has not
            raise EngineError(
                f"the graph store {self.url} asks for a login by Digest with {fault}, which we do not have; "
                "have it ask for SHA-256 or MD5 with qop=auth, or for Basic"
            ) from fault

    def _refusal(self, method: str, graph: str, reply: "httpx.Response") -> EngineError:
        reason = next(reply.iter_bytes(_TOLD), b"").decode(errors="replace").strip()
        moved = f", and names {reply.headers['Location']}" if reply.has_redirect_location else ""
        return EngineError(
            f"the graph store {self.url} answers {reply.status_code}{moved} to {method} of <{graph}>: {reason}; "
            "name the right address with --graph-store, and a login that may write"
        )


def _authentication(client: "httpx.Client", address: str, login: str) -> "httpx.Auth":
    """Return how the engine wants to be told who writes: asked with an empty request, before any large one."""
    import httpx

    user, _, password = login.partition(":")
    with client.stream("POST", address, content=b"", headers={"Content-Type": _TURTLE}) as reply:
        challenges = reply.headers.get_list("WWW-Authenticate")
    if not any(challenge.lower().startswith("digest ") for challenge in challenges):
        return httpx.BasicAuth(user, password)
    digest = httpx.DigestAuth(user, password)
    # it keeps the challenge, so that no graph is sent twice
    with client.stream("POST", address, content=b"", headers={"Content-Type": _TURTLE}, auth=digest):
        return digest


def _parts(statements: Iterable[str]) -> Iterator[list[str]]:
    """Yield the statements in parts; one empty part when there are none, so that the graph is emptied."""
    left = iter(statements)
    yield list(islice(left, _LINES))
    while part := list(islice(left, _LINES)):
        yield part
