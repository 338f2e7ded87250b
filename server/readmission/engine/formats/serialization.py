"""What an engine returns, written in a standard format: SPARQL results or RDF, named as people name them."""

import io
from collections.abc import Callable
from typing import IO

import pyoxigraph as ox

from readmission.engine.formats.csv_results import write_csv
from readmission.engine.formats.table import CSV, GRAPH_FORMATS, RESULT_FORMATS, media_type
from readmission.engine.interface import Engine, Results
from readmission.errors import UserError

_CONTROLS = bytes(sorted({*range(0x20)} - {*b"\t\n\r"}))
_NONCHARACTERS = ("\ufffe".encode(), "\uffff".encode())
_XML_DECLARATION, _XML_DECLARATION_UTF8 = b'<?xml version="1.0"?>', b'<?xml version="1.0" encoding="UTF-8"?>'
_NO_TRIPLE_TERMS = "does not support RDF 1.2"
_NAMELESS = b"<oxprefix: "  # what the engine writes for a property that it cannot name


class FormatError(UserError, ValueError):
    """A format that does not fit the form of the query, or cannot hold what was found."""


def is_graph(results: Results) -> bool:
    """Whether the query was a CONSTRUCT or DESCRIBE."""
    return isinstance(results, ox.QueryTriples)


def is_table(results: Results) -> bool:
    """Whether the query was a SELECT."""
    return isinstance(results, ox.QuerySolutions)


def serialize_as(engine: Engine, text: str, results: Results, name: str) -> bytes:
    """Serialise a query's results in a format by its short name; raises FormatError with those that fit the query."""
    fitting = GRAPH_FORMATS if is_graph(results) else RESULT_FORMATS
    chosen = media_type(fitting, name)
    if chosen is None:
        what, offered = "a graph" if is_graph(results) else "rows", ", ".join(one.names[0] for one in fitting)
        raise FormatError(f"{what} cannot be written as {name}; choose one of {offered}")
    if isinstance(results, ox.QueryBoolean) and name in ("csv", "tsv"):  # SPARQL gives these to SELECT alone
        return b"true\n" if results else b"false\n"
    page = io.BytesIO()
    write(results, chosen, page, lambda: engine.results(text))
    return page.getvalue()


class _XmlPage(io.BytesIO):
    """Passes on what the engine writes as XML, mended: said to be UTF-8, and no line end that readers would change.

    It notes what XML has no way to write: control characters, and properties whose name ends in no XML name.
    """

    def __init__(self, page: IO[bytes]) -> None:
        super().__init__()
        self.page, self.last, self.fault = page, b"", ""

    def write(self, chunk: bytes) -> int:  # type: ignore[override]  # the engine writes bytes only
        mended = chunk if self.last else chunk.replace(_XML_DECLARATION, _XML_DECLARATION_UTF8, 1)
        seen = self.last + chunk  # what we look for may lie across two chunks
        if len(seen.translate(None, _CONTROLS)) < len(seen) or any(bad in seen for bad in _NONCHARACTERS):
            self.fault = "control characters"
        elif _NAMELESS in seen:
            self.fault = "a property whose IRI does not end in an XML name"
        self.last = seen[1 - len(_NAMELESS) :]
        self.page.write(mended.replace(b"\r", b"&#13;"))
        return len(chunk)  # the engine counts its own bytes, and would stop at any other number


def write(results: Results, wanted: str, page: IO[bytes], again: Callable[[], Results]) -> None:
    """Serialise results into a file that can be rewound; ``again`` runs the query anew, see ``csv_results``.

    Raises FormatError when none of the engine's formats has the media type ``wanted``, or when that cannot hold the
    results.
    """
    if wanted == CSV.media_type and isinstance(results, ox.QuerySolutions):
        write_csv(results, page, lambda: _rows(again()))
        return
    if not wanted.endswith("+xml"):
        _serialize(results, wanted, page)
        return
    xml = _XmlPage(page)
    _serialize(results, wanted, xml)
    if xml.fault:
        raise FormatError(
            f"the answer holds {xml.fault}, which XML cannot hold; ask for it in another format"
        )


def _rows(results: Results) -> ox.QuerySolutions:
    assert isinstance(results, ox.QuerySolutions)
    return results


def _serialize(results: Results, wanted: str, page: IO[bytes]) -> None:
    if isinstance(results, ox.QueryTriples):
        if graph := ox.RdfFormat.from_media_type(wanted):
            _serialize_graph(results, graph, page)
            return
    elif rows := ox.QueryResultsFormat.from_media_type(wanted):
        results.serialize(page, format=rows)
        return
    raise FormatError(f"no format of {wanted} fits this query")


def _serialize_graph(results: ox.QueryTriples, graph: ox.RdfFormat, page: IO[bytes]) -> None:
    try:
        results.serialize(page, format=graph)
    except OSError as fault:  # so the engine says that a format cannot hold a term
        if fault.errno is not None or _NO_TRIPLE_TERMS not in str(fault):
            raise
        raise FormatError(
            f"the answer holds a triple term, or another term of RDF 1.2, which {graph.name} cannot hold; ask for it "
            "in another format, such as Turtle"
        ) from fault
