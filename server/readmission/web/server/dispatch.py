"""Requests that the workers' application answers: all but the signs of life, and queries being stopped.

They are admitted as queries are: in the same lanes, at the expense of the same share, until the same deadline. What
the front does itself for a request is a matter of microseconds, so that nobody's pages hold up anybody's queries.
"""

import asyncio
from typing import TYPE_CHECKING

from readmission.engine.execution import Outcome, UnansweredError
from readmission.web.endpoint.request import QueryRequest
from readmission.web.endpoint.running_queries import (
    DISCONNECTED_KEY,
    FAILED_QUERY_KEY,
    QUERY_ID_HEADER,
    QUERY_ID_KEY,
    QUERY_REQUEST_KEY,
    TOO_HEAVY_KEY,
    FailedQuery,
    RunningQueries,
    TrackedQuery,
)
from readmission.web.http.problems import ConflictError, RequestError
from readmission.web.http.reply import Reply
from readmission.workers.messages import Request
from readmission.workers.pool import Pool

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

_FRONT_PATHS = ("/health", "/ready", "/queries/")
_ENGINE_PATHS = ("/sparql", "/graphs", "/graph/", "/limits", "/openapi.json")
"""Paths that the front answers itself where an external engine answers the queries."""
_INSPECTION = "/inspect"
_INSPECTION_SECONDS = 2.0
_LONGEST_START = 30.0  # seconds
_TOO_MUCH = {Outcome.DEADLINE, Outcome.MEMORY}
_SENDFILE = "X-Sendfile"
"""The header by which an application has its server send a file (Flask's USE_X_SENDFILE): a worker can open none."""
_FRONT_HEADERS = {QUERY_ID_HEADER.lower(), "server-timing", _SENDFILE.lower()}
"""Headers that the front sets itself."""


class Dispatcher:
    """Forwards requests to the workers' application."""

    def __init__(self, queries: RunningQueries, pool: Pool, *, asks_workers: bool) -> None:
        self._queries, self._pool = queries, pool
        self._front_paths = _FRONT_PATHS if asks_workers else (*_FRONT_PATHS, *_ENGINE_PATHS)

    async def reply(self, environ: "WSGIEnvironment") -> Reply | None:
        """Return the workers' reply; None where the front's application has to answer, or to tell of a refusal."""
        path = environ["PATH_INFO"]
        if path.startswith(self._front_paths):
            return None
        reply = await self._request(environ)
        if path == _INSPECTION and isinstance(reply, FailedQuery) and _is_too_much(reply.fault):
            reply = await self._request({**environ, TOO_HEAVY_KEY: str(reply.fault)})
        if isinstance(reply, FailedQuery):
            environ[FAILED_QUERY_KEY] = reply
            return None
        return reply

    async def _request(self, environ: "WSGIEnvironment") -> Reply | FailedQuery:
        """Return the reply, or why there is none."""
        address, stated, running = environ.get("REMOTE_ADDR", ""), environ.get(QUERY_ID_KEY), None
        try:
            if not self._pool.supervisor.application_ready.is_set():
                await self._wait_for_application(environ)
            with self._queries.track(
                None, stated, address, _timeout(environ), environ[DISCONNECTED_KEY]
            ) as tracked:
                running = tracked.running
                return await self._respond(environ, tracked)
        except (UnansweredError, RequestError, ConflictError) as fault:
            return FailedQuery(fault.with_traceback(None), running)

    async def _wait_for_application(self, environ: "WSGIEnvironment") -> None:
        """Wait until workers have the application: the seconds that a server takes to start are not the client's.

        Raises UnansweredError when they come to nothing.
        """
        supervisor, longest = self._pool.supervisor, _LONGEST_START
        if (
            supervisor.was_application_ready
        ):  # the zygote was lost, and nobody knows whether there will be another
            longest = (_timeout(environ) or self._pool.limits.deadline) / 2
        try:
            await asyncio.wait_for(supervisor.application_ready.wait(), longest)
        except TimeoutError as fault:
            raise UnansweredError(
                Outcome.BUSY, "no worker is ready; try again soon", retry_after=5
            ) from fault

    async def _respond(self, environ: "WSGIEnvironment", tracked: TrackedQuery) -> Reply:
        request = Request(_environ_texts(environ, tracked.running.id), environ["wsgi.input"].getvalue())
        response = await self._pool.respond(request, tracked.running)
        tracked.note = response.note
        file = next((value for name, value in response.headers if name == _SENDFILE), None)
        headers = [field for field in response.headers if field[0].lower() not in _FRONT_HEADERS]
        all_headers = headers + self._queries.query_headers(tracked.running)
        sent = None if environ["REQUEST_METHOD"] == "HEAD" else file
        return Reply(response.status, all_headers, response.body, file=sent)


def _timeout(environ: "WSGIEnvironment") -> float | None:
    """Return the seconds that the client would wait, as far as it says so; an inspection has few."""
    query_request: QueryRequest | None = environ.get(QUERY_REQUEST_KEY)
    stated = query_request.timeout if query_request else None
    return (
        min(stated or _INSPECTION_SECONDS, _INSPECTION_SECONDS)
        if environ["PATH_INFO"] == _INSPECTION
        else stated
    )


def _is_too_much(fault: Exception) -> bool:
    return isinstance(fault, UnansweredError) and fault.outcome in _TOO_MUCH


def _environ_texts(environ: "WSGIEnvironment", number: str) -> dict[str, str]:
    """Return what of an environment is text, with the number of the request."""
    return {name: value for name, value in environ.items() if isinstance(value, str)} | {QUERY_ID_KEY: number}
