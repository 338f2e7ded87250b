"""Every IRI of ours answers: by 303 with its document, as a page and in each RDF format with the same facts."""

import re
from html.parser import HTMLParser
from urllib.parse import urlsplit

import pyoxigraph as ox
import pytest
import rdflib
from flask.testing import FlaskClient
from rdflib.compare import isomorphic

from readmission.engine.embedded import EmbeddedEngine
from readmission.engine.formats.table import GRAPH_FORMATS
from readmission.namespaces import BASE
from readmission.release import Release
from readmission.web.app import create_app
from readmission.web.publication import documents
from readmission.web.publication.addresses import THING_PLACES

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
ACCEPTED = {
    "": "ttl",
    "*/*": "ttl",
    "text/turtle": "ttl",
    "application/x-turtle": "ttl",
    "text/n3, */*;q=0.1": "ttl",
    "application/rdf+xml": "rdf",
    "application/xml;q=0.9, application/rdf+xml": "rdf",
    "application/ld+json": "jsonld",
    "application/json": "jsonld",
    "application/n-triples": "nt",
    "application/n-quads": "nq",
    "application/trig": "trig",
    "text/html": "html",
    BROWSER["Accept"]: "html",
    "application/rdf+xml, text/turtle;q=0.9, text/html;q=0.1": "rdf",
    "text/html;q=0.5, text/turtle": "ttl",
    "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2": "html",
}
"""What clients send (rapper, Jena, RDF4J, Java, browsers, curl, rdflib), and the format that they get."""
RDFLIB_NAMES = {
    "ttl": "turtle",
    "nt": "nt",
    "jsonld": "json-ld",
    "rdf": "xml",
    "nq": "nquads",
    "trig": "trig",
}
KIND = re.compile(rf"{re.escape(BASE)}(id/[^/]+|[^/#]+)/")


@pytest.fixture(scope="module")
def client(built: Release) -> FlaskClient:
    """A client of the application over the release."""
    return create_app(built).test_client()


def subjects(release: Release) -> list[str]:
    """Return the IRI of everything that the release describes and that has a document of its own, in order."""
    assert isinstance(release.engine, EmbeddedEngine)
    quads = release.engine.store.quads_for_pattern(None, None, None, None)
    found = {quad.subject.value for quad in quads if isinstance(quad.subject, ox.NamedNode)}
    return sorted(iri for iri in found if iri.startswith(tuple(f"{BASE}{place}/" for place in THING_PLACES)))


@pytest.fixture(scope="module")
def one_of_each(built: Release) -> list[str]:
    """The first and the last thing of each kind, as paths."""
    kinds: dict[str, list[str]] = {}
    for iri in subjects(built):
        found = KIND.match(iri)
        assert found, f"{iri} has no kind in its path; give it one, such as {BASE}id/kind/name"
        kinds.setdefault(found[1], []).append(iri.removeprefix(BASE))
    return sorted({path for paths in kinds.values() for path in (paths[0], paths[-1])})


def test_a_thing_of_each_kind_leads_to_a_page_and_to_turtle(
    client: FlaskClient, one_of_each: list[str]
) -> None:
    assert len(one_of_each) > 90
    for path in one_of_each:
        for accept, media_type in ((BROWSER["Accept"], "text/html"), ("text/turtle", "text/turtle")):
            seen = client.get(f"/{path}", headers={"Accept": accept})
            assert seen.status_code == 303, f"/{path} answers {seen.status}; a thing answers 303"
            document = client.get(seen.headers["Location"], headers={"Accept": accept})
            assert document.status_code == 200, f"{seen.headers['Location']} answers {document.status}"
            assert document.mimetype == media_type, f"{seen.headers['Location']} comes as {document.mimetype}"


@pytest.mark.filterwarnings("ignore:.* is deprecated, use Dataset:DeprecationWarning")  # rdflib, of itself
def test_all_formats_of_a_document_say_the_same(client: FlaskClient, one_of_each: list[str]) -> None:
    for path in one_of_each[::4]:
        read = {
            each.extension: facts(client.get(f"/{path}.{each.extension}").data, each.extension)
            for each in GRAPH_FORMATS
        }
        for extension, graph in read.items():
            assert isomorphic(graph, read["ttl"]), f"/{path}.{extension} and /{path}.ttl say different things"
        assert (rdflib.URIRef(BASE + path), None, None) in read["ttl"], f"/{path}.ttl does not describe it"


def facts(data: bytes, extension: str) -> rdflib.Graph:
    """Return a file's statements without their graphs and without those on the file itself."""
    dataset = rdflib.Dataset()
    dataset.parse(data=data, format=RDFLIB_NAMES[extension])
    triples = {quad[:3] for quad in dataset.quads((None, None, None, None))}
    file = next(subject for subject, predicate, _ in triples if predicate == rdflib.FOAF.primaryTopic)
    found = rdflib.Graph()
    for triple in triples:
        if triple[0] != file:
            found.add(triple)
    return found


@pytest.mark.parametrize(("accept", "extension"), ACCEPTED.items())
def test_clients_get_the_format_that_they_prefer(client: FlaskClient, accept: str, extension: str) -> None:
    answer = client.get("/id/eura/geo", headers={"Accept": accept} if accept else {})
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/id/eura/geo.{extension}")
    assert "Accept" in answer.headers["Vary"]


class Links(HTMLParser):
    """Collects where the links of a page lead."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep the address of a link."""
        self.found |= {value for name, value in attrs if tag in ("a", "link") and name == "href" and value}


def test_no_link_of_a_document_is_dead(client: FlaskClient, one_of_each: list[str]) -> None:
    seen: dict[str, int] = {}
    for path in one_of_each[::3]:
        for link in sorted(Links(client.get(f"/{path}.html").text).found):
            parts = urlsplit(link)
            if parts.netloc or not parts.path or link in seen:
                continue
            seen[link] = client.get(link, headers=BROWSER).status_code
            assert seen[link] in (200, 303), f"/{path}.html links to {link}, which answers {seen[link]}"
    assert len(seen) > 300


def test_a_table_of_an_answer_links_to_our_own_pages(client: FlaskClient) -> None:
    query = (
        "SELECT ?s WHERE { ?s a <https://w3id.org/eu-readmission/ontology#EUReadmissionAgreement> } LIMIT 3"
    )
    links = Links(client.get("/sparql", query_string={"query": query}, headers=BROWSER).text).found
    assert any(link.startswith("/id/eura/") for link in links), (
        "IRIs of ours lead to w3id.org, not to this server"
    )


def test_what_is_unknown_is_a_404_in_the_format_asked_for(client: FlaskClient) -> None:
    for path in (
        "/id/eura/nowhere",
        "/id/eura/nowhere.ttl",
        "/code/no-such-code",
        "/scheme/none.html",
        "/id/eura/geo.html?page=999",
    ):
        page = client.get(path, headers=BROWSER)
        assert (page.status_code, page.mimetype) == (404, "text/html"), f"{path}: {page.status}"
        told = client.get(path, headers={"Accept": "application/json"})
        assert (told.status_code, told.mimetype) == (404, "application/problem+json"), (
            f"{path}: {told.status}"
        )
    assert client.get("/id/eura/geo.html?page=x").status_code == 400


def test_what_is_withdrawn_is_a_410_that_names_what_replaced_it(built: Release) -> None:
    store = ox.Store()
    text = f"""
        <{BASE}id/eura/old> <http://www.w3.org/2002/07/owl#deprecated> true ;
            <http://purl.org/dc/terms/isReplacedBy> <{BASE}id/eura/new> .
        <{BASE}id/eura/new> <http://www.w3.org/2004/02/skos/core#prefLabel> "new"@en ."""
    store.load(text.encode(), format=ox.RdfFormat.TURTLE, to_graph=ox.NamedNode(f"{BASE}graph/small"))
    client = create_app(Release("small", None, built.counts).over(EmbeddedEngine(store))).test_client()
    answer = client.get("/id/eura/old.ttl", headers={"Accept": "text/turtle, application/json;q=0.5"})
    assert (answer.status_code, f"{BASE}id/eura/new" in answer.text) == (410, True)
    page = client.get("/id/eura/old", headers=BROWSER)
    assert client.get(page.headers["Location"], headers=BROWSER).status_code == 410


def test_what_names_a_thing_is_counted_and_paged(built: Release, client: FlaskClient) -> None:
    thing = f"{BASE}code/own-nationals"
    first = documents.read(built.engine, thing)
    assert first is not None
    assert first.pages > 1, "choose a thing that more statements name"
    assert len(first.incoming) == documents.MOST
    assert (
        'code/own-nationals.ttl?page=2>; rel="next"' in client.get("/code/own-nationals.ttl").headers["Link"]
    )
    last = documents.read(built.engine, thing, first.pages)
    assert last is not None
    assert (first.pages - 1) * documents.MOST + len(last.incoming) == sum(first.counts.values())
    assert documents.read(built.engine, thing, first.pages + 1) is None


def test_what_is_computed_is_told_from_what_is_stated(client: FlaskClient) -> None:
    page = client.get("/id/eura/geo.html").text
    assert "computed: strength" in page
    assert client.get("/graph/derived/strength", headers={"Accept": "text/turtle"}).status_code == 200
    quads = ox.parse(client.get("/id/eura/geo.trig").data, format=ox.RdfFormat.TRIG)
    graphs = {str(quad.graph_name) for quad in quads}
    assert {f"<{BASE}graph/derived/strength>", f"<{BASE}graph/instruments/eu/geo>"} <= graphs


def test_a_page_carries_the_links_of_signposting(client: FlaskClient) -> None:
    link = client.get("/id/eura/geo.html").headers["Link"]
    for relation in ("describes", "cite-as", "license", "collection", "alternate"):
        assert f'rel="{relation}"' in link


@pytest.mark.slow
def test_every_thing_of_the_release_answers(built: Release, client: FlaskClient) -> None:
    for iri in subjects(built):
        answer = client.get("/" + iri.removeprefix(BASE), headers={"Accept": "text/turtle"})
        assert answer.status_code == 303, f"{iri} answers {answer.status}"
        document = client.get(answer.headers["Location"])
        assert document.status_code == 200, f"{answer.headers['Location']} answers {document.status}"
        assert list(ox.parse(document.data, format=ox.RdfFormat.TURTLE))
