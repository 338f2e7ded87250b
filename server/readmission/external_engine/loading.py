"""Loading a release into an outside engine; ``stored_release.py`` says in which order, and why nobody sees a half."""

import re
from itertools import chain

import pyoxigraph as ox

from readmission.engine.interface import EngineFault, Solutions
from readmission.engine.remote import Remote
from readmission.external_engine.graph_store_client import GraphStore
from readmission.external_engine.stored_release import KEPT, MARKS, WHOLE, Held, Marks, union
from readmission.namespaces import DATASET
from readmission.query_files import lookup
from readmission.release import DATASET as FILE
from readmission.release import Release


def whole(release: Release, remote: Remote) -> Held | None:
    """Return the release in an engine that already holds all of it; None when it does not. Raises EngineFault."""
    marks = Marks.of(remote)
    held = _held(release, remote)
    return held if marks.whole == release.version and not _amiss(release, held) else None


def load(release: Release, remote: Remote, store: GraphStore) -> Held:
    """Write a release into an engine, next to the one that it holds, and switch to it. Raises EngineFault."""
    held = _held(release, remote)
    before = Marks.of(remote)
    others = before.kept - {release.version}
    kept = [before.whole] if before.whole in others else sorted(others)[-1:]
    _mark(store, kept)
    for version in before.kept - {*kept, release.version}:
        store.delete(union(version))
    lines = _lines(release)
    store.put(union(release.version), sorted(chain.from_iterable(lines.values()), key=_is_plain))
    for graph, stated in lines.items():
        store.put(graph, stated)
    if amiss := _amiss(release, held):
        raise EngineFault(
            f"{remote.url} was loaded but does not hold the release: {amiss}. It is left unmarked; nobody reads it"
        )
    _mark(store, [*kept, release.version], release.version)
    return held


def _held(release: Release, remote: Remote) -> Held:
    found = release.engine.select(lookup("graphs"))
    return Held(remote, release.version, tuple(sorted(row["graph"] for row in found.texts())))


def _mark(store: GraphStore, kept: list[str], whole: str | None = None) -> None:
    marks = [(KEPT, version) for version in kept] + ([(WHOLE, whole)] if whole else [])
    if not marks:
        store.delete(MARKS)
        return
    store.put(MARKS, [f'<{DATASET}> <{mark}> "{version}" .\n' for mark, version in marks])


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


def _amiss(release: Release, held: Held) -> str:
    """Return in what the engine's counts differ from the release's own; nothing when they do not."""
    sizes, size = lookup("graph-sizes"), lookup("distinct-statement-count")
    ours = {row["graph"]: row["statements"] for row in release.engine.select(sizes).texts()}
    rows = Solutions.of(held.remote.results(sizes, [union(held.version)], held.graphs)).texts()
    theirs = {row["graph"]: row["statements"] for row in rows}
    wrong = [f"<{graph}> has {theirs.get(graph, 0)} of {count}" for graph, count in ours.items()
             if theirs.get(graph) != count]  # fmt: skip
    all_ours = release.engine.select(size).texts()[0]["statements"]
    all_theirs = Solutions.of(held.remote.results(size, [union(held.version)])).texts()[0]["statements"]
    if all_ours != all_theirs:
        wrong.append(f"all graphs together have {all_theirs} statements of {all_ours}")
    return "; ".join(wrong[:3])
