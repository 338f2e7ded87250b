"""A release stored in an external engine, read so that nobody sees half of one.

The engine holds each release twice: all its statements in one graph whose name has the release's version in it, and
each named graph under its own name. The first is what queries read that name no graph: it is written before anybody
asks for it and never changed, and the release before it is kept, so two programs may serve two releases meanwhile.
The named graphs can be there once only, for their names are data. A small graph says what is whole: while the named
graphs change it names none. It is read after each answer, before the answer is passed on: what it names then was
whole while the query ran, since it is the first thing that a loader takes away and the last that it puts back.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pyoxigraph as ox

from readmission.engine.interface import EngineError, QueryError, Results, Solutions
from readmission.engine.remote import RemoteEngine
from readmission.engine.sparql_text import undeclared_prefixes
from readmission.external_engine import dataset_clauses
from readmission.namespaces import BASE, DATASET, NAMESPACES
from readmission.query_files import lookup

LOAD_STATE_GRAPH = f"{BASE}release/held"
"""The graph that says which releases are completely loaded."""
EMPTY_GRAPH = f"{BASE}release/none"
"""A graph that never exists, for empty datasets: an engine that is given no graph takes all it has."""
LOADED = f"{NAMESPACES['dcterms']}hasVersion"
ACTIVE = f"{NAMESPACES['dcterms']}identifier"


class ReleaseMovedError(EngineError):
    """The engine no longer holds, or does not yet hold, the release that was asked."""


@dataclass(frozen=True)
class LoadState:
    """What an engine has: the releases that are loaded, and the one whose named graphs are active."""

    loaded: frozenset[str]
    active: str | None

    @classmethod
    def of(cls, remote: RemoteEngine) -> "LoadState":
        """Read the load state of an engine; raises EngineError."""
        text = lookup("release-marks", dataset=ox.NamedNode(DATASET))
        rows = Solutions.of(remote.results(text, [LOAD_STATE_GRAPH])).texts()
        stated = [(row["mark"], row["version"]) for row in rows]
        whole = [version for mark, version in stated if mark == ACTIVE]
        return cls(
            frozenset(version for mark, version in stated if mark == LOADED), whole[0] if whole else None
        )


def union_graph(version: str) -> str:
    """Return the name of the graph that holds all statements of a release."""
    return f"{BASE}release/{version}"


@dataclass(frozen=True)
class StoredRelease:
    """A release in an outside engine: the same interface as the embedded store, and the same datasets."""

    remote: RemoteEngine
    version: str
    graphs: tuple[str, ...]

    def results(
        self,
        text: str,
        default_graphs: Sequence[str] = (),
        named_graphs: Sequence[str] = (),
        base: str | None = None,
    ) -> Results:
        """Run a query over the release and nothing else that the engine may hold.

        Raises what ``RemoteEngine`` raises, and ReleaseMovedError when the release was not whole all the while.
        """
        _refuse_private_functions(text)
        if not default_graphs and not named_graphs:
            default_graphs, named_graphs = dataset_clauses.read_dataset(text, base)
        looks_inside = dataset_clauses.mentions_graphs(text)
        if default_graphs or named_graphs:
            looks_inside = True
            default_graphs, named_graphs = self._own_graphs(default_graphs), self._own_graphs(named_graphs)
        else:
            default_graphs = [union_graph(self.version)]
            named_graphs = self.graphs if looks_inside else ()
        results = self.remote.results(text, default_graphs, named_graphs, base)
        self._verify_still_loaded(looks_inside)
        return results

    def select(self, text: str) -> Solutions:
        """Run a SELECT and return all its rows."""
        return Solutions.of(self.results(text))

    def _own_graphs(self, names: Sequence[str]) -> Sequence[str]:
        """Leave out graphs that are not the release's: to a query they are empty."""
        return [name for name in names if name in self.graphs] or [EMPTY_GRAPH]

    def _verify_still_loaded(self, looks_inside: bool) -> None:
        marks = LoadState.of(self.remote)
        held = marks.active == self.version if looks_inside else self.version in marks.loaded
        if not held:
            raise ReleaseMovedError(
                f"the engine is being loaded with another release than {self.version}, or holds one; "
                "start this program again to serve that one"
            )


def _refuse_private_functions(text: str) -> None:
    """Refuse what an engine may take for its own functions (Virtuoso's ``bif:`` and ``sql:`` reach files and hosts).

    They need no declaration there, while SPARQL wants every prefix declared.
    """
    if missing := undeclared_prefixes(text):
        raise QueryError(f"the prefix {missing[0]}: is used but not declared")
    for scheme in ("<bif:", "<sql:"):
        if scheme in text.lower():
            raise QueryError(f"functions of one engine alone, such as {scheme}…>, are not answered here")
