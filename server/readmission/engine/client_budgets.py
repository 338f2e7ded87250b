"""How much of the engine each client has used lately: a leaky bucket of seconds for each."""

import math
from typing import NamedTuple

from readmission.engine.limits import Limits

_REMEMBERED = 10_000  # clients; the one heard of longest ago is forgotten first


class _Bucket(NamedTuple):
    level: float
    """Seconds that counted against the client ..."""
    at: float
    """... at this moment."""
    usual: float
    """Seconds that a query of it takes: a running mean."""


class Shares:
    """Seconds of the engine used by each client, less what time has given back."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._buckets: dict[str, _Bucket] = {}

    def used(self, client: str, now: float) -> float:
        """Return the seconds that count against a client at a moment."""
        bucket = self._buckets.get(client)
        return max(0.0, bucket.level - (now - bucket.at) * self._limits.refill) if bucket else 0.0

    def charge(self, client: str, seconds: float, now: float) -> None:
        """Count seconds of the engine against a client."""
        used = self.used(client, now)
        bucket = self._buckets.pop(
            client, None
        )  # and put back at the end: the first one was heard of longest ago
        usual = 0.8 * bucket.usual + 0.2 * seconds if bucket else seconds
        self._buckets[client] = _Bucket(used + seconds, now, usual)
        if len(self._buckets) > _REMEMBERED:
            del self._buckets[next(iter(self._buckets))]

    def usual(self, client: str) -> float:
        """Return what a query of a client usually takes; of a client we do not know, all that the fast lane allows."""
        bucket = self._buckets.get(client)
        return bucket.usual if bucket else self._limits.quick_time

    def wait(self, client: str, now: float) -> int:
        """Return for how many seconds a client has to wait until some of its share is back; 0 when it need not."""
        over = self.used(client, now) - self._limits.share
        return 0 if over < 0 else max(1, math.ceil((over + 1) / self._limits.refill))

    def left(self, client: str, now: float) -> tuple[int, int]:
        """Return the seconds of a client's share that are left, and in how many seconds all of it is back."""
        used = self.used(client, now)
        return max(0, int(self._limits.share - used)), math.ceil(used / self._limits.refill)
