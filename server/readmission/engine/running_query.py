"""A query under way: who asks, how long it may still wait and run, and why it should be given up."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from readmission.engine.execution import Outcome, UnansweredError
from readmission.engine.limits import Limits

_TICK = 0.1  # seconds between two checks whether the client is still connected


@dataclass(eq=False)
class RunningQuery:
    """A query, or a request for a page, from its arrival to its answer; times are seconds."""

    id: str = ""
    client: str = ""
    timeout: float | None = None
    """How long the client would wait at most, if it says so."""
    client_disconnected: Callable[[], bool] = field(default=lambda: False)
    is_stopped: bool = False
    """Whether its owner has asked to stop it."""
    wait_seconds: float = 0.0
    run_seconds: float = 0.0
    time_limit: float = 0.0
    """From its arrival to its answer, once it has been let in."""
    start: float = 0.0
    _arrived: float = 0.0
    _cpu_before: float = 0.0

    def arrive(self, limits: Limits) -> None:
        """Let its time begin."""
        self._arrived = self.start = time.monotonic()
        self.time_limit = min(limits.deadline, self.timeout or limits.deadline)

    def wait_time(self) -> float:
        """Return the seconds to wait for a slot; raises UnansweredError when too little time would be left to run."""
        left = self._remaining() - self.time_limit / 2
        if left <= 0:
            raise UnansweredError(
                Outcome.BUSY, "too many queries were waiting; this one was not run. Try again soon."
            )
        return min(left, _TICK)

    def work_time(self) -> float:
        """Return the seconds to wait for the worker; raises UnansweredError after the deadline."""
        left = self._remaining()
        if left <= 0:
            raise UnansweredError(Outcome.DEADLINE, self._timeout_message())
        return min(left, _TICK)

    def begin(self, used: float) -> float:
        """Record that a worker starts the query, and the processor seconds it had used before.

        Return the seconds left.
        """
        self.start, self._cpu_before = time.monotonic(), used
        self.wait_seconds = self.start - self._arrived
        return self.time_limit - self.wait_seconds

    def cpu_seconds(self, used: float) -> float:
        """Return the processor seconds of the query; for a worker that has ended, the seconds of real time.

        On a busy machine a short query may take long: that is not its fault.
        """
        passed = time.monotonic() - self.start
        return min(passed, used - self._cpu_before) if used else passed

    def _remaining(self) -> float:
        """Return the seconds that are left.

        Raises UnansweredError when the query was stopped or its client has gone.
        """
        now = time.monotonic()
        self.run_seconds = now - self.start
        if self.is_stopped:
            raise UnansweredError(
                Outcome.STOPPED, "the query was stopped by DELETE /queries/…, as its client asked"
            )
        if (
            now - self._arrived >= _TICK and self.client_disconnected()
        ):  # most are answered before it is worth to ask
            raise UnansweredError(Outcome.DISCONNECTED, "the client has gone")
        return self._arrived + self.time_limit - now

    def _timeout_message(self) -> str:
        waited = f", of which it waited {self.wait_seconds:.1f}" if self.wait_seconds >= 0.1 else ""
        return (
            f"the query was stopped after {self.time_limit:g} seconds{waited}; nothing of its answer was sent. "
            "Look for patterns that share no variable, name the graph or the country, use MINUS for FILTER NOT "
            "EXISTS, or load the whole data set into an engine of your own"
        )
