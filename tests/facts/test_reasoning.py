"""What follows from the ontology: it can be true, and facts that contradict it are found and explained."""

import pyoxigraph as ox
import pytest

from readmission.building import reasoning, rules
from readmission.resources import folder
from readmission.sources import fact_files

PREFIXES = """
@prefix rdm: <https://w3id.org/eu-readmission/ontology#> .
@prefix id: <https://w3id.org/eu-readmission/id/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix edtf: <http://id.loc.gov/datatypes/edtf/> .
"""
CONTRADICTIONS = {
    "binding and non-binding": ("id:x a rdm:BindingInstrument , rdm:NonBindingInstrument .", "disjointWith"),
    "a state that is a territory": ("id:x a rdm:State , rdm:NonStateTerritory .", "NonStateTerritory"),
    "an organisation used as a state": ("id:s rdm:state id:x . id:x a rdm:Organisation .", "Organisation"),
    "an event that concerns two things": ("id:e rdm:concerns id:x , id:y .", "Functional concerns"),
    "an event of two types": ("id:e rdm:eventType id:x , id:y .", "Functional eventType"),
    "a clause in two agreements": ("id:c rdm:inWiderAgreement id:x , id:y .", "Functional inWiderAgreement"),
    "a scope for two categories": ("id:s a rdm:PersonScope ; rdm:category id:x , id:y .", "category max 1"),
    "a committee of an arrangement": (
        "id:j a rdm:JointReadmissionCommittee ; rdm:establishedBy id:x . id:x a rdm:ReadmissionArrangement .",
        "establishedBy only ReadmissionAgreement",
    ),
    "applies and does not apply": ("id:s rdm:applies true , false .", "Functional applies"),
    "an organisation as a partner": ("id:x rdm:partner id:y . id:y a rdm:EUBody .", "Country"),
    "a party that is a source": (
        "id:x rdm:hasSide id:side . id:side rdm:sideActor id:y . id:y a rdm:Source .", "sideActor",
    ),
}  # fmt: skip


def turtle(text: str) -> list[ox.Quad]:
    return list(ox.parse((PREFIXES + text).encode(), format=ox.RdfFormat.TURTLE))


@pytest.fixture(scope="session")
def axioms() -> list[ox.Quad]:
    files = ("readmission", "policy", "derived")
    return [quad for name in files for quad in ox.parse(path=folder("ontology") / f"{name}.ttl")]


def test_the_ontology_is_consistent_and_each_class_can_have_instances(axioms: list[ox.Quad]) -> None:
    assert reasoning.check(axioms) == []


def test_the_facts_do_not_contradict_the_ontology() -> None:
    assert reasoning.check(fact_files.load().quads) == []


@pytest.mark.parametrize(
    "fault",
    [pytest.param(fault, marks=[pytest.mark.slow] * (n > 3)) for n, fault in enumerate(CONTRADICTIONS)],
)
def test_a_contradiction_is_found_and_explained(fault: str, axioms: list[ox.Quad]) -> None:
    text, reason = CONTRADICTIONS[fault]
    problems = reasoning.check([*axioms, *turtle(text)])
    assert len(problems) == 1
    assert reason in problems[0].message


# XSD calls the first of these valid, the others not; a reasoner's parser stops at each.
ODD_VALUES = {
    "anyURI": (
        "https://example.org/é", "https://example.org/100%", "https://example.org/[1]", "https://example.org/#a#b",
        "https://example.org/\u200b", "a b",
    ),
    "string": ("\u0001", "\uffff"), "integer": ("five", "1.0", " 5"), "decimal": ("1e3",), "boolean": ("yes",),
    "dateTime": ("2020-01-01T00:00:00.1234567Z", "2020-13-01T00:00:00"), "double": ("INF", "1e400"),
    "date": ("2020-02-30",), "language": ("en",),
}  # fmt: skip


def test_no_value_stops_the_reasoner(axioms: list[ox.Quad]) -> None:
    values = [
        ox.Literal(value, datatype=ox.NamedNode(reasoning.XSD + name))
        for name, texts in ODD_VALUES.items()
        for value in texts
    ]
    values.append(ox.Literal("\u0008", language="en"))
    properties = [
        quad.subject for quad in axioms if quad.object == ox.NamedNode(reasoning.OWL + "DatatypeProperty")
    ]
    subject = ox.NamedNode("https://w3id.org/eu-readmission/id/x")
    odd = [ox.Quad(subject, properties[0], value) for value in values]  # type: ignore[arg-type]
    assert reasoning.check([*axioms, *odd]) == []


def test_a_class_that_nothing_can_be_is_named(axioms: list[ox.Quad]) -> None:
    wrong = turtle("rdm:Wrong a owl:Class ; rdfs:subClassOf rdm:State , rdm:Organisation .")
    assert [problem.focus for problem in reasoning.check([*axioms, *wrong])] == [
        "https://w3id.org/eu-readmission/ontology#Wrong"
    ]


def test_dates_do_not_stop_the_reasoner(axioms: list[ox.Quad]) -> None:
    dated = turtle(
        'id:e a rdm:StatusEvent ; rdm:date "2011-03"^^edtf:EDTF ; rdm:earliest "2011-03-01"^^xsd:date .'
    )
    assert reasoning.check([*axioms, *dated]) == []


def test_hermit_and_the_rule_give_every_fact_the_same_classes() -> None:
    loaded = fact_files.load()
    store = loaded.store()
    rules.derive(store)
    own = ("https://w3id.org/eu-readmission/id/", "https://w3id.org/eu-readmission/ontology#")
    a = ox.NamedNode(reasoning.RDF + "type")
    ruled: dict[str, set[str]] = {}
    for quad in store.quads_for_pattern(None, a, None, None):
        if isinstance(quad.subject, ox.NamedNode) and isinstance(quad.object, ox.NamedNode):
            ruled.setdefault(quad.subject.value, set()).add(quad.object.value)
    inferred = reasoning.classes(loaded.quads)
    unnamed = (
        f"{own[1]}IntraEuropeanInstrument"  # what names no partner: from an absence OWL concludes nothing
    )
    different = {
        name: {
            found for found in kinds ^ ruled.get(name, set()) if found.startswith(own[1]) and found != unnamed
        }
        for name, kinds in inferred.items()
        if name.startswith(own[0])
    }
    assert len(different) > 1000
    assert {name: kinds for name, kinds in different.items() if kinds} == {}
