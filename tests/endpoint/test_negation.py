"""FILTER NOT EXISTS is rewritten only where the answer stays the same, and the reasons given against it are true."""

import time
from collections import Counter
from random import Random

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness import random_queries
from harness.rows import rows
from readmission.engine.inspection import rewrite
from readmission.engine.rewriting.negation import Denial, denials
from readmission.engine.rewriting.plan import alternative
from readmission.engine.syntax.queries import QueryTree
from readmission.engine.syntax.reading import read
from readmission.engine.syntax.tokens import UnclearQueryError
from readmission.namespaces import NAMESPACES
from readmission.release import Release
from readmission.resources import folder

E = "http://example.org/"
PREFIX = f"PREFIX e: <{E}> "
PAIRS = """SELECT ?state ?country {
  ?membership org:organization body:EU ; rdm:role code:member ; org:member ?state .
  VALUES ?country { country:GEO country:UKR }
  FILTER NOT EXISTS { %s }
}"""
ABSENT = {
    "side": "?instrument rdm:partner ?country ; rdm:hasSide/rdm:sideActor ?state",
    "union": "{ ?i rdm:partner ?country ; rdm:hasSide/rdm:sideActor ?state }"
    " UNION { ?i rdm:partner ?country ; rdm:hasSide/rdm:sideActor body:EU }",
    "derived": "?period rdm:partner ?country ; rdm:forState ?state ; rdm:category code:transit",
    "day": "?period rdm:partner ?country ; rdm:forState ?state . OPTIONAL { ?period rdm:holdsUntil ?until }"
    " FILTER(!BOUND(?until) || ?until > '2021-02-10'^^xsd:date)",
    "joined": "?period rdm:partner ?country ; rdm:forState ?state . ?period rdm:holdsFrom ?from"
    " FILTER(?from > '2010-01-01'^^xsd:date) FILTER NOT EXISTS { ?period rdm:holdsUntil ?until }",
}
# A pattern, why MINUS may give other rows there, and data (subject, property, object) on which it does.
DIFFERENT = [
    ("?x e:p ?y FILTER NOT EXISTS { ?a e:q ?b }", "no variable that both patterns always bind", "apb aqb"),
    ("?x e:p ?y FILTER NOT EXISTS { ?x e:q ?z FILTER(?z = ?y) }", "its FILTER uses ?y", "apb aqb"),
    ("?x e:p ?y FILTER NOT EXISTS { ?x e:q ?z BIND(?y AS ?w) FILTER(?w = ?z) }", "its BIND uses ?y", "apb aqb"),
    ("?x e:p ?y FILTER NOT EXISTS { ?x e:q ?z OPTIONAL { ?z e:r ?y } }", "may stay unbound", "apb aqc crd"),
    ("?x e:p ?y FILTER NOT EXISTS { ?x e:q ?z MINUS { ?z e:r ?y } }", "has a MINUS", "apb aqc crd"),
    ("?x e:p ?y FILTER NOT EXISTS { { ?x e:q ?z } UNION { ?z e:r ?w } }", "no variable that both", "apb brb"),
    ("?x e:p ?y OPTIONAL { ?x e:r ?z FILTER NOT EXISTS { ?z e:q ?w FILTER(?w = ?y) } }", "FILTER in OPTIONAL",
     "apb arc cqb"),
]  # fmt: skip


def proven(query: QueryTree) -> list[Denial]:
    return [denial for denial in denials(query) if not denial.alone or not denial.with_rows]


@settings(max_examples=500, deadline=None)
@given(st.randoms(use_true_random=False))
def test_what_is_proven_equal_gives_the_same_rows(chance: Random) -> None:
    store, text = random_queries.data(chance), random_queries.query(chance)
    try:
        expected, query = rows(store, text), read(text)
    except (SyntaxError, UnclearQueryError):
        return
    mended = [alternative(query, denial) for denial in proven(query)] + [rewrite(text) or text]
    for other in mended:
        assert rows(store, other) == expected, f"not the same: {text}\n{other}"


def test_random_queries_are_rewritten_often_enough() -> None:
    texts = [random_queries.query(Random(seed)) for seed in range(300)]
    assert sum(rewrite(text) is not None for text in texts) > 30, "mend random_queries.py: too few are proven"


@pytest.mark.parametrize("absent", ABSENT.values(), ids=ABSENT)
def test_gap_questions_are_rewritten_and_give_the_same_rows(built: Release, absent: str) -> None:
    text = "".join(f"PREFIX {prefix}: <{iri}>\n" for prefix, iri in NAMESPACES.items()) + PAIRS % absent
    other = rewrite(text)
    assert other is not None
    assert "MINUS" in other
    assert sorted(built.engine.select(other).texts(), key=str) == sorted(
        built.engine.select(text).texts(), key=str
    )


def test_the_engine_gains_by_it(built: Release) -> None:
    text = (
        "".join(f"PREFIX {prefix}: <{iri}>\n" for prefix, iri in NAMESPACES.items()) + PAIRS % ABSENT["side"]
    )
    other = rewrite(text)
    assert other is not None
    spent = []
    for asked in (text, other):
        before = time.process_time()
        built.engine.select(asked)
        spent.append(time.process_time() - before)
    assert spent[0] > 4 * spent[1], (
        f"{spent[0]:.2f} s as written, {spent[1]:.2f} s rewritten: not worth it any more"
    )


def test_checks_and_traps_give_the_same_rows(built: Release) -> None:
    changed = 0
    for path in sorted(folder("queries").rglob("*.rq")):
        text = path.read_text(encoding="utf-8")
        if path.parent.name == "rules" or "?_" in text or (other := rewrite(text)) is None:
            continue
        changed += 1
        expected = sorted(built.engine.select(text).texts(), key=str)
        assert sorted(built.engine.select(other).texts(), key=str) == expected, path.name
    assert changed > 20


@pytest.mark.parametrize(("pattern", "reason", "statements"), DIFFERENT)
def test_a_reason_against_minus_is_true(pattern: str, reason: str, statements: str) -> None:
    store = ox.Store()
    for letters in statements.split():
        subject, predicate, value = (ox.NamedNode(E + letter) for letter in list(letters))
        store.add(ox.Quad(subject, predicate, value, ox.NamedNode(E + "g")))
    text = f"{PREFIX}SELECT * {{ {pattern} }}"
    query = read(text)
    denial = next(denials(query))
    assert any(reason in told for told in denial.alone), denial.alone
    plain = text.replace("FILTER NOT EXISTS", "MINUS")
    assert rows(store, plain) != rows(store, text), "the reason has no example: choose other statements"


@pytest.mark.parametrize(
    ("modifier", "reason"),
    [
        ("SELECT ?x {{ {} }} LIMIT 1", "LIMIT"),
        ("SELECT (SAMPLE(?x) AS ?one) {{ {} }}", "SAMPLE"),
        ("SELECT (RAND() AS ?one) {{ {} }}", "RAND"),
        ("SELECT REDUCED ?x {{ {} }}", "REDUCED"),
        ('SELECT ?x {{ {} FILTER(?y != "\\u0061") }}', "escapes"),
        ("SELECT ?x {{ GRAPH ?g {{ {} }} }}", "which graph"),
        ("SELECT ?x {{ ?x e:r ?z FILTER EXISTS {{ {} }} }}", "inside another EXISTS"),
        ("SELECT ?x {{ ?x e:p ?y FILTER NOT EXISTS {{ ?x e:q* ?z }} }} #{}", "path with * or ?"),
        ("SELECT ?x {{ OPTIONAL {{ ?x e:r ?z }} {} }}", "may be unbound"),
    ],
)
def test_where_rows_may_change_nothing_is_rewritten(modifier: str, reason: str) -> None:
    text = PREFIX + modifier.format("?x e:p ?y FILTER NOT EXISTS { ?x e:q ?z . ?z e:r ?y }")
    assert rewrite(text) is None
    assert any(reason in told for denial in denials(read(text)) for told in denial.alone)


@pytest.mark.parametrize(
    "text",
    [
        "ASK { ?x e:p ?y FILTER NOT EXISTS { ?x e:q ?z . ?z e:r ?y } }",  # ends with its first row
        "SELECT * { ?x e:p ?y FILTER NOT EXISTS { ?x e:q ?z } }",  # looked up in the index
        "SELECT * { ?x e:p ?y FILTER NOT EXISTS { ?x e:q ?z . ?a e:r ?b } }",  # a cross product
        "SELECT * { ?x e:p ?y FILTER NOT EXISTS { ?x e:q ?z . ?a e:q ?z . ?b e:q ?z } }",  # nearly one
        "SELECT * { ?x e:p ?y FILTER NOT EXISTS { ?x ?p ?z . ?z e:q ?a } }",
        "SELECT * { ?x e:p ?y }",
        "SELECT * { ?x e:p ?y FILTER NOT EXISTS { ?x e:q ?z . ?z e:r ?y }",
        "NOT EXISTS",
        "SELECT * { ?x e:p ?y FILTER NOT EXISTS { ?x e:q ?z . ?z e:r ?y } ?x unknown:prefix ?y }",
        "SELECT * { ?x e:p 'NOT EXISTS' FILTER(?x<?y&&?z>?x) }",
    ],
)
def test_queries_without_gain_are_not_rewritten(text: str) -> None:
    assert rewrite(PREFIX + text) is None


def test_texts_are_spliced_so_that_they_stay_sparql() -> None:
    absent = "FILTER NOT EXISTS { ?x e:q ?z . ?z e:r ?y }"
    for text in (
        "SELECT * { ?x e:p ?y FILTER NOT EXISTS { ?x e:q ?z . ?z e:r ?y } ?x e:r ?w }",
        "SELECT * { ?x e:p ?y . FILTER NOT EXISTS { ?x e:q ?z . ?z e:r ?y } . ?x e:r ?w }",
        "SELECT * { FILTER NOT EXISTS { ?x e:q ?z . ?z e:r ?y } . ?x e:p ?y . } # end",
        f"SELECT * {{ ?x e:p ?y {absent} {absent} . ?x e:r ?w }}",
        f"SELECT * {{ ?x e:p ?y {absent} FILTER(?x != ?y) ?x e:r ?w }}",
        "SELECT * { ?x e:p ?y # a }\n FILTER(NOT EXISTS { ?x e:q ?z . ?z e:r ?y # }\n}) }",
    ):
        other = rewrite(PREFIX + text)
        assert other is not None, text
        assert rows(ox.Store(), other) == Counter()
