"""The application as it runs in a worker: pages, inspections and all else that is not answered by the front itself.

A worker can open no file and no socket, so everything that a view may read is read here, before the first worker is
forked: templates, query files, what libraries load when they are first used.
"""

import contextlib
import io
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn
from urllib.parse import quote

from flask import Flask
from jinja2 import TemplateAssertionError
from msgspec import Struct, json

from readmission.engine.embedded import EmbeddedEngine
from readmission.engine.execution import InProcessService
from readmission.engine.running_query import RunningQuery
from readmission.query_files import lookup
from readmission.release import Release
from readmission.web.app import assemble
from readmission.web.endpoint.dataset import Data, Dataset
from readmission.web.http.metrics import RequestLog
from readmission.web.http.reply import call
from readmission.web.settings import Settings
from readmission.workers.messages import Note, Request, Response
from readmission.workers.worker import Responder

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

NAME = f"{__name__}:application"
"""What a zygote is told to call."""
_WARM_UP_PATHS = (
    "/sparql",
    "/openapi.json",
    "/limits",
    "/nowhere",
    "/matrix.xlsx",
    "/",
    "/changes",
    "/events",
    "/work",
    "/work.csv",
    "/data",
    "/sitemap.xml",
    "/ontology",
    "/ontology.ttl",
    "/id/eura/geo.html",
    "/id/eura/geo.rdf",
    "/id/eura/geo.jsonld",
)
"""Pages that, after two queries, use all that answers are made with; what they compute of today all workers share."""


class ApplicationOptions(Struct, frozen=True):
    """What an application is made from, beside the engine."""

    version: str
    settings: Settings
    path: str | None = None
    """The folder of a release."""
    counts: dict[str, int] | None = None
    """What a release counts; None for other data."""
    digest: str = ""
    """The digest of a release."""
    modified: datetime | None = None


def encode_options(served: Dataset, settings: Settings) -> str:
    """Return what tells a zygote of the application over what is served."""
    if isinstance(served, Release):
        options = ApplicationOptions(
            served.version,
            settings,
            str(served.path) if served.path else None,
            served.counts,
            digest=served.digest,
        )
    else:
        options = ApplicationOptions(served.version, settings, modified=served.modified)
    return json.encode(options).decode()


def application(engine: EmbeddedEngine, encoded: str) -> Responder:
    """Return what answers requests over an engine, with all that it reads in memory."""
    options = json.decode(encoded, type=ApplicationOptions)
    settings, notes = options.settings, _LastNote(options.version)
    service = InProcessService(engine, settings.limits.answer, settings.limits)
    flask = assemble(_dataset(options, engine), settings, service, notes).flask
    flask.config["PROPAGATE_EXCEPTIONS"] = True  # the front tells of what nobody foresaw, and logs it
    flask.register_error_handler(MemoryError, _raise)
    flask.config["USE_X_SENDFILE"] = True
    _warm_up(flask)

    def respond(request: Request) -> Response:
        notes.last = None
        reply = call(flask, _environ(request))
        return Response(reply.status, reply.headers, reply.body, notes.last)

    return respond


class _LastNote(RequestLog):
    """Notes the last query that ended, for the front's journal."""

    last: Note | None = None

    def record_query(self, note: Note, running: RunningQuery) -> None:
        """Keep what there is to say of a query."""
        self.last = note


def _dataset(options: ApplicationOptions, engine: EmbeddedEngine) -> Dataset:
    if options.counts is None:
        return Data(options.version, engine, (), options.modified)
    path = Path(options.path) if options.path else None
    return Release(options.version, path, options.counts, options.digest).over(engine)


def _warm_up(flask: Flask) -> None:
    """Read the templates, and answer some requests, so that all modules have been loaded that answers take."""
    for name in flask.jinja_env.list_templates():
        with contextlib.suppress(TemplateAssertionError):  # of a page that is not served over these data
            flask.jinja_env.get_template(name)
    client = flask.test_client()
    queries = (
        f"/sparql?query={quote(lookup('nothing'))}",
        f"/inspect?query={quote(lookup('false-statement'))}",
    )
    for path in (*queries, *_WARM_UP_PATHS):
        for media_type in ("text/html", "application/json"):
            client.get(path, headers={"Accept": media_type, "Accept-Encoding": "gzip"})


def _raise(fault: Exception) -> NoReturn:
    raise fault


def _environ(request: Request) -> "WSGIEnvironment":
    """Return a request as PEP 3333 describes it."""
    return {
        **request.environ,
        "wsgi.version": (1, 0),
        "wsgi.input": io.BytesIO(request.body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
