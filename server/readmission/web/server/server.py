"""Serving with granian, in one process beside the workers: on the loopback address unless told otherwise.

SIGTERM and Ctrl-C end it after the answers under way. SIGHUP has it open the newest release beside the one it
serves, and serve that one from the moment its workers are ready: no request is lost or answered from both.
"""

import asyncio
import contextlib
import ctypes
import logging
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Literal, TextIO

from granian.rsgi import Scope
from prometheus_client import CollectorRegistry, start_http_server

from readmission.engine.execution import QueryService
from readmission.web.endpoint.dataset import Dataset
from readmission.web.http.log_lines import LogWriter, open_log
from readmission.web.http.metrics import CurrentRegistry, Log
from readmission.web.http.problems import INTERNAL, ready
from readmission.web.http.reply import Reply
from readmission.web.server import first_process, memory_fit, sockets, startup
from readmission.web.server.fast_path import ENDPOINT
from readmission.web.server.live_release import LiveRelease
from readmission.web.server.rsgi import REFUSAL_KEY, Gateway, HTTPProtocol, ProtocolClosed, RsgiServer
from readmission.web.server.throttle import Throttle
from readmission.web.settings import Settings
from readmission.workers.system import memory

_SPARE_THREADS = 8  # for pages and refusals, while every place for a query is taken
_LAST_WORDS = 2.0  # seconds after the deadline in which the last answers are taken in, once told to stop
_M_MMAP_THRESHOLD = -3  # malloc.h
_LARGE = 262_144  # bytes

Prepare = Callable[[], tuple[Dataset, QueryService | None]]
"""Returns what to serve, and an engine elsewhere that answers in place of workers of our own."""


@dataclass(frozen=True)
class ServerOptions:
    """How an operator runs the server, beside what it serves."""

    settings: Settings = field(default_factory=Settings)
    proxy: str | None = None
    """Address of a proxy whose X-Forwarded headers are believed; without it all its clients count as one."""
    metrics: tuple[str, int] | None = None
    """Host and port of the metrics for Prometheus."""
    log: Literal["all", "queries", "none"] = "all"
    """For what a line is written to standard error: queries and requests, queries alone, or nothing."""


def run(prepare: Prepare, prepare_next: Prepare, host: str, port: int, options: ServerOptions) -> int:
    """Serve what ``prepare`` returns until interrupted, on SIGHUP what ``prepare_next`` does. Returns the exit status.

    Until ``prepare`` has returned, every request is answered with 503.
    """
    if os.getpid() == 1 and (status := first_process.fork_under_init()) is not None:
        return status
    with sockets.listen(host, port) as listening:
        with startup.refuse(listening):
            served, outside = prepare()
        _return_memory()
        if outside is None:
            options = _fit_memory(options, served)
        with open_log() as lines, asyncio.Runner(loop_factory=_loop_factory()) as runner:
            runner.run(_Server(options, prepare_next, lines).serve(served, outside, host, listening))
    return 0


def _fit_memory(options: ServerOptions, served: Dataset) -> ServerOptions:
    """Return options that fit into the memory of the machine, and print what was reduced."""
    allowed = memory.available()
    settings = memory_fit.fit(options.settings, served, allowed)
    if settings != options.settings:
        sys.stderr.write(f"{memory_fit.describe(options.settings, settings, allowed)}\n")
    return replace(options, settings=settings)


class _Server:
    """A listening socket and the release that is served on it."""

    def __init__(
        self, options: ServerOptions, prepare_next: Prepare, lines: LogWriter, say: TextIO = sys.stderr
    ) -> None:
        self._options, self._prepare_next, self._say = options, prepare_next, say
        self._log = Log(lines if options.log != "none" else None, lines if options.log == "all" else None)
        settings = options.settings
        self._throttle = Throttle()
        self._gateway = Gateway(settings.largest_request, options.proxy, settings.bytes_in_flight)
        self._threads = ThreadPoolExecutor(settings.limits.callers + _SPARE_THREADS, "request")
        self._reloading: asyncio.Task[None] | None = None
        self._draining: set[asyncio.Task[None]] = set()
        self._current: LiveRelease

    async def serve(
        self, served: Dataset, outside: QueryService | None, host: str, listening: socket.socket
    ) -> None:
        """Serve until told to stop."""
        self._current = await self._start(served, outside)
        first = asyncio.create_task(self._current.wait_for_worker())
        try:
            with _metrics(self._options.metrics, lambda: self._current.request_log.registry):
                await self._listen(host, listening, first)
        finally:
            first.cancel()
            self._threads.shutdown(wait=False, cancel_futures=True)
            await asyncio.gather(self._current.close(), *self._draining)
        self._print("Stopped.")

    async def _listen(self, host: str, listening: socket.socket, first: "asyncio.Task[None]") -> None:
        granian = RsgiServer(self._answer, listening, sockets.connections())
        loop = asyncio.get_running_loop()
        serving = loop.create_task(granian.serve())

        def stop() -> None:
            granian.stop()  # type: ignore[no-untyped-call]
            loop.call_later(self._options.settings.limits.deadline + _LAST_WORDS, serving.cancel)

        for signal_number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(signal_number, stop)
        loop.add_signal_handler(signal.SIGHUP, self._reload)
        shown, number = f"[{host}]" if ":" in host else host, listening.getsockname()[1]
        self._print(f"Serving on http://{shown}:{number}/ (stop with Ctrl-C)")
        first.add_done_callback(lambda tried: stop() if not tried.cancelled() and tried.exception() else None)
        with contextlib.suppress(asyncio.CancelledError):
            await serving
        if first.done() and (fault := first.exception()):
            raise fault

    async def _answer(self, scope: Scope, protocol: HTTPProtocol) -> None:
        begun = time.perf_counter()
        try:
            reply = await self._reply(scope, protocol)
            if wait := self._throttle.delay(scope.path == ENDPOINT, reply.status, time.monotonic()):
                await asyncio.sleep(wait)
            sent = await self._gateway.send(reply, protocol)
        except ProtocolClosed:
            return  # the client has gone
        seconds = time.perf_counter() - begun
        self._current.request_log.record_request(
            scope.method, scope.path, sent.status, len(sent.body), seconds
        )

    async def _reply(self, scope: Scope, protocol: HTTPProtocol) -> Reply:
        try:
            environ = await self._gateway.environ(scope, protocol)
            return environ.get(REFUSAL_KEY) or await self._current.reply(environ, self._threads)
        except ProtocolClosed:
            raise
        except Exception:  # whatever it is, its client gets an answer like all others
            logging.getLogger(__name__).exception("a request could not be answered")
            return ready(INTERNAL, INTERNAL.detail or "")

    def _reload(self) -> None:
        if self._reloading and not self._reloading.done():
            self._print("A reload is under way already.")
            return
        self._reloading = asyncio.get_running_loop().create_task(self._replace())

    async def _replace(self) -> None:
        """Put the next release in the place of the present one; whatever goes wrong, the present one stays."""
        old = self._current
        try:
            served, outside = await asyncio.to_thread(self._prepare_next)
            if served.version == old.served.version and not old.fault:
                self._print(f"Nothing newer than {served.version}; serving it on.")
                return
            new = await self._start(served, outside)
            await new.wait_for_worker()
        except Exception as fault:  # noqa: BLE001  # whatever it is, what is served must go on
            self._print(
                f"The reload failed; serving {old.served.version} on. {type(fault).__name__}: {fault}"
            )
            return
        self._current = new
        self._print(f"Serving {served.version} from now on, in place of {old.served.version}.")
        falling = asyncio.get_running_loop().create_task(old.drain())
        self._draining.add(falling)
        falling.add_done_callback(self._draining.discard)

    async def _start(self, served: Dataset, outside: QueryService | None) -> LiveRelease:
        return await LiveRelease.start(served, self._options.settings, outside, self._log)

    def _print(self, text: str) -> None:
        print(text, file=self._say, flush=True)


def _return_memory() -> None:
    """Have large pieces of memory go back to the system once they are free; the C library would keep them."""
    with contextlib.suppress(OSError, AttributeError, TypeError):  # not glibc
        ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, _LARGE)


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """Return the maker of the faster event loop, where there is one."""
    if sys.platform == "win32":
        return None
    import uvloop

    return uvloop.new_event_loop


@contextmanager
def _metrics(place: tuple[str, int] | None, current: Callable[[], CollectorRegistry]) -> Iterator[None]:
    if place is None:
        yield
        return
    registry = CollectorRegistry()
    registry.register(CurrentRegistry(current))
    try:
        server, thread = start_http_server(place[1], place[0], registry)
    except OSError as fault:
        raise sockets.socket_error(fault, *place) from fault
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
