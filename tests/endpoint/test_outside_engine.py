"""A release in an outside engine, here the Oxigraph server: loaded, switched to, tried, and asked for the public.

The whole graph, and Virtuoso, are the affair of tests/slow/test_outside_engines.py.
"""

from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest

from harness.outside_engines import MissingEngineError, Place, oxigraph
from readmission import external_engine, namespaces
from readmission.engine.execution import Outcome, Query, UnansweredError
from readmission.engine.interface import EngineError, QueryError
from readmission.engine.limits import Limits
from readmission.engine.remote import RemoteEngine
from readmission.engine.running_query import RunningQuery
from readmission.engine.sparql_text import FederationError
from readmission.external_engine import (
    ForwardingService,
    ReleaseMovedError,
    StoredRelease,
    comparison,
    stored_release,
)
from readmission.external_engine.loading import find_loaded, load
from readmission.namespaces import BASE
from readmission.release import DATASET_FILE, Release

COUNT = "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }"
NAMED = "SELECT ?g ?o WHERE { GRAPH ?g { ?s ?p ?o } }"


@pytest.fixture(scope="module")
def engine() -> Iterator[Place]:
    try:
        with oxigraph() as place:
            yield place
    except MissingEngineError as missing:
        pytest.skip(str(missing))


@pytest.fixture
def place(engine: Place) -> Iterator[Place]:
    """The engine, emptied after the test."""
    yield engine
    store = engine.store()
    rows = RemoteEngine(engine.query).select("SELECT DISTINCT ?g WHERE { GRAPH ?g { ?s ?p ?o } }").texts()
    for row in rows:
        store.delete(row["g"])


def release(top: Path, version: str, *objects: str) -> Release:
    """A small release: one named graph for each object, with two statements; blank nodes in the first."""
    path = top / version
    path.mkdir()
    lines = [f'<urn:x:s> <urn:x:p> "{o}" <{BASE}graph/{o}> .\n' for o in objects]
    lines += [f"<urn:x:{o}> <urn:x:p> <urn:x:all> <{BASE}graph/{o}> .\n" for o in objects]
    lines += [f"_:b <urn:x:p> _:c <{BASE}graph/{objects[0]}> .\n"]
    (path / DATASET_FILE).write_text("".join(lines), encoding="utf-8")
    return Release(version, path, {"statements": len(lines)})


def number(engine: StoredRelease, text: str = COUNT) -> str:
    return engine.select(text).texts()[0]["n"]


def test_a_loaded_release_answers_as_the_embedded_one(place: Place, tmp_path: Path) -> None:
    one = release(tmp_path, "one", "a", "b")
    remote = RemoteEngine(place.query)
    assert find_loaded(one, remote) is None
    there = load(one, remote, place.store())
    assert find_loaded(one, remote) == there
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
    there = load(release(tmp_path, "one", "a"), RemoteEngine(place.query), place.store())
    assert number(there) == "3"
    assert {row["g"] for row in there.select(NAMED).texts()} == {f"{BASE}graph/a"}
    assert number(there, "SELECT (COUNT(*) AS ?n) FROM <urn:x:private> WHERE { ?s ?p ?o }") == "0"
    assert not there.results("ASK { GRAPH <urn:x:private> { ?s ?p ?o } }")
    results = there.results(COUNT, default_graphs=["urn:x:private"])
    assert isinstance(results, ox.QuerySolutions)
    assert next(results)["n"].value == "0"


def test_no_reader_sees_half_a_release(place: Place, tmp_path: Path) -> None:
    """While named graphs change, queries that look into them are refused; the others go on with the old release."""
    remote, store = RemoteEngine(place.query), place.store()
    old = load(release(tmp_path, "one", "a"), remote, store)
    store.put(
        stored_release.LOAD_STATE_GRAPH, [f'<{namespaces.DATASET}> <{stored_release.LOADED}> "one" .\n']
    )  # as a loader begins
    assert number(old) == "3"
    with pytest.raises(ReleaseMovedError):
        old.select(NAMED)
    with pytest.raises(ReleaseMovedError):
        old.select(f"SELECT * FROM <{BASE}graph/a> WHERE {{ ?s ?p ?o }}")
    new = load(release(tmp_path, "two", "a", "b"), remote, store)
    assert (number(old), number(new)) == ("3", "5")
    with pytest.raises(ReleaseMovedError):
        old.select(NAMED)
    load(release(tmp_path, "three", "c"), remote, store)
    with pytest.raises(ReleaseMovedError):  # two releases later its statements are gone
        old.select(COUNT)
    assert number(new) == "5"


def test_an_interrupted_load_is_not_served(place: Place, tmp_path: Path) -> None:
    one = release(tmp_path, "one", "a", "b")
    load(one, RemoteEngine(place.query), place.store())
    place.store().delete(f"{BASE}graph/b")
    assert find_loaded(one, RemoteEngine(place.query)) is None


def test_private_functions_and_services_are_refused(place: Place, tmp_path: Path) -> None:
    there = load(release(tmp_path, "one", "a"), RemoteEngine(place.query), place.store())
    with pytest.raises(FederationError):
        there.select("SELECT * WHERE { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }")
    for text in (
        'DEFINE get:soft "replace" SELECT * FROM <http://127.0.0.1/> WHERE { ?s ?p ?o }',
        "SELECT (bif:http_get('http://127.0.0.1/') AS ?x) WHERE {}",
        "SELECT (<bif:http_get>('http://127.0.0.1/') AS ?x) WHERE {}",
        "SELECT * FROM what WHERE { ?s ?p ?o }",
        "SELECT * WHERE {",
    ):
        with pytest.raises(QueryError):
            there.select(text)
    query = Query("DROP ALL", "text/csv", None)
    with pytest.raises(UnansweredError) as refused:
        ForwardingService(there, Limits()).ask(query, RunningQuery())
    assert refused.value.outcome is Outcome.UPDATE
    assert number(there) == "3"


def test_an_engine_with_wrong_answers_is_rejected(place: Place, tmp_path: Path, built: Release) -> None:
    one = release(tmp_path, "one", "a")
    one.__dict__["gazetteer"] = (
        built.gazetteer
    )  # names for the questions' defaults; the small release has none
    remote = RemoteEngine(place.query)
    told: list[str] = []
    there = external_engine.ensure_loaded(one, remote, place.store(), say=told.append)
    assert external_engine.check_engine(there, one, 10, allow_mismatches=False, say=told.append) == ()
    place.store().put(
        stored_release.union_graph("one"), ['<urn:x:s> <urn:x:p> "a" .\n']
    )  # the engine loses two statements
    with pytest.raises(external_engine.EngineRejectedError):
        external_engine.check_engine(there, one, 10, allow_mismatches=False, say=told.append)
    assert any("trap all-statements-once" in line for line in told), told
    faults = external_engine.check_engine(there, one, 10, allow_mismatches=True, say=told.append)
    assert "all-statements-once" in {fault.name for fault in faults}


def test_a_question_with_wrong_answers_is_withheld(place: Place, tmp_path: Path, built: Release) -> None:
    from readmission.engine.execution import EngineMismatch
    from readmission.questions import find

    there = load(release(tmp_path, "one", "a"), RemoteEngine(place.query), place.store())
    service = ForwardingService(there, Limits(), [EngineMismatch("question", "gaps", "26 of 27 rows differ")])
    for values in ({}, {"country": "SRB", "on": "2024-01-01"}):
        text = find("gaps").sparql(values, built.gazetteer)
        with pytest.raises(UnansweredError, match="gets the question gaps wrong"):
            service.ask(Query(text, "text/csv", None), RunningQuery())
    assert service.ask(Query(COUNT, "text/csv", None), RunningQuery()).body == b"n\r\n3\r\n"


def test_a_slow_query_ends_at_the_deadline(place: Place, tmp_path: Path) -> None:
    objects = [f"o{number}" for number in range(200)]
    there = load(release(tmp_path, "one", *objects), RemoteEngine(place.query), place.store())
    text = "SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
    running = RunningQuery(timeout=0.5)
    with pytest.raises(UnansweredError) as given_up:
        ForwardingService(there, Limits()).ask(Query(text, "text/csv", None), running)
    assert given_up.value.outcome is Outcome.DEADLINE
    assert running.run_seconds < 10


def test_an_unreachable_engine_is_reported(tmp_path: Path) -> None:
    nobody = RemoteEngine("http://127.0.0.1:9/query", timeout=2)
    with pytest.raises(EngineError, match="does not answer"):
        external_engine.ensure_loaded(release(tmp_path, "one", "a"), nobody, None, say=print)


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
