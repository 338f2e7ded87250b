"""The front's side of one worker: a connection to ask it on, its clock, and a handle to kill it by."""

import asyncio
import contextlib
import os
import signal
import socket
import time
from typing import cast

from readmission.engine.limits import GIVES_ALL_WAY, GIVES_WAY
from readmission.workers.messages import LAST, LENGTH


class WorkerLost(ConnectionError):
    """The worker ended before it had answered."""


class Worker(asyncio.Protocol):
    """A worker process as the front sees it: a connection to ask on, and a handle to kill it by."""

    def __init__(self, pid: int, handle: int, *, is_equipped: bool = False) -> None:
        self.pid, self._handle = pid, handle
        self.is_equipped = is_equipped
        """Whether it has the application that answers HTTP requests."""
        self.ended = asyncio.Event()
        self.status: int | None = None
        """Exit status or, below zero, the signal that ended it; None when its zygote went first."""
        self.starved = False
        """Whether its last words were that no memory was left."""
        self.asked = False
        self.niceness = GIVES_WAY
        self.clock = 0.0
        """The processor seconds it had used when it was asked last."""
        self._transport: asyncio.Transport
        self._reply: asyncio.Future[memoryview] | None = None
        self._read = bytearray()

    @property
    def lost(self) -> bool:
        """Whether it has ended, though its zygote may not have said so yet."""
        return self._transport.is_closing()

    async def connect(self, handle: int) -> None:
        """Take the connection that a handle is of."""
        connection = socket.socket(fileno=handle)
        connection.setblocking(False)
        await asyncio.get_running_loop().create_unix_connection(lambda: self, sock=connection)

    def ask(self, message: bytearray, reply: "asyncio.Future[memoryview]") -> None:
        """Send a message; the reply is what comes back, or WorkerLost. No more than one is ever under way."""
        if self.lost:
            reply.set_exception(WorkerLost())
            return
        self._reply, self.asked = reply, True
        self._transport.write(message)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the connection."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's are no subclasses of it

    def data_received(self, data: bytes) -> None:
        """Read until the reply is whole; no more than one is ever under way."""
        whole: bytes | bytearray = data
        if self._read:
            self._read += data
            whole = self._read
        length = LENGTH.unpack_from(whole)[0] if len(whole) >= LENGTH.size else len(whole)
        if len(whole) < LENGTH.size + length % LAST:
            self._read = self._read or bytearray(data)
            return
        if length >= LAST:
            self._transport.abort()  # it ends: from now on it counts as lost
        reply, self._reply, self._read = self._reply, None, bytearray()
        if reply and not reply.done():
            reply.set_result(memoryview(whole)[LENGTH.size :])

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell whoever waits for a reply that none will come."""
        reply, self._reply = self._reply, None  # or the fault would keep all that led to it in memory
        if reply and not reply.done():
            reply.set_exception(WorkerLost())

    def give_way(self, niceness: int) -> None:
        """Let others go first, for good: an ordinary user cannot take this back."""
        if niceness > self.niceness:
            self.niceness = niceness
            with contextlib.suppress(OSError):  # it has gone, or gives way more than that already
                os.setpriority(os.PRIO_PROCESS, self.pid, niceness)
            if niceness == GIVES_ALL_WAY:
                with contextlib.suppress(OSError):
                    os.sched_setscheduler(self.pid, os.SCHED_IDLE, os.sched_param(0))

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
