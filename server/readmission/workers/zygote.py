"""The zygote: a process with a single thread that holds the data, and forks workers that share them.

Only such a process may be forked safely, and a fork takes milliseconds where a new process would load the data
again. It takes orders on a socket, sends back each worker's socket and process handle, and tells of every death.
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
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from msgspec import json

from readmission.engine import Embedded, opened
from readmission.workers.frames import FORK
from readmission.workers.limits import GIVES_WAY
from readmission.workers.orders import Orders
from readmission.workers.worker import Application, confine, work


@dataclass(frozen=True)
class _Stock:
    """What every worker is born with."""

    engine: Embedded
    application: Application | None
    orders: Orders


def main(arguments: list[str]) -> int:
    """Run as ``python -m readmission.workers.zygote SOCKET ORDERS``, until the socket is closed."""
    control = socket.socket(fileno=int(arguments[0]))
    orders = json.decode(arguments[1], type=Orders)
    for number in (signal.SIGINT, signal.SIGTERM):  # meant for the front, which then closes the socket
        signal.signal(number, signal.SIG_IGN)
    engine = opened([Path(name) for name in orders.files], ours=orders.ours)
    stock = _Stock(engine, _application(orders, engine), orders)
    os.nice(GIVES_WAY)
    gc.collect()
    gc.freeze()  # the collector would touch, and so copy, every page in every worker
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # the front has gone
        _take_orders(control, stock)
    return 0


def _application(orders: Orders, engine: Embedded) -> Application | None:
    if orders.application is None:
        return None
    module, _, name = orders.application.partition(":")
    make: Callable[[Embedded, str], Application] = getattr(import_module(module), name)
    return make(engine, orders.argument)


def _take_orders(control: socket.socket, stock: _Stock) -> None:
    deaths, bell = socket.socketpair()
    for end in (deaths, bell):
        end.setblocking(False)
    signal.set_wakeup_fd(bell.fileno(), warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
    while True:
        ready, _, _ = select.select([control, deaths], [], [])
        if deaths in ready:
            deaths.recv(4096)
            _tell_deaths(control)
        if control in ready:
            if control.recv(16) != FORK:
                return
            _fork(control, (deaths, bell), stock)


def _fork(control: socket.socket, bells: tuple[socket.socket, ...], stock: _Stock) -> None:
    front, back = socket.socketpair()
    parent, size = os.getpid(), _size()
    child = os.fork()
    if child == 0:
        for end in (front, control, *bells):
            end.close()
        _become_worker(parent, back, stock, size)
    back.close()
    handle = os.pidfd_open(child)  # before anybody could have waited for it: the number cannot mean another
    try:
        socket.send_fds(control, [f"born {child}".encode()], [front.fileno(), handle])
    finally:
        os.close(handle)
        front.close()


def _become_worker(parent: int, back: socket.socket, stock: _Stock, size: int) -> None:
    """Never returns: whatever happens, the child must not go on as a second zygote."""
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        silence = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silence, 2)  # a worker at its memory limit would write of it there
        os.close(silence)
        confine(parent, stock.orders.memory, size)
        work(back, stock.engine, stock.application, stock.orders.largest)
    except BaseException:  # noqa: BLE001
        os._exit(1)
    os._exit(0)


def _tell_deaths(control: socket.socket) -> None:
    while True:
        try:
            child, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if child == 0:
            return
        control.send(f"died {child} {os.waitstatus_to_exitcode(status)}".encode())


def _size() -> int:
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
