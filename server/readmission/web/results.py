"""Results as rows for a page."""

from dataclasses import dataclass

import pyoxigraph as ox

from readmission.engine import Term, text_of


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


def tabulated(results: ox.QuerySolutions, most: int) -> Table:
    """Return at most ``most`` rows as cells, and the count of all."""
    rows = [tuple(row) for row in results]
    shown = tuple(tuple(cell(term) for term in row) for row in rows[:most])
    return Table(tuple(variable.value for variable in results.variables), shown, len(rows))


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
