"""The data to take home: ``/data`` lists what there is; the IRI of the dataset leads there, or to its description."""

from functools import lru_cache

from flask import Blueprint, Response, redirect, url_for
from werkzeug.wrappers import Response as AnyResponse

from readmission import questions
from readmission.engine.formats.table import GRAPH_FORMATS
from readmission.namespaces import DATASET
from readmission.questions import Question
from readmission.release import DATASET_FILE
from readmission.web.http.negotiation import HTML
from readmission.web.http.problems import NotFoundError
from readmission.web.pages.site import Site
from readmission.web.publication import documents
from readmission.web.publication.document_files import preferred, reply

_FORMATS = {each.extension: each for each in GRAPH_FORMATS if not DATASET_FILE.endswith(f".{each.extension}")}
"""In which the dataset is described; as N-Quads the dataset itself can be had."""


def blueprint(site: Site) -> Blueprint:
    """Return the routes over one release."""
    routes = Blueprint("data", __name__)
    release = site.release

    @lru_cache(maxsize=1)
    def asked() -> tuple[Question, ...]:
        return tuple(questions.load().values())

    @routes.get("/data")
    def page() -> Response:
        return site.page(
            "data.html",
            size=len(site.dataset),
            digest=release.digest,
            counts=release.counts,
            files=tuple(_FORMATS),
            questions=asked(),
        )

    @routes.get("/dataset")
    def dataset() -> AnyResponse:
        chosen = preferred((*_FORMATS.values(), HTML))
        target = (
            url_for("data.page")
            if chosen is HTML
            else url_for("data.description", extension=chosen.extension)
        )
        answer = redirect(target, 303)
        answer.headers["Vary"] = "Accept"
        return answer

    @routes.get(f"/dataset.<any({','.join(_FORMATS)}):extension>")
    def description(extension: str) -> Response:
        found = documents.read(release.engine, DATASET)
        if found is None:
            raise NotFoundError("this release does not describe its dataset")
        return reply(site, found, _FORMATS[extension])

    return routes
