"""How what answers nothing makes room for queries: the front has one thread for both, and each costs it as much.

A refusal or a preflight of a browser is cheap, so whoever asks for one after another gets them as fast as the front can
send, and the front has no time left. While queries are answered, they go out at a pace that leaves most of it to those.
"""

from readmission.engine.pace import Pace

_AT_ONCE = 50
_EACH_SECOND = 200.0
_BUSY = 1.0
"""Seconds after a query's answer during which another one may be expected."""
_LONGEST = 1.0
"""Seconds that a refusal waits at most."""
_OK, _PREFLIGHT = 200, 204
_REFUSALS = range(400, 429)
"""Statuses of what is refused as it stands. The others are about a query, or tell the client themselves to wait."""


class Restraint:
    """Tells what goes out how much later; times are seconds of a monotonic clock."""

    def __init__(self) -> None:
        self._pace = Pace(_AT_ONCE, _EACH_SECOND)
        self._answered = -_BUSY

    def wait(self, is_query: bool, status: int, now: float) -> float:
        """Return for how many seconds a reply of this status, to a query or not, has to wait."""
        if status == _OK:
            if is_query:
                self._answered = now
            return 0.0
        if (status != _PREFLIGHT and status not in _REFUSALS) or now - self._answered > _BUSY:
            return 0.0
        return min(self._pace.wait(now), _LONGEST)
