"""A property path of length zero holds between a term and itself, whether the data know the term or not."""

from collections import Counter

import pyoxigraph as ox
import pytest

from readmission.engine.embedded import EmbeddedEngine
from readmission.engine.execution import InProcessService, Query
from readmission.engine.rewriting import paths
from readmission.engine.running_query import RunningQuery

pytestmark = pytest.mark.quick

E = "http://example.org/"


@pytest.fixture(scope="module")
def engine() -> EmbeddedEngine:
    store = ox.Store()
    for one, name, other in ("apb", "bpc", "aqc", "cqd"):
        graph = ox.NamedNode(f"{E}graph")
        store.add(ox.Quad(ox.NamedNode(E + one), ox.NamedNode(E + name), ox.NamedNode(E + other), graph))
    return EmbeddedEngine(store)


def answered(engine: EmbeddedEngine, pattern: str) -> Counter[str]:
    query = Query(f"PREFIX e: <{E}> SELECT * {{ {pattern} }}", "text/csv", None)
    lines = InProcessService(engine, 2**20).ask(query, RunningQuery()).body.decode().splitlines()[1:]
    return Counter(line.replace(E, "") for line in lines)


@pytest.mark.parametrize(
    "path", ["e:p*", "e:p?", "(e:p*)*", "e:p*/e:q*", "(e:p|e:q)*", "^e:p*", "(e:p/e:q)?", "!e:p*", "e:r?"]
)
@pytest.mark.parametrize("term", ["e:unknown", "<http://example.org/unknown>", "e:p"])
def test_an_unknown_term_reaches_itself(path: str, term: str, engine: EmbeddedEngine) -> None:
    name = "p" if term == "e:p" else "unknown"
    assert answered(engine, f"{term} {path} ?y") == {name: 1}
    assert answered(engine, f"?y {path} {term}") == {name: 1}
    assert answered(engine, f"{term} {path} ?y . ?x e:p ?z FILTER(?x = e:a)").total() == 1
    assert answered(engine, f"e:a e:p ?x . OPTIONAL {{ {term} {path} ?y }}") == {f"b,{name}": 1}
    assert answered(engine, f"{{ {term} {path} ?y }} UNION {{ e:a e:p ?y }}").total() == 2
    assert answered(engine, f"{term} {path} {term}").total() == 1
    assert answered(engine, f"{term} {path} e:a").total() == 0
    assert answered(engine, f"e:a e:p ?y . {term} {path} ?y").total() == 0


@pytest.mark.parametrize(
    ("pattern", "count"),
    [("e:a e:p* ?y", 3), ("?y e:p* e:c", 3), ("e:a e:p? ?y", 2), ("e:unknown e:p ?y", 0), ("e:unknown e:p+ ?y", 0),
     ("e:a e:p*/e:q* ?y", 6), ("?x e:p* ?y", 4 + 3), ("e:d e:p* ?y", 1)],
)  # fmt: skip
def test_known_terms_and_other_paths_are_as_before(pattern: str, count: int, engine: EmbeddedEngine) -> None:
    assert answered(engine, pattern).total() == count


@pytest.mark.parametrize(
    "path",
    [
        "e:p *",
        "<http://example.org/p>*",
        "<http://example.org/p> ?",
        "a*",
        "a ?",
        "e:p\n *",
        "e:p" + " " * 400 + "*",
        "( e:p )  ?",
        "e:p\\,*",
        "e:p # the way\n *",
        "e:" + "p" * 400 + "*",
        "e:%70*",
    ],
)
def test_a_path_is_found_however_it_is_written(path: str, engine: EmbeddedEngine) -> None:
    assert answered(engine, f"e:unknown {path} ?y") == {"unknown": 1}


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { ?s ?p ?o }",
        "SELECT (COUNT(*) AS ?n) { ?s ?p ?o } # who, when?\n",
        "SELECT (?a * ?b AS ?c) (10 * ?d AS ?e) { ?a ?b ?d }",
        "ASK { ?s ?p 'what? ' }",
    ],
)
def test_a_query_without_such_a_path_is_not_read(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "read", lambda text: pytest.fail(f"{text} was read, which takes milliseconds"))
    assert paths.with_unknown_ends(text, lambda _: False) is None
