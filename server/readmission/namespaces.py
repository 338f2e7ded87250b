"""Where our IRIs are, and the prefixes that people write from memory."""

BASE = "https://w3id.org/eu-readmission/"
"""What all our IRIs begin with."""
GRAPHS = f"{BASE}graph/"
"""What the names of graphs begin with ..."""
DERIVED = f"{GRAPHS}derived/"
"""... and of those that rules fill."""
NAMESPACES = {
    "rdm": f"{BASE}ontology#",
    "code": f"{BASE}code/",
    "scheme": f"{BASE}scheme/",
    "country": f"{BASE}id/country/",
    "body": f"{BASE}id/body/",
    "eura": f"{BASE}id/eura/",
    "source": f"{BASE}id/source/",
    "dcterms": "http://purl.org/dc/terms/",
    "org": "http://www.w3.org/ns/org#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
"""Prefixes and their namespaces."""
