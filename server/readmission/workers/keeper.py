"""The front's side of the workers: starts the zygote, orders workers from it, replaces every one that ends."""

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from readmission.workers.frames import FORK, LENGTHS
from readmission.workers.limits import Limits

_NICEST = 19
_LONGEST_PAUSE = 5.0
_CHUNK = 65_536


class WorkerLost(ConnectionError):
    """The worker ended before it had answered."""


class Worker:
    """A worker process as the front sees it: a socket to ask on, and a handle to kill it by."""

    def __init__(self, pid: int, connection: socket.socket, handle: int) -> None:
        self.pid, self._connection, self._handle = pid, connection, handle
        self.ended = threading.Event()
        self.status: int | None = None
        """Exit status or, below zero, the signal that ended it; None when its zygote went first."""
        connection.setblocking(False)

    def ask(self, message: bytes, watch: Callable[[], float]) -> tuple[dict[str, object], bytes]:
        """Send a message and return the reply.

        ``watch`` is called before each wait; it returns how long to wait at most, or raises to give up. Then the
        worker is of no further use. Raises WorkerLost when it ends.
        """
        try:
            self._send(memoryview(message), watch)
            read = bytearray()
            self._fill(read, LENGTHS.size, watch)
            header_length, body_length = LENGTHS.unpack_from(read)
            body = LENGTHS.size + header_length
            self._fill(read, body + body_length, watch)
            header: dict[str, object] = json.loads(read[LENGTHS.size : body])
            return header, bytes(memoryview(read)[body:])
        except (BrokenPipeError, ConnectionResetError) as fault:
            raise WorkerLost from fault

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
        """Let go of the socket and the handle."""
        self._connection.close()
        os.close(self._handle)

    def _send(self, rest: memoryview, watch: Callable[[], float]) -> None:
        while rest:
            try:
                rest = rest[self._connection.send(rest) :]
            except BlockingIOError:
                self._wait(select.POLLOUT, watch)

    def _fill(self, read: bytearray, length: int, watch: Callable[[], float]) -> None:
        """Read until there are so many bytes; no more than one reply is ever under way."""
        while len(read) < length:
            try:
                part = self._connection.recv(max(_CHUNK, min(length - len(read), 16 * _CHUNK)))
            except BlockingIOError:
                self._wait(select.POLLIN, watch)
                continue
            if not part:
                raise WorkerLost
            read += part

    def _wait(self, event: int, watch: Callable[[], float]) -> None:
        poll = select.poll()
        poll.register(self._connection, event)
        poll.poll(max(0.0, watch()) * 1000)


class Keeper:
    """Keeps a number of workers alive. All that others touch is guarded by the lock that they share with it."""

    def __init__(
        self,
        files: Sequence[Path],
        limits: Limits,
        lock: threading.RLock,
        changed: Callable[[], None],
        *,
        ours: bool,
    ) -> None:
        self._ours = ours
        self._files, self._limits, self._lock, self._changed = files, limits, lock, changed
        self.idle: list[Worker] = []
        self.alive: dict[int, Worker] = {}
        self.zygotes = 0
        """How many were started; more than one means that one was lost."""
        self._zygote: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="keeper", daemon=True)
        self._thread.start()

    @property
    def zygote(self) -> int | None:
        """The process number of the zygote."""
        return self._zygote.pid if self._zygote else None

    def give_back(self, worker: Worker) -> None:
        """Take back a worker that has answered."""
        with self._lock:
            if self.alive.get(worker.pid) is worker:
                self.idle.append(worker)
            else:
                worker.close()

    def discard(self, worker: Worker) -> None:
        """Kill a worker that was taken, and order another."""
        with self._lock:
            worker.kill()
            worker.close()
            if self.alive.get(worker.pid) is worker:
                del self.alive[worker.pid]
                self._order()

    def close(self) -> None:
        """End the zygote and all workers, and wait for it."""
        self._closing.set()
        with self._lock:
            for worker in self.alive.values():
                worker.kill()
            if self._control:
                with contextlib.suppress(OSError):
                    self._control.shutdown(socket.SHUT_RDWR)
        self._thread.join(10)

    def _keep(self) -> None:
        pause = 0.1
        while not self._closing.is_set():
            started = time.monotonic()
            with contextlib.suppress(OSError):  # out of memory, processes or handles: try again after a pause
                self._listen(self._start())
            self._bury()
            lasted = time.monotonic() - started > 2 * _LONGEST_PAUSE
            pause = 0.1 if lasted else min(2 * pause, _LONGEST_PAUSE)
            self._closing.wait(pause)

    def _start(self) -> socket.socket:
        front, back = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        numbers = [str(number) for number in (back.fileno(), self._limits.memory, self._limits.answer)]
        files = ["ours" if self._ours else "theirs", *map(str, self._files)]
        with back, self._lock:
            self._control = front
            self._zygote = subprocess.Popen(
                [sys.executable, "-m", "readmission.workers.zygote", *numbers, *files],
                pass_fds=[back.fileno()], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            )  # fmt: skip
            self.zygotes += 1
            for _ in range(self._limits.workers):
                self._order()
        return front

    def _order(self) -> None:
        if self._control and not self._closing.is_set():
            with contextlib.suppress(OSError):  # the zygote has gone; the next one gets orders enough
                self._control.send(FORK)

    def _listen(self, control: socket.socket) -> None:
        """Note births and deaths until the zygote has gone."""
        while True:
            message, handles, _, _ = socket.recv_fds(control, 64, 2)
            if not message:
                return
            what, pid, *status = message.decode().split()
            with self._lock:
                if what == "born":
                    self._note_birth(int(pid), handles)
                elif gone := self.alive.pop(int(pid), None):
                    self._note_death(gone, int(status[0]))
                    self._order()
                self._changed()

    def _note_birth(self, pid: int, handles: Sequence[int]) -> None:
        if len(handles) < 2:  # we may hold no more handles; the worker sees its socket closed, and ends
            for handle in handles:
                os.close(handle)
            raise OSError("too many open files to take another worker")
        worker = Worker(pid, socket.socket(fileno=handles[0]), handles[1])
        self.alive[pid] = worker
        self.idle.append(worker)

    def _bury(self) -> None:
        """The zygote has gone, and its workers with it."""
        with self._lock:
            for worker in self.alive.values():
                worker.kill()
                self._note_death(worker, None)
            self.alive.clear()
            if self._control:
                self._control.close()
                self._control = None
        if self._zygote:
            self._zygote.kill()
            self._zygote.wait()

    def _note_death(self, worker: Worker, status: int | None) -> None:
        worker.status = status
        worker.ended.set()
        if worker in self.idle:
            self.idle.remove(worker)
            worker.close()
