"""Where an IRI of ours answers on this server: the path behind the base IRI, whatever the server is called."""

from flask import current_app, url_for
from werkzeug.routing import BuildError

from readmission.namespaces import BASE

THING_PLACES = ("id", "code", "scheme", "heading")
"""First parts of the paths of things; each has a document of its own."""
ONTOLOGY = "ontology"
_GRAPH = "graph"


def own_address(iri: str) -> str:
    """Return the address on this server of an IRI of ours; the IRI itself where it is not ours, or has no page here."""
    path, _, fragment = iri.removeprefix(BASE).partition("#")
    place, _, name = path.partition("/")
    try:
        if not iri.startswith(BASE) or "publication" not in current_app.blueprints:
            return iri
        if place in THING_PLACES and name:
            return url_for("publication.thing", place=place, name=name)
        if place == ONTOLOGY:
            return (
                url_for("vocabulary.part", path=name)
                if name
                else url_for("vocabulary.whole", _anchor=fragment or None)
            )
        if place == _GRAPH and name:
            return url_for("graphs.by_address", _name=name)
    except BuildError:  # a name that no route takes
        return iri
    return iri
