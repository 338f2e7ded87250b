"""Faults as HTTP answers: one table, and a body for programs (RFC 9457), for people or for a terminal."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

from flask import Flask, Response, current_app, g, render_template, request
from msgspec import json
from werkzeug.datastructures import MIMEAccept
from werkzeug.exceptions import HTTPException
from werkzeug.http import parse_accept_header

from readmission.engine.execution import Outcome, Unanswered
from readmission.errors import DateError, ParameterError
from readmission.namespaces import BASE
from readmission.web.http.headers import CORS, SAFETY
from readmission.web.http.negotiation import HTML, PLAIN, PROBLEM, NotAcceptable, acceptable
from readmission.web.http.reply import Reply


class RequestFault(ValueError):
    """A request that does not keep to the protocol; the message says what is wrong and how to mend it."""


class ReadOnly(RuntimeError):
    """A request to change the data."""


class Conflict(RuntimeError):
    """A request that cannot be met beside another one that is under way."""


class UnreadableBody(ValueError):
    """A body in a media type that the endpoint does not read; ``headers`` say which one it does."""

    headers: ClassVar[Mapping[str, str]] = {}


class CodedBody(UnreadableBody):
    """A body in a content coding (RFC 9110, section 12.5.3, and RFC 7694, section 3)."""

    headers: ClassVar[Mapping[str, str]] = {"Accept-Encoding": "identity"}


class NotFound(LookupError):
    """A page about something that is not in the graph; ``suggestions`` are pairs of label and address."""

    def __init__(self, message: str, suggestions: tuple[tuple[str, str], ...] = ()) -> None:
        super().__init__(message)
        self.suggestions = suggestions


@dataclass(frozen=True)
class Problem:
    """How a kind of fault is told; ``detail`` stands in for messages that are not meant for readers."""

    status: int
    code: str
    title: str
    detail: str | None = None


FAULTS: dict[type[Exception], Problem] = {
    RequestFault: Problem(400, "bad-request", "The request does not keep to the SPARQL protocol"),
    DateError: Problem(400, "bad-date", "The date cannot be read"),
    ParameterError: Problem(400, "bad-parameter", "A parameter cannot be read"),
    ReadOnly: Problem(403, "read-only", "The data are read-only"),
    NotFound: Problem(404, "not-found", "Not found"),
    NotAcceptable: Problem(406, "not-acceptable", "No format that you accept is offered"),
    Conflict: Problem(409, "conflict", "Another request is in the way"),
    UnreadableBody: Problem(415, "unreadable-body", "The request's media type is not read here"),
}
TITLES: dict[Outcome, tuple[int, str]] = {
    Outcome.UNREADABLE: (400, "The query cannot be read"),
    Outcome.UPDATE: (400, "This is an update, not a query"),
    Outcome.FEDERATION: (403, "Queries may not call other servers"),
    Outcome.UNWRITABLE: (406, "The format cannot hold the answer"),
    Outcome.STOPPED: (409, "The query was stopped"),
    Outcome.TOO_LARGE: (422, "The answer is too large"),
    Outcome.RATE: (429, "Your share of the service is used up"),
    Outcome.LEFT: (499, "The client has gone"),
    Outcome.ENGINE: (502, "The engine behind this service failed"),
    Outcome.BUSY: (503, "The service is busy"),
    Outcome.DEADLINE: (504, "The query took too long"),
    Outcome.MEMORY: (507, "The query needs too much memory"),
}
"""How a query without an answer is told; what is not listed here is our own fault."""
INTERNAL = Problem(
    500,
    "internal-error",
    "Something broke on our side",
    "The fault is in the server's log; try another query.",
)


FORMS = (PROBLEM, PLAIN, HTML)
"""In which a problem is told, the first one where none of them is accepted."""
UNREAD = "readmission.unread"
"""Where the server leaves an HTTPException when it could not read a request's body."""


BAD_REQUEST = Problem(400, "bad-request", "Bad Request")
"""For what is no request of HTTP that anybody could answer."""
URI_TOO_LONG = Problem(414, "uri-too-long", "URI Too Long")


def refusal(outcome: Outcome) -> Problem:
    """Return how a query without an answer is told; its outcome is one of ``TITLES``."""
    status, title = TITLES[outcome]
    return Problem(status, outcome, title)


@lru_cache(maxsize=1024)
def is_for_programs(accept: str) -> bool:
    """Tell whether a client with this Accept header is told of problems in the form that programs read."""
    return acceptable(parse_accept_header(accept, MIMEAccept), None, FORMS) in (PROBLEM, None)


def document(
    problem: Problem,
    detail: str,
    extra: Mapping[str, object] | None = None,
    suggestions: tuple[tuple[str, str], ...] = (),
) -> bytes:
    """Return a problem in the form that programs read."""
    told: dict[str, object] = {"type": f"{BASE}problem/{problem.code}", **_members(problem, detail, extra)}
    tried = [{"title": label, "href": address} for label, address in suggestions]
    return json.encode({**told, "suggestions": tried} if tried else told) + b"\n"


def ready(
    problem: Problem,
    detail: str,
    fields: Iterable[tuple[str, str]] = (),
    extra: Mapping[str, object] | None = None,
) -> Reply:
    """Return a refusal in the form that programs read, as a whole reply with further header fields."""
    body = document(problem, detail, extra)
    headers = [
        ("Content-Type", PROBLEM.media_type),
        ("Cache-Control", "no-store"),
        ("Content-Length", str(len(body))),
        *CORS.items(),
        *SAFETY.items(),
        *fields,
    ]
    return Reply(problem.status, headers, body)


def _members(problem: Problem, detail: str, extra: Mapping[str, object] | None) -> dict[str, object]:
    return {"title": problem.title, "status": problem.status, "detail": detail, **(extra or {})}


def register(app: Flask) -> None:
    """Answer the faults of the table, every HTTP error, and the unforeseen without telling its internals."""
    app.before_request(_refuse_unread)
    for kind in FAULTS:
        app.register_error_handler(kind, _told)
    app.register_error_handler(Unanswered, _unanswered)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(500, _unforeseen)


def _refuse_unread() -> None:
    if fault := request.environ.get(UNREAD):
        raise fault
    coding = request.headers.get("Content-Encoding", "").strip().lower()
    if request.content_length and coding not in ("", "identity"):
        raise CodedBody(f"the body is coded as {coding[:50]!r}; send it as it is, without Content-Encoding")


def _told(fault: Exception) -> Response:
    problem = next(FAULTS[kind] for kind in type(fault).__mro__ if kind in FAULTS)
    answer = _answer(problem, problem.detail or str(fault), suggestions=getattr(fault, "suggestions", ()))
    answer.headers.extend(getattr(fault, "headers", {}))
    return answer


def _unanswered(fault: Unanswered) -> Response:
    if fault.outcome not in TITLES:
        current_app.logger.error("a worker failed: %s", fault)
        return _unforeseen(fault)
    answer = _answer(refusal(fault.outcome), str(fault), fault.place)
    if fault.retry_after:
        answer.headers["Retry-After"] = str(fault.retry_after)
    return answer


def http_problem(fault: HTTPException) -> tuple[Problem, str]:
    """Return how an error of HTTP is told, and its detail."""
    code = re.sub(r"[^a-z]+", "-", fault.name.lower()).strip("-")
    return Problem(fault.code or 500, code, fault.name), fault.description or fault.name


def _http(fault: HTTPException) -> Response:
    answer = _answer(*http_problem(fault))
    for name, value in fault.get_headers():
        if name.lower() not in ("content-type", "content-length"):
            answer.headers[name] = value  # Allow, Retry-After
    return answer


def _unforeseen(fault: Exception) -> Response:
    return _answer(INTERNAL, INTERNAL.detail or "")


def _answer(
    problem: Problem,
    detail: str,
    extra: Mapping[str, object] | None = None,
    suggestions: tuple[tuple[str, str], ...] = (),
) -> Response:
    form = acceptable(request.accept_mimetypes, None, FORMS) or PROBLEM
    if form is HTML:
        told = _members(problem, detail, extra)
        page = render_template(
            "problem.html", problem=problem, suggestions=suggestions, text=g.get("sparql_text"), **told
        )
        answer = Response(page, content_type=HTML.content_type)
    elif form is PLAIN:
        lines = [problem.title, detail, *_excerpt_lines(extra)]
        answer = Response("\n".join(lines) + "\n", content_type=PLAIN.content_type)
    else:
        body = document(problem, detail, extra, suggestions)
        answer = Response(body, content_type=PROBLEM.media_type)
    answer.status_code = problem.status
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Vary"] = "Accept"
    return answer


def _excerpt_lines(extra: Mapping[str, object] | None) -> list[str]:
    return [str(extra["excerpt"])] if extra and "excerpt" in extra else []
