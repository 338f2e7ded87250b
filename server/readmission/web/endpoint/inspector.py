"""``/inspect``: what can be told of a query before it runs.

The text goes to the engine first, as at ``/sparql`` but over no graph at all, so that it is read by the same parser,
within the same limits, and refused in the same words. What the inspection then looks at is known to be SPARQL.
"""

from functools import cache

from flask import Blueprint, Response, g, jsonify, render_template, request, url_for

from readmission.engine.execution import Outcome, Query, Unanswered
from readmission.engine.formats.table import GRAPHS, RESULTS
from readmission.engine.inspection import Finding, Inspection, Vocabulary, inspect
from readmission.engine.sparql_text import declaration, undeclared
from readmission.namespaces import BASE, NAMESPACES
from readmission.web.endpoint import request as asking
from readmission.web.endpoint.dataset import Served
from readmission.web.endpoint.request import Asked
from readmission.web.endpoint.running_queries import HEAVY, Desk
from readmission.web.http.negotiation import HTML, JSON, choose, is_name
from readmission.web.http.problems import RequestFault
from readmission.web.settings import Settings

_NO_GRAPH = (f"{BASE}graph/none",)
_SECONDS = 2.0
_HEAVY = {Outcome.TOO_LARGE, Outcome.DEADLINE, Outcome.MEMORY}
"""How a query may end that was read, and is too much even over no data."""


def blueprint(served: Served, settings: Settings, desk: Desk) -> Blueprint:
    """Return the routes of ``/inspect`` over one release."""
    routes = Blueprint("inspector", __name__)
    vocabulary = cache(lambda: Vocabulary(served.engine))

    @routes.get("/inspect")
    def by_get() -> Response:
        asked = asking.by_get(request.query_string)
        if asked is None:
            raise RequestFault("no query was sent; send one as query= and learn what to expect of it")
        return told(asked)

    @routes.route("/inspect", methods=["POST", "QUERY"])
    def by_body() -> Response:
        content_type = request.headers.get("Content-Type", "")
        return told(asking.by_body(request.query_string, content_type, request.get_data()))

    def told(asked: Asked) -> Response:
        g.sparql_text = asked.text
        chosen = choose(request.accept_mimetypes, _wanted(asked), (JSON, HTML))
        known = request.environ.get(HEAVY)
        heavy = _too_much(known) if known else _read(desk, asked)
        found = inspect(asked.text, vocabulary())
        if chosen is HTML:
            page = render_template(
                "inspection.html", text=asked.text, found=found, told=_all(asked, found, heavy)
            )
            answer = Response(page, content_type=HTML.content_type)
        else:
            answer = jsonify(_document(served, asked, found, heavy))
        if not heavy:  # whether a query is too heavy also hangs on what else was going on
            answer.set_etag(asked.tag(served.version, ("inspection", chosen.media_type)))
            answer.headers["Cache-Control"] = f"public, max-age={settings.keep_seconds}"
        else:
            answer.headers["Cache-Control"] = "no-store"
        answer.headers["Vary"] = "Accept"
        return answer.make_conditional(request)  # type: ignore[return-value]

    return routes


def _wanted(asked: Asked) -> str | None:
    """Return the format asked for; the form of /sparql also sends the one that its answer shall have."""
    of_answer = asked.wanted is not None and is_name(asked.wanted) and asked.wanted not in ("json", "html")
    return None if of_answer else asked.wanted


def _read(desk: Desk, asked: Asked) -> Finding | None:
    """Have the engine read the text, and return what it finds too heavy; raises Unanswered where it refuses it."""
    rows, graph = RESULTS[0].media_type, GRAPHS[0].media_type
    base = url_for("protocol.ask_by_get", _external=True) if request.host else None
    query = Query(asked.text, rows, graph, _NO_GRAPH, _NO_GRAPH, base)
    try:
        desk.answer(query, min(asked.timeout or _SECONDS, _SECONDS))
    except Unanswered as fault:
        if fault.outcome in _HEAVY:
            return _too_much(str(fault))
        if fault.outcome is Outcome.UNREADABLE and (mended := _declared(asked.text)):
            raise Unanswered(fault.outcome, str(fault), {**fault.place, "mended": mended}) from fault
        raise
    return None


def _too_much(why: str) -> Finding:
    return Finding("heavy", f"Even over no data this query asks too much: {why}.")


def _declared(text: str) -> str | None:
    """Return a text with the prefixes that it lacks, if all are known here."""
    missing = undeclared(text)
    if not missing or not set(missing) <= NAMESPACES.keys():
        return None
    return "".join(f"{declaration(prefix)}\n" for prefix in missing) + text


def _all(asked: Asked, found: Inspection, heavy: Finding | None) -> list[dict[str, object]]:
    return [finding.told(asked.text) for finding in (*([heavy] if heavy else []), *found.findings)]


def _document(served: Served, asked: Asked, found: Inspection, heavy: Finding | None) -> dict[str, object]:
    document: dict[str, object] = {"release": served.version, "inspected": found.unread is None}
    if found.unread is not None:
        document["reason"] = found.unread
    document["warnings"] = _all(asked, found, heavy)
    if found.rewritten is not None:
        document["rewritten"] = found.rewritten
    return document
