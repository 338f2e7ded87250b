"""A pool of workers for tests: its event loop runs in a thread, as the server's does beside the application's."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from readmission.engine.limits import Limits
from readmission.workers.pool import Pool


@contextmanager
def pooled(
    *files: Path, limits: Limits | None = None, application: tuple[str, str] | None = None
) -> Iterator[Pool]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="pool")
    thread.start()

    async def started() -> Pool:
        return Pool(files, limits, application=application)

    pool = asyncio.run_coroutine_threadsafe(started(), loop).result()
    try:
        yield pool
    finally:
        asyncio.run_coroutine_threadsafe(pool.close(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
