"""What is stated in our terms is found under the terms of other vocabularies, as ontology/alignments.ttl promises."""

import pyoxigraph as ox
import pytest

from readmission.building import rules
from readmission.namespaces import DERIVED_GRAPH_BASE, GRAPH_BASE
from readmission.sources.fact_files import Facts

LAST = 12
"""The number of the rule that is tried here; the later ones compute."""
ALIGNED = ox.NamedNode(f"{DERIVED_GRAPH_BASE}aligned")
COMPUTED = {"basis"}
"""Properties that later rules alone state: under their wider terms they would be as many again."""
MOST = 20_000
"""How many statements of this kind are still worth their memory."""
PREFIXES = """
PREFIX eli: <http://data.europa.eu/eli/ontology#>
PREFIX eura: <https://w3id.org/eu-readmission/id/eura/>
PREFIX foaf: <http://xmlns.com/foaf/0.1/>
PREFIX country: <https://w3id.org/eu-readmission/id/country/>
PREFIX org: <http://www.w3.org/ns/org#>
PREFIX prov: <http://www.w3.org/ns/prov#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
"""
PROMISES = {
    "an agreement is a legal resource": "eura:geo a eli:LegalResource",
    "a country is an agent": "country:GEO a foaf:Agent , prov:Agent",
    "a clause is a part of its agreement": "?clause a eli:LegalResourceSubdivision ; eli:is_part_of ?whole",
    "an act repeals another": "?act eli:repeals ?other",
    "a membership is one of ORG": "?membership a org:Membership ; org:member country:FRA",
    "a statement has its derivation and that its source": (
        "eura:geo prov:qualifiedDerivation [ a prov:Derivation ; prov:entity [ a prov:Entity , foaf:Document ] ]"
    ),
}


@pytest.fixture(scope="module")
def store(loaded: Facts) -> ox.Store:
    found = loaded.store()
    rules.derive(found, last=LAST)
    return found


def ask(store: ox.Store, pattern: str) -> bool:
    return bool(store.query(f"{PREFIXES} ASK {{ {pattern} }}", use_default_graph_as_union=True))


@pytest.mark.parametrize("promise", PROMISES)
def test_terms_of_other_vocabularies_find(promise: str, store: ox.Store) -> None:
    assert ask(store, PROMISES[promise]), "see queries/rules/12-aligned.rq and ontology/alignments.ttl"


def test_every_link_to_a_wider_term_has_an_effect(store: ox.Store) -> None:
    answer = store.query(
        f"{PREFIXES} SELECT ?own ?wider WHERE {{ GRAPH <{GRAPH_BASE}ontology/alignments> "
        "{ ?own rdfs:subClassOf|rdfs:subPropertyOf ?wider } }"
    )
    assert isinstance(answer, ox.QuerySolutions)
    silent = [
        str(row["own"])
        for row in answer
        if not ask(
            store, f"GRAPH {ALIGNED} {{ {{ ?thing a {row['wider']} }} UNION {{ ?thing {row['wider']} ?o }} }}"
        )
    ]
    idle = [name for name in silent if name.strip("<>").rpartition("#")[2] not in COMPUTED]
    assert not idle, f"nothing is stated with {', '.join(idle)}: remove the link in ontology/alignments.ttl"


def test_the_wider_terms_stay_few(store: ox.Store) -> None:
    count = sum(1 for _ in store.quads_for_pattern(None, None, None, ALIGNED))
    print(f"derived/aligned: {count} statements")
    assert 10_000 < count < MOST, f"{count} statements in derived/aligned: is each new link worth its rows?"
