"""Limits the rate of something."""


class RateLimiter:
    """Allows a burst, and then so many a second (the generic cell rate algorithm, ITU-T I.371)."""

    def __init__(self, at_once: int, each_second: float) -> None:
        self._ahead, self._apart = at_once / each_second, 1 / each_second
        self._due = 0.0

    def delay(self, now: float) -> float:
        """Return the seconds that the next one has to wait; ``now`` is a monotonic time."""
        self._due = max(self._due, now - self._ahead) + self._apart
        return max(0.0, self._due - now)
