"""The query operation of the SPARQL 1.1 Protocol (https://www.w3.org/TR/sparql11-protocol/, section 2.1).

Read-only. The default graph is the union of all named graphs, unless the query's FROM or the request's
``default-graph-uri`` and ``named-graph-uri`` say otherwise; the request goes first (section 2.1.4).
"""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import parse_qsl

import pyoxigraph as ox
from flask import Blueprint, Response, g, make_response, render_template, request
from werkzeug.http import parse_options_header

from readmission.answers import written
from readmission.engine import QueryFault, Results
from readmission.sparql import form, is_volatile, refuse_federation
from readmission.web import description
from readmission.web.negotiation import GRAPHS, HTML, RESULTS, Format, NotAcceptable, choose, offered
from readmission.web.problems import QueryUnreadable, ReadOnly, RequestFault, UnreadableBody
from readmission.web.results import tabulated
from readmission.web.served import Example, Served
from readmission.web.settings import Settings

QUERY_TYPE = "application/sparql-query"
UPDATE_TYPE = "application/sparql-update"
FORM_TYPE = "application/x-www-form-urlencoded"

FIRST_QUERY = """SELECT ?class (COUNT(?thing) AS ?things)
WHERE { ?thing a ?class }
GROUP BY ?class
ORDER BY DESC(?things) ?class
"""

_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>\"{}|^`\\]+")


@dataclass(frozen=True)
class Asked:
    """A query operation: the text, the dataset named by the request, and the format asked for by name."""

    text: str
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    wanted: str | None = None

    def tag(self, version: str, media_type: str) -> str:
        """Return what makes an answer the same answer: release, query, dataset and media type."""
        parts = (version, media_type, self.text, "default", *self.default_graphs, "named", *self.named_graphs)
        return hashlib.sha256("\x00".join(parts).encode()).hexdigest()[:32]


def blueprint(served: Served, settings: Settings, examples: dict[str, Example]) -> Blueprint:
    """Return the routes of ``/sparql`` over one release."""
    routes = Blueprint("protocol", __name__)

    @routes.get("/sparql")
    def ask_by_get() -> Response:
        asked = _asked(_parameters(request.query_string), None)
        if asked is None:
            return _invitation(served, settings, examples)
        return _answer(served, settings, asked)

    @routes.post("/sparql")
    def ask_by_post() -> Response:
        parameters, direct = _body()
        asked = _asked([*_parameters(request.query_string), *parameters], direct)
        if asked is None:
            raise RequestFault("no query was sent; send one as the form field query=, or as the body itself")
        return _answer(served, settings, asked)

    return routes


def _parameters(encoded: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(encoded.decode("utf-8"), keep_blank_values=True, errors="strict")
    except UnicodeDecodeError as fault:
        raise RequestFault("the request is not UTF-8; encode the query as UTF-8 and send it again") from fault


def _body() -> tuple[list[tuple[str, str]], str | None]:
    """Return the fields of a form, or the query that is the body itself."""
    media_type, options = parse_options_header(request.headers.get("Content-Type", ""))
    if media_type == UPDATE_TYPE:
        raise ReadOnly("updates are not taken; the data change only with a new release")
    if media_type not in (QUERY_TYPE, FORM_TYPE):
        raise UnreadableBody(f"send the query as {FORM_TYPE} (field query=) or as {QUERY_TYPE}")
    if options.get("charset", "utf-8").lower() not in ("utf-8", "utf8"):
        raise UnreadableBody("send the query as UTF-8; other character sets are not read")
    raw = request.get_data()
    if media_type == FORM_TYPE:
        return _parameters(raw), None
    try:
        return [], raw.decode("utf-8")
    except UnicodeDecodeError as fault:
        raise RequestFault("the body is not UTF-8; encode the query as UTF-8 and send it again") from fault


def _asked(parameters: list[tuple[str, str]], direct: str | None) -> Asked | None:
    def values(name: str) -> tuple[str, ...]:
        return tuple(value for key, value in parameters if key == name)

    if values("update"):
        raise ReadOnly("updates are not taken; the data change only with a new release")
    queries = [*values("query"), *([direct] if direct is not None else [])]
    if not queries:
        return None
    if len(queries) > 1:
        raise RequestFault(f"{len(queries)} queries were sent; send exactly one")
    wanted = next((value for value in (*values("format"), *values("output")) if value), None)
    return Asked(queries[0], _graphs(values, "default-graph-uri"), _graphs(values, "named-graph-uri"), wanted)


def _graphs(values: Callable[[str], tuple[str, ...]], name: str) -> tuple[str, ...]:
    for value in values(name):
        if not _IRI.fullmatch(value):
            raise RequestFault(
                f"{name}={value[:200]!r} is no absolute IRI; write it in full, such as https://…"
            )
    return values(name)


def _answer(served: Served, settings: Settings, asked: Asked) -> Response:
    g.sparql_text = asked.text
    refuse_federation(asked.text)
    kind = form(asked.text)
    try:
        chosen = choose(request.accept_mimetypes, asked.wanted, offered(kind))
    except NotAcceptable:
        _results(served, asked)  # a broken query is told first
        raise
    lasting = not is_volatile(asked.text)
    tag = asked.tag(served.version, chosen.media_type)
    if lasting and kind is not None and request.method in ("GET", "HEAD") and tag in request.if_none_match:
        answer = Response(status=304)
    else:
        results = _results(served, asked)
        answer = _page(results, settings, asked) if chosen is HTML else _file(results, chosen)
    if lasting:
        answer.set_etag(tag)
    answer.headers["Cache-Control"] = f"public, max-age={settings.keep_seconds}" if lasting else "no-store"
    answer.headers["Vary"] = "Accept"
    return answer


def _results(served: Served, asked: Asked) -> Results:
    try:
        return served.engine.results(asked.text, asked.default_graphs, asked.named_graphs)
    except QueryFault as fault:
        raise QueryUnreadable(str(fault)) from fault


def _file(results: Results, chosen: Format) -> Response:
    answer = Response(written(results, chosen.media_type), content_type=chosen.content_type)
    answer.headers["Content-Disposition"] = f'inline; filename="answer.{chosen.extension}"'
    return answer


def _page(results: Results, settings: Settings, asked: Asked) -> Response:
    table = verdict = turtle = None
    if isinstance(results, ox.QuerySolutions):
        table = tabulated(results, settings.page_rows)
    elif isinstance(results, ox.QueryBoolean):
        verdict = "Yes" if results else "No"
    else:
        turtle = written(results, "text/turtle").decode()
    downloads = GRAPHS if turtle is not None else RESULTS
    page = render_template(
        "answer.html", asked=asked, table=table, verdict=verdict, turtle=turtle, downloads=downloads
    )
    return Response(page, content_type=HTML.content_type)


def _invitation(served: Served, settings: Settings, examples: dict[str, Example]) -> Response:
    """Answer a request without a query: a form for people, a service description for programs."""
    wanted = request.args.get("format")
    chosen = choose(request.accept_mimetypes, wanted, (*GRAPHS, HTML))
    if chosen is HTML:
        name = request.args.get("example", "")
        text = examples[name].text if name in examples else FIRST_QUERY
        answer = make_response(render_template("query.html", text=text, examples=examples, chosen=name))
    else:
        body = description.written(request.base_url, served.version, chosen.media_type)
        answer = Response(body, content_type=chosen.content_type)
    answer.headers["Vary"] = "Accept"
    answer.headers["Cache-Control"] = f"public, max-age={settings.keep_seconds}"
    return answer
