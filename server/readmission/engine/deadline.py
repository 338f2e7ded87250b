"""One query on its way through the pool: how long it may still wait and run, and why it should be given up."""

import time

from readmission.engine.execution import Errand, Outcome, Unanswered
from readmission.engine.limits import Limits

_TICK = 0.1  # seconds between two looks whether the client is still there


class Run:
    """One query on its way: its moments, and the reasons to give it up."""

    def __init__(self, errand: Errand, limits: Limits) -> None:
        self.errand, self._limits = errand, limits
        self.arrived = self.started = time.monotonic()
        self._before = 0.0
        self.allowed = min(limits.deadline, errand.timeout or limits.deadline)

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
        self.started, self._before = time.monotonic(), used
        self.errand.waited = self.started - self.arrived
        return self.allowed - self.errand.waited

    def spent(self, used: float) -> float:
        """Return the processor seconds that the query took; of a worker that has gone, the seconds that passed.

        On a busy machine a short query may take long: that is not its fault.
        """
        passed = time.monotonic() - self.started
        return min(passed, used - self._before) if used else passed

    def _wanted(self) -> float:
        """Return the seconds that are left; raises Unanswered when nobody waits for the answer any more."""
        now = time.monotonic()
        self.errand.ran = now - self.started
        if self.errand.stopped:
            raise Unanswered(
                Outcome.STOPPED, "the query was stopped by DELETE /queries/…, as its client asked"
            )
        if now - self.arrived >= _TICK and self.errand.left():  # most are answered before it is worth to ask
            raise Unanswered(Outcome.LEFT, "the client has gone")
        return self.arrived + self.allowed - now

    def _late(self) -> str:
        waited = f", of which it waited {self.errand.waited:.1f}" if self.errand.waited >= 0.1 else ""
        return (
            f"the query was stopped after {self.allowed:g} seconds{waited}; nothing of its answer was sent. "
            "Look for patterns that share no variable, name the graph or the country, use MINUS for FILTER NOT "
            "EXISTS, or load the whole data set into an engine of your own"
        )
