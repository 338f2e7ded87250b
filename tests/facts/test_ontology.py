"""What the ontology and its codelists promise: declared, defined, registered, free of known pitfalls."""

import re
from pathlib import Path

import pyoxigraph as ox
import pytest

from readmission.building import check_queries, rules
from readmission.resources import folder
from readmission.sources import fact_files

BASE = "https://w3id.org/eu-readmission/"
BROKEN = Path(__file__).parents[1] / "broken" / "ontology"
TURTLE = sorted(folder("ontology").glob("*.ttl"))
WRITTEN = re.compile(r"(?<![\w:?$])(rdm|code|scheme):([A-Za-z](?:[\w-]*\w)?)")
IN_FULL = re.compile(r"w3id\.org/eu-readmission/(ontology#|code/|scheme/)([A-Za-z](?:[\w-]*\w)?)")
PREFIX = re.compile(r"^PREFIX\s+(\w+):\s*<([^>]+)>", re.MULTILINE)
PREFIXED = re.compile(r"(?<![\w:/?$])(\w+):([A-Za-z]\w*)")
NO_NAMES = re.compile(r"^PREFIX.*$|^#.*$|\"[^\"\n]*\"|<[^>\s]*>", re.MULTILINE)
SPACES = {"rdm": "ontology#", "code": "code/", "scheme": "scheme/"}
HYGIENE = [condition for condition in check_queries.load() if condition.path.stem.startswith("ontology-")]
SKOS = "http://www.w3.org/2004/02/skos/core#"
LABELS = ("http://www.w3.org/2000/01/rdf-schema#label", "http://www.w3.org/2004/02/skos/core#prefLabel")
DEFINED_BY = "http://www.w3.org/2000/01/rdf-schema#isDefinedBy"
SUBCLASS = "http://www.w3.org/2000/01/rdf-schema#subClassOf"
OWL = "http://www.w3.org/2002/07/owl#"
# What the questions on time limits and joint declarations ask for, with nothing on record yet.
AWAITED = {
    f"{BASE}ontology#{name}" for name in "TimeLimit days dayKind JointDeclaration declarationOn".split()
}
DEFINITION = "http://www.w3.org/2004/02/skos/core#definition"


def texts() -> list[Path]:
    """Every file that may name a term: facts, shapes, questions, rules and checks."""
    wanted = {".ttl", ".rq"}
    return [
        path
        for name in ("graph", "shapes", "queries")
        for path in sorted(folder(name).rglob("*"))
        if path.suffix in wanted
    ]


def names_in(path: Path) -> set[str]:
    """The IRIs of the terms, codes and lists that a file names."""
    text = path.read_text(encoding="utf-8")
    used = {BASE + SPACES[prefix] + name for prefix, name in WRITTEN.findall(text)}
    return used | {BASE + space + name for space, name in IN_FULL.findall(text)}


@pytest.fixture(scope="session")
def ontology() -> ox.Store:
    """The ontology, its codelists, alignments and registry, each in its named graph."""
    return fact_files.load().store()


@pytest.fixture(scope="session")
def declared(ontology: ox.Store) -> set[str]:
    rdf_type = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
    return {
        quad.subject.value
        for quad in ontology.quads_for_pattern(None, rdf_type, None)
        if isinstance(quad.subject, ox.NamedNode)
    }


@pytest.fixture(scope="session")
def registered(ontology: ox.Store) -> set[str]:
    defined_by = ox.NamedNode("http://www.w3.org/2000/01/rdf-schema#isDefinedBy")
    registry = ox.NamedNode(f"{BASE}graph/ontology/terms")
    return {str(quad.subject)[1:-1] for quad in ontology.quads_for_pattern(None, defined_by, None, registry)}


def rows(store: ox.Store, text: str) -> list[list[str]]:
    answer = store.query(text, use_default_graph_as_union=True)
    assert isinstance(answer, ox.QuerySolutions)
    return [[str(value) for value in row] for row in answer]


def test_every_term_and_code_has_a_label_and_a_definition(ontology: ox.Store, declared: set[str]) -> None:
    own = [iri for iri in declared if iri.startswith(tuple(BASE + space for space in SPACES.values()))]
    assert len(own) > 400
    for iri in own:
        said = {quad.predicate.value for quad in ontology.quads_for_pattern(ox.NamedNode(iri), None, None)}
        assert said.intersection(LABELS), f"{iri} has no label; add one in ontology/"
        assert DEFINITION in said, f"{iri} has no definition; add skos:definition in ontology/"


@pytest.mark.parametrize("path", texts(), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_name_used_is_declared(path: Path, declared: set[str]) -> None:
    used = names_in(path)
    assert used <= declared, f"declare in ontology/, or correct: {', '.join(sorted(used - declared))}"


def test_every_term_serves_a_fact_a_rule_or_a_question(ontology: ox.Store, declared: set[str]) -> None:
    queries = folder("queries")
    places = (folder("graph"), queries / "rules", queries / "questions", queries / "lookups")
    used = set(AWAITED)
    for path in texts():
        if any(path.is_relative_to(place) for place in places):
            used |= names_in(path)
    for below, above in rows(ontology, f"SELECT ?below ?above {{ ?below <{SUBCLASS}>+ ?above }}"):
        used |= {above[1:-1]} if below[1:-1] in used else set()
    annotations = {iri[1:-1] for (iri,) in rows(ontology, f"SELECT ?p {{ ?p a <{OWL}AnnotationProperty> }}")}
    idle = {iri for iri in declared if iri.startswith(BASE + SPACES["rdm"])} - used - annotations
    assert not idle, f"ask or state something with these terms, or remove them: {', '.join(sorted(idle))}"


@pytest.mark.parametrize(
    "path", [path for path in texts() if path.suffix == ".rq"], ids=lambda path: path.stem
)
def test_every_term_of_another_vocabulary_in_a_query_is_registered(path: Path, registered: set[str]) -> None:
    text = path.read_text(encoding="utf-8")
    body = NO_NAMES.sub(" ", text)
    spaces = {prefix: iri for prefix, iri in PREFIX.findall(text) if not iri.startswith(BASE)}
    used = {spaces[prefix] + name for prefix, name in PREFIXED.findall(body) if prefix in spaces}
    assert used <= registered, (
        f"add to ontology/terms.ttl, or correct: {', '.join(sorted(used - registered))}"
    )


@pytest.mark.parametrize("condition", HYGIENE, ids=lambda condition: condition.path.stem)
def test_the_ontology_is_free_of(condition: check_queries.CheckQuery, ontology: ox.Store) -> None:
    assert rows(ontology, condition.text) == [], f"{condition.summary}. {condition.remedy}"


@pytest.mark.parametrize("condition", HYGIENE, ids=lambda condition: condition.path.stem)
def test_each_hygiene_check_bites(condition: check_queries.CheckQuery) -> None:
    broken = ox.Store()
    broken.load(
        path=BROKEN / f"{condition.path.stem.removeprefix('ontology-')}.trig", format=ox.RdfFormat.TRIG
    )
    assert rows(broken, condition.text), f"{condition.path.name} does not see the fault it is named after"


def test_each_broken_example_has_its_check() -> None:
    assert {path.stem for path in BROKEN.glob("*.trig")} == {
        condition.path.stem.removeprefix("ontology-") for condition in HYGIENE
    }


@pytest.mark.parametrize("path", TURTLE, ids=lambda path: path.name)
def test_the_catalogue_resolves_each_file_offline(path: Path) -> None:
    catalogue = folder("ontology").joinpath("catalog-v001.xml").read_text(encoding="utf-8")
    name = "ontology" if path.stem == "readmission" else f"ontology/{path.stem}"
    assert f'<uri name="{BASE}{name}" uri="{path.name}"/>' in catalogue
    assert f'<uri name="{BASE}{name}/0.1.0" uri="{path.name}"/>' in catalogue


@pytest.mark.parametrize("name", ["", "/policy", "/derived", "/internal"])
def test_a_file_of_terms_names_its_own_and_those_it_imports_only(name: str, ontology: ox.Store) -> None:
    file = f"<{BASE}ontology{name}>"
    graph = f"<{BASE}graph/ontology{name or '/readmission'}>"
    query = (
        f"SELECT DISTINCT ?term {{ GRAPH {graph} {{ ?s ?p ?o . FILTER(?p != <{DEFINED_BY}>) }} "
        "VALUES ?place { 1 2 3 } "
        f"BIND(IF(?place = 1, ?s, IF(?place = 2, ?p, ?o)) AS ?term) ?term <{DEFINED_BY}> ?other . "
        f"FILTER(STRSTARTS(STR(?term), '{BASE}ontology#')) MINUS {{ {file} <{OWL}imports>* ?other }} }}"
    )
    strange = [term for (term,) in rows(ontology, query)]
    assert not strange, f"{graph} names terms of a file that it does not import: {', '.join(strange)}"


def test_each_file_of_terms_tells_all_the_classes_apart_that_it_and_its_imports_have() -> None:
    before: set[str] = set()
    for name in ("readmission", "policy", "derived"):
        text = folder("ontology").joinpath(f"{name}.ttl").read_text(encoding="utf-8")
        members = set(
            re.findall(r"^        (rdm:\w+)$", text.partition("owl:AllDisjointClasses")[2], re.MULTILINE)
        )
        assert before < members, f"add to the owl:AllDisjointClasses of {name}.ttl: {before - members}"
        before = members


@pytest.mark.parametrize("name", ["derived", "internal"])
def test_no_fact_states_what_rules_compute(name: str, ontology: ox.Store) -> None:
    query = (
        f"SELECT DISTINCT ?s ?term {{ {{ GRAPH ?g {{ ?s ?term ?o }} }} UNION {{ GRAPH ?g {{ ?s a ?term }} }} "
        f"?term <{DEFINED_BY}> <{BASE}ontology/{name}> FILTER(!STRSTARTS(STR(?g), '{BASE}graph/ontology/')) }}"
    )
    assert rows(ontology, query) == [], f"a fact file states what a term of ontology/{name}.ttl is for"


def test_every_codelist_is_a_tree_that_begins_with_its_top_codes() -> None:
    store = fact_files.load(["ontology"]).store()
    rules.derive(store, first=14, last=14)
    lost = (
        f"SELECT ?list ?code {{ ?code <{SKOS}inScheme> ?list MINUS {{ ?list <{SKOS}hasTopConcept> ?top . "
        f"?top <{SKOS}topConceptOf> ?list . ?code <{SKOS}broader>* ?top }} }}"
    )
    assert rows(store, lost) == [], "codes that no tree of their list shows; mend skos:broader"
    several = f"SELECT ?code {{ ?code <{SKOS}broader> ?one , ?other FILTER(STR(?one) < STR(?other)) }}"
    assert rows(store, several) == [], "codes with two places in their tree; keep one skos:broader"


def test_a_heading_has_codes_below_it_and_is_no_code(ontology: ox.Store) -> None:
    headings = f"FILTER(STRSTARTS(STR(?heading), '{BASE}heading/'))"
    count = rows(ontology, f"SELECT ?heading {{ ?heading a <{SKOS}Concept> {headings} }}")
    assert len(count) > 10
    odd = (
        f"SELECT ?heading {{ ?heading a <{SKOS}Concept> {headings} "
        f"FILTER(EXISTS {{ ?heading <{SKOS}notation> ?code }} || NOT EXISTS {{ ?code <{SKOS}broader> ?heading }}) }}"
    )
    assert rows(ontology, odd) == [], "give the heading codes with skos:broader, and no skos:notation"


def test_evidence_levels_are_ordered_from_unverified_to_official_text(ontology: ox.Store) -> None:
    listed = f"?code <http://www.w3.org/2004/02/skos/core#inScheme> <{BASE}scheme/evidence-level>"
    query = f"SELECT ?code WHERE {{ {listed} ; <{BASE}ontology#rank> ?rank }} ORDER BY ?rank"
    order = "unverified inferred press academic official-secondary official-list official-text"
    assert [row[0] for row in rows(ontology, query)] == [f"<{BASE}code/{name}>" for name in order.split()]
