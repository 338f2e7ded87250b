"""What is served at a moment: a release, its application, and its workers; the next release stands beside it first."""

import asyncio
import contextlib
import gc
import logging
import sys
from concurrent.futures import Executor
from dataclasses import dataclass

from readmission.engine.execution import Answering
from readmission.errors import UserFault
from readmission.release import Release
from readmission.web.app import Application, assembled
from readmission.web.endpoint.dataset import Served, files
from readmission.web.endpoint.running_queries import TOLD
from readmission.web.http.metrics import Journal, Log
from readmission.web.http.problems import UNREAD
from readmission.web.http.reply import Reply, called
from readmission.web.server import application_worker
from readmission.web.server.dispatch import Dispatch
from readmission.web.server.entrance import Entrance
from readmission.web.server.fast_path import Express
from readmission.web.server.rsgi import Environ
from readmission.web.settings import Settings
from readmission.workers.pool import Pool

_LOOK = 0.05  # seconds
_LONGEST_START = 300.0  # seconds until the first worker has the data


class NotStarted(UserFault, RuntimeError):
    """The workers of a release did not start; the message says why."""


@dataclass(eq=False)
class Standing:
    """A release that is served, until the last of its guests has gone."""

    served: Served
    journal: Journal
    application: Application
    pool: Pool | None
    entrance: Entrance
    express: Express | None
    dispatch: Dispatch | None
    use: contextlib.ExitStack
    """Ends when the release may be removed from the disk."""
    guests: int = 0

    @classmethod
    async def raised(
        cls, served: Served, settings: Settings, outside: Answering | None, log: Log
    ) -> "Standing":
        """Start the workers, and make the application in a thread while they load; belongs to this event loop."""
        use = contextlib.ExitStack()
        if isinstance(served, Release):
            use.enter_context(served.use())
        pool = _pool(served, settings)
        journal = Journal(served.version, pool.state if pool else None, log)
        try:
            application = await asyncio.to_thread(assembled, served, settings, outside or pool, journal)
        except BaseException:
            if pool:
                await pool.close()
            use.close()
            raise
        express = Express(application.fields, application.desk, pool) if pool and not outside else None
        dispatch = Dispatch(application.desk, pool, asks_workers=not outside) if pool else None
        entrance = Entrance(served.version, application.flask.url_map)
        _settle()
        return cls(served, journal, application, pool, entrance, express, dispatch, use)

    async def ready(self) -> None:
        """Wait for the first worker. Raises NotStarted, and then leaves no process behind."""
        try:
            async with asyncio.timeout(_LONGEST_START):
                reason = await self.pool.started() if self.pool else ""
        except TimeoutError:
            reason = f"no worker was ready in {_LONGEST_START:g} s"
        if reason:
            await self.closed()
            raise NotStarted(f"{self.served.version} cannot be served: {reason}")

    @property
    def fault(self) -> str:
        """Why no query can be answered; empty when one can, or when that is not known yet."""
        return self.pool.fault if self.pool else ""

    async def reply(self, environ: Environ, threads: Executor) -> Reply:
        """Answer a request: from memory, at the entrance, from the workers, or with all that the application can do."""
        self.guests += 1
        try:
            reply = await self._short(environ)
            if reply is None:
                loop = asyncio.get_running_loop()
                reply = await loop.run_in_executor(threads, called, self.application.flask, environ)
            return reply
        finally:
            self.guests -= 1

    async def _short(self, environ: Environ) -> Reply | None:
        """Return the reply that takes no view here; None where the front's application has to answer."""
        if UNREAD in environ:
            return self.entrance.reply(environ)
        if reply := self.application.kept.found(environ) or self.entrance.reply(environ):
            return reply
        for way in (self.express, self.dispatch):
            if way and TOLD not in environ and (reply := await way.reply(environ)):
                self.application.kept.keep(environ, reply)
                return reply
        return None

    async def fall(self) -> None:
        """End the workers once the last request has been answered."""
        while self.guests:
            await asyncio.sleep(_LOOK)
        await self.closed()
        _settle()

    async def closed(self) -> None:
        """End the workers at once."""
        if self.pool:
            await self.pool.close()
        self.use.close()


def _settle() -> None:
    """Let go of what is no longer used, and have the collector pass over what lasts, which it would do all the time."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()
    gc.collect()  # of next to nothing: it looks at all again once a quarter of what it found last has been added


def _pool(served: Served, settings: Settings) -> Pool | None:
    """Return the workers; None, and a warning, on systems that cannot confine processes as Linux does."""
    if sys.platform == "linux":
        application = application_worker.NAME, application_worker.argument(served, settings)
        return Pool(files(served), settings.limits, ours=isinstance(served, Release), application=application)
    logging.getLogger(__name__).warning(
        "This system cannot confine queries and pages, so they run without deadline and memory limit: "
        "serve your own machine only. On Linux they are confined."
    )
    return None
