"""The one interface to SPARQL engines, and the embedded store; ``remote.py`` has the one over HTTP.

Both answer the same text with the same terms (pyoxigraph's), over the union of all named graphs
unless a protocol dataset is named (SPARQL 1.1 Protocol, section 2.1.4).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

import pyoxigraph as ox

from readmission import documents
from readmission.faults import UserFault
from readmission.sparql import names_dataset, refuse_federation

Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple | None
Results = ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples


class QueryFault(UserFault, ValueError):
    """A query the engine cannot read; the message gives line and column as the engine counts them."""


class EngineFault(OSError):
    """An outside engine that does not answer, or whose answer cannot be relied on."""


class EngineSlow(EngineFault):
    """An outside engine that has not answered in time."""


class EngineCut(EngineFault):
    """An outside engine whose answer is too large to be taken in, or that sent a part of it."""


@dataclass(frozen=True)
class Solutions:
    """The rows of a SELECT: names of the variables, and a term or None for each."""

    variables: tuple[str, ...]
    rows: tuple[tuple[Term, ...], ...]

    @classmethod
    def of(cls, results: Results) -> "Solutions":
        """Read the solutions of a SELECT; a CONSTRUCT or ASK has none and raises QueryFault."""
        if not isinstance(results, ox.QuerySolutions):
            raise QueryFault("the query is no SELECT; only a SELECT has rows")
        names = tuple(variable.value for variable in results.variables)
        return cls(names, tuple(tuple(row) for row in results))

    def texts(self) -> list[dict[str, str]]:
        """Return the rows as plain texts: IRIs and literal values, the empty string where nothing is bound."""
        return [
            {name: text_of(term) for name, term in zip(self.variables, row, strict=True)} for row in self.rows
        ]

    def frame(self) -> Any:
        """Return the rows as a pandas DataFrame; pandas has to be installed beside this package."""
        pandas = import_module("pandas")
        return pandas.DataFrame(self.texts(), columns=list(self.variables))


def text_of(term: Term) -> str:
    """Return a term's IRI or lexical value, and the empty string for None."""
    if term is None:
        return ""
    return str(term) if isinstance(term, ox.Triple) else term.value


class Engine(Protocol):
    """What the program asks of an engine: a query's results as terms."""

    def results(
        self,
        text: str,
        default_graphs: Sequence[str] = (),
        named_graphs: Sequence[str] = (),
        base: str | None = None,
    ) -> Results:
        """Run a SPARQL query; raises QueryFault when the text is no query. ``base`` is for relative IRIs."""
        ...

    def select(self, text: str) -> Solutions:
        """Run a SELECT and return all its rows."""
        ...


class Embedded:
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
            raise QueryFault(fault.msg) from fault

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


def opened(files: Sequence[Path], *, ours: bool = False, handles: Sequence[int] = ()) -> Embedded:
    """Serve RDF files of any kind, each of them whole; named graphs are kept. Raises DataFault.

    Files that are ``ours`` are not checked again; see ``documents.load``. Files that are open already, with a handle
    each, are read even when their names are gone.
    """
    store = ox.Store()
    sources = [Path(f"/dev/fd/{handle}") for handle in handles] or files
    for path, source in zip(files, sources, strict=True):
        documents.load(store, path, source, ours=ours)
    return Embedded(store)
