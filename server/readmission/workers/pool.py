"""A pool of workers: each query runs in a process of its own until it is answered, or is killed with it.

A pool belongs to the event loop in which it is made, and its state is touched there alone. Other threads use ``ask``.
"""

import asyncio
import contextlib
import hashlib
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from readmission.answering import Answer, Errand, Fault, Outcome, Query, Unanswered
from readmission.workers import frames
from readmission.workers.connection import Worker, WorkerLost
from readmission.workers.keeper import Keeper
from readmission.workers.lanes import KnownLong, Lane, Lanes, Ticket
from readmission.workers.limits import MEBIBYTE, Limits
from readmission.workers.run import Run
from readmission.workers.shares import Shares

_NOT_ITS_FAULT = (None, 0, -9)  # how a worker ends that a query did not end: lost, done, killed from outside
_LEAST_CHARGE = 0.001
_LOOK = 0.05  # seconds


class Outgrown(Exception):
    """A query has run for longer than the fast lane allows, and no slot for long ones is free."""


@dataclass(frozen=True)
class State:
    """What an operator sees of a pool at a moment."""

    workers: int
    idle: int
    zygotes: int
    waiting: dict[str, int]
    running: dict[str, int]


class Pool:
    """Answers queries in killable processes, within limits, in fair turns."""

    def __init__(self, files: Sequence[Path], limits: Limits | None = None, *, ours: bool = False) -> None:
        self.limits = limits or Limits()
        self._loop = asyncio.get_running_loop()
        self.shares = Shares(self.limits)
        self._heavy = Shares(self.limits)
        self._lanes = Lanes(self.limits, self.shares)
        self._known = KnownLong()
        self.keeper = Keeper(files, self.limits, self._dispatch, ours=ours)

    @property
    def faults(self) -> tuple[Fault, ...]:
        """The questions that the engine gets wrong: none, for it is the one that releases are checked with."""
        return ()

    def ask(self, query: Query, errand: Errand) -> Answer:
        """Answer a query, or raise Unanswered; for threads other than the one of the event loop."""
        return asyncio.run_coroutine_threadsafe(self.answer(query, errand), self._loop).result()

    async def answer(self, query: Query, errand: Errand) -> Answer:
        """Answer a query, or raise Unanswered: at its deadline, at its memory limit, or when nobody waits for it."""
        message = frames.asked(query)
        digest = hashlib.sha256(message).digest()
        run = Run(errand, self.limits)
        ticket = self._admitted(errand, digest)
        try:
            return await self._answer(message, ticket, run)
        finally:
            self._leave(ticket)

    def ready(self) -> bool:
        """Whether there is a worker to answer."""
        return bool(self.keeper.alive)

    def share(self, client: str) -> dict[str, str]:
        """Return the headers RateLimit-Policy and RateLimit (draft-ietf-httpapi-ratelimit-headers), in seconds."""
        left, back = self.shares.left(client, time.monotonic())
        window = math.ceil(self.limits.share / self.limits.refill)
        return {
            "RateLimit-Policy": f'"engine-seconds";q={self.limits.share:.0f};w={window}',
            "RateLimit": f'"engine-seconds";r={left};t={back}',
        }

    def state(self) -> State:
        """Return what an operator may want to know."""
        lanes, counts = self._lanes, self._lanes.count
        return State(
            workers=len(self.keeper.alive),
            idle=len(self.keeper.idle),
            zygotes=self.keeper.zygotes,
            waiting={lane.value: counts(lanes.waiting, lane) for lane in Lane},
            running={lane.value: counts(lanes.running, lane) for lane in Lane},
        )

    async def drained(self) -> None:
        """Wait until no query is under way."""
        while self._lanes.running or self._lanes.waiting:
            await asyncio.sleep(_LOOK)

    async def close(self) -> None:
        """End all processes."""
        await self.keeper.close()

    def _admitted(self, errand: Errand, digest: bytes) -> Ticket:
        now, client = time.monotonic(), errand.client
        if wait := self.shares.wait(client, now):
            raise Unanswered(
                Outcome.RATE,
                f"your share of the engine, {self.limits.share:g} seconds, is used up; "
                f"{self.limits.refill:g} come back each second",
                retry_after=wait,
            )
        if self._lanes.of_client(client) >= self.limits.at_once:
            raise Unanswered(
                Outcome.RATE,
                f"{self.limits.at_once} of your queries are under way; wait for one of them",
                retry_after=1,
            )
        heavy = self._heavy.used(client, now) > self.limits.heavy or digest in self._known
        ticket = Ticket(client, Lane.LONG if heavy else Lane.QUICK, digest)
        self._enter(ticket)
        return ticket

    def _enter(self, ticket: Ticket) -> None:
        if not self._lanes.enter(ticket, time.monotonic()):
            raise Unanswered(
                Outcome.BUSY, "too many queries are waiting; try again soon", retry_after=self._free_in()
            )
        self._dispatch()

    def _dispatch(self) -> None:
        """Give workers to those whose turn it is."""
        while (ticket := self._lanes.next(time.monotonic())) and (worker := self.keeper.take()):
            self._lanes.start(ticket)
            ticket.worker = worker
            ticket.turn.set()

    async def _answer(self, message: bytes, ticket: Ticket, run: Run) -> Answer:
        losses = 0
        while True:
            worker, patience = await self._turn(ticket, run)
            try:
                header, body = await worker.ask(message, patience, lambda: self._watch(ticket, run))
            except Outgrown:
                self._end(ticket, run, keep=False)
                ticket.lane = Lane.LONG
            except WorkerLost:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(worker.ended.wait(), 1)
                self._end(ticket, run, keep=False)
                losses += 1
                if worker.status not in _NOT_ITS_FAULT or losses > 2:
                    raise self._too_much_memory(worker.status) from None
            except (Unanswered, asyncio.CancelledError):
                self._end(ticket, run, keep=False)
                raise
            else:
                # A worker that gave way once does so for ever: it is replaced.
                self._end(ticket, run, keep=ticket.lane is Lane.QUICK)
                return self._told(header, body)
            self._enter(ticket)

    async def _turn(self, ticket: Ticket, run: Run) -> tuple[Worker, float]:
        """Wait until the query has a worker; return it, and after how many seconds to look at it first."""
        try:
            while not ticket.turn.is_set():
                patience = run.wait()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(ticket.turn.wait(), patience)
        except Unanswered as fault:
            fault.retry_after = self._free_in() if fault.outcome is Outcome.BUSY else None
            raise
        if ticket.worker is None:
            raise Unanswered(
                Outcome.BUSY, "a client that asks less took its place", retry_after=self._free_in()
            )
        left = run.begin(ticket.worker.used())
        if ticket.lane is Lane.LONG:
            ticket.worker.give_way()
        return ticket.worker, max(0.0, min(left, self.limits.quick_time))

    def _watch(self, ticket: Ticket, run: Run) -> float:
        """Return how long to wait for the worker's reply, and move a query that has become long to its lane."""
        left = run.work()
        if ticket.lane is Lane.LONG:
            return left
        assert ticket.worker is not None
        quick = self.limits.quick_time - run.spent(ticket.worker.used())
        if quick > 0:
            return min(left, quick)
        if not self._lanes.promote(ticket):
            raise Outgrown
        self._dispatch()
        ticket.worker.give_way()
        return left

    def _told(self, header: dict[str, object], body: bytes) -> Answer:
        try:
            return frames.told(header, body)
        except Unanswered as fault:
            if fault.outcome is Outcome.MEMORY:
                raise self._too_much_memory(None) from fault
            raise

    def _end(self, ticket: Ticket, run: Run, *, keep: bool) -> None:
        """Note what a query used of its worker, and let the worker go."""
        assert ticket.worker is not None
        run.errand.ran = time.monotonic() - run.started
        spent, now = run.spent(ticket.worker.used()), time.monotonic()
        self.shares.charge(ticket.client, max(spent, _LEAST_CHARGE), now)
        if spent >= self.limits.quick_time:
            self._heavy.charge(ticket.client, spent, now)
            self._known.add(ticket.digest)
            self._lanes.outgrew(ticket.digest, now)
        elif keep:
            self._known.remove(ticket.digest)
        self._leave(ticket, keep=keep)

    def _leave(self, ticket: Ticket, *, keep: bool = True) -> None:
        self._lanes.leave(ticket)
        worker, ticket.worker = ticket.worker, None
        ticket.turn.clear()
        if worker:
            (self.keeper.give_back if keep else self.keeper.discard)(worker)
        self._dispatch()

    def _free_in(self) -> int:
        """Return in how many seconds it makes sense to come back: never 0."""
        full = min(1.0, len(self._lanes.waiting) / self.limits.long_queue)
        return max(1, math.ceil(self.limits.deadline * full / 2))

    def _too_much_memory(self, status: int | None) -> Unanswered:
        told = (
            "the query is nested too deeply to be read; flatten it"
            if status == -11
            else f"the query needed more than {self.limits.memory // MEBIBYTE} MiB of memory; ask for fewer rows, "
            "or order and group less at a time"
        )
        return Unanswered(Outcome.MEMORY, told)
