"""The queries under way: who asks, under which number, what came of it, and how their owner stops them."""

import contextlib
import ipaddress
import re
import secrets
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple, Self

from flask import Blueprint, Flask, Response, g, request

from readmission.engine.execution import Answer, Answering, Outcome, Query, Unanswered
from readmission.engine.running_query import RunningQuery
from readmission.web.endpoint.request import Asked
from readmission.web.http.metrics import Journal
from readmission.web.http.problems import Conflict, NotFound, RequestFault
from readmission.workers.messages import Note

ID = "X-Query-Id"
_NUMBER = re.compile(r"[A-Za-z0-9_-]{16,64}")
_NUMBER_BYTES, _DRAWN_AT_ONCE = 16, 128


LEFT = "readmission.client_left"
"""Where the server leaves a function in a request's environment that tells whether the client has gone."""
ASKED = "readmission.asked"
"""Where the server leaves what a request asks of the endpoint (``Asked``), once it has read it."""
HEAVY = "readmission.heavy"
"""Where the server leaves why a query to be inspected could not be read within its limits."""
TOLD = "readmission.told"
"""Where the server leaves why a request got no answer from the workers (``Told``)."""


class Told(NamedTuple):
    """Why a request got no answer; the query is known once it was on its way."""

    fault: Exception
    running: RunningQuery | None = None


@lru_cache(maxsize=16_384)
def network(address: str) -> str:
    """Return who asks: an address; of IPv6 its network, for one person has all the addresses of a network."""
    try:
        known = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(known, ipaddress.IPv6Address) and known.ipv4_mapped is None:
        return str(ipaddress.IPv6Network((known, 64), strict=False))
    return str(known)


class Desk:
    """Takes queries to the engine, and knows all that are under way."""

    def __init__(self, answering: Answering, journal: Journal) -> None:
        self._answering, self._journal = answering, journal
        self._running: dict[str, RunningQuery] = {}
        self._numbers: list[str] = []

    def answer(self, query: Query, timeout: float | None) -> Answer:
        """Answer a query of the present request; raises Unanswered."""
        stated, left = request.headers.get(ID), request.environ.get(LEFT, _stays)
        with self.case(query, stated, request.remote_addr or "", timeout, left) as case:
            g.running = case.running
            case.answer = self._answering.ask(query, case.running)
        return case.answer

    def case(
        self,
        query: Query | None,
        stated: str | None,
        address: str,
        timeout: float | None,
        left: Callable[[], bool],
    ) -> "Case":
        """Return a query, or another request, to be had under way. Raises RequestFault for its number."""
        number = self._random() if stated is None else _number(stated)
        running = RunningQuery(number, network(address), timeout, left)
        return Case(query, running, self._running, self._journal)

    def _random(self) -> str:
        """Return a number that nobody guesses; many are drawn at a time, for each draw takes the system as long."""
        while True:
            with contextlib.suppress(IndexError):  # other threads take some, too
                return self._numbers.pop()
            drawn = secrets.token_hex(_NUMBER_BYTES * _DRAWN_AT_ONCE)
            length = 2 * _NUMBER_BYTES
            self._numbers.extend(drawn[at : at + length] for at in range(0, len(drawn), length))

    def told(self, running: RunningQuery) -> list[tuple[str, str]]:
        """Return the headers that tell of one query: its number, its times, and what is left of its client's share."""
        times = f"wait;dur={running.waited * 1000:.1f}, run;dur={running.ran * 1000:.1f}"
        return [(ID, running.id), ("Server-Timing", times), *self._answering.share(running.client).items()]

    def stop(self, number: str, owner: str) -> bool:
        """Stop a query of a client; false when that client has none of this number under way."""
        running = self._running.get(number)
        if running is None or running.client != owner:
            return False
        running.stopped = True
        return True

    def register(self, app: Flask) -> None:
        """Add the route that stops queries, and to each answer the number and times of its query."""
        routes = Blueprint("queries", __name__)

        @routes.delete("/queries/<number>")
        def stop(number: str) -> Response:
            if not self.stop(number, network(request.remote_addr or "")):
                raise NotFound("no query of yours with this number is under way; it may have ended already")
            return Response(status=204, headers={"Cache-Control": "no-store"})

        app.register_blueprint(routes)
        app.before_request(_tell)
        app.after_request(self._complete)

    def _complete(self, answer: Response) -> Response:
        running: RunningQuery | None = g.get("running")
        if running is not None:
            answer.headers.extend(self.told(running))
        return answer


class Case:
    """A query or a request under way, from ``with`` to its end: until then its owner can stop it.

    Then the journal notes the query, if there was one: ``note`` is what a worker says of it.
    """

    def __init__(
        self, query: Query | None, running: RunningQuery, queries: dict[str, RunningQuery], journal: Journal
    ) -> None:
        self.query, self.running = query, running
        self.answer: Answer | None = None
        self.note: Note | None = None
        self._running, self._journal = queries, journal

    def __enter__(self) -> Self:
        """Have it under way. Raises Conflict."""
        if self._running.setdefault(self.running.id, self.running) is not self.running:
            raise Conflict(f"a query with this {ID} is under way; choose another number, such as a UUID")
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, fault: BaseException | None, _trace: object
    ) -> None:
        """Note how it ended."""
        del self._running[self.running.id]
        if note := self._noted(fault):
            self._journal.note(note, self.running)

    def _noted(self, fault: BaseException | None) -> Note | None:
        if self.query is None:
            return self.note
        if fault:
            outcome = fault.outcome if isinstance(fault, Unanswered) else Outcome.FAILED
            return Note(outcome, self.query.digest)
        assert self.answer is not None
        return Note(
            Outcome.ANSWERED, self.query.digest, self.answer.form, self.answer.rows, len(self.answer.body)
        )


def _tell() -> None:
    """Tell why the workers gave no answer, if that has been found out."""
    told: Told | None = request.environ.get(TOLD)
    if told is None:
        return
    if told.running:
        g.running = told.running
    asked: Asked | None = request.environ.get(ASKED)
    if asked:
        g.sparql_text = asked.text
    raise told.fault


def _number(stated: str) -> str:
    """Return the number that the client chose for its query, so that it can stop it. Raises RequestFault."""
    if not _NUMBER.fullmatch(stated):
        raise RequestFault(f"{ID} is 16 to 64 letters, digits, - or _; a UUID will do")
    return stated


def _stays() -> bool:
    """Stand in where the server does not tell whether the client has gone; the deadline then ends its query."""
    return False
