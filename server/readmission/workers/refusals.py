"""Why the pool gives no answer, in words for who asked: what is known of the cause, and no more."""

import math

from readmission.engine.execution import Outcome, Unanswered
from readmission.engine.limits import MEBIBYTE, Limits
from readmission.workers.worker_connection import Worker

LOSSES = 3
"""Of workers, none of them by its fault, after which a query is given up: to ask again changes nothing."""
NOT_ITS_FAULT = (None, 0, -9)
"""How a worker ends that a query did not end: lost, done, killed from outside."""
_STACK_OVERFLOW = -11  # SIGSEGV


def free_in(limits: Limits, waiting: int) -> int:
    """Return in how many seconds it makes sense to come back, while so many long queries wait: never 0."""
    return max(1, math.ceil(limits.deadline * min(1.0, waiting / limits.long_queue) / 2))


def busy(told: str, seconds: int) -> Unanswered:
    """Return what tells a client to come back in some seconds."""
    return Unanswered(Outcome.BUSY, told, retry_after=seconds)


def lost(worker: Worker, limits: Limits, seconds: int) -> Unanswered:
    """Return why a worker ended with a query; where it was not the query's fault, it may come back in some seconds."""
    if worker.starved:
        return too_much_memory(limits)
    if worker.status == _STACK_OVERFLOW:
        return Unanswered(Outcome.MEMORY, "the query is nested too deeply to be read; flatten it")
    if worker.status in NOT_ITS_FAULT:
        return busy(
            f"the process that ran the query was ended from outside, {LOSSES} times; "
            "this machine may be short of memory. Try again later",
            seconds,
        )
    return Unanswered(Outcome.FAILED, f"the engine ended with {worker.status} on this query")


def too_much_memory(limits: Limits) -> Unanswered:
    """Return what tells of a query that took more memory than it may."""
    return Unanswered(
        Outcome.MEMORY,
        f"the query needed more than {limits.memory // MEBIBYTE} MiB of memory; ask for fewer rows, "
        "or order and group less at a time",
    )
