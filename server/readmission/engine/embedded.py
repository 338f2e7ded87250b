"""The embedded store: pyoxigraph, in this process."""

from collections.abc import Sequence
from pathlib import Path

import pyoxigraph as ox

from readmission.engine.formats import rdf_files
from readmission.engine.interface import QueryError, Results, Solutions
from readmission.engine.sparql_text import names_dataset, refuse_federation


class EmbeddedEngine:
    """A pyoxigraph store in this process."""

    def __init__(self, store: ox.Store) -> None:
        self.store = store

    def results(
        self,
        text: str,
        default_graphs: Sequence[str] = (),
        named_graphs: Sequence[str] = (),
        base: str | None = None,
    ) -> Results:
        """Run a SPARQL query over the union of all graphs, its own FROM, or the protocol dataset when one is given.

        Reaches no file and no network: SERVICE is refused before the engine sees the text.
        """
        refuse_federation(text)
        try:
            if not default_graphs and not named_graphs:
                # pyoxigraph ignores FROM when it is told to take the union
                return self.store.query(
                    text, base_iri=base, use_default_graph_as_union=not names_dataset(text)
                )
            return self.store.query(
                text,
                base_iri=base,
                default_graph=[ox.NamedNode(name) for name in default_graphs],
                named_graphs=[ox.NamedNode(name) for name in named_graphs],
            )
        except SyntaxError as fault:
            raise QueryError(fault.msg) from fault

    def select(self, text: str) -> Solutions:
        """Run a SELECT and return all its rows."""
        return Solutions.of(self.results(text))

    def knows(self, iri: str) -> bool:
        """Whether a statement has this IRI as its subject or its object."""
        try:
            node = ox.NamedNode(iri)
        except ValueError:
            return False
        ends = (
            self.store.quads_for_pattern(node, None, None, None),
            self.store.quads_for_pattern(None, None, node, None),
        )
        return any(next(found, None) is not None for found in ends)


def read_lines(data: bytes) -> EmbeddedEngine:
    """Serve N-Quads that this program wrote from what it had checked."""
    store = ox.Store()
    store.bulk_load(data, format=ox.RdfFormat.N_QUADS, lenient=True)
    return EmbeddedEngine(store)


def load_files(
    files: Sequence[Path], *, trusted: bool = False, handles: Sequence[int] = ()
) -> EmbeddedEngine:
    """Return an engine over RDF files of any format; named graphs are kept. Raises DataError.

    ``trusted`` files are not checked again; see ``rdf_files.load``. Files that are open already, with a handle
    each, are read even when their names are gone.
    """
    store = ox.Store()
    sources = [Path(f"/dev/fd/{handle}") for handle in handles] or files
    for path, source in zip(files, sources, strict=True):
        rdf_files.load(store, path, source, trusted=trusted)
    return EmbeddedEngine(store)
