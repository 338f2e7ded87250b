"""Supervises the workers from the front: starts the zygote, has it fork workers, and replaces each that ends."""

import asyncio
import contextlib
import logging
import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from readmission.engine.limits import NICE_LONG_QUERY, Limits
from readmission.engine.rate_limiter import RateLimiter
from readmission.workers.messages import APPLICATION_READY, ZygoteOptions
from readmission.workers.population import Population
from readmission.workers.system.open_files import OpenFiles
from readmission.workers.worker_connection import Worker
from readmission.workers.zygote_connection import ZygoteConnection

_LOG = logging.getLogger(__name__)
_LONGEST_PAUSE = 5.0
_AT_ONCE, _EACH_SECOND = 32, 2.0
"""How many workers that ended without having done anything are replaced: the fault is not theirs, and may stay."""


class Supervisor:
    """Keeps a number of workers alive; belongs to the event loop that it is made in, and so needs no lock."""

    def __init__(
        self,
        files: Sequence[Path],
        limits: Limits,
        changed: Callable[[], None],
        *,
        trusted: bool,
        application: tuple[str, str] | None = None,
    ) -> None:
        """Start the zygote; ``application`` is its name and its argument (see ``ZygoteOptions``).

        Raises OSError when a file cannot be opened.
        """
        self._files = OpenFiles(files)
        self._limits, self._changed, self._trusted, self._application = limits, changed, trusted, application
        self.application_ready = asyncio.Event()
        """Set while the workers have the application."""
        self._open_orders = self._delayed_orders = 0
        """Workers that were ordered and have not started yet, and those that will be ordered a little later."""
        self._has_application = self.was_application_ready = False
        """Whether the zygote forks workers that have it, and whether all workers have ever had it."""
        self._rate_limiter = RateLimiter(_AT_ONCE, _EACH_SECOND)
        self.fault = ""
        """Why no query can be answered; empty when one can, or when that is not known yet."""
        self.first_worker: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        """Done with the first worker, or with the fault by which none came."""
        self._logged_fault = ""
        """The last fault that was logged."""
        self.workers = Population()
        self.zygotes = 0
        """How many were started; more than one means that one was lost."""
        self._zygote: ZygoteConnection | None = None
        self._connecting: set[asyncio.Task[None]] = set()
        self._task = asyncio.get_running_loop().create_task(self._run())

    @property
    def zygote(self) -> int | None:
        """The process number of the zygote."""
        return self._zygote.pid if self._zygote else None

    @property
    def is_short(self) -> bool:
        """Whether so few workers are left that none may be ended: the zygote is too busy to fork.

        So it is while it makes the application.
        """
        return 2 * len(self.workers.alive) <= self._limits.workers

    def take(self, niceness: int) -> Worker | None:
        """Return a worker without a query, if there is one; those that have just ended are replaced."""
        for worker in self.workers.take_lost():
            self.discard(worker)
        return self.workers.take(niceness)

    def give_back(self, worker: Worker, niceness: int = NICE_LONG_QUERY) -> None:
        """Take back a worker that has answered; of those for long queries no more than can run at a time.

        Nor one that has given more way than ``niceness``, which its query should have: it does so for ever.
        """
        too_many = worker.niceness == NICE_LONG_QUERY and self.workers.count_long() > self._limits.long_slots
        if (too_many or worker.niceness > niceness) and not self.is_short:
            self.discard(worker)
        elif self.workers.has(worker):
            self.workers.idle.append(worker)
            self._roll_over()
        else:
            worker.close()

    def discard(self, worker: Worker) -> None:
        """Kill a worker that was taken, and order another."""
        worker.kill()
        worker.close()
        if self.workers.has(worker):
            del self.workers.alive[worker.pid]
            self._order()

    async def close(self) -> None:
        """End the zygote and all workers, and wait for it."""
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task
        self._files.close()

    async def _run(self) -> None:
        pause = 0.1
        while True:
            started, self.fault = time.monotonic(), ""
            try:
                await self._start().listen(self._on_zygote_message)
            except OSError as fault:  # out of memory, processes or handles, or the files are others
                self.fault = str(fault)
            finally:
                ended = self._stop_all()
            self.fault = self.fault or f"the process that forks the workers has ended with {ended}"
            self._set_first_worker(self.fault)
            if self.fault != self._logged_fault:
                self._logged_fault = self.fault
                _LOG.warning("No query is answered: %s. Another start is tried.", self.fault)
            lasted = time.monotonic() - started > 2 * _LONGEST_PAUSE
            pause = 0.1 if lasted else min(2 * pause, _LONGEST_PAUSE)
            await asyncio.sleep(pause)

    def _start(self) -> ZygoteConnection:
        limits, application = self._limits, self._application or ()
        files = self._files.handles_and_names()
        orders = ZygoteOptions(
            files, self._trusted, limits.memory, limits.growth, limits.answer, *application
        )
        self._zygote = zygote = ZygoteConnection(orders)
        self.zygotes += 1
        self._order()
        return zygote

    def _order(self) -> None:
        """Order the workers that are wanting; one more while some have no application yet, to take their place."""
        wanted = self._limits.workers + bool(self._has_application and self.workers.without_application())
        with contextlib.suppress(OSError):  # the zygote has gone; the next one gets orders enough
            while (
                self._zygote and len(self.workers.alive) + self._open_orders + self._delayed_orders < wanted
            ):
                self._zygote.order()
                self._open_orders += 1

    def _on_zygote_message(self, message: bytes, handles: Sequence[int]) -> bool:
        """Note what the zygote tells: a birth, a death, or why there is none; false when another zygote is needed."""
        if message == APPLICATION_READY:
            self._has_application = True
            self._roll_over()
            return True
        what, _, told = message.decode().partition(" ")
        if what == "born" and len(handles) == 2:
            self._open_orders -= 1
            self.workers.alive[int(told)] = worker = Worker(
                int(told), handles[1], has_application=self._has_application
            )
            self._set_first_worker("")
            birth = asyncio.get_running_loop().create_task(self._on_worker_started(worker, handles[0]))
            self._connecting.add(birth)
            birth.add_done_callback(self._connecting.discard)
        elif what == "born":  # we may hold no more handles; the worker sees its socket closed, and ends
            for handle in handles:
                os.close(handle)
            return False
        elif what == "died":
            self._replace(*map(int, told.split()))
        elif what == "unborn":
            self._open_orders -= 1
            _LOG.warning("A worker could not be started (%s); another is tried soon.", told)
            self._order_later()
        else:
            self.fault = told
        return True

    def _roll_over(self) -> None:
        """Replace workers without the application one by one, so that there is always one to answer."""
        if not self._has_application or self.application_ready.is_set():
            return
        plain = [one for one in self.workers.idle if not one.has_application]
        if plain and len(self.workers.alive) > self._limits.workers:
            self.workers.idle.remove(plain[0])
            self.discard(plain[0])
        self._order()
        if not self.workers.without_application():
            self.was_application_ready = True
            self.application_ready.set()

    def _replace(self, pid: int, status: int, starved: int) -> None:
        """Order a worker in place of one that has ended; later, when many have ended for no query."""
        dead = self.workers.alive.pop(pid, None)
        if dead is None:
            return
        for_nothing = status and (dead in self.workers.idle or not dead.was_asked)
        dead.is_out_of_memory = bool(starved)
        self._on_worker_ended(dead, status)
        if for_nothing:
            self._order_later()
        else:
            self._order()
        self._changed()

    def _order_later(self) -> None:
        loop = asyncio.get_running_loop()
        self._delayed_orders += 1
        loop.call_later(self._rate_limiter.delay(loop.time()), self._order_for, self._zygote)

    def _order_for(self, zygote: ZygoteConnection | None) -> None:
        if zygote is self._zygote:  # the zygote has not been replaced meanwhile, and got orders enough
            self._delayed_orders -= 1
            self._order()

    async def _on_worker_started(self, worker: Worker, handle: int) -> None:
        await worker.connect(handle)
        if self.workers.has(worker):
            self.give_back(worker)
            self._changed()
            if self._logged_fault:
                self.fault = self._logged_fault = ""
                _LOG.warning("Queries are answered again.")
        else:  # it died before it could be used
            worker.close()

    def _set_first_worker(self, fault: str) -> None:
        if not self.first_worker.done():
            self.first_worker.set_result(fault)

    def _stop_all(self) -> int | None:
        """Stop the zygote and all workers; return the zygote's exit status."""
        self.application_ready.clear()
        self._open_orders = self._delayed_orders = 0
        self._has_application = False
        for worker in self.workers.alive.values():
            worker.kill()
            self._on_worker_ended(worker, None)
        self.workers.alive.clear()
        zygote, self._zygote = self._zygote, None
        return zygote.end() if zygote else None

    def _on_worker_ended(self, worker: Worker, status: int | None) -> None:
        worker.status = status
        worker.ended.set()
        if worker in self.workers.idle:
            self.workers.idle.remove(worker)
            worker.close()
