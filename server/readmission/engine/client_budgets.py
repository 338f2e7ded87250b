"""Limits how many seconds of the engine each client may use: a leaky bucket for each client."""

import math
from typing import NamedTuple

from readmission.engine.limits import Limits

_REMEMBERED = 10_000  # clients; the least recent one is forgotten first


class _Bucket(NamedTuple):
    level: float
    """Seconds that counted against the client ..."""
    at: float
    """... at this moment."""
    typical_cost: float
    """Seconds that a query of it takes: a running mean."""


class ClientBudgets:
    """Seconds of the engine that each client has spent, less what has been refilled since."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._buckets: dict[str, _Bucket] = {}

    def spent(self, client: str, now: float) -> float:
        """Return the seconds that a client has spent, refills deducted; ``now`` is a monotonic time."""
        bucket = self._buckets.get(client)
        return max(0.0, bucket.level - (now - bucket.at) * self._limits.refill) if bucket else 0.0

    def charge(self, client: str, seconds: float, now: float) -> None:
        """Add seconds to what a client has spent."""
        used = self.spent(client, now)
        bucket = self._buckets.pop(
            client, None
        )  # and put back at the end: the first one was heard of longest ago
        usual = 0.8 * bucket.typical_cost + 0.2 * seconds if bucket else seconds
        self._buckets[client] = _Bucket(used + seconds, now, usual)
        if len(self._buckets) > _REMEMBERED:
            del self._buckets[next(iter(self._buckets))]

    def typical_cost(self, client: str) -> float:
        """Return the seconds that a client's queries take on average.

        For an unknown client, the limit of the fast lane.
        """
        bucket = self._buckets.get(client)
        return bucket.typical_cost if bucket else self._limits.quick_time

    def retry_after(self, client: str, now: float) -> int:
        """Return the seconds until a client may ask again; 0 when it may ask now."""
        over = self.spent(client, now) - self._limits.share
        return 0 if over < 0 else max(1, math.ceil((over + 1) / self._limits.refill))

    def remaining(self, client: str, now: float) -> tuple[int, int]:
        """Return the seconds left in a client's budget, and the seconds until the budget is full again."""
        used = self.spent(client, now)
        return max(0, int(self._limits.share - used)), math.ceil(used / self._limits.refill)
