"""Throttles refusals in favour of queries: the front has one thread for both, and each costs it as much.

A refusal or a preflight of a browser is cheap, so whoever asks for one after another gets them as fast as the front can
send, and the front has no time left. While queries are answered, they go out at a pace that leaves most of it to those.
"""

from readmission.engine.rate_limiter import RateLimiter

_AT_ONCE = 50
_EACH_SECOND = 200.0
_BUSY = 1.0
"""Seconds after a query's answer during which another one may be expected."""
_LONGEST = 1.0
"""Seconds that a refusal waits at most."""
_OK, _PREFLIGHT = 200, 204
_REFUSALS = range(400, 429)
"""Statuses of what is refused as it stands. The others are about a query, or tell the client themselves to wait."""


class Throttle:
    """Delays refusals while queries are answered; times are seconds of a monotonic clock."""

    def __init__(self) -> None:
        self._rate_limiter = RateLimiter(_AT_ONCE, _EACH_SECOND)
        self._last_answer = -_BUSY

    def delay(self, is_query: bool, status: int, now: float) -> float:
        """Return the seconds to delay a reply of this status, to a query or not."""
        if status == _OK:
            if is_query:
                self._last_answer = now
            return 0.0
        if (status != _PREFLIGHT and status not in _REFUSALS) or now - self._last_answer > _BUSY:
            return 0.0
        return min(self._rate_limiter.delay(now), _LONGEST)
