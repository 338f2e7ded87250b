"""The queries under way: who asks, under which number, what came of it, and how their owner stops them."""

import ipaddress
import re
import threading
import uuid

from flask import Blueprint, Flask, Response, g, request

from readmission.answering import Answer, Answering, Errand, Outcome, Query, Unanswered
from readmission.web.journal import Journal
from readmission.web.problems import Conflict, NotFound, RequestFault

ID = "X-Query-Id"
_NUMBER = re.compile(r"[A-Za-z0-9_-]{16,64}")


def client() -> str:
    """Return who asks: an address; of IPv6 its network, for one person has all the addresses of a network."""
    stated = request.remote_addr or ""
    try:
        address = ipaddress.ip_address(stated.partition("%")[0])
    except ValueError:
        return stated
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is None:
        return str(ipaddress.IPv6Network((address, 64), strict=False))
    return str(address)


class Desk:
    """Takes queries to the engine, one errand each, and knows all that are under way."""

    def __init__(self, answering: Answering, journal: Journal) -> None:
        self._answering, self._journal = answering, journal
        self._lock = threading.Lock()
        self._errands: dict[str, Errand] = {}

    def answer(self, query: Query, timeout: float | None) -> Answer:
        """Answer a query of the present request; raises Unanswered."""
        errand = Errand(
            _number(), client(), timeout, request.environ.get("waitress.client_disconnected", _stays)
        )
        self._open(errand)
        try:
            answer = self._answering.ask(query, errand)
        except Unanswered as fault:
            self._journal.note(query, errand, fault.outcome)
            raise
        except Exception:
            self._journal.note(query, errand, Outcome.FAILED)
            raise
        finally:
            with self._lock:
                del self._errands[errand.id]
        self._journal.note(query, errand, Outcome.ANSWERED, answer)
        return answer

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
            if not self.stop(number, client()):
                raise NotFound("no query of yours with this number is under way; it may have ended already")
            return Response(status=204, headers={"Cache-Control": "no-store"})

        app.register_blueprint(routes)
        app.after_request(self._complete)

    def _open(self, errand: Errand) -> None:
        with self._lock:
            if errand.id in self._errands:
                raise Conflict(f"a query with this {ID} is under way; choose another number, such as a UUID")
            self._errands[errand.id] = errand
        g.errand = errand

    def _complete(self, answer: Response) -> Response:
        errand: Errand | None = g.get("errand")
        if errand is not None:
            answer.headers[ID] = errand.id
            times = f"wait;dur={errand.waited * 1000:.1f}, run;dur={errand.ran * 1000:.1f}"
            answer.headers["Server-Timing"] = times
            answer.headers.extend(self._answering.share(errand.client))
        return answer


def _number() -> str:
    """Return the number that the client chose for its query, so that it can stop it, or one of our own."""
    stated = request.headers.get(ID)
    if stated is None:
        return uuid.uuid4().hex
    if not _NUMBER.fullmatch(stated):
        raise RequestFault(f"{ID} is 16 to 64 letters, digits, - or _; a UUID will do")
    return stated


def _stays() -> bool:
    """Stand in where the server does not tell whether the client has gone; the deadline then ends its query."""
    return False
