"""The web: ``create_app(release, settings)`` makes a Flask application over one release, and nothing more."""

from dataclasses import replace
from typing import NamedTuple

from flask import Flask
from flask.json.provider import DefaultJSONProvider

from readmission.engine.execution import Answering, InProcess
from readmission.release import Release
from readmission.web.endpoint import graph_store, inspector, limits_page, openapi, query_operation
from readmission.web.endpoint.answer_fields import AnswerFields
from readmission.web.endpoint.dataset import Data, Examples, Served
from readmission.web.endpoint.query_operation import QueryOperation
from readmission.web.endpoint.running_queries import Desk
from readmission.web.endpoint.service_description import Holdings
from readmission.web.http import compression, headers, problems
from readmission.web.http.answer_cache import Kept
from readmission.web.http.metrics import Journal
from readmission.web.pages import comparisons, country_pages, front, static_files
from readmission.web.pages.site import Site, refuse_unread_day
from readmission.web.settings import Settings

__all__ = ["Application", "Data", "Served", "Settings", "assembled", "create_app"]


class Application(NamedTuple):
    """The application, and those of its parts that a server may ask before it."""

    flask: Flask
    kept: Kept
    desk: Desk
    fields: AnswerFields


def create_app(
    release: Served,
    settings: Settings | None = None,
    answering: Answering | None = None,
    journal: Journal | None = None,
) -> Flask:
    """Return the application alone, as any WSGI server runs it; see ``assembled``."""
    application = assembled(release, settings, answering, journal)
    application.flask.wsgi_app = application.kept  # type: ignore[method-assign, assignment]
    return application.flask


def assembled(
    release: Served,
    settings: Settings | None = None,
    answering: Answering | None = None,
    journal: Journal | None = None,
) -> Application:
    """Return the application.

    A ``Release`` gets the pages about the field as well; anything else that has a version and an engine
    (``Data``) is served as it is, through the endpoint and a short front page. Queries from outside go to
    ``answering``, such as a ``workers.Pool``; without one they run in this process, with no deadline.
    """
    settings = settings or Settings()
    settings = replace(settings, pages=settings.pages and isinstance(release, Release))
    answering = answering or InProcess(release.engine, settings.limits.answer)
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = settings.largest_request
    app.url_map.strict_slashes = False  # /sparql/ is /sparql
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    if isinstance(app.json, DefaultJSONProvider):
        app.json.sort_keys = False  # columns keep their order
    headers.register(app, release.version)
    compression.register(app)
    problems.register(app)
    journal = journal or Journal(release.version)
    desk = Desk(answering, journal)
    desk.register(app)
    app.register_blueprint(front.life(release, answering))
    static_files.register(app, settings)
    app.register_blueprint(limits_page.blueprint(settings, answering))
    if isinstance(release, Release) and settings.pages:
        site = Site(release, settings)
        for routes in (country_pages.blueprint(site), comparisons.blueprint(site)):
            routes.before_request(refuse_unread_day)
            app.register_blueprint(routes)
    else:
        app.register_blueprint(front.plain(release))
    offered, holdings = Examples(release, answering), Holdings(release)
    fields = AnswerFields(release, settings.keep_seconds)
    operation = QueryOperation(fields, settings, desk)
    app.register_blueprint(query_operation.blueprint(release, settings, operation, holdings, offered))
    app.register_blueprint(inspector.blueprint(release, settings, desk))
    app.register_blueprint(graph_store.blueprint(holdings, operation.answer))
    known = {name: value for name, value, _ in limits_page.in_force(settings, answering)}
    app.register_blueprint(openapi.blueprint(release, settings, known, offered))
    shared = {"settings": settings, "version": release.version, "has_pages": settings.pages}
    app.context_processor(lambda: shared)
    return Application(app, Kept(app.wsgi_app, settings.kept, journal), desk, fields)
