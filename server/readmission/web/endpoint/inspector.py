"""``/inspect``: warnings about a query before it runs.

The text goes to the engine first, as at ``/sparql`` but over no graph at all, so that it is read by the same parser,
within the same limits, and refused in the same words. What the inspection then looks at is known to be SPARQL.
"""

from functools import cache

from flask import Blueprint, Response, g, jsonify, render_template, request, url_for

from readmission.engine.execution import Outcome, Query, UnansweredError
from readmission.engine.formats.table import GRAPH_FORMATS, RESULT_FORMATS
from readmission.engine.inspection import Inspection, QueryWarning, Vocabulary, inspect
from readmission.engine.sparql_text import declaration, undeclared_prefixes
from readmission.namespaces import BASE, NAMESPACES
from readmission.web.endpoint import request as protocol
from readmission.web.endpoint.dataset import Dataset
from readmission.web.endpoint.request import QueryRequest
from readmission.web.endpoint.running_queries import TOO_HEAVY_KEY, RunningQueries
from readmission.web.http.headers import cache_control
from readmission.web.http.negotiation import HTML, JSON, choose, is_name
from readmission.web.http.problems import RequestError
from readmission.web.settings import Settings

_NO_GRAPH = (f"{BASE}graph/none",)
_SECONDS = 2.0
_TOO_HEAVY = {Outcome.TOO_LARGE, Outcome.DEADLINE, Outcome.MEMORY}
"""How a query may end that was read, and is too much even over no data."""


def blueprint(served: Dataset, settings: Settings, queries: RunningQueries) -> Blueprint:
    """Return the routes of ``/inspect`` over one release."""
    routes = Blueprint("inspector", __name__)
    vocabulary = cache(lambda: Vocabulary(served.engine))

    @routes.get("/inspect")
    def by_get() -> Response:
        query_request = protocol.by_get(request.query_string)
        if query_request is None:
            raise RequestError("no query was sent; send one as query= and learn what to expect of it")
        return report(query_request)

    @routes.route("/inspect", methods=["POST", "QUERY"])
    def by_body() -> Response:
        content_type = request.headers.get("Content-Type", "")
        return report(protocol.by_body(request.query_string, content_type, request.get_data()))

    def report(query_request: QueryRequest) -> Response:
        g.sparql_text = query_request.text
        chosen = choose(request.accept_mimetypes, _format_name(query_request), (JSON, HTML))
        known = request.environ.get(TOO_HEAVY_KEY)
        heavy = _too_much(known) if known else _parse(queries, query_request)
        found = inspect(query_request.text, vocabulary())
        if chosen is HTML:
            page = render_template(
                "inspection.html",
                text=query_request.text,
                found=found,
                told=_warnings(query_request, found, heavy),
            )
            answer = Response(page, content_type=HTML.content_type)
        else:
            answer = jsonify(_document(served, query_request, found, heavy))
        if not heavy:  # whether a query is too heavy also hangs on what else was going on
            answer.set_etag(query_request.tag(served.version, ("inspection", chosen.media_type)))
            answer.headers["Cache-Control"] = cache_control(settings.max_age)
        else:
            answer.headers["Cache-Control"] = "no-store"
        answer.headers["Vary"] = "Accept"
        return answer.make_conditional(request)  # type: ignore[return-value]

    return routes


def _format_name(query_request: QueryRequest) -> str | None:
    """Return the format asked for; the form of /sparql also sends the one that its answer shall have."""
    of_answer = (
        query_request.format_name is not None
        and is_name(query_request.format_name)
        and query_request.format_name not in ("json", "html")
    )
    return None if of_answer else query_request.format_name


def _parse(queries: RunningQueries, query_request: QueryRequest) -> QueryWarning | None:
    """Have the engine read the text, and return what it finds too heavy; raises UnansweredError where it refuses it."""
    rows, graph = RESULT_FORMATS[0].media_type, GRAPH_FORMATS[0].media_type
    base = url_for("protocol.ask_by_get", _external=True) if request.host else None
    query = Query(query_request.text, rows, graph, _NO_GRAPH, _NO_GRAPH, base)
    try:
        queries.answer(query, min(query_request.timeout or _SECONDS, _SECONDS))
    except UnansweredError as fault:
        if fault.outcome in _TOO_HEAVY:
            return _too_much(str(fault))
        if fault.outcome is Outcome.UNREADABLE and (mended := _declare_prefixes(query_request.text)):
            raise UnansweredError(fault.outcome, str(fault), {**fault.place, "mended": mended}) from fault
        raise
    return None


def _too_much(why: str) -> QueryWarning:
    return QueryWarning("heavy", f"Even over no data this query asks too much: {why}.")


def _declare_prefixes(text: str) -> str | None:
    """Return a text with the prefixes that it lacks, if all are known here."""
    missing = undeclared_prefixes(text)
    if not missing or not set(missing) <= NAMESPACES.keys():
        return None
    return "".join(f"{declaration(prefix)}\n" for prefix in missing) + text


def _warnings(
    query_request: QueryRequest, found: Inspection, heavy: QueryWarning | None
) -> list[dict[str, object]]:
    return [finding.to_dict(query_request.text) for finding in (*([heavy] if heavy else []), *found.findings)]


def _document(
    served: Dataset, query_request: QueryRequest, found: Inspection, heavy: QueryWarning | None
) -> dict[str, object]:
    document: dict[str, object] = {"release": served.version, "inspected": found.unread_reason is None}
    if found.unread_reason is not None:
        document["reason"] = found.unread_reason
    document["warnings"] = _warnings(query_request, found, heavy)
    if found.rewritten is not None:
        document["rewritten"] = found.rewritten
    return document
