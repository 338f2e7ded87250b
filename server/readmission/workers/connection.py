"""The front's side of one worker: a connection to ask it on, its clock, and a handle to kill it by."""

import asyncio
import contextlib
import json
import os
import signal
import time
from collections.abc import Callable
from typing import cast

from readmission.workers.frames import LENGTHS

_NICEST = 19

Reply = tuple[dict[str, object], bytes]


class WorkerLost(ConnectionError):
    """The worker ended before it had answered."""


class Worker(asyncio.Protocol):
    """A worker process as the front sees it: a connection to ask on, and a handle to kill it by."""

    def __init__(self, pid: int, handle: int) -> None:
        self.pid, self._handle = pid, handle
        self.ended = asyncio.Event()
        self.status: int | None = None
        """Exit status or, below zero, the signal that ended it; None when its zygote went first."""
        self._transport: asyncio.Transport
        self._reply: asyncio.Future[Reply] | None = None
        self._timer: asyncio.TimerHandle
        self._read = bytearray()

    @property
    def lost(self) -> bool:
        """Whether it has ended, though its zygote may not have said so yet."""
        return self._transport.is_closing()

    async def ask(self, message: bytes, patience: float, watch: Callable[[], float]) -> Reply:
        """Send a message and return the reply.

        ``watch`` is called after ``patience`` seconds, and again after as many as it returns; it raises to give up.
        Then the worker is of no further use. Raises WorkerLost when it ends.
        """
        loop = asyncio.get_running_loop()
        if self.lost:
            raise WorkerLost
        reply: asyncio.Future[Reply] = loop.create_future()

        def look() -> None:
            if not reply.done():
                try:
                    self._timer = loop.call_later(watch(), look)
                except Exception as fault:  # noqa: BLE001  # it belongs to the one who waits
                    reply.set_exception(fault)

        self._reply, self._timer = reply, loop.call_later(patience, look)
        self._transport.write(message)
        try:
            return await reply
        finally:
            self._timer.cancel()
            self._reply = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the connection."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's are no subclasses of it

    def data_received(self, data: bytes) -> None:
        """Read until the reply is whole; no more than one is ever under way."""
        self._read += data
        if len(self._read) < LENGTHS.size:
            return
        header_length, body_length = LENGTHS.unpack_from(self._read)
        body = LENGTHS.size + header_length
        if len(self._read) < body + body_length:
            return
        whole, self._read = self._read, bytearray()
        if self._reply and not self._reply.done():
            header: dict[str, object] = json.loads(whole[LENGTHS.size : body])
            self._reply.set_result((header, bytes(memoryview(whole)[body:])))

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell whoever waits for a reply that none will come."""
        if self._reply and not self._reply.done():
            self._reply.set_exception(WorkerLost())

    def give_way(self) -> None:
        """Let every other process go first, for good: an ordinary user cannot take this back."""
        with contextlib.suppress(ProcessLookupError):
            os.setpriority(os.PRIO_PROCESS, self.pid, _NICEST)

    def used(self) -> float:
        """Return the processor seconds it has used; 0 when it has gone.

        The clock of another process: clock_getcpuclockid(3), in Linux ~pid * 8 + CPUCLOCK_SCHED.
        """
        with contextlib.suppress(OSError):
            return time.clock_gettime(~self.pid << 3 | 2)
        return 0.0

    def kill(self) -> None:
        """End it at once."""
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._handle, signal.SIGKILL)

    def close(self) -> None:
        """Let go of the connection and the handle."""
        if self._handle < 0:
            return
        self._transport.abort()
        os.close(self._handle)
        self._handle = -1
