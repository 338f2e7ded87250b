"""A SPARQL 1.1 endpoint elsewhere (https://www.w3.org/TR/sparql11-protocol/), asked with a deadline.

Engines differ most in how they fail: in time, in rows, in the middle of an answer. Here each failure is told.
"""

import http.client
import json
import re
import time
from ast import literal_eval
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyoxigraph as ox

from readmission.engine import EngineCut, EngineFault, EngineSlow, QueryFault, Results, Solutions
from readmission.sparql import UpdateRefused, form, refuse_federation, skeleton

_JSON = "application/sparql-results+json"
_NTRIPLES = "application/n-triples"
_GRAPHS = ("construct", "describe")
_CHUNK = 65_536
_HEADERS = 10_000
_BASE = re.compile(r"^\s*BASE\s", re.IGNORECASE)


@dataclass(frozen=True)
class Remote:
    """A SPARQL 1.1 endpoint elsewhere, through SPARQLWrapper; its default graph and base are its own affair."""

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

        Raises QueryFault when the endpoint cannot read the query, EngineSlow at the deadline, and EngineFault
        when there is no answer, or one that is not whole.
        """
        try:
            kind = form(text)
        except UpdateRefused as fault:
            raise QueryFault(str(fault)) from fault
        if kind is None:
            raise QueryFault("the query opens with none of SELECT, ASK, CONSTRUCT and DESCRIBE")
        refuse_federation(text)
        if base is not None and not _BASE.search(skeleton(text).bare):
            text = f"BASE <{base}>\n{text}"
        parameters = [("default-graph-uri", name) for name in default_graphs]
        parameters += [("named-graph-uri", name) for name in named_graphs]
        body = self._asked(text, kind, parameters)
        try:
            return _triples(body) if kind in _GRAPHS else _solutions(body, kind)
        except (
            SyntaxError,
            ValueError,
        ) as fault:  # such as an error message written into an answer under way
            raise EngineFault(f"{self.url}: the answer breaks off or cannot be read ({fault})") from fault

    def select(self, text: str) -> Solutions:
        """Run a SELECT and return all its rows."""
        return Solutions.of(self.results(text))

    def _asked(self, text: str, kind: str, parameters: Sequence[tuple[str, str]]) -> bytes:
        from SPARQLWrapper import POST, SPARQLWrapper
        from SPARQLWrapper.SPARQLExceptions import QueryBadFormed, SPARQLWrapperException

        until = time.monotonic() + self.timeout
        # Some engines repeat each graph of a dataset in a header of its own; http.client would take a hundred.
        http.client._MAXHEADERS = max(http.client._MAXHEADERS, _HEADERS)  # type: ignore[attr-defined]
        client = SPARQLWrapper(self.url)
        client.setQuery(text)
        client.queryType = kind.upper()  # it would guess, and takes some of our questions for updates
        client.setMethod(POST)
        client.timeout = self.timeout  # type: ignore[assignment]  # setTimeout would cut it to whole seconds
        for name, value in parameters:
            client.addParameter(name, value)
        client.setOnlyConneg(True)
        client.addCustomHttpHeader("Accept", _NTRIPLES if kind in _GRAPHS else _JSON)
        try:
            with client.query().response as response:
                return self._read(response, until)
        except QueryBadFormed as fault:
            raise QueryFault(_told(fault)) from fault
        except SPARQLWrapperException as fault:
            raise EngineFault(f"{self.url}: {_told(fault)}") from fault
        except (OSError, http.client.HTTPException) as fault:
            if isinstance(fault, EngineFault):
                raise
            if isinstance(getattr(fault, "reason", fault), TimeoutError):
                raise EngineSlow(f"{self.url}: no answer within {self.timeout:g} seconds") from fault
            raise EngineFault(f"{self.url} does not answer ({getattr(fault, 'reason', fault)})") from fault

    def _read(self, response: Any, until: float) -> bytes:
        """Read all of an answer, or raise: nothing that the engine has cut short passes for the whole."""
        if state := response.headers.get("X-SQL-State"):  # Virtuoso's word for rows that it gave up on
            raise EngineSlow(f"{self.url}: the engine gave up and would send a part of the rows ({state})")
        body = bytearray()
        while part := response.read1(_CHUNK):
            body += part
            if len(body) > self.largest:
                raise EngineCut(f"{self.url}: the answer is larger than {self.largest:,} bytes")
            if time.monotonic() > until:
                raise EngineSlow(f"{self.url}: no whole answer within {self.timeout:g} seconds")
        if most := response.headers.get("X-SPARQL-MaxRows"):
            raise EngineCut(f"{self.url}: the engine cut the answer at {most} rows; raise its limit of rows")
        return bytes(body)


def _told(fault: Exception) -> str:
    """Return what an endpoint says of a query, without the wrapping of our client library."""
    text = str(fault).partition("Response:")[2].strip()
    if text.startswith(("b'", 'b"')):
        text = str(literal_eval(text).decode(errors="replace"))
    return " ".join(text.split())[:300] or type(fault).__name__


def _solutions(body: bytes, kind: str) -> Results:
    # All of it, for rows are read one by one later, when it is too late to tell of a fault.
    told = json.loads(body)
    if kind == "ask" and "boolean" not in told:  # Virtuoso 7.2.5 answers ASK with a row that holds 0 or 1
        ((value,),) = (row.values() for row in told["results"]["bindings"] or ({"": {"value": "0"}},))
        body = json.dumps({"head": {}, "boolean": value["value"] in ("1", "true")}).encode()
    return ox.parse_query_results(body, format=ox.QueryResultsFormat.JSON)


def _triples(body: bytes) -> ox.QueryTriples:
    store = ox.Store()
    store.load(body, format=ox.RdfFormat.N_TRIPLES)
    found = store.query("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }")
    assert isinstance(found, ox.QueryTriples)
    return found
