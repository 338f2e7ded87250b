"""Plain queries, answered or refused before Flask sees them: for many it would take longer than the engine.

Plain is a query that wants rows or a graph in a media type, on no condition. Whatever else a request wants, and a
refusal for people to read, goes on to the application: what came of the query goes with it, so that nothing is asked
twice. Both give the same answer with the same headers.
"""

import asyncio
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar

from werkzeug.datastructures import Accept, MIMEAccept
from werkzeug.http import parse_accept_header
from werkzeug.sansio.utils import get_current_url

from readmission.engine.execution import Answer, Outcome, Query, Unanswered
from readmission.engine.formats.table import GRAPHS, RESULTS, Format
from readmission.web.endpoint import request as asking
from readmission.web.endpoint.answer_fields import AnswerFields
from readmission.web.endpoint.request import Asked
from readmission.web.endpoint.running_queries import ASKED, ID, LEFT, TOLD, Desk, Told
from readmission.web.http import compression
from readmission.web.http.headers import CORS, SAFETY
from readmission.web.http.negotiation import HTML, acceptable, unfit
from readmission.web.http.problems import (
    FAULTS,
    TITLES,
    Conflict,
    Problem,
    ReadOnly,
    RequestFault,
    UnreadableBody,
    is_for_programs,
    ready,
    refusal,
)
from readmission.web.http.reply import Fields, Reply
from readmission.workers.messages import LONG_TEXT
from readmission.workers.pool import Pool

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

ENDPOINT = "/sparql"
_WITH_BODY = ("POST", "QUERY")
_READ = (ENDPOINT, "/inspect")
"""Beginnings of the addresses that take a query."""
_CONDITIONS = ("HTTP_IF_NONE_MATCH", "HTTP_IF_MATCH", "HTTP_IF_MODIFIED_SINCE", "HTTP_IF_UNMODIFIED_SINCE",
               "HTTP_RANGE", "HTTP_CONTENT_ENCODING")  # fmt: skip
_REFUSED_UNREAD = (RequestFault, ReadOnly, UnreadableBody)

_REFUSED = TITLES.keys() - {Outcome.UNFIT}
"""Outcomes that are told here; of the others the application knows more."""

Of = TypeVar("Of")
Plan = tuple[Format | None, Format | None]


class Express:
    """Answers plain queries from the workers."""

    def __init__(self, fields: AnswerFields, desk: Desk, pool: Pool) -> None:
        self._fields, self._desk, self._pool = fields, desk, pool
        self._always: Fields = [*CORS.items(), *SAFETY.items(), ("X-Release", fields.version)]

    async def reply(self, environ: "WSGIEnvironment") -> Reply | None:
        """Return the reply to a plain query; None where the application has to answer."""
        if not environ["PATH_INFO"].startswith(_READ):
            return None
        size = len(environ["QUERY_STRING"]) + int(environ.get("CONTENT_LENGTH") or 0)
        try:
            if environ["REQUEST_METHOD"] in _WITH_BODY:
                asking.readable(environ.get("CONTENT_TYPE", ""))
            asked = environ[ASKED] = await _aside(size, _asked, environ)
            plan = _plan(environ.get("HTTP_ACCEPT", ""), asked.wanted) if asked else None
        except _REFUSED_UNREAD as fault:
            return self._unread(environ, fault)
        is_endpoint = environ["PATH_INFO"].removesuffix("/") == ENDPOINT
        if asked is None or plan is None or not is_endpoint or any(name in environ for name in _CONDITIONS):
            return None
        return await self._answered(environ, asked, plan)

    async def _answered(self, environ: "WSGIEnvironment", asked: Asked, plan: Plan) -> Reply | None:
        """Return the reply; None where the application has to tell of a refusal."""
        rows, graph = (format_.media_type if format_ else None for format_ in plan)
        host, server = environ.get("HTTP_HOST", ""), environ["SERVER_NAME"]
        base = _base(environ["wsgi.url_scheme"], host, server, environ["SCRIPT_NAME"])
        query = Query(asked.text, rows, graph, asked.default_graphs, asked.named_graphs, base)
        address, left = environ.get("REMOTE_ADDR", ""), environ[LEFT]
        running = None
        try:
            with self._desk.case(query, environ.get(_HEADER), address, asked.timeout, left) as case:
                running = case.running
                case.answer = await self._pool.answer(query, running)
        except Unanswered as fault:
            assert running is not None
            if fault.outcome in _REFUSED and is_for_programs(environ.get("HTTP_ACCEPT", "")):
                told = self._desk.told(running)
                if fault.retry_after:
                    told.append(("Retry-After", str(fault.retry_after)))
                return self._refusal(refusal(fault.outcome), str(fault), fault.place, told)
            environ[TOLD] = Told(_in_words(fault), running)
            return None
        except (RequestFault, Conflict) as fault:
            environ[TOLD] = Told(fault.with_traceback(None))
            return None
        codings = environ.get("HTTP_ACCEPT_ENCODING", "")
        return await self._written(asked, case.answer, plan, codings, self._desk.told(running))

    async def _written(self, asked: Asked, answer: Answer, plan: Plan, codings: str, told: Fields) -> Reply:
        format_ = plan[1] if answer.form == "graph" else plan[0]
        assert format_ is not None
        coding = _coding(codings) if len(answer.body) >= compression.SMALLEST else None
        body = answer.body
        headers: Fields = [
            *self._fields.content(format_),
            ("Vary", "Accept, Accept-Encoding"),
            *self._always,
            *told,
        ]
        if coding:
            body = await asyncio.to_thread(compression.CODINGS[coding], body)
            headers.append(("Content-Encoding", coding))
        headers.append(("Content-Length", str(len(body))))
        if not answer.lasting:
            return Reply(200, headers + self._fields.volatile(), body)
        media_types = tuple(one.media_type if one else "" for one in plan)
        tag = await _aside(len(asked.text), asked.tag, self._fields.version, media_types)
        keeping, lasting = self._fields.lasting(tag, coding, weak=answer.names_blank_nodes())
        return Reply(200, headers + keeping, body, lasting)

    def _unread(self, environ: "WSGIEnvironment", fault: Exception) -> Reply | None:
        """Refuse a request that asks no query that can be read; None where the application tells of it, for people."""
        if environ["PATH_INFO"] not in _READ or "HTTP_CONTENT_ENCODING" in environ:
            return None  # the application knows a graver fault
        if not is_for_programs(environ.get("HTTP_ACCEPT", "")):
            environ[TOLD] = Told(fault.with_traceback(None))
            return None
        return self._refusal(FAULTS[type(fault)], str(fault), {}, [])

    def _refusal(self, problem: Problem, detail: str, place: Mapping[str, object], told: Fields) -> Reply:
        vary = ("Vary", "Accept, Accept-Encoding")
        return ready(problem, detail, [vary, ("X-Release", self._fields.version), *told], place)


def _in_words(fault: Unanswered) -> Exception:
    """Return a fault as the application tells it."""
    if fault.outcome is Outcome.UNFIT:
        return unfit(str(fault))
    return fault.with_traceback(None)


_HEADER = f"HTTP_{ID.upper().replace('-', '_')}"


async def _aside(size: int, work: Callable[..., Of], *arguments: Any) -> Of:
    """Do some work: in a thread where a text is long, for others would have to wait for it."""
    return work(*arguments) if size <= LONG_TEXT else await asyncio.to_thread(work, *arguments)


def _asked(environ: "WSGIEnvironment") -> Asked | None:
    query_string, method = environ["QUERY_STRING"].encode("latin-1"), environ["REQUEST_METHOD"]
    if method == "GET":
        return asking.by_get(query_string)
    if method not in _WITH_BODY:
        return None
    body = environ["wsgi.input"].read()
    environ["wsgi.input"].seek(0)
    if len(body) != int(environ.get("CONTENT_LENGTH") or 0):  # it was too large to be read
        return None
    return asking.by_body(query_string, environ.get("CONTENT_TYPE", ""), body)


@lru_cache(maxsize=1024)
def _plan(accept: str, wanted: str | None) -> Plan | None:
    """Return the formats for rows and for graphs, as far as there are any; None when a page is wanted."""
    accepted = parse_accept_header(accept, MIMEAccept)
    rows, graph = (acceptable(accepted, wanted, (*offers, HTML)) for offers in (RESULTS, GRAPHS))
    return None if HTML in (rows, graph) else (rows, graph)


@lru_cache(maxsize=1024)
def _coding(accepted: str) -> str | None:
    return compression.preferred(parse_accept_header(accepted, Accept))


@lru_cache(maxsize=1024)
def _base(scheme: str, host: str, server: str, prefix: str) -> str:
    return get_current_url(scheme, host or server, prefix, ENDPOINT)
