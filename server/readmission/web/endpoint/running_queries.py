"""The running queries: their ids and clients, how they end, and how their clients stop them."""

import contextlib
import ipaddress
import re
import secrets
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple, Self

from flask import Blueprint, Flask, Response, g, request

from readmission.engine.execution import Answer, Outcome, Query, QueryService, UnansweredError
from readmission.engine.running_query import RunningQuery
from readmission.web.endpoint.request import QueryRequest
from readmission.web.http.metrics import RequestLog
from readmission.web.http.problems import ConflictError, NotFoundError, RequestError
from readmission.workers.messages import Note

QUERY_ID_HEADER = "X-Query-Id"
QUERY_ID_KEY = "HTTP_X_QUERY_ID"
"""Environ key: the id that a client has chosen for its query."""
_QUERY_ID = re.compile(r"[A-Za-z0-9_-]{16,64}")
_NUMBER_BYTES, _DRAWN_AT_ONCE = 16, 128


DISCONNECTED_KEY = "readmission.client_disconnected"
"""Environ key: a function of the server that returns whether the client has disconnected."""
QUERY_REQUEST_KEY = "readmission.query_request"
"""Environ key: the request's ``QueryRequest``, once the server has read it."""
TOO_HEAVY_KEY = "readmission.too_heavy"
"""Environ key: the reason why a query to inspect could not be parsed within its limits."""
FAILED_QUERY_KEY = "readmission.failed_query"
"""Environ key: the ``FailedQuery`` of a request that got no answer from the workers."""


class FailedQuery(NamedTuple):
    """Why a request got no answer; the query is known once it was on its way."""

    fault: Exception
    running: RunningQuery | None = None


@lru_cache(maxsize=16_384)
def client_key(address: str) -> str:
    """Return the key of a client: its IPv4 address, or its IPv6 /64 network, for one person has all addresses of it."""
    try:
        known = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(known, ipaddress.IPv6Address) and known.ipv4_mapped is None:
        return str(ipaddress.IPv6Network((known, 64), strict=False))
    return str(known)


class RunningQueries:
    """Takes queries to the engine, and knows all that are under way."""

    def __init__(self, service: QueryService, request_log: RequestLog) -> None:
        self._service, self._request_log = service, request_log
        self._running: dict[str, RunningQuery] = {}
        self._numbers: list[str] = []

    def answer(self, query: Query, timeout: float | None) -> Answer:
        """Answer a query of the present request; raises UnansweredError."""
        query_id, disconnected = (
            request.headers.get(QUERY_ID_HEADER),
            request.environ.get(DISCONNECTED_KEY, _never_disconnects),
        )
        with self.track(query, query_id, request.remote_addr or "", timeout, disconnected) as tracked:
            g.running = tracked.running
            tracked.answer = self._service.ask(query, tracked.running)
        return tracked.answer

    def track(
        self,
        query: Query | None,
        query_id: str | None,
        address: str,
        timeout: float | None,
        client_disconnected: Callable[[], bool],
    ) -> "TrackedQuery":
        """Return a context manager that tracks a query or another request. Raises RequestError for an invalid id."""
        number = self._random() if query_id is None else _query_id(query_id)
        running = RunningQuery(number, client_key(address), timeout, client_disconnected)
        return TrackedQuery(query, running, self._running, self._request_log)

    def _random(self) -> str:
        """Return a number that nobody guesses; many are drawn at a time, for each draw takes the system as long."""
        while True:
            with contextlib.suppress(IndexError):  # other threads take some, too
                return self._numbers.pop()
            drawn = secrets.token_hex(_NUMBER_BYTES * _DRAWN_AT_ONCE)
            length = 2 * _NUMBER_BYTES
            self._numbers.extend(drawn[at : at + length] for at in range(0, len(drawn), length))

    def query_headers(self, running: RunningQuery) -> list[tuple[str, str]]:
        """Return the headers X-Query-Id, Server-Timing and RateLimit of one query."""
        times = f"wait;dur={running.wait_seconds * 1000:.1f}, run;dur={running.run_seconds * 1000:.1f}"
        return [
            (QUERY_ID_HEADER, running.id),
            ("Server-Timing", times),
            *self._service.rate_limit_headers(running.client).items(),
        ]

    def stop(self, number: str, owner: str) -> bool:
        """Stop a query of a client; false when that client has no running query of this id."""
        running = self._running.get(number)
        if running is None or running.client != owner:
            return False
        running.is_stopped = True
        return True

    def register(self, app: Flask) -> None:
        """Add the route that stops queries, and to each answer the number and times of its query."""
        routes = Blueprint("queries", __name__)

        @routes.delete("/queries/<number>")
        def stop(number: str) -> Response:
            if not self.stop(number, client_key(request.remote_addr or "")):
                raise NotFoundError(
                    "no query of yours with this number is under way; it may have ended already"
                )
            return Response(status=204, headers={"Cache-Control": "no-store"})

        app.register_blueprint(routes)
        app.before_request(_raise_failure)
        app.after_request(self._complete)

    def _complete(self, answer: Response) -> Response:
        running: RunningQuery | None = g.get("running")
        if running is not None:
            answer.headers.extend(self.query_headers(running))
        return answer


class TrackedQuery:
    """A running query or request: inside ``with`` its client can stop it.

    At the end the query is logged, if there was one: ``note`` is the worker's note of it.
    """

    def __init__(
        self,
        query: Query | None,
        running: RunningQuery,
        queries: dict[str, RunningQuery],
        request_log: RequestLog,
    ) -> None:
        self.query, self.running = query, running
        self.answer: Answer | None = None
        self.note: Note | None = None
        self._running, self._request_log = queries, request_log

    def __enter__(self) -> Self:
        """Start tracking. Raises ConflictError for an id that is in use."""
        if self._running.setdefault(self.running.id, self.running) is not self.running:
            raise ConflictError(
                f"a query with this {QUERY_ID_HEADER} is under way; choose another number, such as a UUID"
            )
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, fault: BaseException | None, _trace: object
    ) -> None:
        """Log how it ended."""
        del self._running[self.running.id]
        if note := self._final_note(fault):
            self._request_log.record_query(note, self.running)

    def _final_note(self, fault: BaseException | None) -> Note | None:
        if self.query is None:
            return self.note
        if fault:
            outcome = fault.outcome if isinstance(fault, UnansweredError) else Outcome.FAILED
            return Note(outcome, self.query.digest)
        assert self.answer is not None
        return Note(
            Outcome.ANSWERED, self.query.digest, self.answer.form, self.answer.rows, len(self.answer.body)
        )


def _raise_failure() -> None:
    """Raise the error of a query that failed before Flask saw the request."""
    failed: FailedQuery | None = request.environ.get(FAILED_QUERY_KEY)
    if failed is None:
        return
    if failed.running:
        g.running = failed.running
    query_request: QueryRequest | None = request.environ.get(QUERY_REQUEST_KEY)
    if query_request:
        g.sparql_text = query_request.text
    raise failed.fault


def _query_id(query_id: str) -> str:
    """Return the number that the client chose for its query, so that it can stop it. Raises RequestError."""
    if not _QUERY_ID.fullmatch(query_id):
        raise RequestError(f"{QUERY_ID_HEADER} is 16 to 64 letters, digits, - or _; a UUID will do")
    return query_id


def _never_disconnects() -> bool:
    """Used where the server cannot tell whether the client has disconnected; the deadline then ends its query."""
    return False
