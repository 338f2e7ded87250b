"""One query in the pool, from its arrival to its answer: its place in the queue, its worker and its reply."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from readmission.engine.limits import NICE_DEFAULT, NICE_LONG_QUERY, NICE_PAGE, NICE_UNKNOWN_CLIENT
from readmission.workers.scheduler import Lane, QueuedQuery

if TYPE_CHECKING:
    from readmission.engine.running_query import RunningQuery
    from readmission.workers.worker_connection import Worker


class EvictedError(Exception):
    """A waiting query was removed from a full queue for a client that has used less."""


class OutgrownError(Exception):
    """A query has run longer than the fast lane allows, and no slot for long queries is free."""


@dataclass(eq=False, kw_only=True)
class Call(QueuedQuery):
    """A query that somebody waits for."""

    message: bytearray
    running: "RunningQuery"
    worker: "Worker | None" = None
    reply: "asyncio.Future[memoryview]" = field(init=False)
    _watch: "Callable[[Call], float]" = field(init=False)
    _timer: asyncio.TimerHandle = field(init=False)

    def expect(self, patience: float, watch: Callable[["Call"], float]) -> None:
        """Prepare to wait for the worker's reply, WorkerLostError, EvictedError, or an error raised by ``watch``.

        It is called after ``patience`` seconds, and again after as many as it returns.
        """
        loop = asyncio.get_running_loop()
        self.reply, self._watch = loop.create_future(), watch
        self._timer = loop.call_later(patience, self._check)

    def _check(self) -> None:
        if not self.reply.done():
            try:
                self._timer = asyncio.get_running_loop().call_later(self._watch(self), self._check)
            except Exception as fault:  # noqa: BLE001  # it belongs to the one who waits
                self.reply.set_exception(fault)

    def expect_no_more(self) -> None:
        """End the watch, and let go of the reply: a fault in it would keep this call, and its message, in memory."""
        self._timer.cancel()
        del self.reply

    def assign(self, worker: "Worker") -> None:
        """Assign a worker, and send it the query at once."""
        self.worker = worker
        self.running.begin(worker.clock)
        worker.ask(self.message, self.reply)

    @property
    def niceness(self) -> int:
        """The niceness at which its worker runs: nice(2)."""
        if self.is_request:
            return NICE_PAGE
        if self.lane is Lane.LONG:
            return NICE_LONG_QUERY
        return NICE_DEFAULT if self.known_short else NICE_UNKNOWN_CLIENT

    def evict(self) -> None:
        """Remove the query from the queue for a client that has used less."""
        if not self.reply.done():
            self.reply.set_exception(EvictedError())
