"""The queries under way: who asks, under which number, what came of it, and how their owner stops them."""

import ipaddress
import re
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache

from flask import Blueprint, Flask, Response, g, request

from readmission.answering import Answer, Answering, Errand, Outcome, Query, Unanswered
from readmission.web.journal import Journal
from readmission.web.problems import Conflict, NotFound, RequestFault

ID = "X-Query-Id"
_NUMBER = re.compile(r"[A-Za-z0-9_-]{16,64}")


LEFT = "readmission.client_left"
"""Where the server leaves a function in a request's environment that tells whether the client has gone."""
TOLD = "readmission.told"
"""Where the server leaves what came of a query that it has asked already."""


@dataclass(frozen=True)
class Told:
    """What came of a query."""

    query: Query
    errand: Errand
    outcome: Answer | Unanswered


@lru_cache(maxsize=4096)
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
    """Takes queries to the engine, one errand each, and knows all that are under way."""

    def __init__(self, answering: Answering, journal: Journal) -> None:
        self._answering, self._journal = answering, journal
        self._lock = threading.Lock()
        self._errands: dict[str, Errand] = {}

    def answer(self, query: Query, timeout: float | None) -> Answer:
        """Answer a query of the present request; raises Unanswered."""
        told: Told | None = request.environ.pop(TOLD, None)
        if told and told.query == query:
            g.errand = told.errand
            if isinstance(told.outcome, Unanswered):
                raise told.outcome
            return told.outcome
        stated, left = request.headers.get(ID), request.environ.get(LEFT, _stays)
        with self.errand(stated, request.remote_addr or "", timeout, left) as errand:
            g.errand = errand
            with self.noted(query, errand) as answers:
                answers.append(self._answering.ask(query, errand))
        return answers[0]

    @contextmanager
    def errand(
        self, stated: str | None, address: str, timeout: float | None, left: Callable[[], bool]
    ) -> Iterator[Errand]:
        """Have a query under way, so that its owner can stop it. Raises RequestFault or Conflict for its number."""
        errand = Errand(_number(stated), network(address), timeout, left)
        with self._lock:
            if errand.id in self._errands:
                raise Conflict(f"a query with this {ID} is under way; choose another number, such as a UUID")
            self._errands[errand.id] = errand
        try:
            yield errand
        finally:
            with self._lock:
                del self._errands[errand.id]

    @contextmanager
    def noted(self, query: Query, errand: Errand) -> Iterator[list[Answer]]:
        """Note in the journal how a query ends; its answer is put into the list."""
        answers: list[Answer] = []
        outcome = Outcome.FAILED
        try:
            yield answers
            outcome = Outcome.ANSWERED
        except Unanswered as fault:
            outcome = fault.outcome
            raise
        finally:
            self._journal.note(query, errand, outcome, *answers)

    def told(self, errand: Errand) -> dict[str, str]:
        """Return the headers that tell of one query: its number, its times, and what is left of its client's share."""
        times = f"wait;dur={errand.waited * 1000:.1f}, run;dur={errand.ran * 1000:.1f}"
        return {ID: errand.id, "Server-Timing": times, **self._answering.share(errand.client)}

    def stop(self, number: str, owner: str) -> bool:
        """Stop a query of a client; false when that client has none of this number under way."""
        with self._lock:
            errand = self._errands.get(number)
            if errand is None or errand.client != owner:
                return False
            errand.stopped = True
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
        app.after_request(self._complete)

    def _complete(self, answer: Response) -> Response:
        errand: Errand | None = g.get("errand")
        if errand is not None:
            answer.headers.extend(self.told(errand))
        return answer


def _number(stated: str | None) -> str:
    """Return the number that the client chose for its query, so that it can stop it, or one of our own."""
    if stated is None:
        return uuid.uuid4().hex
    if not _NUMBER.fullmatch(stated):
        raise RequestFault(f"{ID} is 16 to 64 letters, digits, - or _; a UUID will do")
    return stated


def _stays() -> bool:
    """Stand in where the server does not tell whether the client has gone; the deadline then ends its query."""
    return False
