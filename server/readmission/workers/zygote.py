"""The zygote: a process with a single thread that holds the data, and forks workers that share them.

Only such a process may be forked safely, and a fork takes milliseconds where a new process would load the data
again. First it tries whether a worker can be confined and answers; if not, it says why, and ends. Then it takes
orders on a socket, sends back each worker's socket and process handle, and tells of every death. Once it has served the
first orders it makes the application that answers HTTP requests; workers that are born from then on have it.
It ends when the front does: then the socket is closed; and its workers end with it (see ``worker.confine``).
"""

import contextlib
import gc
import os
import resource
import select
import signal
import socket
import sys
import threading
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import NoReturn

from msgspec import json

from readmission.engine.embedded import EmbeddedEngine, load_files
from readmission.engine.execution import Answer, Outcome, UnansweredError
from readmission.engine.formats.rdf_files import DataError
from readmission.engine.limits import NICE_DEFAULT
from readmission.workers import messages
from readmission.workers.system import child_processes, memory
from readmission.workers.trial import least_answer
from readmission.workers.worker import Caps, Responder, confine, work

_LAST_WORDS = 4096  # bytes
_OUT_OF_MEMORY = (b"memory allocation of", b"MemoryError")
"""What the engine, which is written in Rust, and Python say when they end for want of memory."""


class UnfitError(RuntimeError):
    """No worker can answer here; the message says why."""


def main(arguments: list[str]) -> int:
    """Run as ``python -m readmission.workers.zygote SOCKET ORDERS``, until the socket's end."""
    control = socket.socket(fileno=int(arguments[0]))
    orders = json.decode(arguments[1], type=messages.ZygoteOptions)
    for number in (signal.SIGINT, signal.SIGTERM):  # meant for the front, which then closes the socket
        signal.signal(number, signal.SIG_IGN)
    memory.raise_oom_score(memory.OOM_SCORE_ZYGOTE)
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # the front has gone
        try:
            engine = _load(orders)
            os.nice(NICE_DEFAULT)
            zygote = _Zygote(control, engine, orders)
            zygote.try_worker()
        except UnfitError as fault:
            control.send(f"unfit {fault}".encode()[: messages.LONGEST_NOTICE])
            return 1
        zygote.serve()
    return 0


def _load(orders: messages.ZygoteOptions) -> EmbeddedEngine:
    """Return the data. Raises UnfitError."""
    handles = [handle for handle, _ in orders.files]
    try:
        engine = load_files([Path(name) for _, name in orders.files], trusted=orders.trusted, handles=handles)
    except MemoryError as fault:
        raise UnfitError("the data do not fit into the memory that a process may have here") from fault
    except DataError as fault:
        raise UnfitError(str(fault)) from fault
    for handle in handles:
        os.close(handle)
    _freeze_heap()
    return engine


def _freeze_heap() -> None:
    """Keep the garbage collector off all present objects: it would touch, and so copy, every page in every worker."""
    gc.collect()
    gc.freeze()


class _Zygote:
    """Forks workers on request of the front, and reports their ends."""

    def __init__(
        self, control: socket.socket, engine: EmbeddedEngine, orders: messages.ZygoteOptions
    ) -> None:
        self._control, self._engine, self._orders = control, engine, orders
        self._caps = Caps(orders.memory, orders.growth, orders.largest)
        self._application: Responder | None = None
        self._deaths, self._wakeup = socket.socketpair()
        self._stderr_pipes: dict[int, int] = {}
        """For each worker, the read end of a pipe with its standard error."""

    def try_worker(self) -> None:
        """Let one confined worker answer a query. Raises UnfitError when it does not."""
        try:
            child, front, handle = self._fork()
        except OSError as fault:
            raise UnfitError(f"no process can be started here ({fault})") from fault
        os.close(handle)
        with front:
            reply = least_answer(front)
        _, status = os.waitpid(child, 0)
        said = self._last_words(child)
        if isinstance(reply, Answer):
            return
        if isinstance(reply, UnansweredError) and reply.outcome is not Outcome.MEMORY:
            raise UnfitError(str(reply))
        if reply or _is_out_of_memory(said):
            raise UnfitError("a worker has no memory for the least query: serve with a larger --memory")
        ended = os.waitstatus_to_exitcode(status)
        raise UnfitError(said.decode(errors="replace") or f"a worker ends at once, with {ended}")

    def serve(self) -> None:
        """Fork workers and report their ends until the front has gone."""
        for end in (self._deaths, self._wakeup):
            end.setblocking(False)
        signal.set_wakeup_fd(self._wakeup.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
        try:
            self._serve()
        finally:
            signal.set_wakeup_fd(-1)

    def _serve(self) -> None:
        has_borne = False
        while True:
            ready, _, _ = select.select([self._control, self._deaths], [], [], 0 if has_borne else None)
            if not ready:
                self._load_application()
                has_borne = False
            if self._deaths in ready:
                self._deaths.recv(4096)
                self._report_deaths()
            if self._control in ready:
                if self._control.recv(16) != messages.FORK:
                    return
                self._start_worker()
                has_borne = self._application is None and self._orders.application is not None

    def _load_application(self) -> None:
        """Make the application, when no order waits: the first queries do not wait for it.

        A thread has a heap of its own (glibc's arenas): what the application leaves of it in pieces does not slow down
        the engine's work in the heap of the data. The thread has ended before anything is forked.
        """
        making = threading.Thread(target=self._make_application)
        making.start()
        making.join()
        _freeze_heap()
        self._control.send(messages.APPLICATION_READY)

    def _make_application(self) -> None:
        assert self._orders.application is not None
        module, _, name = self._orders.application.partition(":")
        make: Callable[[EmbeddedEngine, str], Responder] = getattr(import_module(module), name)
        self._application = make(self._engine, self._orders.argument)

    def _start_worker(self) -> None:
        try:
            child, front, handle = self._fork()
        except OSError as fault:  # no process, handle or memory is left; the front orders another later
            self._control.send(f"unborn {fault}".encode())
            return
        try:
            socket.send_fds(self._control, [f"born {child}".encode()], [front.fileno(), handle])
        finally:
            os.close(handle)
            front.close()

    def _fork(self) -> tuple[int, socket.socket, int]:
        """Return a new worker's number, the socket to ask it on, and its handle."""
        front, back = socket.socketpair()
        ear, mouth = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        parent, size = os.getpid(), _size()
        try:
            child = os.fork()
        except OSError:
            front.close()
            os.close(ear)
            raise
        else:
            if child == 0:
                self._become_worker(parent, (front, back), mouth, size)
        finally:
            back.close()
            os.close(mouth)
        self._stderr_pipes[child] = ear
        return (
            child,
            front,
            os.pidfd_open(child),
        )  # before anybody waited for it: the number cannot mean another

    def _become_worker(
        self, parent: int, ends: tuple[socket.socket, socket.socket], mouth: int, size: int
    ) -> NoReturn:
        """Whatever happens, the child must not go on as a second zygote."""
        try:
            signal.set_wakeup_fd(-1)  # before its end is closed
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            front, back = ends
            for end in (front, self._control, self._deaths, self._wakeup):
                end.close()
            os.dup2(mouth, 2)  # the engine says there why it ends
            os.close(mouth)
            try:
                confine(parent, self._caps, size)
            except OSError as fault:
                os.write(2, str(fault).encode())
                os._exit(1)
            work(back, self._engine, self._application, self._caps)
        except BaseException:  # noqa: BLE001
            os._exit(1)
        os._exit(0)

    def _report_deaths(self) -> None:
        for child, status in child_processes.reap():
            starved = _is_out_of_memory(self._last_words(child))
            self._control.send(f"died {child} {status} {starved:d}".encode())

    def _last_words(self, child: int) -> bytes:
        """Return what a worker that has ended wrote to standard error."""
        ear = self._stderr_pipes.pop(child)
        try:
            return os.read(ear, _LAST_WORDS)
        except BlockingIOError:
            return b""
        finally:
            os.close(ear)


def _is_out_of_memory(said: bytes) -> bool:
    return any(words in said for words in _OUT_OF_MEMORY)


def _size() -> int:
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
