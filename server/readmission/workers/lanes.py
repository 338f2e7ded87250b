"""Whose turn it is: a fast lane for short queries, another for long ones, and fair turns in both.

Every query starts in the fast lane, unless its text is known to be long or its client has asked many long ones of late.
Once it has run for longer than ``Limits.quick_time`` it goes on as a long one, or starts again when a slot for
long ones is free. So a short query waits for other short ones alone. Nothing here waits, locks or starts anything.
"""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from readmission.workers.limits import Limits
from readmission.workers.shares import Shares

if TYPE_CHECKING:
    from readmission.workers.connection import Worker

_REMEMBERED = 4096  # texts
_LATER = 10  # times the usual seconds of a client, by which its short queries stand back


class Lane(StrEnum):
    """Where a query waits and runs."""

    QUICK = "quick"
    LONG = "long"


@dataclass(eq=False)
class Ticket:
    """A query's place: it waits until ``turn`` is set, and then has a worker, or has lost its place."""

    client: str
    lane: Lane
    digest: bytes = b""
    worker: "Worker | None" = None
    entered: float = 0.0
    """When it began to wait."""
    turn: asyncio.Event = field(default_factory=asyncio.Event)


class KnownLong:
    """Texts, by digest, that outgrew the fast lane: the data do not change, so they will again."""

    def __init__(self) -> None:
        self._texts: OrderedDict[bytes, None] = OrderedDict()

    def __contains__(self, text: bytes) -> bool:
        return text in self._texts

    def add(self, text: bytes) -> None:
        """Remember a text; the oldest is forgotten when there are too many."""
        self._texts[text] = None
        if len(self._texts) > _REMEMBERED:
            self._texts.popitem(last=False)

    def remove(self, text: bytes) -> None:
        """Forget a text that was short after all."""
        self._texts.pop(text, None)


class Lanes:
    """The queries that wait and those that run."""

    def __init__(self, limits: Limits, shares: Shares) -> None:
        self._limits, self._shares = limits, shares
        self._slots = {Lane.QUICK: limits.quick_slots, Lane.LONG: limits.long_slots}
        self._rooms = {Lane.QUICK: limits.quick_queue, Lane.LONG: limits.long_queue}
        self.waiting: list[Ticket] = []
        self.running: list[Ticket] = []

    def enter(self, ticket: Ticket, now: float) -> bool:
        """Let a query wait in its lane; false when no room is left.

        A client that has used less takes the place of the one that has used most: nobody locks others out by filling
        the room. Who loses its place gets its turn without a worker.
        """
        if self.count(self.waiting, ticket.lane) >= self._rooms[ticket.lane]:
            others = [one for one in self.waiting if one.lane is ticket.lane]
            most = max(others, key=lambda one: self._shares.used(one.client, now), default=ticket)
            if self._shares.used(most.client, now) <= self._shares.used(ticket.client, now):
                return False
            self.waiting.remove(most)
            most.turn.set()
        ticket.entered = now
        self.waiting.append(ticket)
        return True

    def next(self, now: float) -> Ticket | None:
        """Return the query that may start now, if any: first of the client that runs least and asks the shortest."""
        if not self.waiting:
            return None
        for lane in Lane:
            able = [one for one in self.waiting if one.lane is lane and self._may_start(one)]
            if able:
                return able[0] if len(able) == 1 else min(able, key=lambda one: self._merit(one, now))
        return None

    def outgrew(self, digest: bytes, now: float) -> None:
        """Move those who wait in the fast lane with a text that has turned out long; who finds no room is sent away."""
        for ticket in [one for one in self.waiting if one.lane is Lane.QUICK and one.digest == digest]:
            self.waiting.remove(ticket)
            ticket.lane = Lane.LONG
            if not self.enter(ticket, now):
                ticket.turn.set()

    def start(self, ticket: Ticket) -> None:
        """Move a query from those that wait to those that run."""
        self.waiting.remove(ticket)
        self.running.append(ticket)

    def promote(self, ticket: Ticket) -> bool:
        """Let a running query go on as a long one; false when no slot is free."""
        full = self.count(self.running, Lane.LONG) >= self._limits.long_slots
        if full or not self._may_hold(ticket.client, Lane.LONG):
            return False
        ticket.lane = Lane.LONG
        return True

    def leave(self, ticket: Ticket) -> None:
        """Take a query out, wherever it is."""
        for place in (self.waiting, self.running):
            if ticket in place:
                place.remove(ticket)

    def of_client(self, client: str) -> int:
        """Return how many queries of a client are inside."""
        return sum(one.client == client for one in (*self.waiting, *self.running))

    def count(self, place: list[Ticket], lane: Lane) -> int:
        """Return how many of the waiting or the running are in a lane."""
        return sum(one.lane is lane for one in place)

    def _held(self, client: str) -> int:
        return sum(one.client == client for one in self.running)

    def _merit(self, ticket: Ticket, now: float) -> tuple[float, float]:
        """Return what comes first: each as if it had come later by what its client uses, so nobody waits for ever."""
        client, quick = ticket.client, ticket.lane is Lane.QUICK
        later = _LATER * self._shares.usual(client) if quick else self._shares.used(client, now)
        return self._held(client), ticket.entered + later

    def _may_start(self, ticket: Ticket) -> bool:
        """One quick slot is kept for clients whose queries are known to be short."""
        slots = self._slots[ticket.lane]
        if ticket.lane is Lane.QUICK and self._shares.usual(ticket.client) > self._limits.quick_time / 2:
            slots = max(1, slots - 1)
        return self.count(self.running, ticket.lane) < slots and self._may_hold(ticket.client, ticket.lane)

    def _may_hold(self, client: str, lane: Lane) -> bool:
        held = sum(one.client == client and one.lane is lane for one in self.running)
        return lane is Lane.QUICK or held < self._limits.long_slots_each
