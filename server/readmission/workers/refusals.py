"""Why the pool gives no answer, in words for who asked: what is known of the cause, and no more."""

import math

from readmission.engine.execution import Outcome, UnansweredError
from readmission.engine.limits import MEBIBYTE, Limits
from readmission.workers.worker_connection import Worker

MOST_LOSSES = 3
"""Of workers, none of them by its fault, after which a query is given up: to ask again changes nothing."""
INNOCENT_STATUSES = (None, 0, -9)
"""How a worker ends that a query did not end: lost, done, killed from outside."""
_STACK_OVERFLOW = -11  # SIGSEGV


def retry_after(limits: Limits, waiting: int) -> int:
    """Return in how many seconds it makes sense to come back, while so many long queries wait: never 0."""
    return max(1, math.ceil(limits.deadline * min(1.0, waiting / limits.long_queue) / 2))


def busy_error(message: str, seconds: int) -> UnansweredError:
    """Return what tells a client to come back in some seconds."""
    return UnansweredError(Outcome.BUSY, message, retry_after=seconds)


def loss_error(worker: Worker, limits: Limits, seconds: int) -> UnansweredError:
    """Return why a worker ended with a query; where it was not the query's fault, it may come back in some seconds."""
    if worker.is_out_of_memory:
        return memory_error(limits)
    if worker.status == _STACK_OVERFLOW:
        return UnansweredError(Outcome.MEMORY, "the query is nested too deeply to be read; flatten it")
    if worker.status in INNOCENT_STATUSES:
        return busy_error(
            f"the process that ran the query was ended from outside, {MOST_LOSSES} times; "
            "this machine may be short of memory. Try again later",
            seconds,
        )
    return UnansweredError(Outcome.FAILED, f"the engine ended with {worker.status} on this query")


def memory_error(limits: Limits) -> UnansweredError:
    """Return what tells of a query that took more memory than it may."""
    return UnansweredError(
        Outcome.MEMORY,
        f"the query needed more than {limits.memory // MEBIBYTE} MiB of memory; ask for fewer rows, "
        "or order and group less at a time",
    )
