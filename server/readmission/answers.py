"""What an engine returns, written in a standard format: SPARQL results or RDF, named as people name them."""

import pyoxigraph as ox

from readmission.engine import Results, Solutions, text_of

ROWS = {
    "json": ox.QueryResultsFormat.JSON,
    "xml": ox.QueryResultsFormat.XML,
    "csv": ox.QueryResultsFormat.CSV,
    "tsv": ox.QueryResultsFormat.TSV,
}
GRAPHS = {
    "turtle": ox.RdfFormat.TURTLE,
    "ntriples": ox.RdfFormat.N_TRIPLES,
    "jsonld": ox.RdfFormat.JSON_LD,
    "rdfxml": ox.RdfFormat.RDF_XML,
}


class FormatError(ValueError):
    """A format that does not fit the form of the query."""


def written(results: Results, kind: str) -> bytes:
    """Serialise SELECT and ASK results as ``json``, ``xml``, ``csv`` or ``tsv``, graphs as RDF."""
    if isinstance(results, ox.QueryTriples):
        if kind not in GRAPHS:
            raise FormatError(f"a graph cannot be written as {kind}; choose {', '.join(GRAPHS)}")
        return bytes(results.serialize(format=GRAPHS[kind]))
    if kind not in ROWS:
        raise FormatError(f"rows cannot be written as {kind}; choose table, {', '.join(ROWS)}")
    if isinstance(results, ox.QueryBoolean) and kind in ("csv", "tsv"):
        return b"true\n" if results else b"false\n"
    return bytes(results.serialize(format=ROWS[kind]))


def cells(solutions: Solutions, base: str) -> list[list[str]]:
    """Return rows for people: our own IRIs without their common beginning."""
    return [[text_of(term).removeprefix(base) for term in row] for row in solutions.rows]
