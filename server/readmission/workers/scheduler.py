"""Whose turn it is: a fast lane for short queries, another for long ones, and fair turns in both.

Every query starts in the fast lane, unless its text is known to be long or its client has asked many long ones of late.
Once it has run for longer than ``Limits.quick_time`` (a page: ``page_time``) it goes on as a long one, or starts again
when a slot for long ones is free. So a short query waits for other short ones alone. Nothing here waits, locks or
starts anything.
"""

from bisect import insort
from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from operator import attrgetter
from typing import Any, Generic, TypeVar

from readmission.engine.client_budgets import Shares
from readmission.engine.limits import Limits

_LATER = 10  # times the usual seconds of a client, by which its short queries stand back


class Lane(StrEnum):
    """Where a query waits and runs."""

    QUICK = "quick"
    LONG = "long"


@dataclass(frozen=True)
class State:
    """What an operator sees of a pool at a moment."""

    workers: int
    idle: int
    zygotes: int
    waiting: dict[str, int]
    running: dict[str, int]


@dataclass(eq=False)
class Ticket:
    """A query's place among those that wait or run."""

    client: str
    lane: Lane
    digest: bytes = b""
    due: float = 0.0
    """What puts those who wait in order: when it came, and later by what its client uses."""
    entered: float = 0.0
    """When it began to wait."""
    is_request: bool = False
    """Whether it asks for a page or a file: these never take the slot that is kept for short queries."""
    known_short: bool = False
    """Whether it is a query, and its client's are known to be short."""
    place: list[Any] | None = None
    """Those among whom it waits or runs."""

    def displaced(self) -> None:
        """Hear that a client that asks less took its place."""


Queued = TypeVar("Queued", bound=Ticket)


class Lanes(Generic[Queued]):
    """The queries that wait and those that run."""

    def __init__(self, limits: Limits, shares: Shares) -> None:
        self._limits, self._shares = limits, shares
        self._slots = {Lane.QUICK: limits.quick_slots, Lane.LONG: limits.long_slots}
        self._rooms = {Lane.QUICK: limits.quick_queue, Lane.LONG: limits.long_queue}
        self.waiting: dict[Lane, list[Queued]] = {lane: [] for lane in Lane}
        self.running: dict[Lane, list[Queued]] = {lane: [] for lane in Lane}
        self._held: Counter[str] = Counter()

    def enter(self, ticket: Queued, now: float) -> bool:
        """Let a query wait in its lane; false when no room is left.

        A client that has used less takes the place of the one that has used most: nobody locks others out by filling
        the room.
        """
        waiting = self.waiting[ticket.lane]
        if len(waiting) >= self._rooms[ticket.lane]:
            most = max(waiting, key=lambda one: self._shares.used(one.client, now), default=ticket)
            if self._shares.used(most.client, now) <= self._shares.used(ticket.client, now):
                return False
            self.leave(most)
            most.displaced()
        usual = self._shares.usual(ticket.client)
        ticket.known_short = usual <= self._limits.quick_time / 2 and not ticket.is_request
        ticket.entered, ticket.due = now, now + _LATER * usual
        insort(waiting, ticket, key=_due)
        ticket.place = waiting
        return True

    def next(self, now: float) -> Queued | None:
        """Return the query that may start now, if any: first of the client that runs least and asks the shortest."""
        for lane, waiting in self.waiting.items():
            free = self._slots[lane] - len(self.running[lane])
            if waiting and free > 0 and (ticket := self._first(lane, waiting, free, now)):
                return ticket
        return None

    def _first(self, lane: Lane, waiting: list[Queued], free: int, now: float) -> Queued | None:
        if lane is Lane.QUICK:  # one slot is kept for clients whose queries are known to be short
            alone = free == 1 and self._slots[lane] > 1
            able = [one for one in waiting if one.known_short] if alone else waiting
        else:  # each as if it had come later by what its client has used since, so nobody waits for ever
            waiting.sort(key=lambda one: one.entered + self._shares.used(one.client, now))
            able = [one for one in waiting if self._may_hold_long(one.client)]
        held = self._held
        for one in able:
            if one.client not in held:
                return one
        return min(able, key=lambda one: held[one.client], default=None)

    def outgrew(self, digest: bytes, now: float) -> None:
        """Move those who wait in the fast lane with a text that has turned out long; who finds no room is sent away."""
        for ticket in [one for one in self.waiting[Lane.QUICK] if one.digest == digest]:
            self.leave(ticket)
            ticket.lane = Lane.LONG
            if not self.enter(ticket, now):
                ticket.displaced()

    def start(self, ticket: Queued) -> None:
        """Move a query from those that wait to those that run."""
        self._move(ticket, self.running[ticket.lane])
        self._held[ticket.client] += 1

    def promote(self, ticket: Queued) -> bool:
        """Let a running query go on as a long one; false when no slot is free."""
        long = self.running[Lane.LONG]
        if len(long) >= self._limits.long_slots or not self._may_hold_long(ticket.client):
            return False
        ticket.lane = Lane.LONG
        self._move(ticket, long)
        return True

    def leave(self, ticket: Queued) -> None:
        """Take a query out, wherever it is."""
        if ticket.place is None:
            return
        if ticket.place is self.running[ticket.lane]:
            _less(self._held, ticket.client)
        ticket.place.remove(ticket)
        ticket.place = None

    def _move(self, ticket: Queued, place: list[Queued]) -> None:
        assert ticket.place is not None
        ticket.place.remove(ticket)
        place.append(ticket)
        ticket.place = place

    def _may_hold_long(self, client: str) -> bool:
        held = sum(one.client == client for one in self.running[Lane.LONG])
        return held < self._limits.long_slots_each


_due = attrgetter("due")


def _less(counts: "Counter[str]", client: str) -> None:
    """Count one less, and forget a client of which nothing is left."""
    counts[client] -= 1
    if not counts[client]:
        del counts[client]
