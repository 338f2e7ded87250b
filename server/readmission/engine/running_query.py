"""A query under way: who asks, how long it may still wait and run, and why it should be given up."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from readmission.engine.execution import Outcome, Unanswered
from readmission.engine.limits import Limits

_TICK = 0.1  # seconds between two looks whether the client is still there


@dataclass(eq=False)
class RunningQuery:
    """A query, or a request for a page, from its arrival to its answer; times are seconds."""

    id: str = ""
    client: str = ""
    timeout: float | None = None
    """How long the client would wait at most, if it says so."""
    client_gone: Callable[[], bool] = field(default=lambda: False)
    stopped: bool = False
    """Whether its owner has asked to stop it."""
    waited: float = 0.0
    ran: float = 0.0
    allowed: float = 0.0
    """From its arrival to its answer, once it has been let in."""
    started: float = 0.0
    _arrived: float = 0.0
    _used_before: float = 0.0

    def arrive(self, limits: Limits) -> None:
        """Let its time begin."""
        self._arrived = self.started = time.monotonic()
        self.allowed = min(limits.deadline, self.timeout or limits.deadline)

    def wait(self) -> float:
        """Return how long to wait for a turn; raises Unanswered once too little time would be left to run."""
        left = self._wanted() - self.allowed / 2
        if left <= 0:
            raise Unanswered(
                Outcome.BUSY, "too many queries were waiting; this one was not run. Try again soon."
            )
        return min(left, _TICK)

    def work(self) -> float:
        """Return how long to wait for the worker; raises Unanswered once the deadline has passed."""
        left = self._wanted()
        if left <= 0:
            raise Unanswered(Outcome.DEADLINE, self._late())
        return min(left, _TICK)

    def begin(self, used: float) -> float:
        """Note that a worker has the query now, and what it had used before; return the seconds left for it."""
        self.started, self._used_before = time.monotonic(), used
        self.waited = self.started - self._arrived
        return self.allowed - self.waited

    def spent(self, used: float) -> float:
        """Return the processor seconds that the query took; of a worker that has gone, the seconds that passed.

        On a busy machine a short query may take long: that is not its fault.
        """
        passed = time.monotonic() - self.started
        return min(passed, used - self._used_before) if used else passed

    def _wanted(self) -> float:
        """Return the seconds that are left; raises Unanswered when nobody waits for the answer any more."""
        now = time.monotonic()
        self.ran = now - self.started
        if self.stopped:
            raise Unanswered(
                Outcome.STOPPED, "the query was stopped by DELETE /queries/…, as its client asked"
            )
        if now - self._arrived >= _TICK and self.client_gone():  # most are answered before it is worth to ask
            raise Unanswered(Outcome.LEFT, "the client has gone")
        return self._arrived + self.allowed - now

    def _late(self) -> str:
        waited = f", of which it waited {self.waited:.1f}" if self.waited >= 0.1 else ""
        return (
            f"the query was stopped after {self.allowed:g} seconds{waited}; nothing of its answer was sent. "
            "Look for patterns that share no variable, name the graph or the country, use MINUS for FILTER NOT "
            "EXISTS, or load the whole data set into an engine of your own"
        )
