"""The service description: what this endpoint is and can do (https://www.w3.org/TR/sparql11-service-description/)."""

from rdflib import RDF, XSD, Graph, Literal, Namespace, URIRef

from readmission.web.negotiation import GRAPHS, RESULTS

SD = Namespace("http://www.w3.org/ns/sparql-service-description#")
DCTERMS = Namespace("http://purl.org/dc/terms/")
FORMATS = Namespace("http://www.w3.org/ns/formats/")

_FORMAT_IRIS = {
    "application/sparql-results+json": "SPARQL_Results_JSON",
    "application/sparql-results+xml": "SPARQL_Results_XML",
    "text/csv": "SPARQL_Results_CSV",
    "text/tab-separated-values": "SPARQL_Results_TSV",
    "text/turtle": "Turtle",
    "application/n-triples": "N-Triples",
    "application/ld+json": "JSON-LD",
    "application/rdf+xml": "RDF_XML",
    "application/n-quads": "N-Quads",
    "application/trig": "TriG",
}

# rdflib's names. A description has no named graphs: N-Triples are N-Quads, and Turtle is TriG, as they stand.
_WRITERS = {
    "text/turtle": "turtle",
    "application/n-triples": "nt11",
    "application/ld+json": "json-ld",
    "application/rdf+xml": "xml",
    "application/n-quads": "nt11",
    "application/trig": "turtle",
}


def written(endpoint: str, version: str, media_type: str) -> bytes:
    """Return the description of the endpoint asked at this address, in a media type of ``GRAPHS``."""
    return service_description(endpoint, version).serialize(format=_WRITERS[media_type], encoding="utf-8")


def service_description(endpoint: str, version: str) -> Graph:
    """Return the description of the endpoint at the address it was asked at."""
    described = Graph(bind_namespaces="none")
    for prefix, namespace in (("sd", SD), ("dcterms", DCTERMS), ("formats", FORMATS)):
        described.bind(prefix, namespace)
    service, dataset, union = (URIRef(endpoint + part) for part in ("", "#dataset", "#union"))
    described.add((service, RDF.type, SD.Service))
    described.add((service, SD.endpoint, service))
    described.add((service, SD.supportedLanguage, SD.SPARQL11Query))
    described.add((service, SD.feature, SD.UnionDefaultGraph))
    for format_ in (*RESULTS, *GRAPHS):
        described.add((service, SD.resultFormat, FORMATS[_FORMAT_IRIS[format_.media_type]]))
    described.add((service, SD.defaultDataset, dataset))
    described.add((dataset, RDF.type, SD.Dataset))
    described.add((dataset, SD.defaultGraph, union))
    described.add((dataset, DCTERMS.identifier, Literal(version, datatype=XSD.string)))
    described.add((union, RDF.type, SD.Graph))
    return described
