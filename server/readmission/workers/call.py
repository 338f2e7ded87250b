"""One query inside the pool, from its arrival to its answer: its place, its worker, and the reply that it waits for."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from readmission.engine.limits import GIVES_ALL_WAY, GIVES_MORE_WAY, GIVES_MUCH_WAY, GIVES_WAY
from readmission.workers.scheduler import Lane, Ticket

if TYPE_CHECKING:
    from readmission.engine.running_query import RunningQuery
    from readmission.workers.worker_connection import Worker


class Displaced(Exception):
    """A client that asks less took the place of a query that waited."""


class Outgrown(Exception):
    """A query has run for longer than the fast lane allows, and no slot for long ones is free."""


@dataclass(eq=False, kw_only=True)
class Call(Ticket):
    """A query that somebody waits for."""

    message: bytearray
    running: "RunningQuery"
    worker: "Worker | None" = None
    reply: "asyncio.Future[memoryview]" = field(init=False)
    _watch: "Callable[[Call], float]" = field(init=False)
    _timer: asyncio.TimerHandle = field(init=False)

    def expect(self, patience: float, watch: Callable[["Call"], float]) -> None:
        """Have a reply to wait for: that of a worker, WorkerLost, Displaced, or what ``watch`` raises to give up.

        It is called after ``patience`` seconds, and again after as many as it returns.
        """
        loop = asyncio.get_running_loop()
        self.reply, self._watch = loop.create_future(), watch
        self._timer = loop.call_later(patience, self._look)

    def _look(self) -> None:
        if not self.reply.done():
            try:
                self._timer = asyncio.get_running_loop().call_later(self._watch(self), self._look)
            except Exception as fault:  # noqa: BLE001  # it belongs to the one who waits
                self.reply.set_exception(fault)

    def expect_no_more(self) -> None:
        """End the watch, and let go of the reply: a fault in it would keep this call, and its message, in memory."""
        self._timer.cancel()
        del self.reply

    def given(self, worker: "Worker") -> None:
        """Have a worker from now on: it is asked at once."""
        self.worker = worker
        self.running.begin(worker.clock)
        worker.ask(self.message, self.reply)

    @property
    def niceness(self) -> int:
        """How much its worker gives way to others."""
        if self.is_request:
            return GIVES_MUCH_WAY
        if self.lane is Lane.LONG:
            return GIVES_ALL_WAY
        return GIVES_WAY if self.known_short else GIVES_MORE_WAY

    def displaced(self) -> None:
        """Hear that a client that asks less took its place."""
        if not self.reply.done():
            self.reply.set_exception(Displaced())
