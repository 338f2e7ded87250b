"""Loading a release into an outside engine; ``stored_release.py`` says in which order, and why nobody sees a half."""

import re
from itertools import chain

import pyoxigraph as ox

from readmission.engine.interface import EngineError, Solutions
from readmission.engine.remote import RemoteEngine
from readmission.external_engine.graph_store_client import GraphStore
from readmission.external_engine.stored_release import (
    ACTIVE,
    LOAD_STATE_GRAPH,
    LOADED,
    LoadState,
    StoredRelease,
    union_graph,
)
from readmission.namespaces import DATASET
from readmission.query_files import lookup
from readmission.release import DATASET_FILE as FILE
from readmission.release import Release


def find_loaded(release: Release, remote: RemoteEngine) -> StoredRelease | None:
    """Return the release in an engine that already holds all of it; None when it does not. Raises EngineError."""
    marks = LoadState.of(remote)
    held = _stored_release(release, remote)
    return held if marks.active == release.version and not _difference(release, held) else None


def load(release: Release, remote: RemoteEngine, store: GraphStore) -> StoredRelease:
    """Write a release into an engine, next to the one that it holds, and switch to it. Raises EngineError."""
    held = _stored_release(release, remote)
    before = LoadState.of(remote)
    others = before.loaded - {release.version}
    kept = [before.active] if before.active in others else sorted(others)[-1:]
    _mark(store, kept)
    for version in before.loaded - {*kept, release.version}:
        store.delete(union_graph(version))
    lines = _lines(release)
    store.put(union_graph(release.version), sorted(chain.from_iterable(lines.values()), key=_is_plain))
    for graph, stated in lines.items():
        store.put(graph, stated)
    if amiss := _difference(release, held):
        raise EngineError(
            f"{remote.url} was loaded but does not hold the release: {amiss}. It is left unmarked; nobody reads it"
        )
    _mark(store, [*kept, release.version], release.version)
    return held


def _stored_release(release: Release, remote: RemoteEngine) -> StoredRelease:
    found = release.engine.select(lookup("graphs"))
    return StoredRelease(remote, release.version, tuple(sorted(row["graph"] for row in found.texts())))


def _mark(store: GraphStore, loaded: list[str], active: str | None = None) -> None:
    marks = [(LOADED, version) for version in loaded] + ([(ACTIVE, active)] if active else [])
    if not marks:
        store.delete(LOAD_STATE_GRAPH)
        return
    store.put(LOAD_STATE_GRAPH, [f'<{DATASET}> <{mark}> "{version}" .\n' for mark, version in marks])


def _lines(release: Release) -> dict[str, list[str]]:
    """Return the statements of each graph as N-Triples; those with blank nodes first, so that they go together."""
    assert release.path is not None
    found: dict[str, list[str]] = {}
    for quad in ox.parse(path=str(release.path / FILE), format=ox.RdfFormat.N_QUADS):
        found.setdefault(str(quad.graph_name).strip("<>"), []).append(f"{quad.triple} .\n")
    for lines in found.values():
        lines.sort(key=_is_plain)
    return found


def _is_plain(line: str) -> bool:
    return not (line.startswith("_:") or re.search(r"> _:\w+ \.$", line))


def _difference(release: Release, stored: StoredRelease) -> str:
    """Return in what the engine's counts differ from the release's own; nothing when they do not."""
    sizes, size = lookup("graph-sizes"), lookup("distinct-statement-count")
    ours = {row["graph"]: row["statements"] for row in release.engine.select(sizes).texts()}
    rows = Solutions.of(stored.remote.results(sizes, [union_graph(stored.version)], stored.graphs)).texts()
    theirs = {row["graph"]: row["statements"] for row in rows}
    wrong = [f"<{graph}> has {theirs.get(graph, 0)} of {count}" for graph, count in ours.items()
             if theirs.get(graph) != count]  # fmt: skip
    all_ours = release.engine.select(size).texts()[0]["statements"]
    all_theirs = Solutions.of(stored.remote.results(size, [union_graph(stored.version)])).texts()[0][
        "statements"
    ]
    if all_ours != all_theirs:
        wrong.append(f"all graphs together have {all_theirs} statements of {all_ours}")
    return "; ".join(wrong[:3])
