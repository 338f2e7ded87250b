"""What /inspect says of a query is true, in its place, and said of nothing else; and it says it fast."""

import time
from collections.abc import Callable
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
from flask.testing import FlaskClient

from readmission import questions
from readmission.engine.inspection import (
    LARGEST_REWRITTEN_TEXT,
    Inspection,
    QueryWarning,
    Vocabulary,
    inspect,
)
from readmission.engine.syntax.reading import read
from readmission.namespaces import NAMESPACES
from readmission.release import Release
from readmission.resources import folder
from readmission.web.app import create_app

HEAD = "".join(f"PREFIX {prefix}: <{iri}>\n" for prefix, iri in NAMESPACES.items())
GRAPH = "<https://w3id.org/eu-readmission/graph/ontology/readmission>"
# A query, and all that is to be said of it: the code, and the text at the place.
CASES = [
    ("SELECT ?i { ?i a rdm:Instrument }", []),
    ("SELECT * { ?i a rdm:Instrument . ?c a rdm:StatusEvent } LIMIT 5", [("cross-product", "?c a")]),
    ("SELECT (COUNT(*) AS ?n) { ?i a rdm:Instrument . ?c a rdm:StatusEvent }", [("cross-product", "?c a")]),
    ("ASK { ?i a rdm:Instrument OPTIONAL { ?c a rdm:StatusEvent } }", [("cross-product", "OPTIONAL")]),
    ("ASK { ?i a rdm:Instrument { ?c a rdm:StatusEvent } UNION { ?c rdm:date ?d } }", [("cross-product", "{ ?c a")]),
    ("ASK { ?i a rdm:Instrument { SELECT ?c { ?c a rdm:StatusEvent } } }", [("cross-product", "{ SELECT")]),
    ("ASK { ?i a rdm:Instrument { SELECT (COUNT(?c) AS ?n) { ?c a rdm:StatusEvent } } }", []),
    ("ASK { ?i a rdm:Instrument . VALUES ?s { code:signature code:expiry } }", []),
    ("ASK { ?i rdm:concerns ?x . ?j rdm:concerns ?y BIND(IF(?x = ?y, 1, 2) AS ?z) }", []),
    ("ASK { ?i rdm:concerns ?x . ?j rdm:concerns ?y . VALUES (?x ?y) { (eura:geo eura:ukr) } }", []),
    ("ASK { ?i rdm:concerns ?x . ?j rdm:concerns ?y FILTER EXISTS { ?x rdm:partner ?p . ?y rdm:partner ?q } }",
     [("cross-product", "?j rdm")]),
    ("ASK { eura:geo rdm:partner ?p ; rdm:evidence ?e }", []),
    ("ASK { ?i rdm:hasSide [ rdm:sideActor ?a ] ; rdm:partner ?p }", []),
    ("SELECT * { ?i a rdm:Instrument . ?c a rdm:StatusEvent } ORDER BY ?i",
     [("no-limit", "SELECT"), ("ordered-product", "SELECT"), ("cross-product", "?c a")]),
    ("SELECT * { ?s ?p ?o } LIMIT 3", [("everything", "?s ?p")]),
    ("SELECT * { ?s ?p ?o }", [("no-limit", "SELECT"), ("everything", "?s ?p")]),
    ("SELECT * { ?s a rdm:Instrument ; ?p ?o }", []),
    ("SELECT * { VALUES ?p { rdm:partner } ?s ?p ?o }", []),
    (f"SELECT * {{ GRAPH {GRAPH} {{ ?s ?p ?o }} }}", []),
    ("SELECT ?nothing { ?s a rdm:Instrument }", [("never-bound", "?nothing")]),
    ("SELECT ?s { ?s rdm:partner ?partner FILTER(?partnr != country:GEO) }", [("never-bound", "?partnr")]),
    ("SELECT ?s { ?s rdm:partner ?p { ?s rdm:evidence ?e FILTER(?p != ?e) } }", [("never-bound", "?p != ")]),
    ("SELECT ?s { ?s rdm:partner ?p OPTIONAL { ?s rdm:evidence ?e FILTER(?p != ?e) } }", []),
    ("SELECT ?s { ?s rdm:partner ?p FILTER EXISTS { ?s rdm:evidence ?e FILTER(?p != ?e) } }", []),
    ("SELECT ?s { BIND(?p AS ?q) ?s rdm:partner ?p, ?q }", [("never-bound", "?p AS")]),
    ("SELECT (COUNT(?x) AS ?n) { ?s rdm:partner ?p } ORDER BY ?p ?y", [("never-bound", "?x"), ("never-bound", "?y")]),
    ("SELECT ?s (MAX(?d) AS ?last) { ?s rdm:date ?d } GROUP BY ?s HAVING(?last > 1) ORDER BY ?last", []),
    ("CONSTRUCT { ?s rdm:partner ?q } WHERE { ?s rdm:partner ?p }", [("never-bound", "?q")]),
    ("SELECT ?s { ?s a rdm:EUReadmisionAgreement }", [("unknown-class", "rdm:EUReadmisionAgreement")]),
    ("SELECT ?s { ?s rdm:parnter ?c }", [("unknown-property", "rdm:parnter")]),
    ("SELECT ?s { ?s skos:preflabel/^skos:altLabell ?c }",
     [("unknown-property", "skos:preflabel"), ("unknown-property", "skos:altLabell")]),
    ("SELECT ?s { ?s rdm:partner country:Georgia }", [("unknown-thing", "country:Georgia")]),
    ("SELECT ?s { VALUES ?s { eura:geo eura:gea } }", [("unknown-thing", "eura:gea")]),
    ("SELECT ?s FROM <https://w3id.org/eu-readmission/graph/ontologie> { ?s a rdm:Instrument }",
     [("unknown-graph", "<https://w3id.org/eu-readmission/graph/ontologie>")]),
    ("SELECT ?s { ?s rdm:partner ?c FILTER(STR(?c) = 'x' && xsd:date('2020-01-01') > 1) }", []),
    ("SELECT ?s { ?s rdm:partner ?c FILTER NOT EXISTS { ?e rdm:concerns ?s ; rdm:eventType ?t } }",
     [("not-exists", "FILTER NOT")]),
    ("SELECT ?s { ?s rdm:partner ?c FILTER NOT EXISTS { ?s rdm:evidence ?e } }", []),
]  # fmt: skip
# What is said of our own questions, and rightly: they mean every combination, or count every statement.
RIGHT = {
    ("asserted-and-derived", "everything"), ("between-european-states", "cross-product"),
    ("binding-nature", "cross-product"), ("national-totals", "cross-product"),
    ("overtaken-bilateral-agreements", "cross-product"),
}  # fmt: skip


@pytest.fixture(scope="module")
def vocabulary(built: Release) -> Vocabulary:
    return Vocabulary(built.engine)


@pytest.fixture(scope="module")
def client(built: Release) -> FlaskClient:
    return create_app(built).test_client()


@pytest.mark.parametrize(("text", "expected"), CASES, ids=[text for text, _ in CASES])
def test_each_query_gets_the_expected_warnings_only(
    vocabulary: Vocabulary, text: str, expected: list[tuple[str, str]]
) -> None:
    found = inspect(HEAD + text, vocabulary)
    assert found.unread_reason is None
    assert [finding.code for finding in found.findings] == [code for code, _ in expected]
    for finding, (_, place) in zip(found.findings, expected, strict=True):
        assert (HEAD + text)[finding.offset or 0 :].startswith(place), finding


@pytest.mark.parametrize(
    ("text", "name", "label"),
    [
        ("ASK { ?s a rdm:EUReadmisionAgreement }", "rdm:EUReadmissionAgreement", "EU readmission agreement"),
        ("ASK { ?s rdm:parnter ?c }", "rdm:partner", "has partner"),
        ("ASK { ?s skos:preflabel ?c }", "skos:prefLabel", "preferred label"),
        ("ASK { ?s rdm:partner country:Georgia }", "country:GEO", "Georgia"),
    ],
)
def test_unknown_terms_get_suggestions(vocabulary: Vocabulary, text: str, name: str, label: str) -> None:
    (finding,) = inspect(HEAD + text, vocabulary).findings
    first = finding.suggestions[0]
    assert (first.name, first.label) == (name, label)
    assert finding.mended is not None
    assert f" {name} " in finding.mended
    assert not inspect(finding.mended, vocabulary).findings


def test_a_misspelt_variable_is_corrected(vocabulary: Vocabulary) -> None:
    text = f"{HEAD}SELECT ?s {{ ?s rdm:partner ?partner FILTER(?partnr != country:GEO) }}"
    (finding,) = inspect(text, vocabulary).findings
    assert finding.mended == text.replace("?partnr", "?partner")


def test_our_own_questions_are_read_and_give_no_false_warning(built: Release, vocabulary: Vocabulary) -> None:
    said: set[tuple[str, str]] = set()
    for name, question in questions.load().items():
        found = inspect(question.sparql({}, built.gazetteer), vocabulary)
        assert found.unread_reason is None, name
        for finding in found.findings:
            if finding.code in ("unknown-property", "unused-property", "unused-class"):
                assert _is_absent(built, finding), f"{name}: {finding.text}"
            else:
                said.add((name, finding.code))
    assert (
        said - {(name, "no-limit") for name, _ in RIGHT} - {(name, "ordered-product") for name, _ in RIGHT}
        == RIGHT
    )


def _is_absent(built: Release, finding: QueryWarning) -> bool:
    """Whether no statement has the term, as the finding says; asked in another way than it was found."""
    prefix, _, local = finding.text.replace("No statement of this release has ", "").split()[0].partition(":")
    iri = f"<{ {**NAMESPACES, 'dcat': 'http://www.w3.org/ns/dcat#'}[prefix] }{local}>"
    return not built.engine.select(f"SELECT ?s {{ {{ ?s {iri} ?o }} UNION {{ ?s a {iri} }} }} LIMIT 1").rows


def test_every_query_of_the_repository_is_read() -> None:
    for path in folder("queries").rglob("*.rq"):
        read(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * " + "{" * 9000 + "}" * 9000,
        "SELECT * {" + "?a ?b ?c ." * 1900 + "}",
        "SELECT * {" + "".join(f"?a{n} ?b{n} ?c{n} ." for n in range(800)) + "}",
        "SELECT * { ?a ?b " + "[ ?c " * 3000 + "]" * 3000 + "}",
        "SELECT * { ?a " + "(" * 9000 + "<p:p>" + ")" * 9000 + " ?b }",
        "SELECT * { FILTER(" + "(" * 9000 + "1" + ")" * 9000 + ") }",
        "SELECT * {" + "".join(f"?a <p:{n}> rdm:x{n} ." for n in range(700)) + "}",
        "SELECT * {" + "?x <p:p> ?y FILTER NOT EXISTS { ?x <p:q> ?z . ?z <p:r> ?w }" * 300 + "}",
        "SELECT * {" + "?x <p:p> ?y FILTER NOT EXISTS {" * 500 + "}" * 501,
        "SELECT * {" + "{ ?x <p:p> ?y FILTER NOT EXISTS { ?x <p:q> ?z . ?z <p:r> ?w } " * 30 + "}" * 31,
        "SELECT * {" + "OPTIONAL { ?x <p:p> ?y " * 700 + "}" * 701,
        '"' * 19_000,
        "\\" * 19_000,
        "x" * (LARGEST_REWRITTEN_TEXT + 1),
    ],
    ids=range(14),
)
def test_hostile_texts_are_inspected_in_bounded_time(vocabulary: Vocabulary, text: str) -> None:
    _ = vocabulary.kinds, vocabulary.near("", "thing")
    before = time.process_time()
    assert isinstance(inspect(text, vocabulary), Inspection)
    assert time.process_time() - before < 2


def test_over_http_it_answers_programs_and_people(client: FlaskClient) -> None:
    text = f"{HEAD}SELECT ?s {{\n  ?s rdm:parnter ?c }}"
    for answer in (
        client.get("/inspect", query_string={"query": text}),
        client.post("/inspect", data={"query": text}),
        client.post("/inspect", data=text, content_type="application/sparql-query"),
    ):
        told = answer.get_json()
        assert answer.status_code == 200
        assert told["inspected"] is True
        (warning,) = told["warnings"]
        assert (warning["code"], warning["column"]) == ("unknown-property", 6)
        assert warning["line"] == HEAD.count("\n") + 2
        assert answer.headers["ETag"]
    page = client.post("/inspect", data={"query": text, "format": "csv"}, headers={"Accept": "text/html"})
    assert "did you mean rdm:partner?" in page.get_data(as_text=True)


def test_syntax_errors_are_those_of_the_endpoint(client: FlaskClient) -> None:
    for text in (
        "SELECT * { ?s ?p }",
        "INSERT DATA { <a:a> <a:b> 1 }",
        "SELECT * { SERVICE <x:x> { ?s ?p ?o } }",
    ):
        one, other = (client.post(path, data={"query": text}) for path in ("/sparql", "/inspect"))
        assert one.status_code >= 400
        assert (one.status_code, one.get_json()) == (other.status_code, other.get_json())
    assert client.post("/inspect", data={"update": "CLEAR ALL"}).status_code == 403
    assert client.get("/inspect").status_code == 400


def test_a_missing_prefix_is_added(client: FlaskClient) -> None:
    told = client.post("/inspect", data={"query": "SELECT * { ?s rdm:partner ?c }"}).get_json()
    assert client.post("/inspect", data={"query": told["mended"]}).get_json()["warnings"] == []


def test_inspection_never_runs_the_query_over_the_data(serving: Callable[..., str], tmp_path: Path) -> None:
    data = tmp_path / "data.nt"
    data.write_text("".join(f"<x:{n}> <x:p> <x:{n + 1}> .\n" for n in range(3000)), encoding="utf-8")
    address = serving(data)
    text = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"  # 27 thousand million rows
    assert b'"cross-product"' in _looked_over(address, text, 5)
    rows = " ".join(map(str, range(60)))
    values = " ".join(f"VALUES ?v{number} {{ {rows} }}" for number in range(7))  # rows of the text's own
    assert b'"heavy"' in _looked_over(address, f"SELECT * {{ {values} }}", 30)


def _looked_over(address: str, text: str, seconds: float) -> bytes:
    request = Request(f"{address}inspect", text.encode(), {"Content-Type": "application/sparql-query"})
    with urlopen(request, timeout=seconds) as answer:
        body: bytes = answer.read()
    return body
