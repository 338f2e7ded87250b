"""The ontology answers at its address, term by term, and w3id.org sends our IRIs here."""

import re

import owlready2
import pytest
import rdflib
from flask.testing import FlaskClient

from readmission.commands.redirects import rules
from readmission.errors import UserError
from readmission.namespaces import BASE, NAMESPACES
from readmission.release import Release
from readmission.web.app import create_app

BROWSER = {"Accept": "text/html"}


@pytest.fixture(scope="module")
def client(built: Release) -> FlaskClient:
    """A client of the application over the release."""
    return create_app(built).test_client()


@pytest.fixture(scope="module")
def turtle(client: FlaskClient) -> rdflib.Graph:
    """The ontology as a client reads it."""
    answer = client.get("/ontology", headers={"Accept": "text/turtle"})
    assert answer.status_code == 200, f"/ontology answers {answer.status}"
    return rdflib.Graph().parse(data=answer.data, format="turtle")


def own_terms(turtle: rdflib.Graph) -> set[str]:
    """Return the IRIs of the classes and properties that the ontology defines."""
    defined = map(str, turtle.subjects(rdflib.RDFS.isDefinedBy))
    return {term for term in defined if term.startswith(NAMESPACES["rdm"])}


def test_every_term_has_its_place_on_the_page_with_name_and_definition(
    client: FlaskClient, turtle: rdflib.Graph
) -> None:
    page = client.get("/ontology", headers=BROWSER).text
    terms = own_terms(turtle)
    assert len(terms) > 200
    for term in sorted(terms):
        local = term.removeprefix(NAMESPACES["rdm"])
        assert f'id="{local}"' in page, f"/ontology has no place for {term}"
        for predicate in (rdflib.RDFS.label, rdflib.SKOS.definition):
            assert turtle.value(rdflib.URIRef(term), predicate, any=True), f"{term} has no {predicate}"


def test_the_list_for_programs_has_every_term_with_its_uses(
    client: FlaskClient, turtle: rdflib.Graph
) -> None:
    listed = client.get("/ontology.json").get_json()
    assert {term["iri"] for term in listed} == own_terms(turtle)
    partner = next(term for term in listed if term["name"] == "has partner")
    query = "SELECT (COUNT(*) AS ?n) WHERE { ?s <https://w3id.org/eu-readmission/ontology#partner> ?o }"
    counted = client.get("/sparql.csv", query_string={"query": query}).text.split()[1]
    assert (partner["kind"], str(partner["uses"])) == ("property", counted)


@pytest.mark.parametrize("name", ["policy", "derived", "internal", "concepts", "derived/0.1.0", "0.1.0"])
def test_each_file_and_each_version_of_the_ontology_answers(client: FlaskClient, name: str) -> None:
    graph = rdflib.Graph().parse(data=client.get(f"/ontology/{name}.ttl").data, format="turtle")
    assert graph.value(predicate=rdflib.RDF.type, object=rdflib.OWL.Ontology, any=True)
    assert client.get(f"/ontology/{name}", headers={"Accept": "application/rdf+xml"}).status_code == 200


@pytest.mark.parametrize("name", ["nowhere", "9.9.9", "derived/9.9.9"])
def test_a_version_that_is_not_there_is_not_found(client: FlaskClient, name: str) -> None:
    assert client.get(f"/ontology/{name}", headers=BROWSER).status_code == 404
    assert client.get(f"/ontology/{name}.ttl").status_code == 404


def test_owlready2_reads_the_ontology_as_it_is_served(client: FlaskClient, tmp_path: object) -> None:
    path = f"{tmp_path}/ontology.rdf"
    with open(path, "wb") as file:
        file.write(client.get("/ontology.rdf").data)
    world = owlready2.World()
    assert len(list(world.get_ontology(f"file://{path}").load(only_local=True).classes())) > 60


def test_the_file_for_w3id_sends_every_kind_of_iri_to_an_address_that_answers(client: FlaskClient) -> None:
    rule = re.search(r"^RewriteRule (\S+) (\S+) ", rules("https://data.example.eu/"), re.MULTILINE)
    assert rule, "the file has no rule"
    for path in (
        "id/eura/geo",
        "code/own-nationals",
        "scheme/verdict",
        "ontology",
        "ontology/derived",
        "graph/countries",
    ):
        sent = re.sub(rule[1], rule[2].replace("$1", r"\1"), path, count=1)
        assert sent == f"https://data.example.eu/{path}"
        answer = client.get(sent.removeprefix("https://data.example.eu"), headers={"Accept": "text/turtle"})
        assert answer.status_code in (200, 303), f"{BASE}{path} ends at {sent}, which answers {answer.status}"


@pytest.mark.parametrize("server", ["data.example.eu", "https://x/ y", "https://x/$1", "https://x/#a"])
def test_a_server_that_no_rule_can_name_is_refused(server: str) -> None:
    with pytest.raises(UserError, match="is no address of a server"):
        rules(server)
