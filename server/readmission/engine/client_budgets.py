"""How much of the engine each client has used lately: a leaky bucket of seconds for each."""

import math
from collections import OrderedDict

from readmission.engine.limits import Limits

_REMEMBERED = 10_000  # clients; the one heard of longest ago is forgotten first


class Shares:
    """Seconds of the engine used by each client, less what time has given back."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._used: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._usual: dict[str, float] = {}

    def used(self, client: str, now: float) -> float:
        """Return the seconds that count against a client at a moment."""
        level, at = self._used.get(client, (0.0, now))
        return max(0.0, level - (now - at) * self._limits.refill)

    def charge(self, client: str, seconds: float, now: float) -> None:
        """Count seconds of the engine against a client."""
        self._used[client] = (self.used(client, now) + seconds, now)
        self._used.move_to_end(client)
        self._usual[client] = 0.8 * self._usual.get(client, seconds) + 0.2 * seconds
        if len(self._used) > _REMEMBERED:
            forgotten, _ = self._used.popitem(last=False)
            del self._usual[forgotten]

    def usual(self, client: str) -> float:
        """Return what a query of a client usually takes; of a client we do not know, all that the fast lane allows."""
        return self._usual.get(client, self._limits.quick_time)

    def wait(self, client: str, now: float) -> int:
        """Return for how many seconds a client has to wait until some of its share is back; 0 when it need not."""
        over = self.used(client, now) - self._limits.share
        return 0 if over < 0 else max(1, math.ceil((over + 1) / self._limits.refill))

    def left(self, client: str, now: float) -> tuple[int, int]:
        """Return the seconds of a client's share that are left, and in how many seconds all of it is back."""
        used = self.used(client, now)
        return max(0, int(self._limits.share - used)), math.ceil(used / self._limits.refill)
