"""A worker: a process that answers queries and requests one by one, and that may be killed at any moment."""

import ctypes
import os
import resource
import select
import signal
import socket
import traceback
from collections.abc import Callable
from typing import NamedTuple

from readmission.engine.execution import Answer, Outcome, Query, Unanswered, answer
from readmission.engine.interface import Engine
from readmission.engine.limits import MEBIBYTE
from readmission.workers import messages
from readmission.workers.system import memory

Application = Callable[[messages.Request], messages.Response]
"""Answers an HTTP request. It runs in a process that can open no file: all it reads has to be in memory."""
_DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG, linux/prctl.h
_FILES = (
    4 * MEBIBYTE
)  # of the program itself, which a worker comes to read: they count as its growth, and cost nothing


REST = 30.0  # seconds without anything to do ...
_MUCH = 16 * MEBIBYTE  # ... after which a worker that has taken so much ends


class Caps(NamedTuple):
    """What a worker may take, in bytes."""

    memory: int
    """For one query."""
    growth: int
    """What it may keep from one query to the next: beyond that it ends."""
    answer: int
    """Of one answer."""


class Unconfined(OSError):
    """The system does not let a process limit itself; the message says how to mend it."""


def confine(parent: int, caps: Caps, size: int) -> None:
    """Bind this process: it dies with its parent, opens nothing, and grows no more than ``caps`` over ``size`` bytes.

    When memory runs out, the kernel ends it before others. Raises Unconfined.
    """
    ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)
    memory.give_up_first(memory.FIRST_TO_GO)
    most = size + caps.memory + caps.growth
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    try:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
        resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))  # neither file nor socket, whatever a query says
    except (ValueError, OSError) as fault:
        raise Unconfined(_mend(fault, most, hard, size)) from fault


def _mend(fault: Exception, most: int, hard: int, size: int) -> str:
    if hard == resource.RLIM_INFINITY or hard >= most:
        return f"a process may not limit itself here ({fault}); allow setrlimit, in a container by its seccomp profile"
    less = (hard - size) * 4 // 5 // MEBIBYTE
    told = f"a process may have {hard // MEBIBYTE} MiB of address space here, and a worker needs {most // MEBIBYTE}; "
    return told + "lift that limit (ulimit -v unlimited)" + (f", or serve with --memory {less}" * (less > 0))


def work(connection: socket.socket, engine: Engine, application: Application | None, caps: Caps) -> None:
    """Answer queries and requests until the front goes away, or memory has run out or grown."""
    born, stream = _usage(), connection.makefile("rb")
    most, last = born.ru_maxrss + (caps.growth + _FILES) // 1024, False
    while not last and _is_wanted(connection, born.ru_minflt) and (asked := messages.receive(stream)):
        frame, last = _reply(engine, application, asked, caps.answer)
        last = last or _usage().ru_maxrss > most
        if last:
            messages.call_last(frame)
        connection.sendall(frame)


def _is_wanted(connection: socket.socket, faults: int) -> bool:
    """Wait for something to do; False when it is time to end: nothing to do for long, and much memory taken.

    What is shared with the zygote becomes a worker's own page by page as it is touched, and only its end gives that
    back: page faults since its birth, when it had ``faults``, count it.
    """
    while not select.select([connection], [], [], REST)[0]:
        if (_usage().ru_minflt - faults) * resource.getpagesize() > _MUCH:
            return False
    return True


def _reply(
    engine: Engine, application: Application | None, asked: Query | messages.Request, largest: int
) -> tuple[bytearray, bool]:
    """Return what to send, and whether this process should end after it."""
    try:
        if isinstance(asked, Query):
            return messages.framed(_answer(engine, asked, largest)), False
        if application is None:  # it waited for another worker, and the zygote of that one was lost
            return messages.framed(
                messages.Refused(Outcome.BUSY, "no worker is ready; try again soon", {})
            ), False
        return messages.framed(application(asked)), False
    except MemoryError:
        return messages.framed(messages.Refused(Outcome.MEMORY, "", {})), True
    except Exception as fault:  # noqa: BLE001  # whatever it is, the front has to hear of it
        told = Unanswered(Outcome.FAILED, "".join(traceback.format_exception(fault)))
        return messages.framed(messages.refused(told)), True


def _answer(engine: Engine, query: Query, largest: int) -> Answer | messages.Refused:
    try:
        return answer(engine, query, largest)
    except Unanswered as fault:
        return messages.refused(fault)


def _usage() -> resource.struct_rusage:
    """Return what this process has taken, among it the kibibytes that it has held at most."""
    return resource.getrusage(resource.RUSAGE_SELF)
