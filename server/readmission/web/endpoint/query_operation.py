"""The query operation of the SPARQL 1.1 Protocol (https://www.w3.org/TR/sparql11-protocol/, section 2.1).

Read-only. The default graph is the union of all named graphs, unless the query's FROM or the request's
``default-graph-uri`` and ``named-graph-uri`` say otherwise; the request goes first (section 2.1.4).
No text from outside is parsed here: that is done by the worker that runs it.
"""

import json
from dataclasses import replace

from flask import Blueprint, Response, g, make_response, render_template, request, url_for

from readmission.engine.execution import Answer, Outcome, Query, Unanswered
from readmission.engine.formats.table import GRAPHS, RESULTS, Format
from readmission.query_files import lookup
from readmission.web.endpoint import request as asking
from readmission.web.endpoint import service_description
from readmission.web.endpoint.answer_fields import AnswerFields
from readmission.web.endpoint.dataset import Examples, Served
from readmission.web.endpoint.request import WEAK, Asked
from readmission.web.endpoint.result_page import excerpt, tabulated
from readmission.web.endpoint.running_queries import Desk
from readmission.web.endpoint.service_description import Holdings
from readmission.web.http.negotiation import HTML, acceptable, choose, is_name, unfit
from readmission.web.http.problems import NotFound, RequestFault
from readmission.web.settings import Settings


class QueryOperation:
    """Answers queries over one release in the format that the present request accepts."""

    def __init__(self, fields: AnswerFields, settings: Settings, desk: Desk) -> None:
        self._fields, self._settings, self._desk = fields, settings, desk

    def answer(self, asked: Asked) -> Response:
        """Answer what was asked. Raises Unanswered and NotAcceptable."""
        g.sparql_text = asked.text
        rows, graph = (
            acceptable(request.accept_mimetypes, asked.wanted, (*offers, HTML))
            for offers in (RESULTS, GRAPHS)
        )
        media_types = tuple(format_.media_type if format_ else "" for format_ in (rows, graph))
        # We give a tag to lasting answers only, so nothing has to be known of a query whose tag comes back.
        tag = asked.tag(self._fields.version, media_types)
        if request.method in ("GET", "HEAD"):
            for weak in (False, True):
                if _is_held(tag + WEAK * weak):
                    return self._cacheable(Response(status=304), tag, weak=weak)
        found = _ask(self._desk, asked, rows, graph)
        chosen = graph if found.form == "graph" else rows
        assert chosen is not None
        told = _page(found, self._settings, asked) if chosen is HTML else self._file(found, chosen)
        return self._cacheable(told, tag if found.lasting else None, weak=found.names_blank_nodes())

    def _file(self, answer: Answer, chosen: Format) -> Response:
        return Response(answer.body, headers=self._fields.content(chosen))

    def _cacheable(self, answer: Response, tag: str | None, *, weak: bool) -> Response:
        """Say for how long an answer may be kept: not at all without a tag."""
        keeping = self._fields.lasting(tag, None, weak=weak)[0] if tag else self._fields.volatile()
        answer.headers.extend(keeping)
        answer.headers["Vary"] = "Accept"
        return answer


def blueprint(
    served: Served, settings: Settings, operation: QueryOperation, holdings: Holdings, examples: Examples
) -> Blueprint:
    """Return the routes of ``/sparql`` over one release."""
    routes = Blueprint("protocol", __name__)

    @routes.get("/sparql")
    def ask_by_get() -> Response:
        asked = asking.by_get(request.query_string)
        if asked is None:
            return _invitation(served, settings, holdings, examples, request.args.get("format"))
        return operation.answer(asked)

    @routes.get("/sparql.<suffix>")
    def ask_by_suffix(suffix: str) -> Response:
        if not is_name(suffix):
            raise NotFound(
                f"no answer comes as .{suffix}; leave it out, or use one such as /sparql.csv?query=…"
            )
        asked = asking.by_get(request.query_string)
        if asked is None:
            return _invitation(served, settings, holdings, examples, suffix)
        return operation.answer(replace(asked, wanted=suffix))

    @routes.route("/sparql", methods=["POST", "QUERY"])
    def ask_by_body() -> Response:
        content_type = request.headers.get("Content-Type", "")
        return operation.answer(asking.by_body(request.query_string, content_type, request.get_data()))

    return routes


def _is_held(tag: str) -> bool:
    """Whether the client has this answer; a * would ask whether there is any, which nobody knows beforehand."""
    return not request.if_none_match.star_tag and request.if_none_match.contains_weak(tag)


def _ask(desk: Desk, asked: Asked, rows: Format | None, graph: Format | None) -> Answer:
    """Ask the engine; what a page shows is made from JSON or Turtle."""

    def written_as(chosen: Format | None, for_page: Format) -> str | None:
        chosen = for_page if chosen is HTML else chosen
        return chosen.media_type if chosen else None

    media_types = written_as(rows, RESULTS[0]), written_as(graph, GRAPHS[0])
    base = request.base_url.removesuffix("/")  # /sparql/ is /sparql
    query = Query(asked.text, *media_types, asked.default_graphs, asked.named_graphs, base)
    try:
        return desk.answer(query, asked.timeout)
    except Unanswered as fault:
        if fault.outcome is Outcome.UNFIT:
            raise unfit(str(fault)) from fault
        raise


def _page(answer: Answer, settings: Settings, asked: Asked) -> Response:
    table = verdict = graph = None
    if answer.form == "select":
        table = tabulated(answer.body, answer.rows or 0, settings.page_rows)
    elif answer.form == "ask":
        verdict = "Yes" if json.loads(answer.body)["boolean"] else "No"
    else:
        graph = excerpt(answer.body, settings.page_rows)
    downloads = GRAPHS if graph else RESULTS
    page = render_template(
        "answer.html", asked=asked, table=table, verdict=verdict, graph=graph, downloads=downloads
    )
    return Response(page, content_type=HTML.content_type)


def _invitation(
    served: Served, settings: Settings, holdings: Holdings, examples: Examples, wanted: str | None
) -> Response:
    """Answer a request without a query: a form for people, a service description for programs."""
    chosen = choose(request.accept_mimetypes, wanted, (*GRAPHS, HTML))
    if chosen is HTML:
        name = request.args.get("example", "")
        offered = examples.by_name
        text = offered[name].text if name in offered else f"{lookup('things-by-class')}\n"
        answer = make_response(render_template("query.html", text=text, examples=offered, chosen=name))
    else:
        if not request.host:  # it was there and no name: RFC 9112, section 3.2
            raise RequestFault("the Host header names no server; send the name that you reached us by")
        endpoint = url_for("protocol.ask_by_get", _external=True)
        body = service_description.written(endpoint, served.version, holdings, chosen.media_type)
        answer = Response(body, content_type=chosen.content_type)
        answer.add_etag()
    answer.headers["Vary"] = "Accept"
    answer.headers["Cache-Control"] = f"public, max-age={settings.keep_seconds}"
    answer.make_conditional(request)
    return answer
