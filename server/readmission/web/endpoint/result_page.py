"""Answers as a page shows them: the first rows of a table, the first lines of a graph."""

from dataclasses import dataclass
from itertools import islice

import pyoxigraph as ox

from readmission.engine.interface import Term, text_of


@dataclass(frozen=True)
class Cell:
    """A term on a page: its text, where it links to (web addresses only), and its language or datatype."""

    text: str
    link: str | None = None
    note: str = ""


@dataclass(frozen=True)
class Table:
    """The rows of an answer for a page: ``count`` is the number of all, ``rows`` perhaps only the first."""

    variables: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    count: int


@dataclass(frozen=True)
class Text:
    """A graph in Turtle for a page: ``lines`` is the number of all, ``shown`` perhaps only the first."""

    shown: str
    lines: int

    @property
    def whole(self) -> bool:
        """Whether all lines are shown."""
        return self.shown.count("\n") == self.lines


def tabulated(body: bytes, count: int, most: int) -> Table:
    """Return at most ``most`` rows of a SELECT in SPARQL JSON; the others are not even read."""
    results = ox.parse_query_results(body, format=ox.QueryResultsFormat.JSON)
    assert isinstance(results, ox.QuerySolutions)
    rows = tuple(tuple(cell(term) for term in row) for row in islice(results, most))
    return Table(tuple(variable.value for variable in results.variables), rows, count)


def excerpt(body: bytes, most: int) -> Text:
    """Return at most ``most`` lines of a text, and the count of all."""
    return Text("".join(f"{line.decode()}\n" for line in body.split(b"\n", most)[:most]), body.count(b"\n"))


def cell(term: Term) -> Cell:
    """Return a term as a page shows it."""
    if isinstance(term, ox.NamedNode):
        return Cell(term.value, term.value if term.value.startswith(("http://", "https://")) else None)
    if isinstance(term, ox.Literal):
        return Cell(term.value, note=term.language or _short(term.datatype.value))
    return Cell(text_of(term))


def _short(datatype: str) -> str:
    name = datatype.rpartition("#")[2] or datatype
    return "" if name == "string" else name
