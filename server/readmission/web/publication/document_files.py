"""A document as a file: statements in an order for people, with the prefixes they use, and what the file itself is."""

import re
from collections.abc import Iterable, Sequence

import pyoxigraph as ox
from flask import Response, request

from readmission.engine.formats.table import GRAPH_FORMATS, Format
from readmission.engine.interface import text_of
from readmission.namespaces import DATASET, ID, NAMESPACES
from readmission.web.http.negotiation import HTML, choose
from readmission.web.pages.site import Site
from readmission.web.publication.documents import Document

FORMATS = {format_.extension: format_ for format_ in (*GRAPH_FORMATS, HTML)}
"""In which a document can be had, by the extension of its address; the first one where none is preferred."""
LICENCE = "https://creativecommons.org/licenses/by/4.0/"
_WITH_GRAPHS = ("nq", "trig")
_DCTERMS, _RDF = NAMESPACES["dcterms"], NAMESPACES["rdf"]
_FOAF = NAMESPACES["foaf"]
_FIRST = (f"{_RDF}type", f"{NAMESPACES['skos']}prefLabel", f"{NAMESPACES['rdfs']}label", _DCTERMS)
"""What a description opens with; the rest follows in the order of the alphabet."""
_KIND = re.compile(rf"<{re.escape(ID)}([a-z-]+)/")


def preferred(formats: Iterable[Format] = FORMATS.values()) -> Format:
    """Return which of the formats the request prefers, by ``format=`` or Accept. Raises NotAcceptableError."""
    return choose(request.accept_mimetypes, request.args.get("format"), tuple(formats))


def reply(site: Site, document: Document, format_: Format) -> Response:
    """Return a document in an RDF format, with the headers by which caches keep it."""
    body = write(document, format_, site.release.version)
    return site.add_caching(Response(body, content_type=format_.content_type))


def write(document: Document, format_: Format, version: str) -> bytes:
    """Return a document in an RDF format, in UTF-8; graphs are named where the format has them."""
    chosen = ox.RdfFormat.from_media_type(format_.media_type)
    assert chosen is not None
    quads = [*document.quads, *_about_file(document, format_, version)]
    if format_.extension not in _WITH_GRAPHS:
        quads = list(dict.fromkeys(ox.Quad(*quad.triple) for quad in quads))
    ranks = {quad.subject: rank for rank, group in enumerate(_groups(document, quads)) for quad in group}
    quads.sort(key=lambda quad: _place(ranks[quad.subject], quad))
    found = ox.serialize(quads, format=chosen, prefixes=_prefixes(quads))
    assert found is not None
    return found


def _groups(document: Document, quads: Sequence[ox.Quad]) -> Sequence[Sequence[ox.Quad]]:
    """Return statements by what they are about, last things first: of what comes twice, the later place counts."""
    own = document.by_subject.get(document.thing.value, ())
    return (quads, document.names, document.incoming, document.statements, own)


def _about_file(document: Document, format_: Format, version: str) -> list[ox.Quad]:
    """Return what the file is, whose it is, and which release it is from (DCMI Metadata Terms)."""
    suffix = f"?page={document.page}" if document.page > 1 else ""
    file = ox.NamedNode(f"{document.thing.value.partition('#')[0]}.{format_.extension}{suffix}")
    told: dict[str, ox.NamedNode | ox.Literal] = {
        f"{_RDF}type": ox.NamedNode(f"{_FOAF}Document"),
        f"{_FOAF}primaryTopic": document.thing,
        f"{_DCTERMS}isPartOf": ox.NamedNode(DATASET),
        f"{_DCTERMS}license": ox.NamedNode(LICENCE),
        f"{NAMESPACES['owl']}versionInfo": ox.Literal(version),
    }
    return [ox.Quad(file, ox.NamedNode(predicate), value) for predicate, value in told.items()]


def _place(rank: int, quad: ox.Quad) -> tuple[str, int, str, int, str, str]:
    """Return where a statement stands: graph, what it is about, subject, types and names first, predicate, object."""
    predicate = quad.predicate.value
    first = next((place for place, begin in enumerate(_FIRST) if predicate.startswith(begin)), len(_FIRST))
    graph = text_of(quad.graph_name) if isinstance(quad.graph_name, ox.NamedNode) else ""
    return (graph, -rank, text_of(quad.subject), first, predicate, text_of(quad.object))


def _prefixes(quads: Iterable[ox.Quad]) -> dict[str, str]:
    """Return the prefixes of the namespaces that are used; a kind of thing without one has its name for a prefix."""
    used = "\n".join({str(term) for quad in quads for term in quad})
    kinds = {kind: f"{ID}{kind}/" for kind in sorted(set(_KIND.findall(used)))}
    return {name: space for name, space in sorted((kinds | NAMESPACES).items()) if space in used}
