"""What an endpoint owes its users, point by point, asked of ``readmission serve --data`` as users start it.

The points are those of the SPARQL 1.1 Protocol, Graph Store Protocol and Service Description, of RFC 9110 (HTTP), and
of what users of other endpoints have complained of. Limits, time-outs and queues are tested elsewhere.
"""

import csv
import gzip
import io
import json
import re
import socket
import threading
import warnings
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import dataclass
from email.message import Message
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import brotli
import pyoxigraph as ox
import pytest
import rdflib
import zstandard
from rdflib import RDF, Dataset, Graph, Literal, URIRef

E = "http://example.org/"
NAME = "Åland 🇪🇺"
AWKWARD = 'tab\t, line\n, return\r, "quoted" and \\'
SELECT = "SELECT ?s ?name { ?s <http://example.org/name> ?name }"
ASK = f"ASK {{ ?s <{E}name> ?name }}"
CONSTRUCT = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"
DESCRIBE = f"DESCRIBE <{E}a>"
EVERY_KIND = (
    f"SELECT ?iri ?blank ?language ?number ?text ?nothing {{ BIND(<{E}a> AS ?iri) BIND(BNODE() AS ?blank)"
    f" ?iri <{E}name> ?language ; <{E}size> ?number . ?other <{E}note> ?text }}"
)
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
ROWS = {
    "json": "application/sparql-results+json",
    "xml": "application/sparql-results+xml",
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
}
GRAPHS = {
    "turtle": "text/turtle",
    "ntriples": "application/n-triples",
    "jsonld": "application/ld+json",
    "rdfxml": "application/rdf+xml",
    "nquads": "application/n-quads",
    "trig": "application/trig",
}
RDFLIB = {
    "turtle": "turtle",
    "ntriples": "nt",
    "jsonld": "json-ld",
    "rdfxml": "xml",
    "nquads": "nquads",
    "trig": "trig",
}
FORM = "application/x-www-form-urlencoded"
QUERY_TYPE = "application/sparql-query"
TRIPLES = URIRef("http://rdfs.org/ns/void#triples")
SD = rdflib.Namespace("http://www.w3.org/ns/sparql-service-description#")


@dataclass(frozen=True)
class Told:
    """An answer as it came over the wire."""

    status: int
    headers: Message
    body: bytes

    @property
    def kind(self) -> str:
        return self.headers.get_content_type()

    @property
    def text(self) -> str:
        return self.body.decode()

    def json(self) -> Any:
        assert self.status < 500, self.text
        return json.loads(self.body)

    def rows(self) -> list[dict[str, str]]:
        assert self.status == 200, self.text
        return [
            {name: cell["value"] for name, cell in row.items()} for row in self.json()["results"]["bindings"]
        ]


@dataclass(frozen=True)
class Site:
    """A server of its own, asked with nothing but what a test says: no client library adds headers."""

    address: str

    def send(self, method: str, where: str, headers: dict[str, str] | None = None, body: bytes = b"") -> Told:
        place = urlsplit(self.address)
        connection = HTTPConnection(place.hostname or "", place.port, timeout=30)
        try:
            connection.request(method, where, body or None, headers or {})
            answer = connection.getresponse()
            return Told(answer.status, answer.headers, answer.read())
        finally:
            connection.close()

    def ask(
        self, query: str, accept: str | None = None, method: str = "GET", **more: str | list[str]
    ) -> Told:
        """Ask by the address; ``more`` are further parameters, with _ for -."""
        named = {"query": query} | {name.replace("_", "-"): value for name, value in more.items()}
        headers = {"Accept": accept} if accept else {}
        return self.send(method, "/sparql?" + urlencode(named, doseq=True), headers)

    def post(self, body: str | bytes, kind: str | None, where: str = "/sparql") -> Told:
        raw = body.encode() if isinstance(body, str) else body
        return self.send("POST", where, {"Content-Type": kind} if kind else {}, raw)


@pytest.fixture(scope="module")
def site(serving: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Two named graphs of two statements each, with texts that formats like to break."""
    store = ox.Store()
    one, two = (ox.NamedNode(f"{E}graph/{name}") for name in ("one", "two"))
    a, b, name, size, note = (ox.NamedNode(E + local) for local in ("a", "b", "name", "size", "note"))
    store.add(ox.Quad(a, name, ox.Literal(NAME, language="sv"), one))
    store.add(ox.Quad(a, size, ox.Literal(1), one))
    store.add(ox.Quad(b, name, ox.Literal("a,b"), two))
    store.add(ox.Quad(b, note, ox.Literal(AWKWARD), two))
    file = tmp_path_factory.mktemp("checklist") / "data.nq"
    store.dump(output=str(file), format=ox.RdfFormat.N_QUADS)
    return Site(serving(Path(file)))


# The query operation


def test_query_01_by_get(site: Site) -> None:
    assert {row["name"] for row in site.ask(SELECT).rows()} == {NAME, "a,b"}


def test_query_02_by_post_of_a_form(site: Site) -> None:
    assert len(site.post(urlencode({"query": SELECT}), FORM).rows()) == 2
    assert len(site.post(urlencode({"query": SELECT}), f"{FORM}; charset=UTF-8").rows()) == 2


@pytest.mark.parametrize("kind", [QUERY_TYPE, f"{QUERY_TYPE}; charset=utf-8", f"{QUERY_TYPE};charset=UTF-8"])
def test_query_03_by_post_of_the_text(site: Site, kind: str) -> None:
    told = site.post(f'SELECT ?s {{ ?s ?p "{NAME}"@sv }}', kind)
    assert told.rows() == [{"s": f"{E}a"}]


def test_query_04_by_the_query_method(site: Site) -> None:
    told = site.send("QUERY", "/sparql", {"Content-Type": QUERY_TYPE}, SELECT.encode())
    assert len(told.rows()) == 2


def test_query_05_exactly_one_query_is_answered(site: Site) -> None:
    assert site.send("GET", "/sparql?query=ASK%7B%7D&query=ASK%7B%7D").status == 400
    assert site.post("query=ASK%7B%7D&query=ASK%7B%7D", FORM).status == 400
    assert site.post("query=ASK%7B%7D", FORM, "/sparql?query=ASK%7B%7D").status == 400
    assert site.post("ASK{}", QUERY_TYPE, "/sparql?query=ASK%7B%7D").status == 400
    assert site.post("nothing=here", FORM).status == 400


def test_query_06_without_a_query_programs_get_a_description_and_people_a_form(site: Site) -> None:
    for accept in (None, "*/*", "text/turtle", "application/rdf+xml;q=0.5, text/turtle"):
        told = site.send("GET", "/sparql", {"Accept": accept} if accept else {})
        assert (told.status, told.kind) == (200, "text/turtle")
        assert (None, RDF.type, SD.Service) in Graph().parse(data=told.body, format="turtle")
    page = site.send("GET", "/sparql", {"Accept": BROWSER})
    assert (page.status, page.kind) == (200, "text/html")
    assert 'name="query"' in page.text


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/json", "multipart/form-data; boundary=x", "nonsense"]
)
def test_query_07_a_body_of_another_kind_is_refused(site: Site, kind: str) -> None:
    assert site.post("ASK {}", kind).status == 415


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("Application/SPARQL-Query", ASK),
        ("APPLICATION/SPARQL-QUERY; Charset=UTF-8", ASK),
        ("application/sparql-query; charset=us-ascii", ASK),
        ("application/sparql-query;charset=", ASK),
        ("application/X-WWW-form-URLencoded", urlencode({"query": ASK})),
        (f"{FORM}; charset=ISO-8859-1", urlencode({"query": ASK})),
        (f"{FORM}; charset=us-ascii", urlencode({"query": ASK})),
        (f"{FORM}; charset=windows-1252", urlencode({"query": ASK})),
        (f'{FORM};charset="utf-8"', urlencode({"query": f"ASK {{ ?s <{E}name> '{NAME}'@sv }}"})),
    ],
)
def test_query_07_a_kind_may_be_written_in_any_case_and_name_a_character_set(
    site: Site, kind: str, body: str
) -> None:
    """RFC 9110, section 8.3.1; a form has no character set (URL Standard), and ASCII is the same in all of these."""
    told = site.post(body, kind)
    assert (told.status, told.json()["boolean"]) == (200, True)


@pytest.mark.parametrize("charset", ["ISO-8859-1", "windows-1252", "us-ascii", "iso-8859-15"])
@pytest.mark.parametrize("letter", ["%E9", "%C3%A9"])
def test_query_07_letters_of_another_character_set_are_refused_and_not_guessed_at(
    site: Site, charset: str, letter: str
) -> None:
    told = site.post(f"query=ASK+%7B%3Fs+%3Fp+%22{letter}%22%7D", f"{FORM}; charset={charset}")
    assert told.status == 415
    assert charset in told.json()["detail"]


@pytest.mark.parametrize(
    "charset", ["utf-16", "utf-7", "ebcdic-cp-us", "idna", "unicode_escape", "é", "x" * 2000]
)
def test_query_07_a_character_set_that_is_not_like_ascii_is_refused(site: Site, charset: str) -> None:
    told = site.send("POST", "/sparql", {"Content-Type": f"{QUERY_TYPE}; charset={charset}"}, ASK.encode())
    assert told.status == 415
    assert len(told.body) < 1000


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd", "x-gzip", "identity, gzip", "GZIP"])
@pytest.mark.parametrize("where", ["/sparql", "/sparql/", "/inspect"])
def test_query_07_a_coded_body_is_refused_with_the_codings_that_are_read(
    site: Site, coding: str, where: str
) -> None:
    """RFC 7694, section 3: a 415 for a content coding has Accept-Encoding."""
    for body in (gzip.compress(ASK.encode()), ASK.encode()):
        told = site.send("POST", where, {"Content-Type": QUERY_TYPE, "Content-Encoding": coding}, body)
        assert (told.status, told.headers["Accept-Encoding"]) == (415, "identity")
        assert "Content-Encoding" in told.json()["detail"]
    plain = site.send(
        "POST", where, {"Content-Type": QUERY_TYPE, "Content-Encoding": "identity"}, ASK.encode()
    )
    assert plain.status == 200


@pytest.mark.parametrize(
    "fields",
    ["default-graph-uri=", "named-graph-uri=", "default-graph-uri=&default-graph-uri=", "format=&output=&timeout=",
     "default-graph-uri=&named-graph-uri=&format=auto&timeout=0&debug=on&should-sponge=&signal_void=on",
     "default-graph-uri=+&timeout=+"],
)  # fmt: skip
def test_query_13_empty_form_fields_are_ignored(site: Site, fields: str) -> None:
    query = urlencode({"query": "SELECT * { ?s ?p ?o }"})
    for told in (site.send("GET", f"/sparql?{fields}&{query}"), site.post(f"{query}&{fields}", FORM)):
        assert len(told.rows()) == 4, "an empty field is no graph, no format and no time"
    assert site.send("GET", "/graphs?default&graph=").status == 200


@pytest.mark.parametrize(
    "where", ["/sparql", "/sparql.json", "/inspect", "/limits", "/health", "/graphs", "/", "/openapi.json"]
)
def test_a_path_may_end_in_a_slash(site: Site, where: str) -> None:
    asked = "?default" if where == "/graphs" else f"?{urlencode({'query': ASK})}"
    plain, slash = (site.send("GET", f"{path}{asked}") for path in (where, f"{where}/"))
    assert (slash.status, slash.kind) == (plain.status, plain.kind) == (200, plain.kind)
    assert slash.body == plain.body
    assert site.send("POST", "/sparql/", {"Content-Type": QUERY_TYPE}, ASK.encode()).json()["boolean"] is True
    base = "SELECT (<a> AS ?iri) { }"
    answers = [
        site.send("GET", f"{path}?{urlencode({'query': base})}").rows() for path in ("/sparql", "/sparql/")
    ]
    assert answers[0] == answers[1], "a relative IRI means the same at both"


def test_query_08_a_body_without_a_kind_is_refused(site: Site) -> None:
    assert site.post("ASK {}", None).status == 415
    assert site.post("query=ASK%7B%7D", None).status == 415


def test_query_09_invalid_utf_8_is_refused(site: Site) -> None:
    assert site.post(b"ASK { ?s ?p '\xe9' }", QUERY_TYPE).status == 400
    assert site.post(b"query=ASK%7B+%27%E9%27+%7D", FORM).status == 400
    assert site.send("GET", "/sparql?query=ASK%7B+%27%E9%27+%7D").status == 400
    assert site.post("ASK {}".encode("utf-16"), f"{QUERY_TYPE}; charset=utf-16").status == 415
    assert site.ask("ASK {}").status == 200


def test_query_10_a_syntax_error_names_its_place(site: Site) -> None:
    broken = "SELECT *\nWHERE { ?s <http://example.org/p ?o }"
    told = site.ask(broken, accept="application/sparql-results+json, application/problem+json;q=0.9")
    assert (told.status, told.kind) == (400, "application/problem+json")
    assert told.json()["line"] == 2
    assert isinstance(told.json()["column"], int)
    assert "WHERE { ?s <http://example.org/p ?o }" in told.json()["excerpt"]
    plain = site.ask(broken, accept="text/plain")
    assert (plain.status, plain.kind) == (400, "text/plain")
    assert "line 2, column" in plain.text
    assert "WHERE { ?s <http://example.org/p ?o }" in plain.text
    assert site.ask(broken).kind == "application/problem+json"


def test_query_11_updates_are_refused_in_each_form(site: Site) -> None:
    update = "CLEAR ALL"
    assert site.ask(update).status == 400
    assert site.send("GET", "/sparql?update=CLEAR+ALL").status == 403
    assert site.post("update=CLEAR+ALL", FORM).status == 403
    assert site.post(update, QUERY_TYPE).status == 400
    assert site.post(update, "application/sparql-update").status in (403, 415)
    assert len(site.ask("SELECT * { ?s ?p ?o }").rows()) == 4


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "PROPFIND"])
def test_query_12_another_method_is_refused_with_those_that_are_not(site: Site, method: str) -> None:
    told = site.send(method, "/sparql?query=ASK%7B%7D")
    assert told.status == 405
    assert {"GET", "HEAD", "POST", "OPTIONS"} <= set(re.split(r",\s*", told.headers["Allow"]))


def test_query_13_the_request_may_name_the_dataset(site: Site) -> None:
    one, two, unknown = f"{E}graph/one", f"{E}graph/two", f"{E}graph/unknown"
    triples, quads = "SELECT * { ?s ?p ?o }", "SELECT * { GRAPH ?g { ?s ?p ?o } }"
    assert len(site.ask(triples, default_graph_uri=one).rows()) == 2
    assert len(site.ask(triples, default_graph_uri=[one, two]).rows()) == 4
    assert {row["g"] for row in site.ask(quads, named_graph_uri=[one, two]).rows()} == {one, two}
    assert len(site.ask(quads, named_graph_uri=one).rows()) == 2
    assert site.ask(triples, named_graph_uri=one).rows() == []
    assert site.ask(quads, default_graph_uri=one).rows() == []
    assert site.ask(triples, default_graph_uri=unknown).rows() == []
    both = site.ask(
        "SELECT * { ?s <http://example.org/size> ?x . GRAPH ?g { ?t <http://example.org/note> ?y } }",
        default_graph_uri=one,
        named_graph_uri=two,
    )
    assert len(both.rows()) == 1


def test_query_13_the_dataset_of_the_request_goes_before_from(site: Site) -> None:
    told = site.ask(f"SELECT * FROM <{E}graph/one> {{ ?s ?p ?o }}", default_graph_uri=f"{E}graph/two")
    assert {row["s"] for row in told.rows()} == {f"{E}b"}


def test_query_13_the_dataset_may_stand_in_the_address_or_in_the_form(site: Site) -> None:
    where = "/sparql?" + urlencode({"default-graph-uri": f"{E}graph/one"})
    assert len(site.post("SELECT * { ?s ?p ?o }", QUERY_TYPE, where).rows()) == 2
    assert len(site.post(urlencode({"query": "SELECT * { ?s ?p ?o }"}), FORM, where).rows()) == 2
    fields = {"query": "SELECT * { ?s ?p ?o }", "default-graph-uri": f"{E}graph/two"}
    assert len(site.post(urlencode(fields), FORM).rows()) == 2


def test_query_14_no_query_reaches_a_network_address_or_a_file(site: Site, tmp_path: Path) -> None:
    secret = tmp_path / "secret.ttl"
    secret.write_text("<a:secret> <a:is> <a:out> .", encoding="utf-8")
    calls: list[object] = []
    with socket.create_server(("127.0.0.1", 0)) as trap:
        watcher = threading.Thread(target=lambda: calls.append(trap.accept()), daemon=True)
        watcher.start()
        lure = f"http://127.0.0.1:{trap.getsockname()[1]}/data.ttl"
        for clause in (f"SERVICE <{lure}> {{ ?s ?p ?o }}", f"SERVICE SILENT <{lure}> {{ ?s ?p ?o }}"):
            told = site.ask(f"SELECT * {{ {clause} }}")
            assert (told.status, "SERVICE" in told.json()["detail"]) == (403, True)
        for place in (
            lure,
            secret.as_uri(),
            "file:///etc/passwd",
            "http://169.254.169.254/latest/meta-data/",
        ):
            assert site.ask(f"SELECT * FROM <{place}> {{ ?s ?p ?o }}").rows() == []
            assert site.ask(f"SELECT * FROM NAMED <{place}> {{ GRAPH ?g {{ ?s ?p ?o }} }}").rows() == []
            assert site.ask("SELECT * { ?s ?p ?o }", default_graph_uri=place).rows() == []
        assert site.ask(f"LOAD <{lure}>").status == 400
        watcher.join(0.3)
        assert calls == [], "a query made the server call a network address"


def test_query_15_long_queries_are_answered_by_get_and_by_post(site: Site) -> None:
    long = f"{SELECT} # {'x' * 20_000}"
    assert len(site.ask(long).rows()) == 2
    assert len(site.post(f"{SELECT} # {'x' * 200_000}", QUERY_TYPE).rows()) == 2


def test_a_relative_name_has_a_base(site: Site) -> None:
    told = site.ask("CONSTRUCT { <s> <p> 1 } WHERE {}", accept="application/n-triples")
    assert told.status == 200, told.text
    assert re.match(r"<https?://[^>]+s> <https?://[^>]+p> ", told.text)


def test_the_default_graph_is_the_union_of_the_named_graphs(site: Site) -> None:
    assert len(site.ask("SELECT * { ?s ?p ?o }").rows()) == 4


# Results


@pytest.mark.parametrize("query", [SELECT, ASK])
@pytest.mark.parametrize("name", ROWS)
def test_results_rows_come_in_each_format_by_accept_and_by_name(site: Site, query: str, name: str) -> None:
    by_accept, by_name = site.ask(query, accept=ROWS[name]), site.ask(query, accept=BROWSER, format=name)
    for told in (by_accept, by_name, site.ask(query, output=name)):
        assert (told.status, told.kind) == (200, ROWS[name])
        assert told.body == by_accept.body


@pytest.mark.parametrize("query", [CONSTRUCT, DESCRIBE])
@pytest.mark.parametrize("name", GRAPHS)
def test_results_graphs_come_in_each_format_and_say_the_same(site: Site, query: str, name: str) -> None:
    told = site.ask(query, accept=GRAPHS[name])
    assert (told.status, told.kind) == (200, GRAPHS[name])
    assert site.ask(query, accept=BROWSER, format=name).body == told.body
    quads = ox.parse(told.body, format=_format(GRAPHS[name]))
    expected = ox.parse(site.ask(query, accept="application/n-triples").body, format=ox.RdfFormat.N_TRIPLES)
    assert {str(quad.triple) for quad in quads} == {str(quad.triple) for quad in expected}


def read(body: bytes, name: str) -> Graph:
    """Read statements as rdflib's users do."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # rdflib speaks of its own insides
        if name not in ("nquads", "trig"):
            return Graph().parse(data=body, format=RDFLIB[name])
        found, merged = Dataset(), Graph()
        found.parse(data=body, format=RDFLIB[name])
        for subject, predicate, object_, _ in found.quads():
            merged.add((subject, predicate, object_))
        return merged


def _format(media_type: str) -> ox.RdfFormat:
    found = ox.RdfFormat.from_media_type(media_type)
    assert found is not None
    return found


@pytest.mark.parametrize("query", [SELECT, ASK, CONSTRUCT, DESCRIBE])
def test_results_are_a_page_for_browsers(site: Site, query: str) -> None:
    told = site.ask(query, accept=BROWSER)
    assert (told.status, told.kind) == (200, "text/html")
    assert site.ask(query, accept="application/json", format="html").kind == "text/html"


@pytest.mark.parametrize(
    ("query", "accept", "expected"),
    [
        (SELECT, None, ROWS["json"]),
        (SELECT, "*/*", ROWS["json"]),
        (SELECT, "*", ROWS["json"]),
        (CONSTRUCT, "*", GRAPHS["turtle"]),
        (SELECT, "text/html, image/gif, *; q=.2", "text/html"),
        (SELECT, "Text/CSV", "text/csv"),
        (SELECT, "", ROWS["json"]),
        (SELECT, "application/json", ROWS["json"]),
        (SELECT, "application/xml", ROWS["xml"]),
        (SELECT, "text/xml", ROWS["xml"]),
        (SELECT, "text/*", "text/csv"),
        (SELECT, "text/csv;q=0.5, text/tab-separated-values", ROWS["tsv"]),
        (SELECT, "text/csv;q=0, */*", ROWS["json"]),
        (SELECT, "text/html, application/sparql-results+json", ROWS["json"]),
        (SELECT, "text/html, */*;q=0.1", "text/html"),
        (SELECT, "application/sparql-results+json;q=0.2, application/sparql-results+xml;q=0.8", ROWS["xml"]),
        (SELECT, "text/csv; charset=utf-8; header=present", "text/csv"),
        # what Jena, RDF4J, SPARQLWrapper and rdflib send for all they read
        (SELECT, "text/turtle, application/rdf+xml, application/sparql-results+xml;q=0.8", ROWS["xml"]),
        (SELECT, "application/sparql-results+json,application/json,text/javascript", ROWS["json"]),
        (CONSTRUCT, None, GRAPHS["turtle"]),
        (CONSTRUCT, "*/*", GRAPHS["turtle"]),
        (CONSTRUCT, "application/json", GRAPHS["jsonld"]),
        (CONSTRUCT, "application/xml", GRAPHS["rdfxml"]),
        (CONSTRUCT, "text/n3", GRAPHS["turtle"]),
        (CONSTRUCT, "application/sparql-results+json, application/n-triples;q=0.5", GRAPHS["ntriples"]),
        (DESCRIBE, "text/turtle;q=0.3, application/rdf+xml;q=0.6", GRAPHS["rdfxml"]),
        (DESCRIBE, "text/html, text/turtle", GRAPHS["turtle"]),
    ],
)  # fmt: skip
def test_results_the_accept_header_is_followed(
    site: Site, query: str, accept: str | None, expected: str
) -> None:
    told = site.send(
        "GET", "/sparql?" + urlencode({"query": query}), {"Accept": accept} if accept is not None else {}
    )
    assert (told.status, told.kind) == (200, expected)


@pytest.mark.parametrize(
    ("query", "more"),
    [
        (SELECT, {"accept": "image/png"}),
        (SELECT, {"accept": "text/turtle"}),
        (CONSTRUCT, {"accept": "text/csv"}),
        (SELECT, {"accept": "*/*;q=0"}),
        (SELECT, {"format": "turtle"}),
        (CONSTRUCT, {"format": "csv"}),
        (SELECT, {"format": "nonsense"}),
    ],
)
def test_results_a_format_that_does_not_fit_is_refused_with_those_that_do(
    site: Site, query: str, more: dict[str, str]
) -> None:
    told = site.ask(query, **more)
    assert told.status == 406
    assert ("text/turtle" if query is CONSTRUCT else "text/csv") in told.json()["detail"]


def test_results_the_address_may_end_in_a_format(site: Site) -> None:
    where = {
        suffix: f"/sparql.{suffix}?" + urlencode({"query": SELECT})
        for suffix in ("csv", "srj", "json", "ttl")
    }
    assert site.send("GET", where["csv"], {"Accept": BROWSER}).kind == "text/csv"
    assert site.send("GET", where["srj"]).kind == site.send("GET", where["json"]).kind == ROWS["json"]
    assert site.send("GET", where["ttl"]).status == 406
    assert site.send("GET", "/sparql.nonsense?query=ASK%7B%7D").status == 404
    assert site.send("GET", "/sparql.ttl").kind == "text/turtle"


@pytest.mark.parametrize(
    ("query", "name", "extension"),
    [(SELECT, "csv", "csv"), (SELECT, "tsv", "tsv"), (SELECT, "json", "srj"), (CONSTRUCT, "turtle", "ttl"),
     (CONSTRUCT, "jsonld", "jsonld"), (CONSTRUCT, "rdfxml", "rdf")],
)  # fmt: skip
def test_results_are_saved_under_a_name_that_fits(site: Site, query: str, name: str, extension: str) -> None:
    told = site.ask(query, format=name)
    assert re.fullmatch(rf'inline; filename="[\w.-]+\.{extension}"', told.headers["Content-Disposition"])


def test_results_texts_say_that_they_are_utf_8(site: Site) -> None:
    for name in ("csv", "tsv"):
        assert site.ask(SELECT, format=name).headers["Content-Type"] == f"{ROWS[name]}; charset=utf-8"
    assert site.ask(CONSTRUCT).headers["Content-Type"] == "text/turtle; charset=utf-8"
    assert b'encoding="UTF-8"' in site.ask(CONSTRUCT, format="rdfxml").body[:60]
    assert site.ask(SELECT).headers["Content-Type"] == "application/sparql-results+json"


def test_results_csv_conforms_to_the_specification(site: Site) -> None:
    told = site.ask(EVERY_KIND, format="csv")
    header, row = told.body.split(b"\r\n", 1)
    assert header == b"iri,blank,language,number,text,nothing"
    assert row.endswith(b",\r\n")
    assert b'"tab\t, line\n, return\r, ""quoted"" and \\"' in row
    cells = list(csv.reader(io.StringIO(told.text, newline="")))[1]
    assert cells[0] == f"{E}a"
    assert cells[1].startswith("_:")
    assert cells[2:] == [NAME, "1", AWKWARD, ""]


def test_results_tsv_conforms_to_the_specification(site: Site) -> None:
    header, row, rest = site.ask(EVERY_KIND, format="tsv").text.split("\n")
    assert (header, rest) == ("?iri\t?blank\t?language\t?number\t?text\t?nothing", "")
    cells = row.split("\t")
    assert cells[0] == f"<{E}a>"
    assert cells[1].startswith("_:")
    assert cells[2:4] == [f'"{NAME}"@sv', "1"]
    assert cells[4] == r'"tab\t, line\n, return\r, \"quoted\" and \\"'
    assert cells[5] == ""


def test_results_json_and_xml_conform_to_the_specification(site: Site) -> None:
    query = f"SELECT ?s ?name ?nothing {{ ?s <{E}name> ?name FILTER(LANG(?name) != '') }}"
    told = site.ask(query).json()
    assert told["head"]["vars"] == ["s", "name", "nothing"]
    name = {"type": "literal", "value": NAME, "xml:lang": "sv"}
    assert told["results"]["bindings"] == [{"s": {"type": "uri", "value": f"{E}a"}, "name": name}]
    assert site.ask("ASK {}").json() == {"head": {}, "boolean": True}
    root = ET.fromstring(site.ask(query, format="xml").body)
    space = {"r": "http://www.w3.org/2005/sparql-results#"}
    assert [found.get("name") for found in root.findall("r:head/r:variable", space)] == [
        "s",
        "name",
        "nothing",
    ]
    literal = root.find("r:results/r:result/r:binding[@name='name']/r:literal", space)
    assert literal is not None
    assert (literal.text, literal.get("{http://www.w3.org/XML/1998/namespace}lang")) == (NAME, "sv")
    assert (
        ET.fromstring(site.ask("ASK {}", format="xml").body).findtext("r:boolean", namespaces=space) == "true"
    )


@pytest.mark.parametrize("name", ROWS)
def test_results_rows_keep_every_character(site: Site, name: str) -> None:
    told = site.ask(
        f"SELECT ?text {{ {{ ?s <{E}note> ?text }} UNION {{ <{E}a> <{E}name> ?text }} }}", format=name
    )
    if name == "csv":
        texts = {row[0] for row in list(csv.reader(io.StringIO(told.text, newline="")))[1:]}
    else:
        kind = ox.QueryResultsFormat.from_media_type(ROWS[name])
        solutions = ox.parse_query_results(told.body, format=kind)
        assert isinstance(solutions, ox.QuerySolutions)
        texts = {row["text"].value for row in solutions}
    assert texts == {AWKWARD, NAME}


@pytest.mark.parametrize("name", GRAPHS)
def test_results_graphs_keep_every_character(site: Site, name: str) -> None:
    told = site.ask(CONSTRUCT, format=name)
    texts = {str(text) for text in read(told.body, name).objects() if not isinstance(text, URIRef)}
    assert texts == {AWKWARD, NAME, "a,b", "1"}


def test_results_what_xml_cannot_hold_is_refused_and_not_sent_broken(site: Site) -> None:
    for query, name in (
        (r"SELECT ?x { BIND('\u0001' AS ?x) }", "xml"),
        (r"CONSTRUCT { <a:b> <a:c> '\u0001' } {}", "rdfxml"),
        (
            "CONSTRUCT { <a:b> <http://example.org/1> 'a property whose name XML has no way to write' } {}",
            "rdfxml",
        ),
    ):
        told = site.ask(query, format=name)
        assert told.status == 406, told.body
        assert "XML" in told.json()["detail"]
    assert site.ask(r"SELECT ?x { BIND('\u0001' AS ?x) }", format="json").rows() == [{"x": "\x01"}]


# HTTP


ADDRESSES = [
    ("/sparql?query=ASK%7B%7D", 200),
    ("/sparql", 200),
    ("/sparql?query=nonsense", 400),
    ("/sparql?update=CLEAR+ALL", 403),
    ("/sparql?query=ASK%7BSERVICE%20%3Ca:b%3E%7B%7D%7D", 403),
    ("/nowhere", 404),
    ("/sparql?query=ASK%7B%7D&format=png", 406),
    ("/graphs?graph=http://example.org/unknown", 404),
    ("/graphs?default", 200),
]


@pytest.mark.parametrize(("where", "status"), ADDRESSES)
@pytest.mark.parametrize("accept", ["*/*", BROWSER])
def test_http_head_is_get_without_the_body(site: Site, where: str, status: int, accept: str) -> None:
    got, head = (site.send(method, where, {"Accept": accept}) for method in ("GET", "HEAD"))
    assert (head.status, head.body) == (got.status, b"") == (status, b"")
    for name in ("Content-Type", "Content-Length", "ETag", "Vary", "Cache-Control", "Last-Modified"):
        assert head.headers[name] == got.headers[name], name


@pytest.mark.parametrize(("where", "status"), ADDRESSES)
def test_http_every_answer_says_its_length_and_carries_cors_and_the_safety_headers(
    site: Site, where: str, status: int
) -> None:
    told = site.send("GET", where, {"Origin": "https://elsewhere.example"})
    assert told.status == status
    assert int(told.headers["Content-Length"]) == len(told.body)
    _assert_cors(told)
    assert told.headers["X-Content-Type-Options"] == "nosniff"
    assert told.headers["Referrer-Policy"]


def _assert_cors(told: Told) -> None:
    assert told.headers.get_all("Access-Control-Allow-Origin") == ["*"]
    exposed = {name.strip() for name in told.headers["Access-Control-Expose-Headers"].split(",")}
    assert {"ETag", "Link", "Retry-After", "Server-Timing", "X-Query-Id"} <= exposed


def test_http_cors_is_there_when_nothing_has_changed_and_when_a_method_is_refused(site: Site) -> None:
    tag = site.ask(SELECT).headers["ETag"]
    same = site.send("GET", "/sparql?" + urlencode({"query": SELECT}), {"If-None-Match": tag})
    assert same.status == 304
    _assert_cors(same)
    refused = site.send("PUT", "/sparql")
    assert refused.status == 405
    _assert_cors(refused)
    too_large = site.post("#" * 2_000_000, QUERY_TYPE)
    assert too_large.status == 413
    _assert_cors(too_large)


@pytest.mark.parametrize("name", ["application/sparql-results+json", "application/sparql-results+xml"])
@pytest.mark.parametrize("spelt", ["{}", " {}", "{};charset=utf-8", "{}; q=1"])
def test_results_a_media_type_may_be_named_with_a_bare_plus_and_parameters(
    site: Site, name: str, spelt: str
) -> None:
    bare = spelt.format(name).replace(" ", "%20")
    for query, type_ in ((SELECT, name), (CONSTRUCT, "application/ld+json")):
        asked = f"/sparql?{urlencode({'query': query})}&format={bare.replace(name, type_)}"
        assert (site.send("GET", asked).status, site.send("GET", asked).kind) == (200, type_)


@pytest.mark.parametrize(
    "name", ["user-agent", "X-Anything", "sparql-version", "if-modified-since", "sec-gpc", "range"]
)
@pytest.mark.parametrize("where", ["/sparql", "/graphs", "/limits", "/openapi.json"])
def test_http_a_script_may_send_any_header(site: Site, where: str, name: str) -> None:
    """Fetch Standard, CORS preflight: a header that is not named in the answer may not be sent."""
    wanted = {"Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": f"accept,{name}"}
    told = site.send("OPTIONS", where, {"Origin": "https://elsewhere.example", **wanted})
    allowed = [each.strip().lower() for each in told.headers["Access-Control-Allow-Headers"].split(",")]
    assert {"accept", "content-type", name.lower()} <= set(allowed)
    assert len(allowed) == len(set(allowed))


def test_http_invalid_names_in_a_preflight_are_ignored(site: Site) -> None:
    wanted = {"Access-Control-Request-Headers": f'x-good, x bad, "x", <x>, x:y, {"x" * 5000}'}
    told = site.send("OPTIONS", "/sparql", wanted)
    assert told.status == 204
    allowed = told.headers["Access-Control-Allow-Headers"]
    assert allowed.endswith(", x-good")


@pytest.mark.parametrize("where", ["/sparql", "/sparql?query=ASK%7B%7D", "/graphs?default"])
def test_http_options_answers_a_preflight(site: Site, where: str) -> None:
    wanted = {
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type, x-requested-with",
    }
    told = site.send("OPTIONS", where, {"Origin": "https://elsewhere.example", **wanted})
    assert (told.status, told.body) == (204, b"")
    assert "GET" in told.headers["Allow"]
    methods, headers = (told.headers[f"Access-Control-Allow-{name}"] for name in ("Methods", "Headers"))
    assert {"GET", "HEAD", "POST"} <= {method.strip() for method in methods.split(",")}
    assert "content-type" in headers.lower()
    assert int(told.headers["Access-Control-Max-Age"]) > 0
    _assert_cors(told)


@pytest.mark.parametrize(("where", "status"), [each for each in ADDRESSES if each[0] != "/nowhere"])
def test_http_vary_names_what_the_answer_depends_on(site: Site, where: str, status: int) -> None:
    told = site.send("GET", where)
    assert told.status == status
    varies = {name.strip().lower() for value in told.headers.get_all("Vary", []) for name in value.split(",")}
    assert varies == {"accept", "accept-encoding"}


def test_http_an_answer_has_a_strong_tag_of_data_query_dataset_and_media_type(site: Site) -> None:
    asked = [
        site.ask(SELECT),
        site.ask(SELECT + " "),
        site.ask(SELECT, format="csv"),
        site.ask(SELECT, default_graph_uri=f"{E}graph/one"),
        site.ask(SELECT, named_graph_uri=f"{E}graph/one"),
    ]
    tags = [told.headers["ETag"] for told in asked]
    assert len(set(tags)) == len(tags)
    assert not [tag for tag in tags if not re.fullmatch(r'"[^"]+"', tag)]
    assert site.ask(SELECT).headers["ETag"] == tags[0]


def test_http_if_none_match_answers_304(site: Site) -> None:
    where = "/sparql?" + urlencode({"query": SELECT})
    first = site.send("GET", where)
    for held in (
        first.headers["ETag"],
        f'"other", {first.headers["ETag"]}',
        f"W/{first.headers['ETag']}",
    ):
        again = site.send("GET", where, {"If-None-Match": held})
        assert (again.status, again.body) == (304, b"")
        assert again.headers["ETag"] == first.headers["ETag"]
        for name in ("Vary", "Cache-Control"):
            assert again.headers[name] == first.headers[name]
    assert site.send("GET", where, {"If-None-Match": '"other"'}).status == 200
    assert site.send("HEAD", where, {"If-None-Match": first.headers["ETag"]}).status == 304


FRESH = {
    "square brackets": (
        f"CONSTRUCT {{ ?s <{E}p> [ <{E}q> ?o ] }} WHERE {{ ?s ?p ?o }}",
        list(GRAPHS.values()),
    ),
    "label": (f"CONSTRUCT {{ ?s <{E}p> _:x }} WHERE {{ ?s ?p ?o }}", list(GRAPHS.values())),
    "list": (f"CONSTRUCT {{ ?s <{E}p> (1 ?o) }} WHERE {{ ?s ?p ?o }}", list(GRAPHS.values())),
}


@pytest.mark.parametrize(("query", "types"), FRESH.values(), ids=FRESH)
@pytest.mark.parametrize("coding", ["identity", "gzip"])
def test_http_a_tag_is_weak_where_the_same_answer_may_come_in_other_bytes(
    site: Site, query: str, types: list[str], coding: str
) -> None:
    """RFC 9110, section 8.8.1: blank nodes have other labels each time, so the graphs are equal and their bytes not."""
    where = "/sparql?" + urlencode({"query": query})
    for kind in (*types, "text/html"):
        headers = {"Accept": kind, "Accept-Encoding": coding, "Cache-Control": "no-cache"}
        bodies: dict[str, set[bytes]] = {}
        for _ in range(3):
            told = site.send("GET", where, headers)
            assert (told.status, told.kind) == (200, kind)
            bodies.setdefault(told.headers["ETag"], set()).add(told.body)
        (tag,) = bodies
        assert len(bodies[tag]) == 1 or tag.startswith("W/"), (
            f"{kind}: {tag} stands for {len(bodies[tag])} bodies"
        )
        for held in (tag, tag.removeprefix("W/"), f'"other", {tag}'):
            for more in ({}, {"Cache-Control": "no-cache"}):
                again = site.send("GET", where, {**headers, **more, "If-None-Match": held})
                assert (again.status, again.body, again.headers["ETag"]) == (304, b"", tag)


def test_http_an_answer_with_a_weak_tag_comes_from_memory_too(site: Site) -> None:
    where = "/sparql?" + urlencode({"query": FRESH["label"][0] + " # asked again"})
    first, second = (site.send("GET", where, {"Accept": "text/turtle"}) for _ in range(2))
    assert first.headers["ETag"].startswith("W/")
    assert (second.body, second.headers["ETag"]) == (first.body, first.headers["ETag"])
    assert "kept" in second.headers["Server-Timing"]


def test_http_volatile_answers_have_no_etag_and_no_store(site: Site) -> None:
    told = site.ask("SELECT (NOW() AS ?now) {}")
    assert "ETag" not in told.headers
    assert told.headers["Cache-Control"] == "no-store"
    assert site.ask("nonsense").headers["Cache-Control"] == "no-store"


def test_http_an_answer_may_be_kept_and_says_when_the_data_changed(site: Site) -> None:
    told = site.ask(SELECT)
    assert re.search(r"max-age=[1-9]", told.headers["Cache-Control"])
    assert re.fullmatch(r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT", told.headers["Last-Modified"])


UNPACK: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.decompress,
    "br": brotli.decompress,
    "zstd": zstandard.decompress,
}
LARGE = "SELECT ?a ?b ?c { ?a ?p ?x . ?b ?q ?y . ?c ?r ?z }"


@pytest.mark.parametrize("coding", UNPACK)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_http_large_answers_are_compressed(site: Site, coding: str, method: str) -> None:
    where = "/sparql?" + urlencode({"query": LARGE}) if method == "GET" else "/sparql"
    body = b"" if method == "GET" else LARGE.encode()
    kind = {} if method == "GET" else {"Content-Type": QUERY_TYPE}
    plain = site.send(method, where, kind, body)
    packed = site.send(method, where, {**kind, "Accept-Encoding": coding}, body)
    assert packed.headers["Content-Encoding"] == coding
    assert UNPACK[coding](packed.body) == plain.body
    assert len(packed.body) < len(plain.body) / 4
    assert int(packed.headers["Content-Length"]) == len(packed.body)
    assert "Content-Encoding" not in plain.headers


def test_http_each_coding_has_its_own_etag(site: Site) -> None:
    where = "/sparql?" + urlencode({"query": LARGE})
    tags = [
        site.send("GET", where, {"Accept-Encoding": coding}).headers["ETag"]
        for coding in ("identity", *UNPACK)
    ]
    assert len(set(tags)) == 4
    for tag, coding in zip(tags, ("identity", *UNPACK), strict=True):
        again = site.send("GET", where, {"Accept-Encoding": coding, "If-None-Match": tag})
        assert (again.status, again.headers["ETag"]) == (304, tag)
        assert site.send("HEAD", where, {"Accept-Encoding": coding}).headers["ETag"] == tag


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("gzip, deflate, br, zstd", "zstd"),
        ("gzip, deflate, br", "br"),
        ("gzip;q=1, br;q=0.5", "gzip"),
        ("br;q=0, gzip", "gzip"),
        ("gzip;q=0", None),
        ("identity", None),
        ("identity, gzip;q=0.5", None),
        ("deflate", None),
        ("", None),
        ("*", "zstd"),
        ("nonsense;q=x", None),
    ],
)
def test_http_accept_encoding_quality_decides(site: Site, accepted: str, coding: str | None) -> None:
    told = site.send("GET", "/sparql?" + urlencode({"query": LARGE}), {"Accept-Encoding": accepted})
    assert (told.status, told.headers["Content-Encoding"]) == (200, coding)


def test_http_small_answers_are_not_compressed(site: Site) -> None:
    told = site.send("GET", "/sparql?query=ASK%7B%7D", {"Accept-Encoding": "gzip, br"})
    assert "Content-Encoding" not in told.headers


def test_http_pages_have_a_content_security_policy(site: Site) -> None:
    for where in ("/sparql", "/sparql?query=ASK%7B%7D", "/sparql?query=nonsense", "/"):
        told = site.send("GET", where, {"Accept": BROWSER})
        assert told.kind == "text/html"
        assert "default-src 'self'" in told.headers["Content-Security-Policy"]


def test_http_each_query_has_x_query_id_and_server_timing(site: Site) -> None:
    first, second = (
        site.send("GET", "/sparql?" + urlencode({"query": SELECT}), {"Cache-Control": "no-cache"})
        for _ in range(2)
    )
    assert first.headers["X-Query-Id"] != second.headers["X-Query-Id"]
    assert re.search(r"\bdur=[\d.]+", first.headers["Server-Timing"])
    assert site.ask("nonsense").headers["X-Query-Id"]


# The Graph Store Protocol, reading


def test_graph_store_a_graph_is_read_by_its_name(site: Site) -> None:
    told = site.send("GET", "/graphs?" + urlencode({"graph": f"{E}graph/one"}))
    assert (told.status, told.kind) == (200, "text/turtle")
    assert {str(subject) for subject in Graph().parse(data=told.body, format="turtle").subjects()} == {
        f"{E}a"
    }


def test_graph_store_the_default_graph_is_the_union(site: Site) -> None:
    for where in ("/graphs?default", "/graphs?default="):
        assert len(Graph().parse(data=site.send("GET", where).body, format="turtle")) == 4


def test_graph_store_a_graph_is_read_at_its_own_address(serving: Callable[..., str], tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    own = f"http://127.0.0.1:{port}/graph/mine"
    file = tmp_path / "own.nq"
    file.write_text(f'<{E}a> <{E}name> "mine" <{own}> .\n', encoding="utf-8")
    home = Site(serving(file, port=port))
    assert b'"mine"' in home.send("GET", "/graph/mine").body
    assert home.send("GET", "/graph/yours").status == 404


@pytest.mark.parametrize("name", GRAPHS)
def test_graph_store_graphs_come_in_each_format(site: Site, name: str) -> None:
    where = "/graphs?" + urlencode({"graph": f"{E}graph/two"})
    told = site.send("GET", where, {"Accept": GRAPHS[name]})
    assert (told.status, told.kind) == (200, GRAPHS[name])
    assert site.send("GET", f"{where}&format={name}").body == told.body
    assert {str(text) for text in read(told.body, name).objects() if not isinstance(text, URIRef)} == {
        AWKWARD,
        "a,b",
    }


def test_graph_store_an_unknown_graph_is_not_found(site: Site) -> None:
    told = site.send("GET", "/graphs?" + urlencode({"graph": f"{E}graph/unknown"}))
    assert (told.status, told.kind) == (404, "application/problem+json")
    assert f"{E}graph/unknown" in told.json()["detail"]


@pytest.mark.parametrize(
    "where",
    [
        "/graphs",
        "/graphs?graph=",
        "/graphs?graph=relative",
        "/graphs?default&graph=a:b",
        "/graphs?graph=a:b&graph=c:d",
    ],
)
def test_graph_store_exactly_one_graph_is_named(site: Site, where: str) -> None:
    told = site.send("GET", where)
    assert told.status == 400
    assert "graph=" in told.json()["detail"]


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE", "PATCH"])
def test_graph_store_writing_is_refused(site: Site, method: str) -> None:
    where = "/graphs?" + urlencode({"graph": f"{E}graph/one"})
    told = site.send(method, where, {"Content-Type": "text/turtle"}, b"<a:b> <a:c> <a:d> .")
    assert told.status == 405
    assert set(re.split(r",\s*", told.headers["Allow"])) == {"GET", "HEAD", "OPTIONS"}
    assert len(site.ask("SELECT * { ?s ?p ?o }").rows()) == 4


def test_graph_store_if_none_match_answers_304(site: Site) -> None:
    where = "/graphs?" + urlencode({"graph": f"{E}graph/one"})
    tag = site.send("GET", where).headers["ETag"]
    assert site.send("GET", where, {"If-None-Match": tag}).status == 304
    assert site.send("HEAD", where).headers["ETag"] == tag
    assert site.send("GET", f"{where}&format=jsonld").headers["ETag"] != tag


# The service description


def described(site: Site, where: str = "/sparql") -> Graph:
    told = site.send("GET", where, {"Accept": "text/turtle"})
    return Graph().parse(data=told.body, format="turtle", publicID=site.address)


def test_description_the_endpoint_is_the_address_that_was_asked(site: Site) -> None:
    port = urlsplit(site.address).port
    assert set(described(site).objects(None, SD.endpoint)) == {URIRef(f"http://127.0.0.1:{port}/sparql")}
    other = site.send("GET", "/sparql", {"Accept": "text/turtle", "Host": "data.example.org"})
    named = set(Graph().parse(data=other.body, format="turtle").objects(None, SD.endpoint))
    assert named == {URIRef("http://data.example.org/sparql")}
    assert site.send("GET", "/sparql", {"Accept": "text/turtle", "Host": "no<name>"}).status == 400


def test_description_lists_the_formats_that_are_negotiated_and_no_other(site: Site) -> None:
    told = described(site)
    listed = {str(name).rpartition("/")[2] for name in told.objects(None, SD.resultFormat)}
    standard = {
        "SPARQL_Results_JSON", "SPARQL_Results_XML", "SPARQL_Results_CSV", "SPARQL_Results_TSV",
        "Turtle", "N-Triples", "JSON-LD", "RDF_XML", "N-Quads", "TriG",
    }  # fmt: skip
    assert listed == standard
    assert len(listed) == len(ROWS) + len(GRAPHS)


@pytest.mark.parametrize("name", GRAPHS)
def test_description_comes_in_every_graph_format(site: Site, name: str) -> None:
    told = site.send("GET", "/sparql", {"Accept": GRAPHS[name]})
    assert (told.status, told.kind) == (200, GRAPHS[name])
    assert len(read(told.body, name)) == len(described(site))


def test_description_says_that_the_default_graph_is_the_union(site: Site) -> None:
    told = described(site)
    assert SD.UnionDefaultGraph in set(told.objects(None, SD.feature))
    sizes = [told.value(default, TRIPLES) for default in told.objects(None, SD.defaultGraph)]
    assert sizes == [Literal(4)]


def test_description_lists_the_named_graphs_with_their_size(site: Site) -> None:
    told = described(site)
    sizes = {
        (str(told.value(node, SD.name)), told.value(told.value(node, SD.graph), TRIPLES))
        for node in told.objects(None, SD.namedGraph)
    }
    assert sizes == {(f"{E}graph/one", Literal(2)), (f"{E}graph/two", Literal(2))}


def test_description_tells_stated_from_derived_graphs_and_each_kind_can_be_asked_alone(
    serving: Callable[..., str], tmp_path: Path
) -> None:
    top = "https://w3id.org/eu-readmission/graph/"
    file = tmp_path / "both.nq"
    graphs = {
        "stated": ("instruments/eu/geo", "countries"),
        "derived": ("derived/coverage", "derived/bounds"),
    }
    quads = [f'<{E}s> <{E}p> "{name}" <{top}{name}> .' for names in graphs.values() for name in names]
    file.write_text("\n".join(quads) + "\n", encoding="utf-8")
    home = Site(serving(file))
    told = described(home)
    assert len(set(told.objects(None, SD.availableGraphs))) == 2
    for kind, names in graphs.items():
        collection = URIRef(f"{home.address}sparql#{kind}")
        assert (collection, RDF.type, SD.GraphCollection) in told
        listed = [str(told.value(node, SD.name)) for node in told.objects(collection, SD.namedGraph)]
        rows = home.ask("SELECT ?o { ?s ?p ?o }", default_graph_uri=listed).rows()
        assert {row["o"] for row in rows} == set(names)


def test_description_names_what_is_offered_and_nothing_that_is_not(site: Site) -> None:
    told = described(site)
    assert set(told.objects(None, SD.supportedLanguage)) == {SD.SPARQL11Query}
    features = set(told.objects(None, SD.feature))
    assert SD.DereferencesURIs not in features
    assert SD.BasicFederatedQuery not in features


def test_description_has_a_tag_and_no_blank_nodes(site: Site) -> None:
    first, second = (site.send("GET", "/sparql", {"Accept": "text/turtle"}) for _ in range(2))
    assert first.body == second.body
    again = site.send("GET", "/sparql", {"Accept": "text/turtle", "If-None-Match": first.headers["ETag"]})
    assert again.status == 304
    assert not [term for triple in described(site) for term in triple if isinstance(term, rdflib.BNode)]
