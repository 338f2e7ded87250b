"""The web: ``create_app(release, settings)`` makes a Flask application over one release, and nothing more."""

from dataclasses import replace
from typing import NamedTuple

from flask import Flask
from flask.json.provider import DefaultJSONProvider

from readmission.engine.execution import InProcessService, QueryService
from readmission.namespaces import BASE, DERIVED_GRAPH_BASE, curie
from readmission.release import Release
from readmission.web.endpoint import graph_store, inspector, limits_page, openapi, query_operation
from readmission.web.endpoint.answer_fields import AnswerFields
from readmission.web.endpoint.dataset import Data, Dataset, Examples
from readmission.web.endpoint.query_operation import QueryOperation
from readmission.web.endpoint.running_queries import RunningQueries
from readmission.web.endpoint.service_description import GraphSizes
from readmission.web.http import compression, headers, problems
from readmission.web.http.answer_cache import AnswerCache
from readmission.web.http.metrics import RequestLog
from readmission.web.pages import comparisons, country_pages, event_pages, front, state_pages, static_files
from readmission.web.pages.site import Site, refuse_unread_day
from readmission.web.publication import data_page, discovery, ontology_page, things
from readmission.web.publication.addresses import own_address
from readmission.web.settings import Settings

__all__ = ["Application", "Data", "Dataset", "Settings", "assemble", "create_app"]


class Application(NamedTuple):
    """The Flask application, with the answer cache and the running queries that the server also uses."""

    flask: Flask
    cache: AnswerCache
    queries: RunningQueries
    fields: AnswerFields


def create_app(
    release: Dataset,
    settings: Settings | None = None,
    service: QueryService | None = None,
    request_log: RequestLog | None = None,
) -> Flask:
    """Return the application alone, as any WSGI server runs it; see ``assemble``."""
    application = assemble(release, settings, service, request_log)
    application.flask.wsgi_app = application.cache  # type: ignore[method-assign, assignment]
    return application.flask


def assemble(
    release: Dataset,
    settings: Settings | None = None,
    service: QueryService | None = None,
    request_log: RequestLog | None = None,
) -> Application:
    """Return the application.

    A ``Release`` gets the pages about the field as well; anything else that has a version and an engine
    (``Data``) is served as it is, through the endpoint and a short front page. Queries from outside go to
    ``answering``, such as a ``workers.Pool``; without one they run in this process, with no deadline.
    """
    settings = settings or Settings()
    settings = replace(settings, pages=settings.pages and isinstance(release, Release))
    service = service or InProcessService(release.engine, settings.limits.answer)
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = settings.largest_request
    app.url_map.strict_slashes = False  # /sparql/ is /sparql
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    if isinstance(app.json, DefaultJSONProvider):
        app.json.sort_keys = False  # columns keep their order
    headers.register(app, release.version)
    compression.register(app)
    problems.register(app)
    request_log = request_log or RequestLog(release.version)
    queries = RunningQueries(service, request_log)
    queries.register(app)
    app.register_blueprint(front.health_routes(release, service))
    static_files.register(app, settings)
    app.register_blueprint(limits_page.blueprint(settings, service))
    if isinstance(release, Release) and settings.pages:
        site = Site(release, settings)
        for routes in (
            country_pages.blueprint(site),
            state_pages.blueprint(site),
            comparisons.blueprint(site),
            event_pages.blueprint(site),
            things.blueprint(site),
            ontology_page.blueprint(site),
            data_page.blueprint(site),
            discovery.blueprint(site),
        ):
            routes.before_request(refuse_unread_day)
            app.register_blueprint(routes)
    else:
        app.register_blueprint(front.plain_routes(release))
    offered, sizes = Examples(release, service), GraphSizes(release)
    fields = AnswerFields(release, settings.max_age)
    operation = QueryOperation(fields, settings, queries)
    app.register_blueprint(query_operation.blueprint(release, settings, operation, sizes, offered))
    app.register_blueprint(inspector.blueprint(release, settings, queries))
    app.register_blueprint(graph_store.blueprint(sizes, operation.answer))
    known = {name: value for name, value, _ in limits_page.limit_rows(settings, service)}
    app.register_blueprint(openapi.blueprint(release, settings, known, offered))
    shared = {"settings": settings, "version": release.version, "has_pages": settings.pages}
    app.add_template_filter(curie)
    shared |= {"own_address": own_address, "derived": DERIVED_GRAPH_BASE, "base": BASE}
    app.context_processor(lambda: shared)
    return Application(app, AnswerCache(app.wsgi_app, settings.cache_bytes, request_log), queries, fields)
