"""The front's side of the workers: starts the zygote, orders workers from it, replaces every one that ends."""

import asyncio
import contextlib
import logging
import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from readmission.engine.limits import GIVES_ALL_WAY, Limits
from readmission.engine.pace import Pace
from readmission.workers.messages import EQUIPPED, Orders
from readmission.workers.population import Population
from readmission.workers.system.open_files import Holdings
from readmission.workers.worker_connection import Worker
from readmission.workers.zygote_connection import ZygoteConnection

_LOG = logging.getLogger(__name__)
_LONGEST_PAUSE = 5.0
_AT_ONCE, _EACH_SECOND = 32, 2.0
"""How many workers that ended without having done anything are replaced: the fault is not theirs, and may stay."""


class Keeper:
    """Keeps a number of workers alive; belongs to the event loop that it is made in, and so needs no lock."""

    def __init__(
        self,
        files: Sequence[Path],
        limits: Limits,
        changed: Callable[[], None],
        *,
        ours: bool,
        application: tuple[str, str] | None = None,
    ) -> None:
        """Start the zygote; ``application`` is its name and its argument (see ``Orders``).

        Raises OSError when a file cannot be opened.
        """
        self._holdings = Holdings(files)
        self._limits, self._changed, self._ours, self._application = limits, changed, ours, application
        self.equipped = asyncio.Event()
        """Set while the workers have the application."""
        self._awaited = 0
        """Workers that were ordered, and not born yet."""
        self._delayed = 0
        """Workers that will be ordered a little later."""
        self._equips = False
        """Whether the zygote forks workers that have it."""
        self.was_equipped = False
        """Whether they have ever had it."""
        self._pace = Pace(_AT_ONCE, _EACH_SECOND)
        self.fault = ""
        """Why no query can be answered; empty when one can, or when that is not known yet."""
        self.start: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        """Done with the first worker, or with the fault by which none came."""
        self._told = ""
        """What of this stands in the log."""
        self.workers = Population()
        self.zygotes = 0
        """How many were started; more than one means that one was lost."""
        self._zygote: ZygoteConnection | None = None
        self._births: set[asyncio.Task[None]] = set()
        self._task = asyncio.get_running_loop().create_task(self._keep())

    @property
    def zygote(self) -> int | None:
        """The process number of the zygote."""
        return self._zygote.pid if self._zygote else None

    @property
    def is_short(self) -> bool:
        """Whether so few are left that none may be ended for the sake of order: the zygote has no time to fork.

        So it is while it makes the application.
        """
        return 2 * len(self.workers.alive) <= self._limits.workers

    def take(self, niceness: int) -> Worker | None:
        """Return a worker without a query, if there is one; those that have just ended are replaced."""
        for worker in self.workers.take_lost():
            self.discard(worker)
        return self.workers.take(niceness)

    def give_back(self, worker: Worker, niceness: int = GIVES_ALL_WAY) -> None:
        """Take back a worker that has answered; of those for long queries no more than can run at a time.

        Nor one that has given more way than ``niceness``, which its query should have: it does so for ever.
        """
        too_many = worker.niceness == GIVES_ALL_WAY and self.workers.for_long() > self._limits.long_slots
        if (too_many or worker.niceness > niceness) and not self.is_short:
            self.discard(worker)
        elif self.workers.has(worker):
            self.workers.idle.append(worker)
            self._succeed()
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
        self._holdings.close()

    async def _keep(self) -> None:
        pause = 0.1
        while True:
            started, self.fault = time.monotonic(), ""
            try:
                await self._start().listen(self._hear)
            except OSError as fault:  # out of memory, processes or handles, or the files are others
                self.fault = str(fault)
            finally:
                ended = self._bury()
            self.fault = self.fault or f"the process that forks the workers has ended with {ended}"
            self._note_start(self.fault)
            if self.fault != self._told:
                self._told = self.fault
                _LOG.warning("No query is answered: %s. Another start is tried.", self.fault)
            lasted = time.monotonic() - started > 2 * _LONGEST_PAUSE
            pause = 0.1 if lasted else min(2 * pause, _LONGEST_PAUSE)
            await asyncio.sleep(pause)

    def _start(self) -> ZygoteConnection:
        limits, application = self._limits, self._application or ()
        files = self._holdings.named()
        orders = Orders(files, self._ours, limits.memory, limits.growth, limits.answer, *application)
        self._zygote = zygote = ZygoteConnection(orders)
        self.zygotes += 1
        self._order()
        return zygote

    def _order(self) -> None:
        """Order the workers that are wanting; one more while some have no application yet, to take their place."""
        wanted = self._limits.workers + bool(self._equips and self.workers.plain())
        with contextlib.suppress(OSError):  # the zygote has gone; the next one gets orders enough
            while self._zygote and len(self.workers.alive) + self._awaited + self._delayed < wanted:
                self._zygote.order()
                self._awaited += 1

    def _hear(self, message: bytes, handles: Sequence[int]) -> bool:
        """Note what the zygote tells: a birth, a death, or why there is none; false when another zygote is needed."""
        if message == EQUIPPED:
            self._equips = True
            self._succeed()
            return True
        what, _, told = message.decode().partition(" ")
        if what == "born" and len(handles) == 2:
            self._awaited -= 1
            self.workers.alive[int(told)] = worker = Worker(int(told), handles[1], is_equipped=self._equips)
            self._note_start("")
            birth = asyncio.get_running_loop().create_task(self._note_birth(worker, handles[0]))
            self._births.add(birth)
            birth.add_done_callback(self._births.discard)
        elif what == "born":  # we may hold no more handles; the worker sees its socket closed, and ends
            for handle in handles:
                os.close(handle)
            return False
        elif what == "died":
            self._replace(*map(int, told.split()))
        elif what == "unborn":
            self._awaited -= 1
            _LOG.warning("A worker could not be started (%s); another is tried soon.", told)
            self._order_in_time()
        else:
            self.fault = told
        return True

    def _succeed(self) -> None:
        """Have workers with the application follow on those without, one by one: there is always one to answer."""
        if not self._equips or self.equipped.is_set():
            return
        plain = [one for one in self.workers.idle if not one.is_equipped]
        if plain and len(self.workers.alive) > self._limits.workers:
            self.workers.idle.remove(plain[0])
            self.discard(plain[0])
        self._order()
        if not self.workers.plain():
            self.was_equipped = True
            self.equipped.set()

    def _replace(self, pid: int, status: int, starved: int) -> None:
        """Order a worker in place of one that has ended; later, when many have ended for no query."""
        dead = self.workers.alive.pop(pid, None)
        if dead is None:
            return
        for_nothing = status and (dead in self.workers.idle or not dead.asked)
        dead.starved = bool(starved)
        self._note_death(dead, status)
        if for_nothing:
            self._order_in_time()
        else:
            self._order()
        self._changed()

    def _order_in_time(self) -> None:
        loop = asyncio.get_running_loop()
        self._delayed += 1
        loop.call_later(self._pace.wait(loop.time()), self._order_from, self._zygote)

    def _order_from(self, zygote: ZygoteConnection | None) -> None:
        if zygote is self._zygote:  # the zygote has not been replaced meanwhile, and got orders enough
            self._delayed -= 1
            self._order()

    async def _note_birth(self, worker: Worker, handle: int) -> None:
        await worker.connect(handle)
        if self.workers.has(worker):
            self.give_back(worker)
            self._changed()
            if self._told:
                self.fault = self._told = ""
                _LOG.warning("Queries are answered again.")
        else:  # it died before it could be used
            worker.close()

    def _note_start(self, fault: str) -> None:
        if not self.start.done():
            self.start.set_result(fault)

    def _bury(self) -> int | None:
        """End the zygote, if it has not gone, and its workers with it; return how it ended."""
        self.equipped.clear()
        self._awaited = self._delayed = 0
        self._equips = False
        for worker in self.workers.alive.values():
            worker.kill()
            self._note_death(worker, None)
        self.workers.alive.clear()
        zygote, self._zygote = self._zygote, None
        return zygote.end() if zygote else None

    def _note_death(self, worker: Worker, status: int | None) -> None:
        worker.status = status
        worker.ended.set()
        if worker in self.workers.idle:
            self.workers.idle.remove(worker)
            worker.close()
