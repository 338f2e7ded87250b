"""What the SPARQL endpoint promises beyond the protocol, whose checklist is tests/endpoint/test_protocol_checklist.py.

That no query calls another server however it is written, what pages show, and how faults are told.
"""

import json
from typing import Any
from urllib.parse import urlencode

import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from readmission.engine.embedded import EmbeddedEngine
from readmission.engine.sparql_text import FederationError, names_dataset, refuse_federation
from readmission.web.app import Data, Settings, create_app
from readmission.web.server.sockets import PortTakenError, listen

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
    return Data("sample-1", EmbeddedEngine(store))


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    return create_app(sample(), Settings(page_rows=1)).test_client()


def test_a_format_with_q_0_is_not_chosen(client: FlaskClient) -> None:
    headers = {"Accept": "application/sparql-results+json;q=0, */*"}
    answer = client.get("/sparql", query_string={"query": ROWS}, headers=headers)
    assert (answer.status_code, answer.mimetype) == (200, "application/sparql-results+xml")


def test_from_in_the_query_names_the_dataset(client: FlaskClient) -> None:
    assert _count(client, "SELECT * FROM <http://example.org/one> { ?s ?p ?o }") == 2
    assert _count(client, "SELECT * FROM NAMED <http://example.org/two> { GRAPH ?g { ?s ?p ?o } }") == 2


def test_a_graph_name_that_is_no_iri_is_refused(client: FlaskClient) -> None:
    answer = client.get("/sparql", query_string={"query": ROWS, "default-graph-uri": "one"})
    assert answer.status_code == 400
    assert "default-graph-uri" in _told(answer)["detail"]


def test_a_syntax_error_names_line_column_and_excerpt(client: FlaskClient) -> None:
    answer = client.get("/sparql", query_string={"query": "SELECT *\nWHERE { ?s rdm:partner ?o }"})
    told = _told(answer)
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")
    assert (told["status"], told["line"]) == (400, 2)
    assert "WHERE { ?s rdm:partner ?o }" in told["excerpt"]
    assert "PREFIX rdm: <https://w3id.org/eu-readmission/ontology#>" in told["detail"]


def test_a_problem_is_a_page_for_browsers(client: FlaskClient) -> None:
    answer = client.get("/sparql", query_string={"query": "SELECT"}, headers={"Accept": BROWSER})
    assert (answer.status_code, answer.mimetype) == (400, "text/html")
    assert "line 1, column 7" in answer.text


@pytest.mark.parametrize("query", MUST_BE_REFUSED)
def test_no_query_calls_another_server(client: FlaskClient, query: str) -> None:
    answer = client.get("/sparql", query_string={"query": query})
    assert answer.status_code == 403
    assert "SERVICE" in _told(answer)["detail"]


@pytest.mark.parametrize("query", NO_FEDERATION)
def test_service_in_a_string_or_comment_is_no_federation(query: str) -> None:
    refuse_federation(query)


def test_a_refused_service_clause_names_its_line() -> None:
    with pytest.raises(FederationError, match="line 2, column 3"):
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
def test_from_in_strings_and_names_is_no_dataset_clause(query: str, expected: bool) -> None:
    assert names_dataset(query) is expected


def test_an_update_below_a_comment_is_refused_too(client: FlaskClient) -> None:
    update = "# x\nINSERT DATA { <http://a> <http://b> 1 }"
    assert client.get("/sparql", query_string={"query": update}).status_code == 400
    assert _count(client, "SELECT * { ?s ?p ?o }") == 4


@pytest.mark.parametrize(
    ("address", "status"),
    [("/sparql?query=ASK%7B%7D", 200), ("/sparql?query=x", 400), ("/sparql?update=x", 403), ("/none", 404)],
)
def test_every_status_names_the_release(client: FlaskClient, address: str, status: int) -> None:
    answer = client.get(address)
    assert (answer.status_code, answer.headers["X-Release"]) == (status, "sample-1")


def test_the_tag_of_an_answer_depends_on_the_release(client: FlaskClient) -> None:
    other = create_app(Data("sample-2", sample().engine)).test_client()
    tags = {one.get("/sparql", query_string={"query": ROWS}).headers["ETag"] for one in (client, other)}
    assert len(tags) == 2


def test_a_truncated_page_says_so(client: FlaskClient) -> None:
    answer = client.get("/sparql", query_string={"query": ROWS, "format": "html"})
    assert "2 rows" in answer.text
    assert "the first 1 are shown" in answer.text


def test_only_web_addresses_become_links_on_a_page(client: FlaskClient) -> None:
    query = "SELECT ?page { ?s <http://example.org/page> ?page }"
    answer = client.get("/sparql", query_string={"query": query, "format": "html"})
    assert "javascript:alert(1)" in answer.text
    assert 'href="javascript:' not in answer.text


def test_html_in_a_query_is_escaped(client: FlaskClient) -> None:
    for query in ("</textarea><script>x</script>", "ASK { ?s ?p '</textarea><script>x</script>' }"):
        answer = client.get("/sparql", query_string={"query": query}, headers={"Accept": BROWSER})
        assert answer.mimetype == "text/html"
        assert "<script>" not in answer.text


def test_served_files_get_a_plain_front_page(client: FlaskClient) -> None:
    assert "4 statements" in client.get("/").text
    assert client.get("/countries/GEO").status_code == 404
    assert client.get("/health").json == {"status": "ok", "release": "sample-1"}


def test_an_internal_error_shows_no_traceback() -> None:
    class Broken(EmbeddedEngine):
        def results(self, *_: object, **__: object) -> ox.QueryBoolean:
            raise OSError("/secret/path is broken")

    app = create_app(Data("broken", Broken(ox.Store())))
    app.logger.disabled = True
    answer = app.test_client().get("/sparql?query=ASK%7B%7D")
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_a_port_in_use_is_reported() -> None:
    with listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PortTakenError, match=f"port {port} .* choose another --port"):
            listen("127.0.0.1", port)


def _told(answer: TestResponse) -> Any:
    return json.loads(answer.data)


def _count(client: FlaskClient, query: str, *parameters: tuple[str, str]) -> int:
    answer = client.get("/sparql?" + urlencode([("query", query), *parameters]))
    assert answer.status_code == 200, answer.text
    return len(_told(answer)["results"]["bindings"])
