"""IRIs that answer: from a thing to its document (303, "See Other"), and the document in every format.

After "Cool URIs for the Semantic Web" (https://www.w3.org/TR/cooluris/), section 4.2.
"""

from collections.abc import Iterable

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from readmission.engine.formats.table import GRAPH_FORMATS, Format
from readmission.errors import ParameterError
from readmission.namespaces import BASE, DATASET
from readmission.web.http.negotiation import HTML
from readmission.web.http.problems import GoneError, NotFoundError
from readmission.web.pages.site import Site
from readmission.web.publication import document_page, documents
from readmission.web.publication.addresses import THING_PLACES, own_address
from readmission.web.publication.document_files import FORMATS, LICENCE, preferred, reply
from readmission.web.publication.documents import Document

_MOST_PAGES = 10_000
_COUNTRY = "country/"


def blueprint(site: Site) -> Blueprint:
    """Return the routes of things and their documents over one release."""
    routes = Blueprint("publication", __name__)

    @routes.get(f"/<any({','.join(THING_PLACES)}):place>/<path:name>")
    def thing(place: str, name: str) -> AnyResponse:
        stem, _, extension = name.rstrip("/").rpartition(".")
        if extension in FORMATS:
            return _document(place, stem, FORMATS[extension])
        return _see_other(place, name.rstrip("/"))

    def _see_other(place: str, name: str) -> AnyResponse:
        if not documents.is_known(site.release.engine, f"{BASE}{place}/{name}"):
            raise _unknown(place, name)
        chosen = preferred()
        if chosen is HTML and place == "id" and name.startswith(_COUNTRY):
            target = site.country_address(name.removeprefix(_COUNTRY))
        else:
            target = _address(place, name, chosen)
        answer = redirect(target, 303)
        answer.headers["Vary"] = "Accept"
        return answer

    def _document(place: str, name: str, format_: Format) -> AnyResponse:
        found = documents.read(site.release.engine, f"{BASE}{place}/{name}", _page())
        if found is None:
            raise _unknown(place, name)
        if found.is_withdrawn:
            raise _withdrawn(found)
        if format_ is HTML:
            shown = document_page.show(found)
            files = [(each, _address(place, name, each)) for each in GRAPH_FORMATS]
            answer = site.page("document.html", document=found, shown=shown, files=files)
        else:
            answer = reply(site, found, format_)
        answer.headers["Link"] = ", ".join(_links(place, name, found))
        return answer

    return routes


def _page() -> int:
    stated = request.args.get("page", "1")
    if not stated.isdecimal() or not 1 <= len(stated) <= 5 or not 1 <= int(stated) <= _MOST_PAGES:
        raise ParameterError(f"page: write a number from 1 to {_MOST_PAGES}")
    return int(stated)


def _address(place: str, name: str, format_: Format, page: int | None = None) -> str:
    return url_for("publication.thing", place=place, name=f"{name}.{format_.extension}", page=page)


def _links(place: str, name: str, document: Document) -> Iterable[str]:
    """Yield the links of a document (RFC 8288), with the relations of FAIR Signposting."""
    yield f'<{document.thing.value}>; rel="describes"'
    yield f'<{document.thing.value}>; rel="cite-as"'
    yield f'<{LICENCE}>; rel="license"'
    yield f'<{DATASET}>; rel="collection"'
    for each in FORMATS.values():
        yield f'<{_address(place, name, each)}>; rel="alternate"; type="{each.media_type}"'
    format_ = FORMATS[request.path.rpartition(".")[2]]
    if document.page < document.pages:
        yield f'<{_address(place, name, format_, document.page + 1)}>; rel="next"'
    if document.page > 1:
        yield f'<{_address(place, name, format_, document.page - 1)}>; rel="prev"'


def _unknown(place: str, name: str) -> NotFoundError:
    return NotFoundError(f"this release describes no {BASE}{place}/{name}, or not so many pages of it")


def _withdrawn(document: Document) -> GoneError:
    replaced = tuple((iri, own_address(iri)) for iri in document.successors)
    told = f"; it is replaced by {' and '.join(document.successors)}" if replaced else ""
    return GoneError(f"{document.thing.value} is no longer to be used{told}", replaced)
