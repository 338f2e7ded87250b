"""Answers as a page shows them: the first rows of a table, the first lines of a graph."""

from dataclasses import dataclass
from itertools import islice

import pyoxigraph as ox

from readmission.engine.interface import Term, text_of


@dataclass(frozen=True)
class ResultCell:
    """A term on a page: its text, where it links to (web addresses only), and its language or datatype."""

    text: str
    link: str | None = None
    note: str = ""


@dataclass(frozen=True)
class ResultTable:
    """The rows of an answer for a page: ``count`` is the number of all, ``rows`` perhaps only the first."""

    variables: tuple[str, ...]
    rows: tuple[tuple[ResultCell, ...], ...]
    count: int


@dataclass(frozen=True)
class GraphText:
    """A graph in Turtle for a page: ``lines`` is the number of all, ``shown`` perhaps only the first."""

    shown: str
    lines: int

    @property
    def whole(self) -> bool:
        """Whether all lines are shown."""
        return self.shown.count("\n") == self.lines


def tabulate(body: bytes, count: int, most: int) -> ResultTable:
    """Return at most ``most`` rows of a SELECT in SPARQL JSON; the others are not even read."""
    results = ox.parse_query_results(body, format=ox.QueryResultsFormat.JSON)
    assert isinstance(results, ox.QuerySolutions)
    rows = tuple(tuple(cell(term) for term in row) for row in islice(results, most))
    return ResultTable(tuple(variable.value for variable in results.variables), rows, count)


def excerpt(body: bytes, most: int) -> GraphText:
    """Return at most ``most`` lines of a text, and the count of all."""
    return GraphText(
        "".join(f"{line.decode()}\n" for line in body.split(b"\n", most)[:most]), body.count(b"\n")
    )


def cell(term: Term) -> ResultCell:
    """Return a term as a page shows it."""
    if isinstance(term, ox.NamedNode):
        return ResultCell(term.value, term.value if term.value.startswith(("http://", "https://")) else None)
    if isinstance(term, ox.Literal):
        return ResultCell(term.value, note=term.language or _short(term.datatype.value))
    return ResultCell(text_of(term))


def _short(datatype: str) -> str:
    name = datatype.rpartition("#")[2] or datatype
    return "" if name == "string" else name
