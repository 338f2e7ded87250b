"""Schedules queries: a fast lane for short ones, another for long ones, fair to clients in both.

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

from readmission.engine.client_budgets import ClientBudgets
from readmission.engine.limits import Limits

_COST_WEIGHT = 10  # times the typical cost of a client, by which its queries are delayed in the queue


class Lane(StrEnum):
    """Where a query waits and runs."""

    QUICK = "quick"
    LONG = "long"


@dataclass(frozen=True)
class PoolState:
    """The workers and queues of a pool at one moment, for metrics."""

    workers: int
    idle: int
    zygotes: int
    waiting: dict[str, int]
    running: dict[str, int]


@dataclass(eq=False)
class QueuedQuery:
    """A query that waits or runs."""

    client: str
    lane: Lane
    digest: bytes = b""
    priority: float = 0.0
    """The order in the queue: time of arrival, plus a delay for what its client's queries cost."""
    arrival: float = 0.0
    """When it began to wait."""
    is_request: bool = False
    """Whether it is for a page or a file: these never take the slot that is reserved for short queries."""
    known_short: bool = False
    """Whether it is a query, and its client's are known to be short."""
    place: list[Any] | None = None
    """The list that it is in."""

    def evict(self) -> None:
        """Remove it from a full queue for a client that has used less."""


Queued = TypeVar("Queued", bound=QueuedQuery)


class Lanes(Generic[Queued]):
    """The queries that wait and those that run."""

    def __init__(self, limits: Limits, budgets: ClientBudgets) -> None:
        self._limits, self._budgets = limits, budgets
        self._slots = {Lane.QUICK: limits.quick_slots, Lane.LONG: limits.long_slots}
        self._queue_sizes = {Lane.QUICK: limits.quick_queue, Lane.LONG: limits.long_queue}
        self.waiting: dict[Lane, list[Queued]] = {lane: [] for lane in Lane}
        self.running: dict[Lane, list[Queued]] = {lane: [] for lane in Lane}
        self._running_by_client: Counter[str] = Counter()

    def enter(self, queued: Queued, now: float) -> bool:
        """Let a query wait in its lane; false when no room is left.

        A client that has used less takes the place of the one that has used most: nobody locks others out by filling
        the room.
        """
        waiting = self.waiting[queued.lane]
        if len(waiting) >= self._queue_sizes[queued.lane]:
            most = max(waiting, key=lambda one: self._budgets.spent(one.client, now), default=queued)
            if self._budgets.spent(most.client, now) <= self._budgets.spent(queued.client, now):
                return False
            self.leave(most)
            most.evict()
        usual = self._budgets.typical_cost(queued.client)
        queued.known_short = usual <= self._limits.quick_time / 2 and not queued.is_request
        queued.arrival, queued.priority = now, now + _COST_WEIGHT * usual
        insort(waiting, queued, key=_priority)
        queued.place = waiting
        return True

    def next(self, now: float) -> Queued | None:
        """Return the query that may start now, if any: first of the client that runs least and asks the shortest."""
        for lane, waiting in self.waiting.items():
            free = self._slots[lane] - len(self.running[lane])
            if waiting and free > 0 and (queued := self._first(lane, waiting, free, now)):
                return queued
        return None

    def _first(self, lane: Lane, waiting: list[Queued], free: int, now: float) -> Queued | None:
        if lane is Lane.QUICK:  # one slot is kept for clients whose queries are known to be short
            alone = free == 1 and self._slots[lane] > 1
            able = [one for one in waiting if one.known_short] if alone else waiting
        else:  # each as if it had come later by what its client has used since, so nobody waits for ever
            waiting.sort(key=lambda one: one.arrival + self._budgets.spent(one.client, now))
            able = [one for one in waiting if self._may_hold_long(one.client)]
        held = self._running_by_client
        for one in able:
            if one.client not in held:
                return one
        return min(able, key=lambda one: held[one.client], default=None)

    def move_to_slow(self, digest: bytes, now: float) -> None:
        """Move waiting queries with a text that has turned out slow to the long lane; evict those that find it full."""
        for queued in [one for one in self.waiting[Lane.QUICK] if one.digest == digest]:
            self.leave(queued)
            queued.lane = Lane.LONG
            if not self.enter(queued, now):
                queued.evict()

    def start(self, queued: Queued) -> None:
        """Move a query from those that wait to those that run."""
        self._move(queued, self.running[queued.lane])
        self._running_by_client[queued.client] += 1

    def promote(self, queued: Queued) -> bool:
        """Let a running query go on as a long one; false when no slot is free."""
        long = self.running[Lane.LONG]
        if len(long) >= self._limits.long_slots or not self._may_hold_long(queued.client):
            return False
        queued.lane = Lane.LONG
        self._move(queued, long)
        return True

    def leave(self, queued: Queued) -> None:
        """Take a query out, wherever it is."""
        if queued.place is None:
            return
        if queued.place is self.running[queued.lane]:
            _decrement(self._running_by_client, queued.client)
        queued.place.remove(queued)
        queued.place = None

    def _move(self, queued: Queued, place: list[Queued]) -> None:
        assert queued.place is not None
        queued.place.remove(queued)
        place.append(queued)
        queued.place = place

    def _may_hold_long(self, client: str) -> bool:
        held = sum(one.client == client for one in self.running[Lane.LONG])
        return held < self._limits.long_slots_each


_priority = attrgetter("priority")


def _decrement(counts: "Counter[str]", client: str) -> None:
    """Count one less, and forget a client with none left."""
    counts[client] -= 1
    if not counts[client]:
        del counts[client]
