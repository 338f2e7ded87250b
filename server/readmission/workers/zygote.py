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
import struct
import sys
import threading
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import NoReturn

from msgspec import json

from readmission.engine.embedded import Embedded, opened
from readmission.engine.execution import Answer, Outcome, Query, Unanswered
from readmission.engine.formats.rdf_files import DataFault
from readmission.engine.limits import GIVES_WAY
from readmission.query_files import lookup
from readmission.workers import messages
from readmission.workers.orders import Orders
from readmission.workers.system import child_processes, memory
from readmission.workers.worker import Application, Caps, confine, work

_LONGEST_TRIAL = 60.0  # seconds
_LAST_WORDS = 4096  # bytes
_STARVED = (b"memory allocation of", b"MemoryError")
"""What the engine, which is written in Rust, and Python say when they end for want of memory."""


class Unfit(RuntimeError):
    """No worker can answer here; the message says why."""


def main(arguments: list[str]) -> int:
    """Run as ``python -m readmission.workers.zygote SOCKET ORDERS``, until the socket's end."""
    control = socket.socket(fileno=int(arguments[0]))
    orders = json.decode(arguments[1], type=Orders)
    for number in (signal.SIGINT, signal.SIGTERM):  # meant for the front, which then closes the socket
        signal.signal(number, signal.SIG_IGN)
    memory.give_up_first(memory.GOES_BEFORE_FRONT)
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # the front has gone
        try:
            engine = _loaded(orders)
            os.nice(GIVES_WAY)
            zygote = _Zygote(control, engine, orders)
            zygote.prove()
        except Unfit as fault:
            control.send(f"unfit {fault}".encode()[: messages.NEWS])
            return 1
        zygote.take_orders()
    return 0


def _loaded(orders: Orders) -> Embedded:
    """Return the data. Raises Unfit."""
    handles = [handle for handle, _ in orders.files]
    try:
        engine = opened([Path(name) for _, name in orders.files], ours=orders.ours, handles=handles)
    except MemoryError as fault:
        raise Unfit("the data do not fit into the memory that a process may have here") from fault
    except DataFault as fault:
        raise Unfit(str(fault)) from fault
    for handle in handles:
        os.close(handle)
    _settle()
    return engine


def _settle() -> None:
    """Keep the collector from what there is: it would touch, and so copy, every page in every worker."""
    gc.collect()
    gc.freeze()


class _Zygote:
    """Forks workers by order of the front, and tells it of their deaths."""

    def __init__(self, control: socket.socket, engine: Embedded, orders: Orders) -> None:
        self._control, self._engine, self._orders = control, engine, orders
        self._caps = Caps(orders.memory, orders.growth, orders.largest)
        self._application: Application | None = None
        self._deaths, self._bell = socket.socketpair()
        self._ears: dict[int, int] = {}
        """For each worker the end of a pipe that holds its last words."""

    def prove(self) -> None:
        """Have a worker, confined as all are, answer a query. Raises Unfit when it does not."""
        try:
            child, front, handle = self._fork()
        except OSError as fault:
            raise Unfit(f"no process can be started here ({fault})") from fault
        os.close(handle)
        with front:
            reply = _trial(front)
        _, status = os.waitpid(child, 0)
        said = self._said(child)
        if isinstance(reply, Answer):
            return
        if isinstance(reply, Unanswered) and reply.outcome is not Outcome.MEMORY:
            raise Unfit(str(reply))
        if reply or _starved(said):
            raise Unfit("a worker has no memory for the least query: serve with a larger --memory")
        ended = os.waitstatus_to_exitcode(status)
        raise Unfit(said.decode(errors="replace") or f"a worker ends at once, with {ended}")

    def take_orders(self) -> None:
        """Fork workers and tell of deaths until the front has gone."""
        for end in (self._deaths, self._bell):
            end.setblocking(False)
        signal.set_wakeup_fd(self._bell.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
        try:
            self._take_orders()
        finally:
            signal.set_wakeup_fd(-1)

    def _take_orders(self) -> None:
        has_borne = False
        while True:
            ready, _, _ = select.select([self._control, self._deaths], [], [], 0 if has_borne else None)
            if not ready:
                self._equip()
                has_borne = False
            if self._deaths in ready:
                self._deaths.recv(4096)
                self._tell_deaths()
            if self._control in ready:
                if self._control.recv(16) != messages.FORK:
                    return
                self._bear()
                has_borne = self._application is None and self._orders.application is not None

    def _equip(self) -> None:
        """Make the application, when no order waits: the first queries do not wait for it.

        A thread has a heap of its own (glibc's arenas): what the application leaves of it in pieces does not slow down
        the engine's work in the heap of the data. The thread has ended before anything is forked.
        """
        making = threading.Thread(target=self._make)
        making.start()
        making.join()
        _settle()
        self._control.send(messages.EQUIPPED)

    def _make(self) -> None:
        assert self._orders.application is not None
        module, _, name = self._orders.application.partition(":")
        make: Callable[[Embedded, str], Application] = getattr(import_module(module), name)
        self._application = make(self._engine, self._orders.argument)

    def _bear(self) -> None:
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
        self._ears[child] = ear
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
            for end in (front, self._control, self._deaths, self._bell):
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

    def _tell_deaths(self) -> None:
        for child, status in child_processes.ends():
            starved = _starved(self._said(child))
            self._control.send(f"died {child} {status} {starved:d}".encode())

    def _said(self, child: int) -> bytes:
        """Return the last words of a worker that has ended."""
        ear = self._ears.pop(child)
        try:
            return os.read(ear, _LAST_WORDS)
        except BlockingIOError:
            return b""
        finally:
            os.close(ear)


def _starved(said: bytes) -> bool:
    return any(words in said for words in _STARVED)


def _trial(connection: socket.socket) -> Answer | Unanswered | None:
    """Ask a worker the least query; None when it ended before it had answered."""
    query = Query(lookup("any-statement"), "application/sparql-results+json", None)
    connection.settimeout(_LONGEST_TRIAL)
    try:
        connection.sendall(messages.framed(query))
        with connection.makefile("rb") as stream:
            length = messages.LENGTH.unpack(stream.read(messages.LENGTH.size))[0] % messages.LAST
            reply = messages.told(memoryview(stream.read(length)))
            assert isinstance(reply, Answer), "a query has an answer"
            return reply
    except Unanswered as fault:
        return fault
    except TimeoutError:
        return Unanswered(
            Outcome.FAILED, f"a worker has not answered the least query in {_LONGEST_TRIAL:g} s"
        )
    except (OSError, struct.error):
        return None


def _size() -> int:
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
