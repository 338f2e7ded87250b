"""A SELECT's rows as CSV (SPARQL 1.1 Query Results CSV and TSV Formats, section 3; RFC 4180).

The engine writes CSV fast, but quotes literals only: an IRI with a comma tears its row. So its cells are counted while
it writes, and only where the count is wrong are the rows asked for again and written here, cell by cell.
"""

import io
import re
from collections.abc import Callable
from typing import IO

import pyoxigraph as ox

from readmission.engine.interface import Term

_SPECIAL = re.compile('[,"\r\n]')
_TRIPLE = b' "'
"""Where the engine writes a text within a triple term: in quotes, behind a blank, in a cell that has none around it."""


def write_csv(results: ox.QuerySolutions, page: IO[bytes], again: Callable[[], ox.QuerySolutions]) -> None:
    """Write rows into a page that can be rewound; ``again`` runs the query anew, and is seldom called."""
    start, counted = page.tell(), _Cells(page)
    columns = len(results.variables)
    results.serialize(counted, format=ox.QueryResultsFormat.CSV)
    if counted.is_whole(columns):
        return
    page.seek(start)
    page.truncate()
    _write(again(), page)


class _Cells(io.BytesIO):
    """Passes on what the engine writes, and counts the commas and line ends outside quotes."""

    def __init__(self, page: IO[bytes]) -> None:
        super().__init__()
        self.page, self.last, self.inside = page, b"", False
        self.commas = self.lines = 0
        self.torn = False

    def write(self, chunk: bytes) -> int:  # type: ignore[override]  # the engine writes bytes only
        self.page.write(chunk)
        if b'"' not in chunk:
            outside = b"" if self.inside else chunk
        else:
            parts = chunk.split(b'"')
            outside = b'"'.join(parts[self.inside :: 2])
            self.inside ^= len(parts) % 2 == 0
            outside += b'"' * self.inside
        self.commas += outside.count(b",")
        self.lines += outside.count(b"\n")
        self.torn = self.torn or _TRIPLE in outside or self.last + chunk[:1] == _TRIPLE
        self.last = b"" if self.inside else chunk[-1:]
        return len(chunk)

    def is_whole(self, columns: int) -> bool:
        """Whether each row has as many cells as there are columns."""
        return not self.torn and self.commas == max(0, columns - 1) * self.lines


def _write(results: ox.QuerySolutions, page: IO[bytes]) -> None:
    rows = [",".join(_quote(variable.value) for variable in results.variables)]
    for row in results:
        rows.append(",".join(_quote(_to_text(term)) for term in row))
        if len(rows) == 1000:
            page.write("\r\n".join([*rows, ""]).encode())
            rows.clear()
    page.write("\r\n".join([*rows, ""]).encode())


def _quote(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if _SPECIAL.search(text) else text


def _to_text(term: Term) -> str:
    """Return a term as the engine writes it into CSV: a triple as its three terms with blanks between."""
    if term is None:
        return ""
    if isinstance(term, ox.Triple):
        return " ".join(map(_to_text, term))
    return str(term) if isinstance(term, ox.BlankNode) else term.value
