"""The one interface to SPARQL engines; ``embedded.py`` has the store in this process, ``remote.py`` those over HTTP.

Both answer the same text with the same terms (pyoxigraph's), over the union of all named graphs
unless a protocol dataset is named (SPARQL 1.1 Protocol, section 2.1.4).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Protocol

import pyoxigraph as ox

from readmission.errors import UserError

Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple | None
Results = ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples


class QueryError(UserError, ValueError):
    """A query the engine cannot read; the message gives line and column as the engine counts them."""


class EngineError(OSError):
    """An outside engine that does not answer, or whose answer cannot be relied on."""


class EngineTimeoutError(EngineError):
    """An outside engine that has not answered in time."""


class AnswerTooLargeError(EngineError):
    """An outside engine whose answer is too large to be taken in, or that sent a part of it."""


@dataclass(frozen=True)
class Solutions:
    """The rows of a SELECT: names of the variables, and a term or None for each."""

    variables: tuple[str, ...]
    rows: tuple[tuple[Term, ...], ...]

    @classmethod
    def of(cls, results: Results) -> "Solutions":
        """Read the solutions of a SELECT; a CONSTRUCT or ASK has none and raises QueryError."""
        if not isinstance(results, ox.QuerySolutions):
            raise QueryError("the query is no SELECT; only a SELECT has rows")
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
        """Run a SPARQL query; raises QueryError when the text is no query. ``base`` is for relative IRIs."""
        ...

    def select(self, text: str) -> Solutions:
        """Run a SELECT and return all its rows."""
        ...
