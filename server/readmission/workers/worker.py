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

from readmission.engine.execution import Answer, Outcome, Query, UnansweredError, answer
from readmission.engine.interface import Engine
from readmission.engine.limits import MEBIBYTE
from readmission.workers import messages
from readmission.workers.system import memory

Responder = Callable[[messages.Request], messages.Response]
"""Answers an HTTP request. It runs in a process that can open no file: all it reads has to be in memory."""
_DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG, linux/prctl.h
_FILES = (
    4 * MEBIBYTE
)  # of the program itself, which a worker comes to read: they count as its growth, and cost nothing


IDLE_SECONDS = 30.0  # seconds without a query ...
_IDLE_MEMORY = 16 * MEBIBYTE  # ... after which a worker that has taken so much ends


class Caps(NamedTuple):
    """What a worker may take, in bytes."""

    memory: int
    """For one query."""
    growth: int
    """What it may keep from one query to the next: beyond that it ends."""
    answer: int
    """Of one answer."""


class ConfinementError(OSError):
    """The system does not let a process limit itself; the message says how to correct that."""


def confine(parent: int, caps: Caps, size: int) -> None:
    """Bind this process: it dies with its parent, opens nothing, and grows no more than ``caps`` over ``size`` bytes.

    When memory runs out, the kernel ends it before others. Raises ConfinementError.
    """
    ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)
    memory.raise_oom_score(memory.OOM_SCORE_WORKER)
    most = size + caps.memory + caps.growth
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    try:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
        resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))  # neither file nor socket, whatever a query says
    except (ValueError, OSError) as fault:
        raise ConfinementError(_mend(fault, most, hard, size)) from fault


def _mend(fault: Exception, most: int, hard: int, size: int) -> str:
    if hard == resource.RLIM_INFINITY or hard >= most:
        return f"a process may not limit itself here ({fault}); allow setrlimit, in a container by its seccomp profile"
    less = (hard - size) * 4 // 5 // MEBIBYTE
    told = f"a process may have {hard // MEBIBYTE} MiB of address space here, and a worker needs {most // MEBIBYTE}; "
    return told + "lift that limit (ulimit -v unlimited)" + (f", or serve with --memory {less}" * (less > 0))


def work(connection: socket.socket, engine: Engine, application: Responder | None, caps: Caps) -> None:
    """Answer queries and requests until the front goes away, or memory has run out or grown."""
    born, stream = _usage(), connection.makefile("rb")
    most, last = born.ru_maxrss + (caps.growth + _FILES) // 1024, False
    while not last and _wait_for_work(connection, born.ru_minflt) and (asked := messages.receive(stream)):
        frame, last = _reply(engine, application, asked, caps.answer)
        last = last or _usage().ru_maxrss > most
        if last:
            messages.mark_last(frame)
        connection.sendall(frame)


def _wait_for_work(connection: socket.socket, faults: int) -> bool:
    """Wait for work; False when the worker should end: long idle, with much memory taken.

    What is shared with the zygote becomes a worker's own page by page as it is touched, and only its end gives that
    back: page faults since its birth, when it had ``faults``, count it.
    """
    while not select.select([connection], [], [], IDLE_SECONDS)[0]:
        if (_usage().ru_minflt - faults) * resource.getpagesize() > _IDLE_MEMORY:
            return False
    return True


def _reply(
    engine: Engine, application: Responder | None, asked: Query | messages.Request, largest: int
) -> tuple[bytearray, bool]:
    """Return what to send, and whether this process should end after it."""
    try:
        if isinstance(asked, Query):
            return messages.to_frame(_answer(engine, asked, largest)), False
        if application is None:  # it waited for another worker, and the zygote of that one was lost
            return messages.to_frame(
                messages.Refusal(Outcome.BUSY, "no worker is ready; try again soon", {})
            ), False
        return messages.to_frame(application(asked)), False
    except MemoryError:
        return messages.to_frame(messages.Refusal(Outcome.MEMORY, "", {})), True
    except Exception as fault:  # noqa: BLE001  # whatever it is, the front has to hear of it
        told = UnansweredError(Outcome.FAILED, "".join(traceback.format_exception(fault)))
        return messages.to_frame(messages.to_refusal(told)), True


def _answer(engine: Engine, query: Query, largest: int) -> Answer | messages.Refusal:
    try:
        return answer(engine, query, largest)
    except UnansweredError as fault:
        return messages.to_refusal(fault)


def _usage() -> resource.struct_rusage:
    """Return what this process has taken, among it the kibibytes that it has held at most."""
    return resource.getrusage(resource.RUSAGE_SELF)
