"""How fast processes that end without having done anything are replaced: the fault is not theirs, and may stay."""

_AT_ONCE = 32
_EACH_SECOND = 2.0


class Pace:
    """Lets some pass at once, and then two a second (the generic cell rate algorithm, ITU-T I.371)."""

    def __init__(self) -> None:
        self._due = 0.0

    def wait(self, now: float) -> float:
        """Return for how many seconds the next one has to wait."""
        self._due = max(self._due, now - _AT_ONCE / _EACH_SECOND) + 1 / _EACH_SECOND
        return max(0.0, self._due - now)
