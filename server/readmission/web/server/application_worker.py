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

from readmission.engine.embedded import Embedded
from readmission.engine.execution import InProcess
from readmission.engine.running_query import RunningQuery
from readmission.query_files import lookup
from readmission.release import Release
from readmission.web.app import assembled
from readmission.web.endpoint.dataset import Data, Served
from readmission.web.http.metrics import Journal
from readmission.web.http.reply import called
from readmission.web.settings import Settings
from readmission.workers.messages import Note, Request, Response
from readmission.workers.worker import Application

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

NAME = f"{__name__}:application"
"""What a zygote is told to call."""
_FIRST = (
    "/sparql",
    "/openapi.json",
    "/limits",
    "/nowhere",
    "/matrix.xlsx",
    "/",
    "/changes",
    "/work",
    "/work.csv",
)
"""Pages that, after two queries, use all that answers are made with; what they compute of today all workers share."""


class Argument(Struct, frozen=True):
    """What an application is made from, beside the engine."""

    version: str
    settings: Settings
    path: str | None = None
    """The folder of a release."""
    counts: dict[str, int] | None = None
    """What a release counts; None for other data."""
    modified: datetime | None = None


def argument(served: Served, settings: Settings) -> str:
    """Return what tells a zygote of the application over what is served."""
    if isinstance(served, Release):
        told = Argument(served.version, settings, str(served.path) if served.path else None, served.counts)
    else:
        told = Argument(served.version, settings, modified=served.modified)
    return json.encode(told).decode()


def application(engine: Embedded, stated: str) -> Application:
    """Return what answers requests over an engine, with all that it reads in memory."""
    told = json.decode(stated, type=Argument)
    settings, notes = told.settings, _Notes(told.version)
    answering = InProcess(engine, settings.limits.answer, settings.limits)
    flask = assembled(_served(told, engine), settings, answering, notes).flask
    flask.config["PROPAGATE_EXCEPTIONS"] = True  # the front tells of what nobody foresaw, and logs it
    flask.register_error_handler(MemoryError, _raise)
    flask.config["USE_X_SENDFILE"] = True
    _read_all(flask)

    def answered(request: Request) -> Response:
        notes.last = None
        reply = called(flask, _environ(request))
        return Response(reply.status, reply.headers, reply.body, notes.last)

    return answered


class _Notes(Journal):
    """Notes the last query that ended, for the front's journal."""

    last: Note | None = None

    def note(self, note: Note, running: RunningQuery) -> None:
        """Keep what there is to say of a query."""
        self.last = note


def _served(told: Argument, engine: Embedded) -> Served:
    if told.counts is None:
        return Data(told.version, engine, (), told.modified)
    return Release(told.version, Path(told.path) if told.path else None, told.counts).over(engine)


def _read_all(flask: Flask) -> None:
    """Read the templates, and answer some requests, so that all modules have been loaded that answers take."""
    for name in flask.jinja_env.list_templates():
        with contextlib.suppress(TemplateAssertionError):  # of a page that is not served over these data
            flask.jinja_env.get_template(name)
    client = flask.test_client()
    queries = (
        f"/sparql?query={quote(lookup('nothing'))}",
        f"/inspect?query={quote(lookup('false-statement'))}",
    )
    for path in (*queries, *_FIRST):
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
