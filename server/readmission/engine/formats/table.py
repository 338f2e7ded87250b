"""The one table of formats in which queries are answered: rows (SELECT, ASK) and graphs (CONSTRUCT, DESCRIBE)."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Format:
    """A way to write an answer: its media type, file extension and the names it answers to."""

    media_type: str
    extension: str
    names: tuple[str, ...]
    aliases: tuple[str, ...] = ()
    """Other media types that get this one, such as application/json."""
    standard: str = ""
    """Its name in the W3C's list of formats, http://www.w3.org/ns/formats/."""

    @property
    def content_type(self) -> str:
        """The Content-Type header; every text is UTF-8, and says so where the type allows a charset."""
        return f"{self.media_type}; charset=utf-8" if self.media_type.startswith("text/") else self.media_type


CSV = Format("text/csv", "csv", ("csv",), standard="SPARQL_Results_CSV")
RESULT_FORMATS = (
    Format(
        "application/sparql-results+json",
        "srj",
        ("json", "sparql-json", "srj"),
        ("application/json", "text/json", "text/javascript", "application/javascript"),
        "SPARQL_Results_JSON",
    ),
    Format(
        "application/sparql-results+xml",
        "srx",
        ("xml", "sparql-xml", "srx"),
        ("application/xml", "text/xml"),
        "SPARQL_Results_XML",
    ),
    CSV,
    Format("text/tab-separated-values", "tsv", ("tsv",), standard="SPARQL_Results_TSV"),
)
"""SELECT and ASK (SPARQL 1.1 Query Results JSON, XML, CSV and TSV Formats)."""

GRAPH_FORMATS = (
    Format(
        "text/turtle",
        "ttl",
        ("turtle", "ttl", "n3"),
        ("application/x-turtle", "text/n3", "text/rdf+n3"),
        "Turtle",
    ),
    Format("application/n-triples", "nt", ("ntriples", "n-triples", "nt"), ("text/plain",), "N-Triples"),
    Format("application/ld+json", "jsonld", ("jsonld", "json-ld", "json"), ("application/json",), "JSON-LD"),
    Format(
        "application/rdf+xml",
        "rdf",
        ("rdfxml", "rdf+xml", "rdf", "xml"),
        ("application/xml", "text/xml"),
        "RDF_XML",
    ),
    Format("application/n-quads", "nq", ("nquads", "n-quads", "nq"), standard="N-Quads"),
    Format("application/trig", "trig", ("trig",), standard="TriG"),
)
"""CONSTRUCT, DESCRIBE and descriptions."""


def media_type(formats: Sequence[Format], name: str) -> str | None:
    """Return the media type of the format that answers to a name, if there is one."""
    return next((one.media_type for one in formats if name in one.names), None)
