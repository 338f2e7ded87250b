"""Answers ``/sparql`` without Flask when the client accepts a data format and sends no conditional headers.

For many queries Flask would take longer than the engine. All other requests, and problems for browsers, go on to
Flask; the result of the query goes with them, so that no query runs twice. Both give the same answer with the same
headers.
"""

import asyncio
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar

from werkzeug.datastructures import Accept, MIMEAccept
from werkzeug.http import parse_accept_header
from werkzeug.sansio.utils import get_current_url

from readmission.engine.execution import Answer, Outcome, Query, UnansweredError
from readmission.engine.formats.table import GRAPH_FORMATS, RESULT_FORMATS, Format
from readmission.web.endpoint import request as protocol
from readmission.web.endpoint.answer_fields import AnswerFields
from readmission.web.endpoint.request import QueryRequest
from readmission.web.endpoint.running_queries import (
    DISCONNECTED_KEY,
    FAILED_QUERY_KEY,
    QUERY_ID_KEY,
    QUERY_REQUEST_KEY,
    FailedQuery,
    RunningQueries,
)
from readmission.web.http import compression
from readmission.web.http.headers import CORS, SAFETY
from readmission.web.http.negotiation import HTML, choose_or_none, not_acceptable
from readmission.web.http.problems import (
    OUTCOME_PROBLEMS,
    PROBLEMS,
    ConflictError,
    MediaTypeError,
    Problem,
    ReadOnlyError,
    RequestError,
    is_for_programs,
    outcome_problem,
    ready,
)
from readmission.web.http.reply import Fields, Reply
from readmission.workers.messages import LONG_TEXT
from readmission.workers.pool import Pool

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

ENDPOINT = "/sparql"
_WITH_BODY = ("POST", "QUERY")
_QUERY_PATHS = (ENDPOINT, "/inspect")
"""Beginnings of the addresses that take a query."""
_CONDITIONS = ("HTTP_IF_NONE_MATCH", "HTTP_IF_MATCH", "HTTP_IF_MODIFIED_SINCE", "HTTP_IF_UNMODIFIED_SINCE",
               "HTTP_RANGE", "HTTP_CONTENT_ENCODING")  # fmt: skip
_BAD_REQUESTS = (RequestError, ReadOnlyError, MediaTypeError)

_FAST_REFUSALS = OUTCOME_PROBLEMS.keys() - {Outcome.NOT_ACCEPTABLE}
"""Outcomes that are answered here; the application has more detail on the others."""

Of = TypeVar("Of")
Plan = tuple[Format | None, Format | None]


class FastPath:
    """Answers simple queries from the workers, without Flask."""

    def __init__(self, fields: AnswerFields, queries: RunningQueries, pool: Pool) -> None:
        self._fields, self._queries, self._pool = fields, queries, pool
        self._common_headers: Fields = [*CORS.items(), *SAFETY.items(), ("X-Release", fields.version)]

    async def reply(self, environ: "WSGIEnvironment") -> Reply | None:
        """Return the reply to a simple query; None where Flask has to answer."""
        if not environ["PATH_INFO"].startswith(_QUERY_PATHS):
            return None
        size = len(environ["QUERY_STRING"]) + int(environ.get("CONTENT_LENGTH") or 0)
        try:
            if environ["REQUEST_METHOD"] in _WITH_BODY:
                protocol.read_content_type(environ.get("CONTENT_TYPE", ""))
            query_request = environ[QUERY_REQUEST_KEY] = await _in_thread_if_long(
                size, _query_request, environ
            )
            plan = _plan(environ.get("HTTP_ACCEPT", ""), query_request.format_name) if query_request else None
        except _BAD_REQUESTS as fault:
            return self._refuse_unreadable(environ, fault)
        is_endpoint = environ["PATH_INFO"].removesuffix("/") == ENDPOINT
        if (
            query_request is None
            or plan is None
            or not is_endpoint
            or any(name in environ for name in _CONDITIONS)
        ):
            return None
        return await self._run(environ, query_request, plan)

    async def _run(self, environ: "WSGIEnvironment", query_request: QueryRequest, plan: Plan) -> Reply | None:
        """Return the reply; None where the application has to tell of a refusal."""
        rows, graph = (format_.media_type if format_ else None for format_ in plan)
        host, server = environ.get("HTTP_HOST", ""), environ["SERVER_NAME"]
        base = _base(environ["wsgi.url_scheme"], host, server, environ["SCRIPT_NAME"])
        query = Query(
            query_request.text, rows, graph, query_request.default_graphs, query_request.named_graphs, base
        )
        address, disconnected = environ.get("REMOTE_ADDR", ""), environ[DISCONNECTED_KEY]
        running = None
        try:
            with self._queries.track(
                query, environ.get(QUERY_ID_KEY), address, query_request.timeout, disconnected
            ) as tracked:
                running = tracked.running
                tracked.answer = await self._pool.answer(query, running)
        except UnansweredError as fault:
            assert running is not None
            if fault.outcome in _FAST_REFUSALS and is_for_programs(environ.get("HTTP_ACCEPT", "")):
                query_headers = self._queries.query_headers(running)
                if fault.retry_after:
                    query_headers.append(("Retry-After", str(fault.retry_after)))
                return self._refusal(outcome_problem(fault.outcome), str(fault), fault.place, query_headers)
            environ[FAILED_QUERY_KEY] = FailedQuery(_for_application(fault), running)
            return None
        except (RequestError, ConflictError) as fault:
            environ[FAILED_QUERY_KEY] = FailedQuery(fault.with_traceback(None))
            return None
        codings = environ.get("HTTP_ACCEPT_ENCODING", "")
        return await self._write(
            query_request, tracked.answer, plan, codings, self._queries.query_headers(running)
        )

    async def _write(
        self, query_request: QueryRequest, answer: Answer, plan: Plan, codings: str, query_headers: Fields
    ) -> Reply:
        format_ = plan[1] if answer.form == "graph" else plan[0]
        assert format_ is not None
        coding = _coding(codings) if len(answer.body) >= compression.SMALLEST else None
        body = answer.body
        headers: Fields = [
            *self._fields.content(format_),
            ("Vary", "Accept, Accept-Encoding"),
            *self._common_headers,
            *query_headers,
        ]
        if coding:
            body = await asyncio.to_thread(compression.CODINGS[coding], body)
            headers.append(("Content-Encoding", coding))
        headers.append(("Content-Length", str(len(body))))
        if not answer.is_cacheable:
            return Reply(200, headers + self._fields.volatile(), body)
        media_types = tuple(one.media_type if one else "" for one in plan)
        tag = await _in_thread_if_long(
            len(query_request.text), query_request.tag, self._fields.version, media_types
        )
        keeping, lasting = self._fields.cacheable(tag, coding, weak=answer.names_blank_nodes())
        return Reply(200, headers + keeping, body, lasting)

    def _refuse_unreadable(self, environ: "WSGIEnvironment", fault: Exception) -> Reply | None:
        """Refuse a request that asks no query that can be read; None where the application tells of it, for people."""
        if environ["PATH_INFO"] not in _QUERY_PATHS or "HTTP_CONTENT_ENCODING" in environ:
            return None  # the application knows a graver fault
        if not is_for_programs(environ.get("HTTP_ACCEPT", "")):
            environ[FAILED_QUERY_KEY] = FailedQuery(fault.with_traceback(None))
            return None
        return self._refusal(PROBLEMS[type(fault)], str(fault), {}, [])

    def _refusal(
        self, problem: Problem, detail: str, place: Mapping[str, object], query_headers: Fields
    ) -> Reply:
        vary = ("Vary", "Accept, Accept-Encoding")
        return ready(problem, detail, [vary, ("X-Release", self._fields.version), *query_headers], place)


def _for_application(fault: UnansweredError) -> Exception:
    """Return a fault as the application tells it."""
    if fault.outcome is Outcome.NOT_ACCEPTABLE:
        return not_acceptable(str(fault))
    return fault.with_traceback(None)


async def _in_thread_if_long(size: int, work: Callable[..., Of], *arguments: Any) -> Of:
    """Do some work: in a thread where a text is long, for others would have to wait for it."""
    return work(*arguments) if size <= LONG_TEXT else await asyncio.to_thread(work, *arguments)


def _query_request(environ: "WSGIEnvironment") -> QueryRequest | None:
    query_string, method = environ["QUERY_STRING"].encode("latin-1"), environ["REQUEST_METHOD"]
    if method == "GET":
        return protocol.by_get(query_string)
    if method not in _WITH_BODY:
        return None
    body = environ["wsgi.input"].read()
    environ["wsgi.input"].seek(0)
    if len(body) != int(environ.get("CONTENT_LENGTH") or 0):  # it was too large to be read
        return None
    return protocol.by_body(query_string, environ.get("CONTENT_TYPE", ""), body)


@lru_cache(maxsize=1024)
def _plan(accept: str, format_name: str | None) -> Plan | None:
    """Return the formats for rows and for graphs, as far as there are any; None when a page is wanted."""
    accepted = parse_accept_header(accept, MIMEAccept)
    rows, graph = (
        choose_or_none(accepted, format_name, (*offers, HTML)) for offers in (RESULT_FORMATS, GRAPH_FORMATS)
    )
    return None if HTML in (rows, graph) else (rows, graph)


@lru_cache(maxsize=1024)
def _coding(accepted: str) -> str | None:
    return compression.preferred_coding(parse_accept_header(accepted, Accept))


@lru_cache(maxsize=1024)
def _base(scheme: str, host: str, server: str, prefix: str) -> str:
    return get_current_url(scheme, host or server, prefix, ENDPOINT)
