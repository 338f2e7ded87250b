"""FILTER IN becomes VALUES only where the answer stays the same, and there it always does."""

from random import Random

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness import random_queries
from harness.rows import rows
from readmission.engine.inspection import rewrite
from readmission.engine.rewriting.lists import with_values

E = "http://example.org/"
PREFIX = f"PREFIX e: <{E}> "
IRIS = ("e:a", "e:b", "e:c", "e:d", "e:z", "<http://example.org/a>", "e:a")
OTHERS = ("1", '"x"', "?u", "01", '"1"')


def condition(chance: Random) -> str:
    name = chance.choice(random_queries.NAMES)
    pool = IRIS if chance.random() < 0.85 else (*IRIS, *OTHERS)
    members = [chance.choice(pool) for _ in range(chance.randint(1, 4))]
    pairs = [f"{name} = {member}" if chance.random() < 0.7 else f"{member} = {name}" for member in members]
    stated = chance.choice((
        f"{name} IN ({', '.join(members)})", f"{name} IN ({', '.join(members)})",
        f"{name} NOT IN ({', '.join(members)})", " || ".join(pairs), " || ".join(f"({pair})" for pair in pairs),
        f"{name} in( {','.join(members)} )",
    ))  # fmt: skip
    if chance.random() < 0.3:
        other = chance.choice(("BOUND(?u)", "?u != ?v", f"?w IN ({members[0]}, e:b)", "isIRI(?x)"))
        stated = f"({stated}) {chance.choice(('&&', '&&', '||'))} {other}"
    return f"FILTER{chance.choice(('', ' '))}({stated}){chance.choice(('', ' .', ''))}"


def query(chance: Random) -> str:
    """Return a query that has such a filter somewhere, in a group of any kind."""

    def group(depth: int) -> str:
        parts = [random_queries._part(chance, depth) for _ in range(chance.randint(1, 3))]
        if chance.random() < 0.7:
            parts.insert(chance.randint(0, len(parts)), condition(chance))
        if depth and chance.random() < 0.5:
            inner = group(depth - 1)
            parts.insert(
                chance.randint(0, len(parts)),
                chance.choice((f"OPTIONAL {inner}", f"{inner} UNION {inner}", f"MINUS {inner}", inner,
                               f"GRAPH ?w {inner}", f"FILTER EXISTS {inner}", f"{{ SELECT * {inner} }}")),
            )  # fmt: skip
        return "{ " + " ".join(parts) + " }"

    return random_queries.HEAD + group(2)


@settings(max_examples=250, deadline=None)
@given(st.randoms(use_true_random=False))
def test_the_same_rows_come_back(chance: Random) -> None:
    store, text = random_queries.data(chance), query(chance)
    try:
        expected = rows(store, text)
    except SyntaxError:
        return
    other = with_values(text, least=1)
    if other is not None:
        assert rows(store, other) == expected, f"not the same: {text}\n{other}"


def test_random_queries_have_long_lists_often_enough() -> None:
    changed = [with_values(query(Random(seed)), least=1) for seed in range(300)]
    assert sum(text is not None for text in changed) > 60, "mend the queries above: too few are rewritten"


def long(shape: str, count: int = 200) -> str:
    iris = [f"<{E}{number}>" for number in range(count)]
    return PREFIX + shape.replace("LIST", ", ".join(iris)).replace(
        "CHAIN", " || ".join(f"?s = {iri}" for iri in iris)
    )


@pytest.mark.parametrize(
    "shape",
    ["SELECT * { ?s a ?c FILTER(?s IN (LIST)) }", "SELECT * { FILTER(?s IN (LIST)) . ?s a ?c }",
     "SELECT * { ?s a ?c FILTER(?s NOT IN (LIST)) }", "SELECT * { ?s a ?c FILTER(CHAIN) }",
     "SELECT * { ?s a ?c FILTER((?s in (LIST)) && BOUND(?c)) OPTIONAL { ?c ?p ?o } }",
     "ASK { ?s a ?c FILTER(?s IN (LIST)) }", "CONSTRUCT { ?s a ?c } { ?s a ?c FILTER(?s IN (LIST)) }",
     "SELECT * { { SELECT ?s { ?s a ?c FILTER(?s IN (LIST)) } } UNION { ?s e:p ?c } }",
     "SELECT * { GRAPH ?s { ?a a ?c } FILTER(?s IN (LIST)) }"],
)  # fmt: skip
def test_long_lists_are_joined(shape: str) -> None:
    other = rewrite(long(shape))
    assert other is not None
    assert "VALUES ?s" in other
    assert " IN (" not in other.upper()
    ox.Store().query(other)


@pytest.mark.parametrize(
    "shape",
    ["SELECT * { ?a a ?c OPTIONAL { ?a e:p ?s } FILTER(?s IN (LIST)) }",
     'SELECT * { ?s a ?c FILTER(?s IN (LIST, "x")) }',
     "SELECT * { ?s a ?c FILTER(?s IN (LIST, ?c)) }", "SELECT * { ?s a ?c FILTER(?s IN (LIST, 1)) }",
     "SELECT * { ?s a ?c FILTER(?s IN (LIST) || BOUND(?c)) }", "SELECT * { ?s a ?c FILTER(!(?s IN (LIST))) }",
     "SELECT * { ?s a ?c FILTER(STR(?s) IN (LIST)) }", "SELECT * { ?s a ?c BIND(?s IN (LIST) AS ?x) }",
     "SELECT * { ?s a ?c FILTER EXISTS { ?s e:p ?o FILTER(?s IN (LIST)) } }",
     "SELECT * { BIND(e:a AS ?s) FILTER(?s IN (LIST)) }",
     "SELECT * { VALUES ?s { UNDEF e:a } FILTER(?s IN (LIST)) }",
     "SELECT * { ?s a ?c FILTER(?s IN (LIST, <relative>)) }",
     "SELECT * { ?s a ?c FILTER(?s IN (LIST)) } LIMIT 5", "SELECT * { ?s a ?c FILTER(CHAIN || ?c = e:x) }",
     "SELECT * { ?s a ?c FILTER(?t IN (LIST)) }"],
)  # fmt: skip
def test_lists_that_may_change_rows_are_not_rewritten(shape: str) -> None:
    assert rewrite(long(shape)) is None


def test_short_lists_are_left_alone() -> None:
    assert rewrite(long("SELECT * { ?s a ?c FILTER(?s IN (LIST)) }", 10)) is None


def test_an_iri_that_stands_twice_doubles_no_row() -> None:
    store = ox.Store()
    store.add(ox.Quad(ox.NamedNode(f"{E}1"), ox.NamedNode(f"{E}p"), ox.Literal("x")))
    text = long("SELECT * { ?s e:p ?o FILTER(?s IN (LIST, LIST, e:1)) }")
    other = rewrite(text)
    assert other is not None
    assert rows(store, other) == rows(store, text)
    assert rows(store, other).total() == 1


def test_a_list_of_twenty_thousand_is_answered() -> None:
    text = rewrite(long("SELECT * { ?s e:p ?o FILTER(?s IN (LIST)) }", 20_000))
    assert text is not None
    store = ox.Store()
    store.extend(
        ox.Quad(ox.NamedNode(f"{E}{number}"), ox.NamedNode(f"{E}p"), ox.Literal("x"))
        for number in range(20_000)
    )
    assert rows(store, text).total() == 20_000
