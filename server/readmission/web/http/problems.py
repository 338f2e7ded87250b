"""Errors as HTTP answers: one table, and a body for programs (RFC 9457), for browsers or for a terminal."""

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

from readmission.engine.execution import Outcome, UnansweredError
from readmission.errors import DateError, ParameterError
from readmission.namespaces import BASE
from readmission.web.http.headers import CORS, SAFETY
from readmission.web.http.negotiation import HTML, PLAIN, PROBLEM, NotAcceptableError, choose_or_none
from readmission.web.http.reply import Reply


class RequestError(ValueError):
    """A request against the protocol; the message says what is wrong and how to correct it."""


class ReadOnlyError(RuntimeError):
    """A request to change the data."""


class ConflictError(RuntimeError):
    """A request that conflicts with a running one."""


class MediaTypeError(ValueError):
    """A body in a media type that the endpoint does not read; ``headers`` say which one it does."""

    headers: ClassVar[Mapping[str, str]] = {}


class ContentCodingError(MediaTypeError):
    """A body in a content coding (RFC 9110, section 12.5.3, and RFC 7694, section 3)."""

    headers: ClassVar[Mapping[str, str]] = {"Accept-Encoding": "identity"}


class NotFoundError(LookupError):
    """A page about something that is not in the graph; ``suggestions`` are pairs of label and address."""

    def __init__(self, message: str, suggestions: tuple[tuple[str, str], ...] = ()) -> None:
        super().__init__(message)
        self.suggestions = suggestions


class GoneError(NotFoundError):
    """A page about something that is no longer to be used; ``suggestions`` replace it."""


@dataclass(frozen=True)
class Problem:
    """The problem details of a kind of error; ``detail`` replaces messages that are not meant for clients."""

    status: int
    code: str
    title: str
    detail: str | None = None


PROBLEMS: dict[type[Exception], Problem] = {
    RequestError: Problem(400, "bad-request", "The request does not keep to the SPARQL protocol"),
    DateError: Problem(400, "bad-date", "The date cannot be read"),
    ParameterError: Problem(400, "bad-parameter", "A parameter cannot be read"),
    ReadOnlyError: Problem(403, "read-only", "The data are read-only"),
    NotFoundError: Problem(404, "not-found", "Not found"),
    GoneError: Problem(410, "gone", "No longer to be used"),
    NotAcceptableError: Problem(406, "not-acceptable", "No format that you accept is offered"),
    ConflictError: Problem(409, "conflict", "Another request is in the way"),
    MediaTypeError: Problem(415, "unreadable-body", "The request's media type is not read here"),
}
OUTCOME_PROBLEMS: dict[Outcome, tuple[int, str]] = {
    Outcome.UNREADABLE: (400, "The query cannot be read"),
    Outcome.UPDATE: (400, "This is an update, not a query"),
    Outcome.FEDERATION: (403, "Queries may not call other servers"),
    Outcome.UNWRITABLE: (406, "The format cannot hold the answer"),
    Outcome.STOPPED: (409, "The query was stopped"),
    Outcome.TOO_LARGE: (422, "The answer is too large"),
    Outcome.RATE: (429, "Your share of the service is used up"),
    Outcome.DISCONNECTED: (499, "The client has gone"),
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
"""The formats of a problem; the first one where none of them is accepted."""
UNREAD_BODY_KEY = "readmission.unread"
"""Environ key: the HTTPException of a body that the server could not read."""


BAD_REQUEST = Problem(400, "bad-request", "Bad Request")
"""For what is no request of HTTP that anybody could answer."""
URI_TOO_LONG = Problem(414, "uri-too-long", "URI Too Long")
STARTING = Problem(
    503,
    "starting",
    "The release is being made ready",
    "The facts are checked and the release is built, once for each state of the facts; come back in some seconds.",
)


def outcome_problem(outcome: Outcome) -> Problem:
    """Return how a query without an answer is told; its outcome is one of ``OUTCOME_PROBLEMS``."""
    status, title = OUTCOME_PROBLEMS[outcome]
    return Problem(status, outcome, title)


@lru_cache(maxsize=1024)
def is_for_programs(accept: str) -> bool:
    """Tell whether a client with this Accept header is told of problems in the form that programs read."""
    return choose_or_none(parse_accept_header(accept, MIMEAccept), None, FORMS) in (PROBLEM, None)


def problem_document(
    problem: Problem,
    detail: str,
    extra: Mapping[str, object] | None = None,
    suggestions: tuple[tuple[str, str], ...] = (),
) -> bytes:
    """Return a problem in the form that programs read."""
    members: dict[str, object] = {"type": f"{BASE}problem/{problem.code}", **_members(problem, detail, extra)}
    links = [{"title": label, "href": address} for label, address in suggestions]
    return json.encode({**members, "suggestions": links} if links else members) + b"\n"


def ready(
    problem: Problem,
    detail: str,
    fields: Iterable[tuple[str, str]] = (),
    extra: Mapping[str, object] | None = None,
) -> Reply:
    """Return a refusal in the form that programs read, as a whole reply with further header fields."""
    body = problem_document(problem, detail, extra)
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
    for kind in PROBLEMS:
        app.register_error_handler(kind, _answer_error)
    app.register_error_handler(UnansweredError, _answer_outcome)
    app.register_error_handler(HTTPException, _answer_http)
    app.register_error_handler(500, _answer_internal)


def _refuse_unread() -> None:
    if fault := request.environ.get(UNREAD_BODY_KEY):
        raise fault
    coding = request.headers.get("Content-Encoding", "").strip().lower()
    if request.content_length and coding not in ("", "identity"):
        raise ContentCodingError(
            f"the body is coded as {coding[:50]!r}; send it as it is, without Content-Encoding"
        )


def _answer_error(fault: Exception) -> Response:
    problem = next(PROBLEMS[kind] for kind in type(fault).__mro__ if kind in PROBLEMS)
    answer = _answer(problem, problem.detail or str(fault), suggestions=getattr(fault, "suggestions", ()))
    answer.headers.extend(getattr(fault, "headers", {}))
    return answer


def _answer_outcome(fault: UnansweredError) -> Response:
    if fault.outcome not in OUTCOME_PROBLEMS:
        current_app.logger.error("a worker failed: %s", fault)
        return _answer_internal(fault)
    answer = _answer(outcome_problem(fault.outcome), str(fault), fault.place)
    if fault.retry_after:
        answer.headers["Retry-After"] = str(fault.retry_after)
    return answer


def http_problem(fault: HTTPException) -> tuple[Problem, str]:
    """Return how an error of HTTP is told, and its detail."""
    code = re.sub(r"[^a-z]+", "-", fault.name.lower()).strip("-")
    return Problem(fault.code or 500, code, fault.name), fault.description or fault.name


def _answer_http(fault: HTTPException) -> Response:
    answer = _answer(*http_problem(fault))
    for name, value in fault.get_headers():
        if name.lower() not in ("content-type", "content-length"):
            answer.headers[name] = value  # Allow, Retry-After
    return answer


def _answer_internal(fault: Exception) -> Response:
    return _answer(INTERNAL, INTERNAL.detail or "")


def _answer(
    problem: Problem,
    detail: str,
    extra: Mapping[str, object] | None = None,
    suggestions: tuple[tuple[str, str], ...] = (),
) -> Response:
    form = choose_or_none(request.accept_mimetypes, None, FORMS) or PROBLEM
    if form is HTML:
        members = _members(problem, detail, extra)
        page = render_template(
            "problem.html", problem=problem, suggestions=suggestions, text=g.get("sparql_text"), **members
        )
        answer = Response(page, content_type=HTML.content_type)
    elif form is PLAIN:
        lines = [problem.title, detail, *_excerpt_lines(extra)]
        answer = Response("\n".join(lines) + "\n", content_type=PLAIN.content_type)
    else:
        body = problem_document(problem, detail, extra, suggestions)
        answer = Response(body, content_type=PROBLEM.media_type)
    answer.status_code = problem.status
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Vary"] = "Accept"
    return answer


def _excerpt_lines(extra: Mapping[str, object] | None) -> list[str]:
    return [str(extra["excerpt"])] if extra and "excerpt" in extra else []
