"""The W3C's tests of the SPARQL 1.1 Protocol, name by name, against ``readmission serve --data`` as users start it.

They are published as ``sparql/sparql11/protocol`` in https://github.com/w3c/rdf-tests. The twenty of the query
operation must pass. The fourteen of the update operation must be refused, each with 4xx, and must leave no trace:
this endpoint only reads.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import quote, urlencode, urlsplit

import pytest

DATA = "http://kasei.us/2009/09/sparql/data/"
DOCUMENT = "http://xmlns.com/foaf/0.1/Document"
FORM = "application/x-www-form-urlencoded"
QUERY = "application/sparql-query"
UPDATE = "application/sparql-update"
TABULAR = {
    "application/sparql-results+json",
    "application/sparql-results+xml",
    "text/csv",
    "text/tab-separated-values",
}
BOOLEAN = {"application/sparql-results+json", "application/sparql-results+xml"}
RDF = {"text/turtle", "application/rdf+xml", "application/n-triples", "application/ld+json"}
EVERYTHING = ("SELECT * { ?s ?p ?o }", "SELECT * { GRAPH ?g { ?s ?p ?o } }")


def address(**parameters: str | list[str]) -> str:
    """Return the query part of an address, percent-encoded as the W3C's requests are."""
    named = {name.replace("_", "-"): value for name, value in parameters.items()}
    return "?" + urlencode(named, doseq=True, quote_via=quote) if named else ""


def data(*numbers: int) -> list[str]:
    return [f"{DATA}data{number}.rdf" for number in numbers]


def documents(*numbers: int) -> str:
    """Return the pattern: each of these is a thing of some type in the default graph."""
    return " . ".join(f"<{name}> a ?type" for name in data(*numbers))


def graphs(*numbers: int) -> str:
    return " ".join(f"GRAPH ?g{number} {{ {documents(number)} }}" for number in numbers)


@dataclass(frozen=True)
class Request:
    """What is sent; ``kind`` is the Content-Type, and None sends none."""

    where: str = ""
    body: bytes | str = b""
    kind: str | None = None
    method: str = "POST"


@dataclass(frozen=True)
class Told:
    """What came back."""

    status: int
    media_type: str
    body: bytes


def get(where: str) -> Request:
    return Request(where, method="GET")


@dataclass(frozen=True)
class Answered:
    """A test of the query operation that expects success: a format, and for ASK also the answer."""

    request: Request
    formats: set[str] = field(default_factory=lambda: BOOLEAN)
    verdict: bool | None = True


ANSWERED = {
    "query_post_form": Answered(Request(address(default_graph_uri=data(0)), "query=ASK%20%7B%7D", FORM)),
    "query_dataset_default_graphs_get": Answered(
        get(address(query=f"ASK {{ {documents(1, 2)} }}", default_graph_uri=data(1, 2)))
    ),
    "query_dataset_default_graphs_post": Answered(
        Request(address(default_graph_uri=data(1, 2)), f"ASK {{ {documents(1, 2)} }}", QUERY)
    ),
    "query_dataset_named_graphs_post": Answered(
        Request(address(named_graph_uri=data(1, 2)), f"ASK {{ {graphs(1, 2)} }}", QUERY)
    ),
    "query_dataset_named_graphs_get": Answered(
        get(address(query=f"ASK {{ {graphs(1, 2)} }}", named_graph_uri=data(1, 2)))
    ),
    "query_dataset_full": Answered(
        Request(
            address(default_graph_uri=data(3), named_graph_uri=data(1, 2)),
            f"ASK {{ {documents(3)} {graphs(1, 2)} }}",
            QUERY,
        )
    ),
    # The manifest percent-encodes the & between the two parameters, which would make them one graph that does not
    # exist. The tests it was written down from (those of the kasei.us validator) send two parameters, as here.
    "query_multiple_dataset": Answered(
        Request(address(named_graph_uri=data(1, 2)), f"ASK FROM <{data(3)[0]}> {{ {graphs(1, 2)} }}", QUERY)
    ),
    "query_get": Answered(get(address(query="ASK {}", default_graph_uri=data(0)))),
    "query_content_type_select": Answered(
        Request(address(default_graph_uri=data(0)), "SELECT (1 AS ?value) {}", QUERY), TABULAR, None
    ),
    "query_content_type_ask": Answered(Request(address(default_graph_uri=data(0)), "ASK {}", QUERY)),
    "query_content_type_describe": Answered(
        Request(address(default_graph_uri=data(0)), "DESCRIBE <http://example.org/>", QUERY), RDF, None
    ),
    "query_content_type_construct": Answered(
        Request(address(default_graph_uri=data(0)), "CONSTRUCT { <s> <p> 1 } WHERE {}", QUERY), RDF, None
    ),
    "query_post_direct": Answered(Request(body="ASK {}", kind=QUERY)),
}

REFUSED = {
    "bad_query_method": Request(address(query="ASK {}", default_graph_uri=data(0)), kind=FORM, method="PUT"),
    "bad_multiple_queries": get(address(query=["ASK {}", "SELECT * {}"])),
    "bad_query_wrong_media_type": Request(body="ASK {}", kind="text/plain"),
    "bad_query_missing_form_type": Request(body="query=ASK%20%7B%7D"),
    "bad_query_missing_direct_type": Request(body="ASK {}"),
    "bad_query_non_utf8": Request(body="ASK {}".encode("utf-16"), kind=f"{QUERY}; charset=UTF-16"),
    "bad_query_syntax": get(address(query="ASK {")),
}

_FOAF = "PREFIX foaf: <http://xmlns.com/foaf/0.1/>"
_DC = "PREFIX dc: <http://purl.org/dc/terms/>"
_BIBLIOGRAPHIC = "a <http://purl.org/dc/terms/BibliographicResource>"


def rewriting(target: str, where: str, template: str = "?s a dc:BibliographicResource") -> str:
    """Return the update that empties the store, puts three documents into three graphs and copies what it sees."""
    inserted = " ".join(f"GRAPH <{name}> {{ <{name}> a foaf:Document }}" for name in data(1, 2, 3))
    return (
        f"{_DC} {_FOAF} DROP ALL ; INSERT DATA {{ {inserted} }} ;"
        f" INSERT {{ GRAPH <{target}> {{ {template} }} }} WHERE {{ {where} }}"
    )


@dataclass(frozen=True)
class Updating:
    """A test of the update operation, and a question that would be answered with yes had it been carried out."""

    request: Request
    afterwards: str = f"ASK {{ FILTER NOT EXISTS {{ ?document a <{DOCUMENT}> }} }}"


def direct(update: str, where: str = "") -> Request:
    return Request(where, update, UPDATE)


def form(update: str) -> Request:
    return Request(body=update, kind=FORM)


_DEFAULT, _SEVERAL, _NAMED, _FULL, _BASE = (
    f"http://example.org/protocol-{name}-test/"
    for name in (
        "update-dataset", "update-dataset-graphs", "update-dataset-named-graphs", "update-dataset-full", "base"
    )
)  # fmt: skip

UPDATES = {
    "update_dataset_default_graph": Updating(
        direct(
            f"{_DC} {_FOAF} CLEAR ALL ; INSERT DATA {{ GRAPH <{data(1)[0]}> {{ <{data(1)[0]}> a foaf:Document }} }} ;"
            f" INSERT {{ GRAPH <{_DEFAULT}> {{ ?s a dc:BibliographicResource }} }} WHERE {{ ?s a foaf:Document }}",
            address(using_graph_uri=data(1)),
        ),
        f"ASK {{ GRAPH <{_DEFAULT}> {{ <{data(1)[0]}> {_BIBLIOGRAPHIC} }} }}",
    ),
    "update_dataset_default_graphs": Updating(
        direct(rewriting(_SEVERAL, "?s a foaf:Document"), address(using_graph_uri=data(1, 2))),
        f"ASK {{ GRAPH <{_SEVERAL}> {{ <{data(1)[0]}> {_BIBLIOGRAPHIC} . <{data(2)[0]}> {_BIBLIOGRAPHIC} }} }}",
    ),
    "update_dataset_named_graphs": Updating(
        direct(
            rewriting(_NAMED, "GRAPH ?g { ?s a foaf:Document }"), address(using_named_graph_uri=data(1, 2))
        ),
        f"ASK {{ GRAPH <{_NAMED}> {{ <{data(1)[0]}> {_BIBLIOGRAPHIC} . <{data(2)[0]}> {_BIBLIOGRAPHIC} }} }}",
    ),
    "update_dataset_full": Updating(
        direct(
            rewriting(
                _FULL,
                "{ GRAPH ?g { ?s a foaf:Document } BIND(?g AS ?in) }"
                ' UNION { ?s a foaf:Document . BIND("default" AS ?in) }',
                "?s <http://example.org/in> ?in",
            ),
            address(using_graph_uri=data(1), using_named_graph_uri=data(2)),
        ),
        f'ASK {{ GRAPH <{_FULL}> {{ <{data(1)[0]}> <http://example.org/in> "default" }} }}',
    ),
    "update_post_form": Updating(form("update=CLEAR+ALL")),
    "update_post_direct": Updating(direct("CLEAR ALL")),
    "update_base_uri": Updating(
        direct(
            f"CLEAR GRAPH <{_BASE}> ;"
            f" INSERT DATA {{ GRAPH <{_BASE}> {{ <http://example.org/s> <http://example.org/p> <test> }} }}"
        ),
        f"ASK {{ GRAPH <{_BASE}> {{ <http://example.org/s> <http://example.org/p> ?o }} }}",
    ),
    "bad_update_get": Updating(get("?update=CLEAR%20ALL")),
    "bad_multiple_updates": Updating(form("update=CLEAR%20NAMED&update=CLEAR%20DEFAULT")),
    "bad_update_wrong_media_type": Updating(Request(body="CLEAR NAMED", kind="text/plain")),
    "bad_update_missing_form_type": Updating(Request(body="update=CLEAR%20NAMED")),
    "bad_update_non_utf8": Updating(
        Request(body="CLEAR NAMED".encode("utf-16"), kind=f"{UPDATE}; charset=UTF-16")
    ),
    "bad_update_syntax": Updating(form("update=CLEAR%20XYZ")),
    "bad_update_dataset_conflict": Updating(
        direct(
            f"{_FOAF} WITH <http://example/addresses> DELETE {{ ?person foaf:givenName 'Bill' }}"
            " INSERT { ?person foaf:givenName 'William' } WHERE { ?person foaf:givenName 'Bill' }",
            "?using-named-graph-uri=http%3A%2F%2Fexample%2Fpeople",
        ),
        "ASK { ?person <http://xmlns.com/foaf/0.1/givenName> 'William' }",
    ),
}


@pytest.fixture(scope="module")
def endpoint(serving: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> str:
    """The endpoint over the W3C's graphs data1 to data3 and the addresses that its last update would change."""
    file = tmp_path_factory.mktemp("w3c") / "data.trig"
    written = [f"<{name}> {{ <{name}> a <{DOCUMENT}> }}" for name in data(1, 2, 3)]
    bill = "<http://example/addresses> { <http://example/bill> <http://xmlns.com/foaf/0.1/givenName> 'Bill' }"
    file.write_text("\n".join([*written, bill]), encoding="utf-8")
    return serving(Path(file)) + "sparql"


def send(endpoint: str, request: Request) -> Told:
    """Send exactly these bytes and headers: no client library adds a Content-Type of its own."""
    place = urlsplit(endpoint)
    connection = HTTPConnection(place.hostname or "", place.port, timeout=30)
    try:
        headers = {"Content-Type": request.kind} if request.kind else {}
        body = request.body.encode() if isinstance(request.body, str) else request.body
        connection.request(request.method, place.path + request.where, body or None, headers)
        answer = connection.getresponse()
        return Told(answer.status, answer.headers.get_content_type(), answer.read())
    finally:
        connection.close()


def asked(endpoint: str, query: str) -> Told:
    return send(endpoint, Request(body=query, kind=QUERY))


def dump(endpoint: str) -> list[bytes]:
    """Return all that the endpoint tells of its data, line by line in a fixed order."""
    answers = [
        send(endpoint, Request(address(query=query, format="tsv"), method="GET")) for query in EVERYTHING
    ]
    assert all(answer.status == 200 for answer in answers), answers
    return [line for answer in answers for line in sorted(answer.body.splitlines())]


def test_the_list_is_complete() -> None:
    assert (len(ANSWERED) + len(REFUSED), len(UPDATES)) == (20, 14)


@pytest.mark.parametrize("name", ANSWERED)
def test_w3c_query(endpoint: str, name: str) -> None:
    case = ANSWERED[name]
    told = send(endpoint, case.request)
    assert told.status == 200, f"{name}: {told}"
    assert told.media_type in case.formats, f"{name}: {told.media_type} is none of {sorted(case.formats)}"
    if case.verdict is not None:
        assert json.loads(told.body)["boolean"] is case.verdict, f"{name}: {told}"


@pytest.mark.parametrize("name", REFUSED)
def test_w3c_query_that_must_be_refused(endpoint: str, name: str) -> None:
    told = send(endpoint, REFUSED[name])
    assert 400 <= told.status < 500, f"{name}: {told}"


@pytest.mark.parametrize("name", UPDATES)
def test_w3c_update_is_refused_and_changes_nothing(endpoint: str, name: str) -> None:
    case, before = UPDATES[name], dump(endpoint)
    assert len(before) == 2 * (1 + 4), "the data of this test have 4 statements, each in one graph"
    told = send(endpoint, case.request)
    assert 400 <= told.status < 500, f"{name}: {told}"
    assert dump(endpoint) == before, f"{name} changed the data"
    assert json.loads(asked(endpoint, case.afterwards).body)["boolean"] is False, f"{name} was carried out"
