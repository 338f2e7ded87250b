"""The front's connection to one worker, its processor clock, and a pidfd to kill it."""

import asyncio
import contextlib
import os
import signal
import socket
import time
from typing import cast

from readmission.engine.limits import NICE_DEFAULT, NICE_LONG_QUERY
from readmission.workers.messages import LAST_REPLY_FLAG, LENGTH_PREFIX


class WorkerLostError(ConnectionError):
    """The worker ended before it had answered."""


class Worker(asyncio.Protocol):
    """A worker process as the front sees it: a connection to ask on, and a handle to kill it by."""

    def __init__(self, pid: int, handle: int, *, has_application: bool = False) -> None:
        self.pid, self._handle = pid, handle
        self.has_application = has_application
        """Whether it has the application that answers HTTP requests."""
        self.ended = asyncio.Event()
        self.status: int | None = None
        """Exit status or, below zero, the signal that ended it; None when its zygote went first."""
        self.is_out_of_memory = False
        """Whether its last words were that no memory was left."""
        self.was_asked = False
        self.niceness = NICE_DEFAULT
        self.clock = 0.0
        """The processor seconds it had used when it was asked last."""
        self._transport: asyncio.Transport
        self._reply: asyncio.Future[memoryview] | None = None
        self._read = bytearray()

    @property
    def is_gone(self) -> bool:
        """Whether it has ended, even before its zygote has reported it."""
        return self._transport.is_closing()

    async def connect(self, handle: int) -> None:
        """Take the connection that a handle is of."""
        connection = socket.socket(fileno=handle)
        connection.setblocking(False)
        await asyncio.get_running_loop().create_unix_connection(lambda: self, sock=connection)

    def ask(self, message: bytearray, reply: "asyncio.Future[memoryview]") -> None:
        """Send a message; the reply is what comes back, or WorkerLostError. No more than one is ever under way."""
        if self.is_gone:
            reply.set_exception(WorkerLostError())
            return
        self._reply, self.was_asked = reply, True
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
        length = LENGTH_PREFIX.unpack_from(whole)[0] if len(whole) >= LENGTH_PREFIX.size else len(whole)
        if len(whole) < LENGTH_PREFIX.size + length % LAST_REPLY_FLAG:
            self._read = self._read or bytearray(data)
            return
        if length >= LAST_REPLY_FLAG:
            self._transport.abort()  # it ends: from now on it counts as lost
        reply, self._reply, self._read = self._reply, None, bytearray()
        if reply and not reply.done():
            reply.set_result(memoryview(whole)[LENGTH_PREFIX.size :])

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell whoever waits for a reply that none will come."""
        reply, self._reply = self._reply, None  # or the fault would keep all that led to it in memory
        if reply and not reply.done():
            reply.set_exception(WorkerLostError())

    def lower_priority(self, niceness: int) -> None:
        """Lower its priority, for ever: an ordinary user cannot raise it again."""
        if niceness > self.niceness:
            self.niceness = niceness
            with contextlib.suppress(OSError):  # it has gone, or gives way more than that already
                os.setpriority(os.PRIO_PROCESS, self.pid, niceness)
            if niceness == NICE_LONG_QUERY:
                with contextlib.suppress(OSError):
                    os.sched_setscheduler(self.pid, os.SCHED_IDLE, os.sched_param(0))

    def cpu_seconds(self) -> float:
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
