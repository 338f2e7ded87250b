"""The release that is served: with its application and workers. On a reload the next one starts beside it."""

import asyncio
import contextlib
import gc
import logging
import sys
from concurrent.futures import Executor
from dataclasses import dataclass

from readmission.engine.execution import QueryService
from readmission.errors import UserError
from readmission.release import Release
from readmission.web.app import Application, assemble
from readmission.web.endpoint.dataset import Dataset, files
from readmission.web.endpoint.running_queries import FAILED_QUERY_KEY
from readmission.web.http.metrics import Log, RequestLog
from readmission.web.http.problems import UNREAD_BODY_KEY
from readmission.web.http.reply import Reply, call
from readmission.web.server import application_worker
from readmission.web.server.dispatch import Dispatcher
from readmission.web.server.entrance import Entrance
from readmission.web.server.fast_path import FastPath
from readmission.web.server.rsgi import Environ
from readmission.web.settings import Settings
from readmission.workers.pool import Pool

_DRAIN_INTERVAL = 0.05  # seconds
_LONGEST_START = 300.0  # seconds until the first worker has the data


class StartError(UserError, RuntimeError):
    """The workers of a release did not start; the message says why."""


@dataclass(eq=False)
class LiveRelease:
    """A release that is served, until its last request has been answered."""

    served: Dataset
    request_log: RequestLog
    application: Application
    pool: Pool | None
    entrance: Entrance
    fast_path: FastPath | None
    dispatcher: Dispatcher | None
    use: contextlib.ExitStack
    """Ends when the release may be removed from the disk."""
    requests_in_flight: int = 0

    @classmethod
    async def start(
        cls, served: Dataset, settings: Settings, outside: QueryService | None, log: Log
    ) -> "LiveRelease":
        """Start the workers, and make the application in a thread while they load; belongs to this event loop."""
        use = contextlib.ExitStack()
        if isinstance(served, Release):
            use.enter_context(served.use())
        pool = _pool(served, settings)
        request_log = RequestLog(served.version, pool.state if pool else None, log)
        try:
            application = await asyncio.to_thread(assemble, served, settings, outside or pool, request_log)
        except BaseException:
            if pool:
                await pool.close()
            use.close()
            raise
        fast_path = FastPath(application.fields, application.queries, pool) if pool and not outside else None
        dispatcher = Dispatcher(application.queries, pool, asks_workers=not outside) if pool else None
        entrance = Entrance(served.version, application.flask.url_map)
        _freeze_heap()
        return cls(served, request_log, application, pool, entrance, fast_path, dispatcher, use)

    async def wait_for_worker(self) -> None:
        """Wait for the first worker. Raises StartError, and then leaves no process."""
        try:
            async with asyncio.timeout(_LONGEST_START):
                reason = await self.pool.wait_for_worker() if self.pool else ""
        except TimeoutError:
            reason = f"no worker was ready in {_LONGEST_START:g} s"
        if reason:
            await self.close()
            raise StartError(f"{self.served.version} cannot be served: {reason}")

    @property
    def fault(self) -> str:
        """Why no query can be answered; empty when one can, or when that is not known yet."""
        return self.pool.fault if self.pool else ""

    async def reply(self, environ: Environ, threads: Executor) -> Reply:
        """Answer a request: from memory, at the entrance, from the workers, or with all that the application can do."""
        self.requests_in_flight += 1
        try:
            reply = await self._reply_without_flask(environ)
            if reply is None:
                loop = asyncio.get_running_loop()
                reply = await loop.run_in_executor(threads, call, self.application.flask, environ)
            return reply
        finally:
            self.requests_in_flight -= 1

    async def _reply_without_flask(self, environ: Environ) -> Reply | None:
        """Return the reply that takes no view here; None where the front's application has to answer."""
        if UNREAD_BODY_KEY in environ:
            return self.entrance.reply(environ)
        if reply := self.application.cache.find(environ) or self.entrance.reply(environ):
            return reply
        for way in (self.fast_path, self.dispatcher):
            if way and FAILED_QUERY_KEY not in environ and (reply := await way.reply(environ)):
                self.application.cache.store(environ, reply)
                return reply
        return None

    async def drain(self) -> None:
        """End the workers once the last request has been answered."""
        while self.requests_in_flight:
            await asyncio.sleep(_DRAIN_INTERVAL)
        await self.close()
        _freeze_heap()

    async def close(self) -> None:
        """End the workers at once."""
        if self.pool:
            await self.pool.close()
        self.use.close()


def _freeze_heap() -> None:
    """Let go of what is no longer used, and have the collector pass over what lasts, which it would do all the time."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()
    gc.collect()  # of next to nothing: it looks at all again once a quarter of what it found last has been added


def _pool(served: Dataset, settings: Settings) -> Pool | None:
    """Return the workers; None, and a warning, on systems that cannot confine processes as Linux does."""
    if sys.platform == "linux":
        application = application_worker.NAME, application_worker.encode_options(served, settings)
        return Pool(
            files(served), settings.limits, trusted=isinstance(served, Release), application=application
        )
    logging.getLogger(__name__).warning(
        "This system cannot confine queries and pages, so they run without deadline and memory limit: "
        "serve your own machine only. On Linux they are confined."
    )
    return None
