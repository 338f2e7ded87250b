"""A pool of workers: each query runs in a process of its own until it is answered, or is killed with it.

A pool belongs to the event loop in which it is made, and its state is touched there alone. Other threads use ``ask``.
"""

import asyncio
import contextlib
import time
from collections.abc import Sequence
from pathlib import Path

from cachetools import FIFOCache

from readmission.engine.admission import Admission
from readmission.engine.client_budgets import Shares
from readmission.engine.execution import Answer, Fault, Outcome, Query, Unanswered
from readmission.engine.limits import Limits
from readmission.engine.running_query import RunningQuery
from readmission.workers import messages, refusals
from readmission.workers.call import Call, Displaced, Outgrown
from readmission.workers.scheduler import Lane, Lanes, State
from readmission.workers.supervisor import Keeper
from readmission.workers.worker_connection import WorkerLost

_LEAST_CHARGE = 0.001
_REMEMBERED = 4096  # texts


class Pool:
    """Answers queries in killable processes, within limits, in fair turns."""

    def __init__(
        self,
        files: Sequence[Path],
        limits: Limits | None = None,
        *,
        ours: bool = False,
        application: tuple[str, str] | None = None,
    ) -> None:
        """Start the workers; ``application`` names what answers ``respond``, and its argument: see ``Orders``."""
        self.limits = limits or Limits()
        self._loop = asyncio.get_running_loop()
        self.admission = Admission(self.limits)
        self._heavy = Shares(self.limits)
        self._lanes: Lanes[Call] = Lanes(self.limits, self.admission.shares)
        self._known_long: FIFOCache[bytes, bool] = FIFOCache(_REMEMBERED)
        """Texts, by digest, that outgrew the fast lane: the data do not change, so they will again."""
        self.keeper = Keeper(files, self.limits, self._dispatch, ours=ours, application=application)

    @property
    def faults(self) -> tuple[Fault, ...]:
        """The questions that the engine gets wrong: none, for it is the one that releases are checked with."""
        return ()

    def ask(self, query: Query, running: RunningQuery) -> Answer:
        """Answer a query, or raise Unanswered; for threads other than the one of the event loop."""
        return asyncio.run_coroutine_threadsafe(self.answer(query, running), self._loop).result()

    async def answer(self, query: Query, running: RunningQuery) -> Answer:
        """Answer a query, or raise Unanswered: at its deadline, at its memory limit, or when nobody waits for it."""
        reply = await self._answered(query, len(query.text), running)
        assert isinstance(reply, Answer)
        return reply

    async def respond(self, request: messages.Request, running: RunningQuery) -> messages.Response:
        """Have the workers' application answer a request, or raise Unanswered, as for a query."""
        reply = await self._answered(request, len(request.body), running)
        assert isinstance(reply, messages.Response)
        return reply

    async def _answered(
        self, asked: Query | messages.Request, length: int, running: RunningQuery
    ) -> Answer | messages.Response:
        long = length > messages.LONG_TEXT
        message = await asyncio.to_thread(messages.message, asked) if long else messages.message(asked)
        self.admission.enter(running.client)
        call = self._call(message, running, isinstance(asked, messages.Request))
        try:
            return await self._answer(call)
        finally:
            self._leave(call)
            self.admission.leave(running.client)

    def ready(self) -> bool:
        """Whether there is a worker to answer."""
        return bool(self.keeper.workers.alive)

    async def started(self) -> str:
        """Wait for the first worker; return the fault by which none came, or nothing."""
        return await asyncio.shield(self.keeper.start)

    @property
    def fault(self) -> str:
        """Why no query can be answered; empty when one can, or when that is not known yet."""
        return self.keeper.fault

    def share(self, client: str) -> dict[str, str]:
        """Return headers that tell a client what is left of its share."""
        return self.admission.headers(client)

    def state(self) -> State:
        """Return what an operator may want to know."""
        lanes = self._lanes
        return State(
            workers=len(self.keeper.workers.alive),
            idle=len(self.keeper.workers.idle),
            zygotes=self.keeper.zygotes,
            waiting={lane.value: len(lanes.waiting[lane]) for lane in Lane},
            running={lane.value: len(lanes.running[lane]) for lane in Lane},
        )

    async def close(self) -> None:
        """End all processes."""
        await self.keeper.close()

    def _call(self, message: messages.Message, running: RunningQuery, is_request: bool) -> Call:
        now, client = time.monotonic(), running.client
        heavy = self._heavy.used(client, now) > self.limits.heavy or message.digest in self._known_long
        running.arrive(self.limits)
        lane = Lane.LONG if heavy else Lane.QUICK
        return Call(
            client, lane, message.digest, message=message.frame, running=running, is_request=is_request
        )

    def _dispatch(self) -> None:
        """Give workers to those whose turn it is."""
        while call := self._lanes.next(time.monotonic()):
            worker = self.keeper.take(call.niceness)
            if worker is None:
                return
            self._lanes.start(call)
            call.given(worker)
            worker.give_way(call.niceness)

    async def _answer(self, call: Call) -> Answer | messages.Response:
        losses = 0
        while True:
            try:
                reply = await self._reply(call)
            except Outgrown:
                self._end(call, keep=False)
                call.lane = Lane.LONG
            except WorkerLost:
                worker = call.worker
                assert worker is not None
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(worker.ended.wait(), 1)
                self._end(call, keep=False)
                losses += 1
                if worker.status not in refusals.NOT_ITS_FAULT or losses == refusals.LOSSES:
                    self._known_long[call.digest] = True  # a new worker takes long, too
                    raise refusals.lost(worker, self.limits, self._free_in()) from None
            except (Unanswered, asyncio.CancelledError):
                if call.worker:
                    self._end(call, keep=False)
                raise
            else:
                self._end(call)
                return self._told(reply)

    async def _reply(self, call: Call) -> memoryview:
        """Have a query wait for its turn and then for its worker."""
        call.expect(min(self._wait(call), self.limits.quick_time), self._watch)
        try:
            if not self._lanes.enter(call, time.monotonic()):
                raise refusals.busy("too many queries are waiting; try again soon", self._free_in())
            self._dispatch()
            return await call.reply
        except Displaced:
            raise refusals.busy("a client that asks less took its place", self._free_in()) from None
        finally:
            call.expect_no_more()

    def _watch(self, call: Call) -> float:
        """Return how long to wait on, and move a query that has become long to its lane; raises to give up."""
        if call.worker is None:
            return self._wait(call)
        left = call.running.work()
        if call.lane is Lane.LONG:
            return left
        quick = self._quick_time(call) - call.running.spent(call.worker.used())
        if quick > 0:
            return min(left, quick)
        if not self._lanes.promote(call):
            if self.keeper.is_short:
                return min(left, self.limits.quick_time)
            raise Outgrown
        self._dispatch()
        call.worker.give_way(call.niceness)
        return left

    def _quick_time(self, call: Call) -> float:
        return self.limits.page_time if call.is_request else self.limits.quick_time

    def _wait(self, call: Call) -> float:
        try:
            return call.running.wait()
        except Unanswered as fault:
            fault.retry_after = self._free_in() if fault.outcome is Outcome.BUSY else None
            raise

    def _told(self, reply: memoryview) -> Answer | messages.Response:
        try:
            return messages.told(reply)
        except Unanswered as fault:
            if fault.outcome is Outcome.MEMORY:
                raise refusals.too_much_memory(self.limits) from fault
            if fault.outcome is Outcome.BUSY:
                raise refusals.busy(str(fault), self._free_in()) from fault
            raise

    def _end(self, call: Call, *, keep: bool = True) -> None:
        """Note what a query used of its worker, and let the worker go: back to the others, or for ever."""
        assert call.worker is not None
        now, used = time.monotonic(), call.worker.used()
        call.running.ran = now - call.running.started
        spent = call.running.spent(used)
        call.worker.clock = used
        self.admission.shares.charge(call.client, max(spent, _LEAST_CHARGE), now)
        if spent >= self._quick_time(call):
            self._heavy.charge(call.client, spent, now)
            self._known_long[call.digest] = True
            self._lanes.outgrew(call.digest, now)
        elif keep:
            self._known_long.pop(call.digest, None)
        self._leave(call, keep=keep)

    def _leave(self, call: Call, *, keep: bool = True) -> None:
        if call.place is None:
            return
        self._lanes.leave(call)
        worker, call.worker = call.worker, None
        if worker and keep:
            self.keeper.give_back(worker, call.niceness)
        elif worker:
            self.keeper.discard(worker)
        self._dispatch()

    def _free_in(self) -> int:
        return refusals.free_in(self.limits, len(self._lanes.waiting[Lane.LONG]))
