"""The ontology at its own address: a page of all terms, the files in every RDF format, and a list for programs.

Terms are named with a hash, so that the document itself answers with 200 ("Cool URIs", section 4.1).
"""

from functools import lru_cache

from flask import Blueprint, Response, redirect, url_for
from msgspec import json
from werkzeug.wrappers import Response as AnyResponse

from readmission.engine.formats.table import GRAPH_FORMATS, Format
from readmission.namespaces import NAMESPACES
from readmission.web.http.negotiation import HTML, JSON
from readmission.web.http.problems import NotFoundError
from readmission.web.pages.site import Site
from readmission.web.publication import vocabulary
from readmission.web.publication.document_files import FORMATS, preferred, reply
from readmission.web.publication.documents import Document
from readmission.web.publication.vocabulary import Module


def blueprint(site: Site) -> Blueprint:
    """Return the routes of the ontology of one release."""
    routes = Blueprint("vocabulary", __name__)
    release = site.release  # its engine only when a page is asked for: the front has none

    @lru_cache(maxsize=16)
    def document(path: str) -> Document | None:
        return vocabulary.read(release.engine, path)

    @lru_cache(maxsize=1)
    def modules() -> tuple[Module, ...]:
        whole = document("")
        return vocabulary.modules(release.engine, whole) if whole else ()

    def answer(path: str, format_: Format) -> AnyResponse:
        found = document(path)
        if found is None:
            raise NotFoundError(f"this release has no {vocabulary.ONTOLOGY}/{path}".rstrip("/"))
        if format_ is not HTML:
            return reply(site, found, format_)
        if path:
            return redirect(url_for("vocabulary.whole"), 303)
        files = [(each, url_for("vocabulary.file", extension=each.extension)) for each in GRAPH_FORMATS]
        return site.page("ontology.html", document=found, modules=modules(), files=files)

    @routes.get("/ontology")
    def whole() -> AnyResponse:
        return answer("", preferred())

    @routes.get(f"/ontology.<any({','.join(FORMATS)}):extension>")
    def file(extension: str) -> AnyResponse:
        return answer("", FORMATS[extension])

    @routes.get("/ontology.json")
    def terms() -> AnyResponse:
        listed = [
            {
                "iri": NAMESPACES["rdm"] + term.local,
                "name": term.part.name,
                "kind": "class" if term.is_class else "property",
                "definition": term.definition,
                "example": term.example,
                "uses": term.uses,
            }
            for module in modules()
            for term in module.terms
        ]
        return site.add_caching(Response(json.encode(listed), content_type=JSON.content_type))

    @routes.get("/ontology/<path:path>")
    def part(path: str) -> AnyResponse:
        stem, _, extension = path.rpartition(".")
        return answer(stem, FORMATS[extension]) if extension in FORMATS else answer(path, preferred())

    return routes
