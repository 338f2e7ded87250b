"""The query operation of the SPARQL 1.1 Protocol (https://www.w3.org/TR/sparql11-protocol/, section 2.1).

Read-only. The default graph is the union of all named graphs, unless the query's FROM or the request's
``default-graph-uri`` and ``named-graph-uri`` say otherwise; the request goes first (section 2.1.4).
No text from outside is parsed here: that is done by the worker that runs it.
"""

import json
from dataclasses import replace

from flask import Blueprint, Response, g, make_response, render_template, request, url_for

from readmission.engine.execution import Answer, Outcome, Query, UnansweredError
from readmission.engine.formats.table import GRAPH_FORMATS, RESULT_FORMATS, Format
from readmission.query_files import lookup
from readmission.web.endpoint import request as protocol
from readmission.web.endpoint import service_description
from readmission.web.endpoint.answer_fields import AnswerFields
from readmission.web.endpoint.dataset import Dataset, Examples
from readmission.web.endpoint.request import WEAK, QueryRequest
from readmission.web.endpoint.result_page import excerpt, tabulate
from readmission.web.endpoint.running_queries import RunningQueries
from readmission.web.endpoint.service_description import GraphSizes
from readmission.web.http.headers import cache_control
from readmission.web.http.negotiation import HTML, choose, choose_or_none, is_name, not_acceptable
from readmission.web.http.problems import NotFoundError, RequestError
from readmission.web.settings import Settings


class QueryOperation:
    """Answers queries over one release in the format that the present request accepts."""

    def __init__(self, fields: AnswerFields, settings: Settings, queries: RunningQueries) -> None:
        self._fields, self._settings, self._desk = fields, settings, queries

    def answer(self, query_request: QueryRequest) -> Response:
        """Answer what was asked. Raises UnansweredError and NotAcceptableError."""
        g.sparql_text = query_request.text
        rows, graph = (
            choose_or_none(request.accept_mimetypes, query_request.format_name, (*offers, HTML))
            for offers in (RESULT_FORMATS, GRAPH_FORMATS)
        )
        media_types = tuple(format_.media_type if format_ else "" for format_ in (rows, graph))
        # We give a tag to lasting answers only, so nothing has to be known of a query whose tag comes back.
        tag = query_request.tag(self._fields.version, media_types)
        if request.method in ("GET", "HEAD"):
            for weak in (False, True):
                if _has_client(tag + WEAK * weak):
                    return self._cacheable(Response(status=304), tag, weak=weak)
        found = _ask(self._desk, query_request, rows, graph)
        chosen = graph if found.form == "graph" else rows
        assert chosen is not None
        told = (
            _page(found, self._settings, query_request) if chosen is HTML else self._download(found, chosen)
        )
        return self._cacheable(told, tag if found.is_cacheable else None, weak=found.names_blank_nodes())

    def _download(self, answer: Answer, chosen: Format) -> Response:
        return Response(answer.body, headers=self._fields.content(chosen))

    def _cacheable(self, answer: Response, tag: str | None, *, weak: bool) -> Response:
        """Say for how long an answer may be kept: not at all without a tag."""
        keeping = self._fields.cacheable(tag, None, weak=weak)[0] if tag else self._fields.volatile()
        answer.headers.extend(keeping)
        answer.headers["Vary"] = "Accept"
        return answer


def blueprint(
    served: Dataset, settings: Settings, operation: QueryOperation, sizes: GraphSizes, examples: Examples
) -> Blueprint:
    """Return the routes of ``/sparql`` over one release."""
    routes = Blueprint("protocol", __name__)

    @routes.get("/sparql")
    def ask_by_get() -> Response:
        query_request = protocol.by_get(request.query_string)
        if query_request is None:
            return _without_query(served, settings, sizes, examples, request.args.get("format"))
        return operation.answer(query_request)

    @routes.get("/sparql.<suffix>")
    def ask_by_suffix(suffix: str) -> Response:
        if not is_name(suffix):
            raise NotFoundError(
                f"no answer comes as .{suffix}; leave it out, or use one such as /sparql.csv?query=…"
            )
        query_request = protocol.by_get(request.query_string)
        if query_request is None:
            return _without_query(served, settings, sizes, examples, suffix)
        return operation.answer(replace(query_request, format_name=suffix))

    @routes.route("/sparql", methods=["POST", "QUERY"])
    def ask_by_body() -> Response:
        content_type = request.headers.get("Content-Type", "")
        return operation.answer(protocol.by_body(request.query_string, content_type, request.get_data()))

    return routes


def _has_client(tag: str) -> bool:
    """Whether the client has this answer; a * would ask whether there is any, which nobody knows beforehand."""
    return not request.if_none_match.star_tag and request.if_none_match.contains_weak(tag)


def _ask(
    queries: RunningQueries, query_request: QueryRequest, rows: Format | None, graph: Format | None
) -> Answer:
    """Ask the engine; what a page shows is made from JSON or Turtle."""

    def written_as(chosen: Format | None, for_page: Format) -> str | None:
        chosen = for_page if chosen is HTML else chosen
        return chosen.media_type if chosen else None

    media_types = written_as(rows, RESULT_FORMATS[0]), written_as(graph, GRAPH_FORMATS[0])
    base = request.base_url.removesuffix("/")  # /sparql/ is /sparql
    query = Query(
        query_request.text, *media_types, query_request.default_graphs, query_request.named_graphs, base
    )
    try:
        return queries.answer(query, query_request.timeout)
    except UnansweredError as fault:
        if fault.outcome is Outcome.NOT_ACCEPTABLE:
            raise not_acceptable(str(fault)) from fault
        raise


def _page(answer: Answer, settings: Settings, query_request: QueryRequest) -> Response:
    table = verdict = graph = None
    if answer.form == "select":
        table = tabulate(answer.body, answer.rows or 0, settings.page_rows)
    elif answer.form == "ask":
        verdict = "Yes" if json.loads(answer.body)["boolean"] else "No"
    else:
        graph = excerpt(answer.body, settings.page_rows)
    downloads = GRAPH_FORMATS if graph else RESULT_FORMATS
    page = render_template(
        "answer.html",
        query_request=query_request,
        table=table,
        verdict=verdict,
        graph=graph,
        downloads=downloads,
    )
    return Response(page, content_type=HTML.content_type)


def _without_query(
    served: Dataset, settings: Settings, sizes: GraphSizes, examples: Examples, format_name: str | None
) -> Response:
    """Answer a request without a query: a form for people, a service description for programs."""
    chosen = choose(request.accept_mimetypes, format_name, (*GRAPH_FORMATS, HTML))
    if chosen is HTML:
        name = request.args.get("example", "")
        offered = examples.by_name
        text = offered[name].text if name in offered else f"{lookup('things-by-class')}\n"
        answer = make_response(render_template("query.html", text=text, examples=offered, chosen=name))
    else:
        if not request.host:  # it was there and no name: RFC 9112, section 3.2
            raise RequestError("the Host header names no server; send the name that you reached us by")
        endpoint = url_for("protocol.ask_by_get", _external=True)
        body = service_description.describe(endpoint, served.version, sizes, chosen.media_type)
        answer = Response(body, content_type=chosen.content_type)
        answer.add_etag()
    answer.headers["Vary"] = "Accept"
    answer.headers["Cache-Control"] = cache_control(settings.max_age)
    answer.make_conditional(request)
    return answer
