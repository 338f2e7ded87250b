"""A worker: a process that answers queries and requests one by one, and that may be killed at any moment."""

import ctypes
import os
import resource
import signal
import socket
import traceback
from collections.abc import Callable

from readmission.answering import Answer, Outcome, Query, Unanswered, answer
from readmission.engine import Engine
from readmission.workers import frames

Application = Callable[[frames.Request], frames.Response]
"""Answers an HTTP request. It runs in a process that can open no file: all it reads has to be in memory."""
_DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG, linux/prctl.h
_SWOLLEN = 64 * 1024  # kibibytes of growth after which a worker gives its memory back by ending


def confine(parent: int, memory: int, size: int) -> None:
    """Bind this process: it dies with its parent, opens nothing, and grows by ``memory`` bytes over ``size``."""
    ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (size + memory, size + memory))
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))  # neither file nor socket, whatever a query says


def work(connection: socket.socket, engine: Engine, application: Application | None, largest: int) -> None:
    """Answer queries and requests until the front goes away, or memory has run out or grown."""
    born, stream = _peak(), connection.makefile("rb")
    while asked := frames.receive(stream):
        reply, enough = _reply(engine, application, asked, largest)
        connection.sendall(frames.framed(reply))
        if enough or _peak() - born > _SWOLLEN:
            return


def _reply(
    engine: Engine, application: Application | None, asked: Query | frames.Request, largest: int
) -> tuple[Answer | frames.Response | frames.Refused, bool]:
    """Return what to send, and whether this process should end after it."""
    try:
        if isinstance(asked, Query):
            return answer(engine, asked, largest), False
        assert application is not None, "no application was named to this worker's zygote"
        return application(asked), False
    except Unanswered as fault:
        return frames.refused(fault), False
    except MemoryError:
        return frames.Refused(Outcome.MEMORY, "", {}), True
    except Exception as fault:  # noqa: BLE001  # whatever it is, the front has to hear of it
        return frames.refused(Unanswered(Outcome.FAILED, "".join(traceback.format_exception(fault)))), True


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
