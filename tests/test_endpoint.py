"""What the SPARQL endpoint promises (SPARQL 1.1 Protocol, section 2.1; RFC 9110; RFC 9457)."""

import csv
import io
import json
from typing import Any
from urllib.parse import urlencode

import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient
from rdflib import Graph
from werkzeug.test import TestResponse

from readmission.engine import Embedded
from readmission.sparql import FederationRefused, names_dataset, refuse_federation
from readmission.web import Data, Settings, create_app
from readmission.web.serving import PortTaken, listen

SAMPLE = """
PREFIX e: <http://example.org/>
GRAPH e:one { e:a e:name "Åland"@sv ; e:size 1 }
GRAPH e:two { e:b e:name "a,b" ; e:page <javascript:alert(1)> }
"""
ROWS = "SELECT ?s ?name { ?s <http://example.org/name> ?name } ORDER BY ?s"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
MUST_BE_REFUSED = [
    "SELECT * { SERVICE <http://127.0.0.1:9/> {} }",
    "SELECT * { service silent ?where {} }",
    "SELECT * { ?s ?p trueSERVICE<http://127.0.0.1:9/>{} }",
    "SELECT * { ?s ?p 'a'SERVICE<http://127.0.0.1:9/>{} }",
    "SELECT * { # a comment\rSERVICE<http://127.0.0.1:9/>{} }",
    "SELECT * { ?s ?p ?o FILTER(?s<?o)SERVICE ?x#>\n{} }",
    'SELECT * { ?s ?p ?o FILTER(?s<?b#>"""\n) SERVICE <http://127.0.0.1:9/> {} #"""\n}',
    "SELECT * { ?s ?p ?o FILTER(?s<'b>'&&true)SERVICE<http://127.0.0.1:9/>{} #'\n}",
    "PREFIX x: <a:> SELECT * { ?s ?p x:a\\# SERVICE <http://127.0.0.1:9/> {}\n}",
    "PREFIX : <a:> SELECT * { SERVICE:foo {} }",
    r"SELECT * { \u0053ERVICE <http://127.0.0.1:9/> {} }",
    r"SELECT * { \U00000053ERVICE <http://127.0.0.1:9/> {} }",
]
NO_FEDERATION = [
    "SELECT ?service { ?service a <https://schema.org/Service> }",
    "ASK { ?s ?p 'SERVICE <http://x>' } # SERVICE",
    'SELECT * { <https://example.org/service#x> ?p """a "service" """@en }',
    "PREFIX s: <https://schema.org/> ASK { ?s a s:GovernmentService . _:service ?p s:service_1 }",
]


def sample() -> Data:
    store = ox.Store()
    store.load(SAMPLE.encode(), ox.RdfFormat.TRIG)
    return Data("sample-1", Embedded(store))


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    return create_app(sample(), Settings(page_rows=1, largest_request=50_000)).test_client()


@pytest.mark.parametrize("method", ["get", "form", "body"])
def test_a_query_can_be_sent_in_the_three_ways_of_the_protocol(client: FlaskClient, method: str) -> None:
    if method == "get":
        answer = client.get("/sparql", query_string={"query": ROWS})
    elif method == "form":
        answer = client.post("/sparql", data={"query": ROWS})
    else:
        answer = client.post("/sparql", data=ROWS, content_type="application/sparql-query; charset=utf-8")
    assert answer.status_code == 200
    assert [row["name"]["value"] for row in _told(answer)["results"]["bindings"]] == ["Åland", "a,b"]


@pytest.mark.parametrize(
    ("query", "accept", "expected"),
    [
        (ROWS, None, "application/sparql-results+json"),
        (ROWS, "*/*", "application/sparql-results+json"),
        (ROWS, "application/json", "application/sparql-results+json"),
        (ROWS, "text/html, application/json", "application/sparql-results+json"),
        (ROWS, "application/sparql-results+json;q=0, */*", "application/sparql-results+xml"),
        (ROWS, "application/sparql-results+xml", "application/sparql-results+xml"),
        (ROWS, "text/csv;q=0.5, text/tab-separated-values", "text/tab-separated-values"),
        (ROWS, "text/csv; charset=utf-8", "text/csv"),
        (ROWS, BROWSER, "text/html"),
        ("ASK {}", "text/csv", "text/csv"),
        ("ASK {}", BROWSER, "text/html"),
        ("DESCRIBE <http://example.org/a>", None, "text/turtle"),
        ("CONSTRUCT WHERE { ?s ?p ?o }", "application/ld+json", "application/ld+json"),
        ("CONSTRUCT WHERE { ?s ?p ?o }", "application/n-triples", "application/n-triples"),
        ("CONSTRUCT WHERE { ?s ?p ?o }", "application/rdf+xml", "application/rdf+xml"),
        ("CONSTRUCT WHERE { ?s ?p ?o }", "application/n-quads", "application/n-quads"),
        ("CONSTRUCT WHERE { ?s ?p ?o }", "application/trig", "application/trig"),
        ("CONSTRUCT WHERE { ?s ?p ?o }", BROWSER, "text/html"),
    ],
)
def test_the_accept_header_chooses_the_format(
    client: FlaskClient, query: str, accept: str | None, expected: str
) -> None:
    headers = {"Accept": accept} if accept else {}
    answer = client.get("/sparql", query_string={"query": query}, headers=headers)
    assert (answer.status_code, answer.mimetype) == (200, expected)
    assert "Accept" in answer.headers["Vary"]


def test_a_short_name_goes_before_the_accept_header(client: FlaskClient) -> None:
    answer = client.get(
        "/sparql", query_string={"query": ROWS, "format": "csv"}, headers={"Accept": "text/html"}
    )
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert list(csv.reader(io.StringIO(answer.text, newline=""))) == [
        ["s", "name"],
        ["http://example.org/a", "Åland"],
        ["http://example.org/b", "a,b"],
    ]


@pytest.mark.parametrize("format_", ["turtle", "nonsense"])
def test_a_format_that_does_not_fit_is_refused_with_those_that_do(client: FlaskClient, format_: str) -> None:
    answer = client.get("/sparql", query_string={"query": ROWS, "format": format_})
    assert answer.status_code == 406
    assert "text/csv (format=csv)" in _told(answer)["detail"]


def test_the_default_graph_is_the_union_of_the_named_graphs(client: FlaskClient) -> None:
    assert _count(client, "SELECT * { ?s ?p ?o }") == 4


def test_from_in_the_query_names_the_dataset(client: FlaskClient) -> None:
    assert _count(client, "SELECT * FROM <http://example.org/one> { ?s ?p ?o }") == 2
    assert _count(client, "SELECT * FROM NAMED <http://example.org/two> { GRAPH ?g { ?s ?p ?o } }") == 2


def test_the_dataset_of_the_request_goes_before_that_of_the_query(client: FlaskClient) -> None:
    query = "SELECT * FROM <http://example.org/one> { ?s <http://example.org/page> ?o }"
    assert _count(client, query, ("default-graph-uri", "http://example.org/two")) == 1
    both = [("default-graph-uri", f"http://example.org/{name}") for name in ("one", "two")]
    assert _count(client, "SELECT * { ?s ?p ?o }", *both) == 4
    named = ("named-graph-uri", "http://example.org/one")
    assert _count(client, "SELECT * { GRAPH ?g { ?s ?p ?o } }", named) == 2
    assert _count(client, "SELECT * { ?s ?p ?o }", named) == 0


def test_the_dataset_may_stand_in_the_address_of_a_posted_query(client: FlaskClient) -> None:
    answer = client.post(
        "/sparql?default-graph-uri=http%3A%2F%2Fexample.org%2Fone",
        data="SELECT * { ?s ?p ?o }",
        content_type="application/sparql-query",
    )
    assert len(_told(answer)["results"]["bindings"]) == 2


def test_an_unknown_graph_is_empty_and_a_file_is_never_read(client: FlaskClient) -> None:
    assert _count(client, "SELECT * FROM <file:///etc/passwd> { ?s ?p ?o }") == 0
    assert _count(client, "SELECT * { ?s ?p ?o }", ("default-graph-uri", "file:///etc/passwd")) == 0


def test_a_graph_name_that_is_no_iri_is_refused(client: FlaskClient) -> None:
    answer = client.get("/sparql", query_string={"query": ROWS, "default-graph-uri": "one"})
    assert answer.status_code == 400
    assert "default-graph-uri" in _told(answer)["detail"]


def test_exactly_one_query_is_answered(client: FlaskClient) -> None:
    assert client.get("/sparql?query=ASK%7B%7D&query=ASK%7B%7D").status_code == 400
    assert client.post("/sparql", data={"nothing": ""}).status_code == 400
    assert client.post("/sparql?query=ASK%7B%7D", data={"query": "ASK {}"}).status_code == 400


def test_a_broken_query_is_told_with_line_column_and_excerpt(client: FlaskClient) -> None:
    answer = client.get("/sparql", query_string={"query": "SELECT *\nWHERE { ?s rdm:partner ?o }"})
    told = _told(answer)
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")
    assert (told["status"], told["line"]) == (400, 2)
    assert "WHERE { ?s rdm:partner ?o }" in told["excerpt"]
    assert "PREFIX rdm: <https://w3id.org/eu-readmission/ontology#>" in told["detail"]


@pytest.mark.parametrize(("accept", "mimetype"), [("text/plain", "text/plain"), (BROWSER, "text/html")])
def test_a_problem_is_told_in_the_form_that_is_accepted(
    client: FlaskClient, accept: str, mimetype: str
) -> None:
    answer = client.get("/sparql", query_string={"query": "SELECT"}, headers={"Accept": accept})
    assert (answer.status_code, answer.mimetype) == (400, mimetype)
    assert "line 1, column 7" in answer.text


@pytest.mark.parametrize("query", MUST_BE_REFUSED)
def test_no_query_calls_another_server(client: FlaskClient, query: str) -> None:
    answer = client.get("/sparql", query_string={"query": query})
    assert answer.status_code == 403
    assert "SERVICE" in _told(answer)["detail"]


@pytest.mark.parametrize("query", NO_FEDERATION)
def test_a_query_that_only_speaks_of_services_is_answered(query: str) -> None:
    refuse_federation(query)


def test_the_refusal_names_the_place() -> None:
    with pytest.raises(FederationRefused, match="line 2, column 3"):
        refuse_federation("SELECT * {\n  SERVICE <http://x> {} }")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("SELECT * FROM <http://x> {}", True),
        ("SELECT*FROM NAMED :g {}", True),
        ("SELECT ?from { ?from rdm:from 'FROM <x>' } # FROM <x>", False),
        ("PREFIX from: <http://x> SELECT * { ?s from:a ?o }", False),
    ],
)
def test_a_dataset_clause_is_told_from_words_that_look_like_it(query: str, expected: bool) -> None:
    assert names_dataset(query) is expected


def test_updates_are_refused(client: FlaskClient) -> None:
    update = "INSERT DATA { <http://a> <http://b> 1 }"
    assert client.post("/sparql", data={"update": update}).status_code == 403
    assert client.get("/sparql", query_string={"update": update}).status_code == 403
    direct = client.post("/sparql", data=update, content_type="application/sparql-update")
    assert direct.status_code == 403
    assert client.get("/sparql", query_string={"query": f"# x\n{update}"}).status_code == 400
    assert _count(client, "SELECT * { ?s ?p ?o }") == 4


def test_a_body_of_another_kind_is_refused(client: FlaskClient) -> None:
    assert client.post("/sparql", data=ROWS, content_type="text/plain").status_code == 415
    assert client.post("/sparql", data=ROWS).status_code == 415
    latin = client.post("/sparql", data=ROWS, content_type="application/sparql-query; charset=latin-1")
    assert latin.status_code == 415


def test_what_is_not_utf_8_is_refused(client: FlaskClient) -> None:
    body = client.post("/sparql", data=b"ASK { ?s ?p '\xe9' }", content_type="application/sparql-query")
    address = client.get("/sparql?query=ASK%7B%3Fs+%3Fp+%27%E9%27%7D")
    form = client.post(
        "/sparql", data=b"query=ASK%7B+%27%E9%27+%7D", content_type="application/x-www-form-urlencoded"
    )
    assert [answer.status_code for answer in (body, address, form)] == [400, 400, 400]


def test_a_body_that_is_too_large_is_refused(client: FlaskClient) -> None:
    answer = client.post("/sparql", data="#" * 60_000, content_type="application/sparql-query")
    assert answer.status_code == 413


def test_head_is_get_without_the_body(client: FlaskClient) -> None:
    got = client.get("/sparql", query_string={"query": ROWS})
    head = client.head("/sparql", query_string={"query": ROWS})
    assert (head.status_code, head.data) == (200, b"")
    for name in ("Content-Type", "Content-Length", "ETag"):
        assert head.headers[name] == got.headers[name]


def test_options_says_what_is_allowed(client: FlaskClient) -> None:
    answer = client.options("/sparql", headers={"Access-Control-Request-Method": "POST"})
    assert (answer.status_code, answer.data) == (204, b"")
    assert "POST" in answer.headers["Allow"]
    assert "Content-Type" in answer.headers["Access-Control-Allow-Headers"]


def test_a_method_that_is_not_offered_is_refused_with_those_that_are(client: FlaskClient) -> None:
    answer = client.delete("/sparql")
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]


@pytest.mark.parametrize(
    ("address", "status"),
    [("/sparql?query=ASK%7B%7D", 200), ("/sparql?query=x", 400), ("/sparql?update=x", 403), ("/none", 404)],
)
def test_every_status_carries_cors_and_the_safety_headers(
    client: FlaskClient, address: str, status: int
) -> None:
    answer = client.get(address)
    assert answer.status_code == status
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "Referrer-Policy" in answer.headers
    assert answer.headers["X-Release"] == "sample-1"


def test_an_answer_that_is_still_good_is_not_sent_again(client: FlaskClient) -> None:
    first = client.get("/sparql", query_string={"query": ROWS})
    again = client.get(
        "/sparql", query_string={"query": ROWS}, headers={"If-None-Match": first.headers["ETag"]}
    )
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    assert again.headers["Access-Control-Allow-Origin"] == "*"


def test_the_tag_of_an_answer_depends_on_query_format_dataset_and_release(client: FlaskClient) -> None:
    asked = [
        {"query": ROWS},
        {"query": ROWS + " "},
        {"query": ROWS, "format": "csv"},
        {"query": ROWS, "default-graph-uri": "http://example.org/one"},
    ]
    tags = {client.get("/sparql", query_string=each).headers["ETag"] for each in asked}
    other = create_app(Data("sample-2", sample().engine)).test_client()
    tags.add(other.get("/sparql", query_string=asked[0]).headers["ETag"])
    assert len(tags) == 5


def test_a_query_about_the_moment_is_not_kept(client: FlaskClient) -> None:
    answer = client.get("/sparql", query_string={"query": "SELECT (NOW() AS ?now) {}"})
    assert answer.headers["Cache-Control"] == "no-store"
    assert "ETag" not in answer.headers


def test_asked_without_a_query_the_endpoint_describes_itself(client: FlaskClient) -> None:
    answer = client.get("/sparql", headers={"Accept": "text/turtle"})
    described = Graph().parse(data=answer.data, format="turtle")
    sd = "http://www.w3.org/ns/sparql-service-description#"
    found = described.query(f"SELECT ?format {{ ?s <{sd}resultFormat> ?format ; <{sd}endpoint> ?s }}")
    assert len(list(found)) == 10
    assert "http://localhost/sparql" in answer.text


def test_asked_without_a_query_a_browser_gets_a_form(client: FlaskClient) -> None:
    answer = client.get("/sparql", headers={"Accept": BROWSER})
    assert answer.mimetype == "text/html"
    assert '<textarea id="query" name="query"' in answer.text
    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
    assert "<script" not in answer.text


def test_a_page_tells_when_it_shows_fewer_rows_than_there_are(client: FlaskClient) -> None:
    answer = client.get("/sparql", query_string={"query": ROWS, "format": "html"})
    assert "2 rows" in answer.text
    assert "the first 1 are shown" in answer.text


def test_only_web_addresses_become_links_on_a_page(client: FlaskClient) -> None:
    query = "SELECT ?page { ?s <http://example.org/page> ?page }"
    answer = client.get("/sparql", query_string={"query": query, "format": "html"})
    assert "javascript:alert(1)" in answer.text
    assert 'href="javascript:' not in answer.text


def test_what_a_query_contains_is_never_markup_on_a_page(client: FlaskClient) -> None:
    for query in ("</textarea><script>x</script>", "ASK { ?s ?p '</textarea><script>x</script>' }"):
        answer = client.get("/sparql", query_string={"query": query}, headers={"Accept": BROWSER})
        assert answer.mimetype == "text/html"
        assert "<script>" not in answer.text


def test_other_data_than_ours_get_a_plain_front_page(client: FlaskClient) -> None:
    assert "4 statements" in client.get("/").text
    assert client.get("/countries/GEO").status_code == 404
    assert client.get("/health").json == {"status": "ok", "release": "sample-1"}


def test_an_unforeseen_fault_does_not_tell_its_internals() -> None:
    class Broken(Embedded):
        def results(self, *_: object, **__: object) -> ox.QueryBoolean:
            raise OSError("/secret/path is broken")

    app = create_app(Data("broken", Broken(ox.Store())))
    app.logger.disabled = True
    answer = app.test_client().get("/sparql?query=ASK%7B%7D")
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_a_taken_port_is_told_with_the_way_out() -> None:
    with listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PortTaken, match=f"port {port} .* choose another --port"):
            listen("127.0.0.1", port)


def _told(answer: TestResponse) -> Any:
    return json.loads(answer.data)


def _count(client: FlaskClient, query: str, *parameters: tuple[str, str]) -> int:
    answer = client.get("/sparql?" + urlencode([("query", query), *parameters]))
    assert answer.status_code == 200, answer.text
    return len(_told(answer)["results"]["bindings"])
