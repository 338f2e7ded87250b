"""A release in an outside engine, here the Oxigraph server: loaded, switched to, tried, and asked for the public.

The whole graph, and Virtuoso, are the affair of tests/slow/test_outside_engines.py.
"""

from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest

from outside_engines import Missing, Place, oxigraph
from readmission import external_engine, namespaces
from readmission.engine.execution import Outcome, Query, Unanswered
from readmission.engine.interface import EngineFault, QueryFault
from readmission.engine.limits import Limits
from readmission.engine.remote import Remote
from readmission.engine.running_query import RunningQuery
from readmission.engine.sparql_text import FederationRefused
from readmission.external_engine import Forwarded, Held, Moved, comparison, stored_release
from readmission.external_engine.loading import load, whole
from readmission.namespaces import BASE
from readmission.release import DATASET, Release

COUNT = "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }"
NAMED = "SELECT ?g ?o WHERE { GRAPH ?g { ?s ?p ?o } }"


@pytest.fixture(scope="module")
def engine() -> Iterator[Place]:
    try:
        with oxigraph() as place:
            yield place
    except Missing as missing:
        pytest.skip(str(missing))


@pytest.fixture
def place(engine: Place) -> Iterator[Place]:
    """The engine, emptied after the test."""
    yield engine
    store = engine.store()
    rows = Remote(engine.query).select("SELECT DISTINCT ?g WHERE { GRAPH ?g { ?s ?p ?o } }").texts()
    for row in rows:
        store.delete(row["g"])


def release(top: Path, version: str, *objects: str) -> Release:
    """A small release: one named graph for each object, with two statements; blank nodes in the first."""
    path = top / version
    path.mkdir()
    lines = [f'<urn:x:s> <urn:x:p> "{o}" <{BASE}graph/{o}> .\n' for o in objects]
    lines += [f"<urn:x:{o}> <urn:x:p> <urn:x:all> <{BASE}graph/{o}> .\n" for o in objects]
    lines += [f"_:b <urn:x:p> _:c <{BASE}graph/{objects[0]}> .\n"]
    (path / DATASET).write_text("".join(lines), encoding="utf-8")
    return Release(version, path, {"statements": len(lines)})


def number(engine: Held, text: str = COUNT) -> str:
    return engine.select(text).texts()[0]["n"]


def test_a_loaded_release_answers_as_the_embedded_one(place: Place, tmp_path: Path) -> None:
    one = release(tmp_path, "one", "a", "b")
    remote = Remote(place.query)
    assert whole(one, remote) is None
    there = load(one, remote, place.store())
    assert whole(one, remote) == there
    for text in (
        COUNT,
        NAMED,
        f"SELECT ?o FROM <{BASE}graph/a> WHERE {{ ?s ?p ?o }}",
        f"PREFIX g: <{BASE}graph/> SELECT ?o FROM NAMED g:b WHERE {{ GRAPH ?g {{ ?s ?p ?o }} }}",
        f"BASE <{BASE}> SELECT ?o FROM <graph/b> WHERE {{ ?s ?p ?o }}",
        "ASK { ?s ?p 'a' }",
        "CONSTRUCT { ?o ?p ?s } WHERE { ?s ?p ?o FILTER(isIRI(?o)) }",
    ):
        assert sorted(comparison.rows(there, text), key=str) == sorted(
            comparison.rows(one.engine, text), key=str
        ), text


def test_only_the_release_is_seen_whatever_else_the_engine_holds(place: Place, tmp_path: Path) -> None:
    place.store().put("urn:x:private", ['<urn:x:s> <urn:x:p> "private" .\n'])
    there = load(release(tmp_path, "one", "a"), Remote(place.query), place.store())
    assert number(there) == "3"
    assert {row["g"] for row in there.select(NAMED).texts()} == {f"{BASE}graph/a"}
    assert number(there, "SELECT (COUNT(*) AS ?n) FROM <urn:x:private> WHERE { ?s ?p ?o }") == "0"
    assert not there.results("ASK { GRAPH <urn:x:private> { ?s ?p ?o } }")
    results = there.results(COUNT, default_graphs=["urn:x:private"])
    assert isinstance(results, ox.QuerySolutions)
    assert next(results)["n"].value == "0"


def test_no_reader_sees_half_a_release(place: Place, tmp_path: Path) -> None:
    """While named graphs change, queries that look into them are refused; the others go on with the old release."""
    remote, store = Remote(place.query), place.store()
    old = load(release(tmp_path, "one", "a"), remote, store)
    store.put(
        stored_release.MARKS, [f'<{namespaces.DATASET}> <{stored_release.KEPT}> "one" .\n']
    )  # as a loader begins
    assert number(old) == "3"
    with pytest.raises(Moved):
        old.select(NAMED)
    with pytest.raises(Moved):
        old.select(f"SELECT * FROM <{BASE}graph/a> WHERE {{ ?s ?p ?o }}")
    new = load(release(tmp_path, "two", "a", "b"), remote, store)
    assert (number(old), number(new)) == ("3", "5")
    with pytest.raises(Moved):
        old.select(NAMED)
    load(release(tmp_path, "three", "c"), remote, store)
    with pytest.raises(Moved):  # two releases later its statements are gone
        old.select(COUNT)
    assert number(new) == "5"


def test_a_load_that_broke_off_is_not_taken_for_whole(place: Place, tmp_path: Path) -> None:
    one = release(tmp_path, "one", "a", "b")
    load(one, Remote(place.query), place.store())
    place.store().delete(f"{BASE}graph/b")
    assert whole(one, Remote(place.query)) is None


def test_what_may_not_reach_the_engine_is_refused_here(place: Place, tmp_path: Path) -> None:
    there = load(release(tmp_path, "one", "a"), Remote(place.query), place.store())
    with pytest.raises(FederationRefused):
        there.select("SELECT * WHERE { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }")
    for text in (
        'DEFINE get:soft "replace" SELECT * FROM <http://127.0.0.1/> WHERE { ?s ?p ?o }',
        "SELECT (bif:http_get('http://127.0.0.1/') AS ?x) WHERE {}",
        "SELECT (<bif:http_get>('http://127.0.0.1/') AS ?x) WHERE {}",
        "SELECT * FROM what WHERE { ?s ?p ?o }",
        "SELECT * WHERE {",
    ):
        with pytest.raises(QueryFault):
            there.select(text)
    query = Query("DROP ALL", "text/csv", None)
    with pytest.raises(Unanswered) as refused:
        Forwarded(there, Limits()).ask(query, RunningQuery())
    assert refused.value.outcome is Outcome.UPDATE
    assert number(there) == "3"


def test_an_engine_that_answers_wrongly_is_not_served(place: Place, tmp_path: Path, built: Release) -> None:
    one = release(tmp_path, "one", "a")
    one.__dict__["gazetteer"] = (
        built.gazetteer
    )  # names for the questions' defaults; the small release has none
    remote = Remote(place.query)
    told: list[str] = []
    there = external_engine.hold(one, remote, place.store(), say=told.append)
    assert external_engine.tried(there, one, 10, despite=False, say=told.append) == ()
    place.store().put(
        stored_release.union("one"), ['<urn:x:s> <urn:x:p> "a" .\n']
    )  # the engine loses two statements
    with pytest.raises(external_engine.Distrusted):
        external_engine.tried(there, one, 10, despite=False, say=told.append)
    assert any("trap all-statements-once" in line for line in told), told
    faults = external_engine.tried(there, one, 10, despite=True, say=told.append)
    assert "all-statements-once" in {fault.name for fault in faults}


def test_a_question_that_the_engine_gets_wrong_is_not_asked(
    place: Place, tmp_path: Path, built: Release
) -> None:
    from readmission.engine.execution import Fault
    from readmission.questions import find

    there = load(release(tmp_path, "one", "a"), Remote(place.query), place.store())
    answering = Forwarded(there, Limits(), [Fault("question", "gaps", "26 of 27 rows differ")])
    for values in ({}, {"country": "SRB", "on": "2024-01-01"}):
        text = find("gaps").sparql(values, built.gazetteer)
        with pytest.raises(Unanswered, match="gets the question gaps wrong"):
            answering.ask(Query(text, "text/csv", None), RunningQuery())
    assert answering.ask(Query(COUNT, "text/csv", None), RunningQuery()).body == b"n\r\n3\r\n"


def test_a_slow_query_is_given_up_at_the_deadline(place: Place, tmp_path: Path) -> None:
    objects = [f"o{number}" for number in range(200)]
    there = load(release(tmp_path, "one", *objects), Remote(place.query), place.store())
    text = "SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
    running = RunningQuery(timeout=0.5)
    with pytest.raises(Unanswered) as given_up:
        Forwarded(there, Limits()).ask(Query(text, "text/csv", None), running)
    assert given_up.value.outcome is Outcome.DEADLINE
    assert running.ran < 1


def test_an_engine_that_is_not_there_is_told_so(tmp_path: Path) -> None:
    nobody = Remote("http://127.0.0.1:9/query", timeout=2)
    with pytest.raises(EngineFault, match="does not answer"):
        external_engine.hold(release(tmp_path, "one", "a"), nobody, None, say=print)


@pytest.mark.parametrize("name", sorted(comparison.traps()))
def test_the_embedded_engine_avoids_each_trap(name: str, built: Release) -> None:
    """Traps over their own values state their rows; those over the release must find something there."""
    trap = comparison.traps()[name]
    stated = trap.header.rows
    if stated is not None:
        assert tuple(tuple(row.values()) for row in built.engine.select(trap.text).texts()) == stated
    elif name not in ("yes-or-no", "not-exists"):
        assert comparison.rows(built.engine, trap.text), (
            f"{name} finds nothing, so it proves nothing; mend the trap"
        )
