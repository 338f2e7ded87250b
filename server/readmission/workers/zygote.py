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
from pathlib import Path

from readmission.engine import Embedded, opened
from readmission.workers.frames import FORK
from readmission.workers.limits import GIVES_WAY
from readmission.workers.worker import confine, work


def main(arguments: list[str]) -> int:
    """Run as ``python -m readmission.workers.zygote SOCKET MEMORY LARGEST ours|theirs FILE…``, to the socket's end."""
    control = socket.socket(fileno=int(arguments[0]))
    memory, largest, ours = int(arguments[1]), int(arguments[2]), arguments[3] == "ours"
    for number in (signal.SIGINT, signal.SIGTERM):  # meant for the front, which then closes the socket
        signal.signal(number, signal.SIG_IGN)
    engine = opened([Path(name) for name in arguments[4:]], ours=ours)
    os.nice(GIVES_WAY)
    gc.collect()
    gc.freeze()  # the collector would touch, and so copy, every page in every worker
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # the front has gone
        _take_orders(control, engine, memory, largest)
    return 0


def _take_orders(control: socket.socket, engine: Embedded, memory: int, largest: int) -> None:
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
            _fork(control, (deaths, bell), engine, memory, largest)


def _fork(
    control: socket.socket, bells: tuple[socket.socket, ...], engine: Embedded, memory: int, largest: int
) -> None:
    front, back = socket.socketpair()
    parent, size = os.getpid(), _size()
    child = os.fork()
    if child == 0:
        for end in (front, control, *bells):
            end.close()
        _become_worker(parent, back, engine, memory, size, largest)
    back.close()
    handle = os.pidfd_open(child)  # before anybody could have waited for it: the number cannot mean another
    try:
        socket.send_fds(control, [f"born {child}".encode()], [front.fileno(), handle])
    finally:
        os.close(handle)
        front.close()


def _become_worker(
    parent: int, back: socket.socket, engine: Embedded, memory: int, size: int, largest: int
) -> None:
    """Never returns: whatever happens, the child must not go on as a second zygote."""
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        silence = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silence, 2)  # a worker at its memory limit would write of it there
        os.close(silence)
        confine(parent, memory, size)
        work(back, engine, largest)
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
