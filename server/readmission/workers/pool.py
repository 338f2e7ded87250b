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
from readmission.engine.client_budgets import ClientBudgets
from readmission.engine.execution import Answer, EngineMismatch, Outcome, Query, UnansweredError
from readmission.engine.limits import Limits
from readmission.engine.running_query import RunningQuery
from readmission.workers import messages, refusals
from readmission.workers.call import Call, EvictedError, OutgrownError
from readmission.workers.scheduler import Lane, Lanes, PoolState
from readmission.workers.supervisor import Supervisor
from readmission.workers.worker_connection import WorkerLostError

_LEAST_CHARGE = 0.001
_MOST_TEXTS = 4096  # texts


class Pool:
    """Answers queries in processes that can be killed, within limits, with fair scheduling."""

    def __init__(
        self,
        files: Sequence[Path],
        limits: Limits | None = None,
        *,
        trusted: bool = False,
        application: tuple[str, str] | None = None,
    ) -> None:
        """Start the workers; ``application`` is a name and an argument: see ``ZygoteOptions``."""
        self.limits = limits or Limits()
        self._loop = asyncio.get_running_loop()
        self.admission = Admission(self.limits)
        self._long_query_budgets = ClientBudgets(self.limits)
        self._lanes: Lanes[Call] = Lanes(self.limits, self.admission.budgets)
        self._known_long: FIFOCache[bytes, bool] = FIFOCache(_MOST_TEXTS)
        """Texts, by digest, that were too slow for the fast lane: the data do not change, so they stay slow."""
        self.supervisor = Supervisor(
            files, self.limits, self._dispatch, trusted=trusted, application=application
        )

    @property
    def mismatches(self) -> tuple[EngineMismatch, ...]:
        """No mismatches: this is the engine that releases are checked with."""
        return ()

    def ask(self, query: Query, running: RunningQuery) -> Answer:
        """Answer a query, or raise UnansweredError; for threads other than the one of the event loop."""
        return asyncio.run_coroutine_threadsafe(self.answer(query, running), self._loop).result()

    async def answer(self, query: Query, running: RunningQuery) -> Answer:
        """Answer a query; raises UnansweredError at its deadline, at its memory limit, or when nobody waits for it."""
        reply = await self._run(query, len(query.text), running)
        assert isinstance(reply, Answer)
        return reply

    async def respond(self, request: messages.Request, running: RunningQuery) -> messages.Response:
        """Have the workers' application answer a request, or raise UnansweredError, as for a query."""
        reply = await self._run(request, len(request.body), running)
        assert isinstance(reply, messages.Response)
        return reply

    async def _run(
        self, asked: Query | messages.Request, length: int, running: RunningQuery
    ) -> Answer | messages.Response:
        long = length > messages.LONG_TEXT
        message = await asyncio.to_thread(messages.to_message, asked) if long else messages.to_message(asked)
        self.admission.enter(running.client)
        call = self._call(message, running, isinstance(asked, messages.Request))
        try:
            return await self._answer(call)
        finally:
            self._leave(call)
            self.admission.leave(running.client)

    def is_ready(self) -> bool:
        """Whether there is a worker to answer."""
        return bool(self.supervisor.workers.alive)

    async def wait_for_worker(self) -> str:
        """Wait for the first worker; return the reason why there is none, or an empty text."""
        return await asyncio.shield(self.supervisor.first_worker)

    @property
    def fault(self) -> str:
        """Why no query can be answered; empty when one can, or when that is not known yet."""
        return self.supervisor.fault

    def rate_limit_headers(self, client: str) -> dict[str, str]:
        """Return headers that tell a client what is left of its share."""
        return self.admission.headers(client)

    def state(self) -> PoolState:
        """Return the workers and queues at this moment."""
        lanes = self._lanes
        return PoolState(
            workers=len(self.supervisor.workers.alive),
            idle=len(self.supervisor.workers.idle),
            zygotes=self.supervisor.zygotes,
            waiting={lane.value: len(lanes.waiting[lane]) for lane in Lane},
            running={lane.value: len(lanes.running[lane]) for lane in Lane},
        )

    async def close(self) -> None:
        """End all processes."""
        await self.supervisor.close()

    def _call(self, message: messages.Message, running: RunningQuery, is_request: bool) -> Call:
        now, client = time.monotonic(), running.client
        heavy = (
            self._long_query_budgets.spent(client, now) > self.limits.heavy
            or message.digest in self._known_long
        )
        running.arrive(self.limits)
        lane = Lane.LONG if heavy else Lane.QUICK
        return Call(
            client, lane, message.digest, message=message.frame, running=running, is_request=is_request
        )

    def _dispatch(self) -> None:
        """Assign idle workers to the next queries."""
        while call := self._lanes.next(time.monotonic()):
            worker = self.supervisor.take(call.niceness)
            if worker is None:
                return
            self._lanes.start(call)
            call.assign(worker)
            worker.lower_priority(call.niceness)

    async def _answer(self, call: Call) -> Answer | messages.Response:
        losses = 0
        while True:
            try:
                reply = await self._reply(call)
            except OutgrownError:
                self._end(call, keep=False)
                call.lane = Lane.LONG
            except WorkerLostError:
                worker = call.worker
                assert worker is not None
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(worker.ended.wait(), 1)
                self._end(call, keep=False)
                losses += 1
                if worker.status not in refusals.INNOCENT_STATUSES or losses == refusals.MOST_LOSSES:
                    self._known_long[call.digest] = True  # a new worker takes long, too
                    raise refusals.loss_error(worker, self.limits, self._retry_after()) from None
            except (UnansweredError, asyncio.CancelledError):
                if call.worker:
                    self._end(call, keep=False)
                raise
            else:
                self._end(call)
                return self._decode(reply)

    async def _reply(self, call: Call) -> memoryview:
        """Wait for a slot and then for the worker's reply."""
        call.expect(min(self._wait_time(call), self.limits.quick_time), self._watch)
        try:
            if not self._lanes.enter(call, time.monotonic()):
                raise refusals.busy_error("too many queries are waiting; try again soon", self._retry_after())
            self._dispatch()
            return await call.reply
        except EvictedError:
            raise refusals.busy_error("a client that asks less took its place", self._retry_after()) from None
        finally:
            call.expect_no_more()

    def _watch(self, call: Call) -> float:
        """Return the seconds to the next check; move a query that has become long to the long lane.

        Raises to stop it.
        """
        if call.worker is None:
            return self._wait_time(call)
        left = call.running.work_time()
        if call.lane is Lane.LONG:
            return left
        quick = self._quick_time(call) - call.running.cpu_seconds(call.worker.cpu_seconds())
        if quick > 0:
            return min(left, quick)
        if not self._lanes.promote(call):
            if self.supervisor.is_short:
                return min(left, self.limits.quick_time)
            raise OutgrownError
        self._dispatch()
        call.worker.lower_priority(call.niceness)
        return left

    def _quick_time(self, call: Call) -> float:
        return self.limits.page_time if call.is_request else self.limits.quick_time

    def _wait_time(self, call: Call) -> float:
        try:
            return call.running.wait_time()
        except UnansweredError as fault:
            fault.retry_after = self._retry_after() if fault.outcome is Outcome.BUSY else None
            raise

    def _decode(self, reply: memoryview) -> Answer | messages.Response:
        try:
            return messages.read_reply(reply)
        except UnansweredError as fault:
            if fault.outcome is Outcome.MEMORY:
                raise refusals.memory_error(self.limits) from fault
            if fault.outcome is Outcome.BUSY:
                raise refusals.busy_error(str(fault), self._retry_after()) from fault
            raise

    def _end(self, call: Call, *, keep: bool = True) -> None:
        """Charge what a query used, and give its worker back, or kill it."""
        assert call.worker is not None
        now, used = time.monotonic(), call.worker.cpu_seconds()
        call.running.run_seconds = now - call.running.start
        spent = call.running.cpu_seconds(used)
        call.worker.clock = used
        self.admission.budgets.charge(call.client, max(spent, _LEAST_CHARGE), now)
        if spent >= self._quick_time(call):
            self._long_query_budgets.charge(call.client, spent, now)
            self._known_long[call.digest] = True
            self._lanes.move_to_slow(call.digest, now)
        elif keep:
            self._known_long.pop(call.digest, None)
        self._leave(call, keep=keep)

    def _leave(self, call: Call, *, keep: bool = True) -> None:
        if call.place is None:
            return
        self._lanes.leave(call)
        worker, call.worker = call.worker, None
        if worker and keep:
            self.supervisor.give_back(worker, call.niceness)
        elif worker:
            self.supervisor.discard(worker)
        self._dispatch()

    def _retry_after(self) -> int:
        return refusals.retry_after(self.limits, len(self._lanes.waiting[Lane.LONG]))
