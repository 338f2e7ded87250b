"""Turns at making pages: few at a time, so that pages about any day one likes do not hold up queries.

A page about another day may take this process seconds, in which all else is answered more slowly. Those that were
made lately come from memory, and take no turn.
"""

import threading
from collections import Counter

from flask import Blueprint, g, request
from werkzeug.exceptions import ServiceUnavailable, TooManyRequests

from readmission.web.queries import network

_BUSY = "too many pages are being made; try again soon, or ask the endpoint at /sparql"
_YOURS = "{} pages are being made for you; wait for one of them"


class Turns:
    """Lets so many pages be made at once, so many wait, and so many of either be of one client."""

    def __init__(self, at_once: int = 2, each: int = 8, waiting: int = 14, longest: float = 20.0) -> None:
        self._most, self._each, self._longest = at_once + waiting, each, longest
        self._places = threading.BoundedSemaphore(at_once)
        self._lock = threading.Lock()
        self._clients: Counter[str] = Counter()

    def register(self, routes: Blueprint) -> None:
        """Have the routes of a blueprint take turns."""
        routes.before_request(self._take)
        routes.teardown_request(self._give)

    def _take(self) -> None:
        client = network(request.remote_addr or "")
        with self._lock:
            if self._clients[client] >= self._each:
                raise TooManyRequests(_YOURS.format(self._each), retry_after=1)
            if self._clients.total() >= self._most:
                raise ServiceUnavailable(_BUSY, retry_after=5)
            self._clients[client] += 1
        g.turn_of = client
        if not self._places.acquire(timeout=self._longest):
            raise ServiceUnavailable(_BUSY, retry_after=5)
        g.has_turn = True

    def _give(self, _fault: BaseException | None) -> None:
        if g.pop("has_turn", False):
            self._places.release()
        if client := g.pop("turn_of", None):
            with self._lock:
                self._clients[client] -= 1
                if not self._clients[client]:
                    del self._clients[client]
