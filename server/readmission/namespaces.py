"""Where our IRIs are, and the one table of prefixes."""

BASE = "https://w3id.org/eu-readmission/"
"""What all our IRIs begin with."""
ID = f"{BASE}id/"
"""What the IRIs of countries, instruments, events and their like begin with."""
DATASET = f"{BASE}dataset"
"""The dataset itself, whichever release of it."""
GRAPH_BASE = f"{BASE}graph/"
"""What the names of graphs begin with ..."""
DERIVED_GRAPH_BASE = f"{GRAPH_BASE}derived/"
"""... and of those that rules fill."""
NAMESPACES = {
    "rdm": f"{BASE}ontology#",
    "code": f"{BASE}code/",
    "scheme": f"{BASE}scheme/",
    "bilateral": f"{ID}bilateral/",
    "body": f"{ID}body/",
    "country": f"{ID}country/",
    "coverage": f"{ID}coverage/",
    "eura": f"{ID}eura/",
    "event": f"{ID}event/",
    "evidence": f"{ID}evidence/",
    "intra-european": f"{ID}intra-european/",
    "scope": f"{ID}scope/",
    "side": f"{ID}side/",
    "source": f"{ID}source/",
    "dcterms": "http://purl.org/dc/terms/",
    "edtf": "http://id.loc.gov/datatypes/edtf/",
    "eli": "http://data.europa.eu/eli/ontology#",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "formats": "http://www.w3.org/ns/formats/",
    "org": "http://www.w3.org/ns/org#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "prov": "http://www.w3.org/ns/prov#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "sd": "http://www.w3.org/ns/sparql-service-description#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "void": "http://rdfs.org/ns/void#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
"""Prefixes and their namespaces."""


def curie(iri: str) -> str:
    """Return an IRI with a prefix of the table, such as ``skos:prefLabel``; the whole IRI where none fits."""
    fitting = ((len(namespace), name) for name, namespace in NAMESPACES.items() if iri.startswith(namespace))
    length, name = max(fitting, default=(0, ""))
    local = iri[length:]
    return f"{name}:{local}" if name and "/" not in local else iri


def prefixes(*names: str) -> dict[str, str]:
    """Return the part of the table with these names, in their order; raises KeyError for one that is not in it."""
    return {name: NAMESPACES[name] for name in names}
