"""What an engine returns, written in a standard format: SPARQL results or RDF, named as people name them."""

import io
from typing import IO

import pyoxigraph as ox

from readmission.engine import Results, Solutions, text_of

ROWS = {
    "json": "application/sparql-results+json",
    "xml": "application/sparql-results+xml",
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
}
GRAPHS = {
    "turtle": "text/turtle",
    "ntriples": "application/n-triples",
    "jsonld": "application/ld+json",
    "rdfxml": "application/rdf+xml",
}


class FormatError(ValueError):
    """A format that does not fit the form of the query."""


def is_graph(results: Results) -> bool:
    """Whether the query was a CONSTRUCT or DESCRIBE."""
    return isinstance(results, ox.QueryTriples)


def is_table(results: Results) -> bool:
    """Whether the query was a SELECT."""
    return isinstance(results, ox.QuerySolutions)


def named(results: Results, name: str) -> bytes:
    """Serialise results in a format by its short name; raises FormatError with those that fit the query."""
    fitting = GRAPHS if is_graph(results) else ROWS
    if name not in fitting:
        what = "a graph" if is_graph(results) else "rows"
        raise FormatError(f"{what} cannot be written as {name}; choose one of {', '.join(fitting)}")
    if isinstance(results, ox.QueryBoolean) and name in ("csv", "tsv"):  # SPARQL gives these to SELECT alone
        return b"true\n" if results else b"false\n"
    return written(results, fitting[name])


def written(results: Results, media_type: str) -> bytes:
    """Serialise results in a media type; raises FormatError when none of the engine's formats has it."""
    page = io.BytesIO()
    write(results, media_type, page)
    return page.getvalue()


def write(results: Results, media_type: str, page: IO[bytes]) -> None:
    """Serialise results into a file; raises FormatError when none of the engine's formats has the media type."""
    if isinstance(results, ox.QueryTriples):
        if graph := ox.RdfFormat.from_media_type(media_type):
            results.serialize(page, format=graph)
            return
    elif rows := ox.QueryResultsFormat.from_media_type(media_type):
        results.serialize(page, format=rows)
        return
    raise FormatError(f"no format of {media_type} fits this query")


def cells(solutions: Solutions, base: str) -> list[list[str]]:
    """Return rows for people: our own IRIs without their common beginning."""
    return [[text_of(term).removeprefix(base) for term in row] for row in solutions.rows]
