"""A SPARQL 1.1 endpoint elsewhere (https://www.w3.org/TR/sparql11-protocol/), asked with a deadline.

Engines differ most in how they fail: in time, in rows, in the middle of an answer. Here each failure is told.
"""

import io
import json
import re
import time
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass

import pyoxigraph as ox

from readmission.engine.http_post import HttpReply, post, web_address
from readmission.engine.interface import (
    AnswerTooLargeError,
    EngineError,
    EngineTimeoutError,
    QueryError,
    Results,
    Solutions,
)
from readmission.engine.sparql_text import UpdateError, form, refuse_federation, skeleton
from readmission.query_files import lookup

_JSON = "application/sparql-results+json"
_NTRIPLES = "application/n-triples"
_GRAPHS = ("construct", "describe")
_TRUTH = {"0": False, "1": True, "false": False, "true": True}
_BASE = re.compile(r"^\s*BASE\s", re.IGNORECASE)


@dataclass(frozen=True)
class RemoteEngine:
    """A SPARQL 1.1 endpoint elsewhere; its default graph and base are its own affair."""

    url: str
    timeout: float = 30.0
    """Seconds from asking to the last byte."""
    largest: int = 64 * 2**20
    """Bytes of an answer that are taken in at most."""

    def results(
        self,
        text: str,
        default_graphs: Sequence[str] = (),
        named_graphs: Sequence[str] = (),
        base: str | None = None,
    ) -> Results:
        """Send a query by POST and read SPARQL JSON (SELECT, ASK) or N-Triples (CONSTRUCT, DESCRIBE).

        Raises QueryError when the endpoint cannot read the query, EngineTimeoutError at the deadline, and EngineError
        when there is no answer, or one that is not whole.
        """
        try:
            kind = form(text)
        except UpdateError as fault:
            raise QueryError(str(fault)) from fault
        if kind is None:
            raise QueryError("the query opens with none of SELECT, ASK, CONSTRUCT and DESCRIBE")
        refuse_federation(text)
        if base is not None and not _BASE.search(skeleton(text).bare):
            text = f"BASE <{base}>\n{text}"
        dataset = [("default-graph-uri", name) for name in default_graphs]
        dataset += [("named-graph-uri", name) for name in named_graphs]
        reply = self._ask(self._request(text, kind, dataset))
        try:
            return _triples(reply.body) if kind in _GRAPHS else _solutions(reply.body, kind)
        except (SyntaxError, ValueError, LookupError, TypeError, AttributeError) as fault:
            # such as an error message written into an answer under way
            raise EngineError(f"{self.url}: {_unreadable_reply(reply, fault)}") from fault

    def select(self, text: str) -> Solutions:
        """Run a SELECT and return all its rows."""
        return Solutions.of(self.results(text))

    def _request(self, text: str, kind: str, dataset: Sequence[tuple[str, str]]) -> urllib.request.Request:
        """Return a query as a form for POST (SPARQL 1.1 Protocol, section 2.1.2), as SPARQLWrapper makes it."""
        from SPARQLWrapper import POST, SPARQLWrapper

        client = SPARQLWrapper(web_address(self.url), agent="readmission")
        client.setQuery(text)
        client.queryType = kind.upper()  # it would guess, and takes some of our questions for updates
        client.setMethod(POST)
        for name, value in dataset:
            client.addParameter(name, value)
        client.setOnlyConneg(True)
        client.addCustomHttpHeader("Accept", _NTRIPLES if kind in _GRAPHS else _JSON)
        # its own way to send follows no redirect, and has no deadline for the whole answer
        return client._createRequest()

    def _ask(self, request: urllib.request.Request) -> HttpReply:
        reply = post(self.url, request, time.monotonic() + self.timeout, self.timeout, self.largest)
        if reply.status == 400:
            raise QueryError(_error_text(reply))
        if reply.status != 200:
            address = reply.headers.get("Location")
            moved = f" and names {address}, which leads nowhere" if address else ""
            raise EngineError(f"{self.url}: it answers {reply.status}{moved}: {_error_text(reply)}")
        if state := reply.headers.get("X-SQL-State"):  # Virtuoso's word for rows that it gave up on
            raise EngineTimeoutError(
                f"{self.url}: the engine gave up and would send a part of the rows ({state})"
            )
        if most := reply.headers.get("X-SPARQL-MaxRows"):
            raise AnswerTooLargeError(
                f"{self.url}: the engine cut the answer at {most} rows; raise its limit of rows"
            )
        return reply


def _error_text(reply: HttpReply) -> str:
    """Return what an endpoint says of a query, in one line."""
    return " ".join(reply.body.decode(errors="replace").split())[:300] or "it says no more"


def _unreadable_reply(reply: HttpReply, fault: Exception) -> str:
    """Say why an answer cannot be read: most often a page for people stands in its place."""
    kind = reply.headers.get_content_type() if "Content-Type" in reply.headers else ""
    if "html" in kind or reply.body.lstrip()[:1] == b"<":
        return (
            f"the answer is a page ({kind or 'of no media type'}) and no result of a query; name the address of the "
            "SPARQL endpoint itself, which often ends in /sparql or /query"
        )
    return f"the answer breaks off or cannot be read ({fault})"


class _NullFile(io.BytesIO):
    """Takes what is written, and keeps nothing."""

    def write(self, chunk: bytes) -> int:  # type: ignore[override]  # the engine writes bytes only
        return len(chunk)


def _solutions(body: bytes, kind: str) -> Results:
    told = json.loads(body)
    if kind == "ask" and "boolean" not in told:  # Virtuoso 7.2.5 answers ASK with a row that holds 0 or 1
        ((value,),) = (row.values() for row in told["results"]["bindings"] or ({"": {"value": "0"}},))
        body = json.dumps({"head": {}, "boolean": _TRUTH[value["value"]]}).encode()
    results = ox.parse_query_results(body, format=ox.QueryResultsFormat.JSON)
    if isinstance(results, ox.QuerySolutions):
        # Rows are read one by one later, when it is too late to tell of a fault: so all of them are read once before.
        results.serialize(_NullFile(), format=ox.QueryResultsFormat.TSV)
        results = ox.parse_query_results(body, format=ox.QueryResultsFormat.JSON)
    if isinstance(results, ox.QueryBoolean) != (kind == "ask"):
        raise ValueError(f"it does not fit {kind.upper()}")
    return results


def _triples(body: bytes) -> ox.QueryTriples:
    store = ox.Store()
    store.load(body, format=ox.RdfFormat.N_TRIPLES)
    found = store.query(lookup("statements"))
    assert isinstance(found, ox.QueryTriples)
    return found
