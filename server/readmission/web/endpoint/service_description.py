"""The service description: what this endpoint is and can do (https://www.w3.org/TR/sparql11-service-description/).

It is made from what is served and from the tables that choose an answer's format, so that it cannot promise more.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from operator import itemgetter
from urllib.parse import quote

import pyoxigraph as ox

from readmission.engine.formats.table import GRAPH_FORMATS, RESULT_FORMATS
from readmission.engine.interface import Engine
from readmission.namespaces import DERIVED_GRAPH_BASE, NAMESPACES, prefixes
from readmission.query_files import lookup
from readmission.web.endpoint.dataset import Dataset

_TYPE = ox.NamedNode(f"{NAMESPACES['rdf']}type")
_INTEGER = ox.NamedNode(f"{NAMESPACES['xsd']}integer")
_STATED_TITLE = "Stated: what sources say, as it was entered"
_DERIVED_TITLE = "Derived: what the rules conclude from the stated graphs"


@dataclass(frozen=True)
class GraphSizes:
    """What is served; counted when first asked for, and for good, since a release never changes."""

    served: Dataset

    @property
    def engine(self) -> Engine:
        """The engine, which a release opens when it is first asked."""
        return self.served.engine

    @cached_property
    def statements(self) -> int:
        """The number of statements in the union of all graphs, each counted once."""
        return int(self.engine.select(lookup("statement-count")).texts()[0]["statements"])

    @cached_property
    def graphs(self) -> dict[str, int]:
        """The named graphs and the number of statements in each."""
        rows = self.engine.select(lookup("graph-sizes")).texts()
        return {row["graph"]: int(row["statements"]) for row in sorted(rows, key=itemgetter("graph"))}


def describe(endpoint: str, version: str, sizes: GraphSizes, media_type: str) -> bytes:
    """Return the description of the endpoint that was asked at this address, in a media type of ``GRAPHS``."""
    statements = (
        *_service(endpoint),
        *_dataset(endpoint, version, sizes),
        *_collections(endpoint, sizes),
    )
    body = ox.serialize(
        dict.fromkeys(statements),
        format=ox.RdfFormat.from_media_type(media_type),
        prefixes=prefixes("sd", "void", "dcterms", "formats"),
    )
    assert body is not None  # no file was named to write it to
    return body


def _service(endpoint: str) -> Iterator[ox.Triple]:
    service = ox.NamedNode(endpoint)
    yield ox.Triple(service, _TYPE, _sd("Service"))
    yield ox.Triple(service, _sd("endpoint"), service)
    yield ox.Triple(service, _sd("supportedLanguage"), _sd("SPARQL11Query"))
    yield ox.Triple(service, _sd("feature"), _sd("UnionDefaultGraph"))
    for format_ in (*RESULT_FORMATS, *GRAPH_FORMATS):
        yield ox.Triple(service, _sd("resultFormat"), ox.NamedNode(NAMESPACES["formats"] + format_.standard))
    yield ox.Triple(service, _sd("defaultDataset"), _part(endpoint, "dataset"))


def _dataset(endpoint: str, version: str, sizes: GraphSizes) -> Iterator[ox.Triple]:
    dataset, union = _part(endpoint, "dataset"), _part(endpoint, "union")
    yield ox.Triple(dataset, _TYPE, _sd("Dataset"))
    yield ox.Triple(dataset, _dcterms("identifier"), ox.Literal(version))
    yield ox.Triple(dataset, _sd("defaultGraph"), union)
    yield from _graph_size(union, sizes.statements)
    for name, size in sizes.graphs.items():
        node = _graph_node(endpoint, name)
        yield ox.Triple(dataset, _sd("namedGraph"), node)
        yield ox.Triple(node, _TYPE, _sd("NamedGraph"))
        yield ox.Triple(node, _sd("name"), ox.NamedNode(name))
        yield ox.Triple(node, _sd("graph"), ox.NamedNode(name))
        yield from _graph_size(ox.NamedNode(name), size)


def _collections(endpoint: str, sizes: GraphSizes) -> Iterator[ox.Triple]:
    """Part the graphs into those that were stated and those that were derived, for whoever wants to ask one kind."""
    for name in sizes.graphs:
        kind, title = (
            ("derived", _DERIVED_TITLE) if name.startswith(DERIVED_GRAPH_BASE) else ("stated", _STATED_TITLE)
        )
        collection = _part(endpoint, kind)
        yield ox.Triple(ox.NamedNode(endpoint), _sd("availableGraphs"), collection)
        yield ox.Triple(collection, _TYPE, _sd("GraphCollection"))
        yield ox.Triple(collection, _dcterms("title"), ox.Literal(title, language="en"))
        yield ox.Triple(collection, _sd("namedGraph"), _graph_node(endpoint, name))


def _graph_size(graph: ox.NamedNode, statements: int) -> Iterator[ox.Triple]:
    yield ox.Triple(graph, _TYPE, _sd("Graph"))
    yield ox.Triple(
        graph, ox.NamedNode(f"{NAMESPACES['void']}triples"), ox.Literal(str(statements), datatype=_INTEGER)
    )


def _graph_node(endpoint: str, graph: str) -> ox.NamedNode:
    """Return the name of a graph's role in this service; a blank node would differ each time it is read."""
    return _part(endpoint, "graph=" + quote(graph, safe="/:"))


def _part(endpoint: str, fragment: str) -> ox.NamedNode:
    return ox.NamedNode(f"{endpoint}#{fragment}")


def _sd(name: str) -> ox.NamedNode:
    return ox.NamedNode(NAMESPACES["sd"] + name)


def _dcterms(name: str) -> ox.NamedNode:
    return ox.NamedNode(NAMESPACES["dcterms"] + name)
