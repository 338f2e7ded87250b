"""Serving the application with waitress: on the loopback address unless told otherwise."""

import errno
import logging
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType
from typing import Any, TextIO

from flask import Flask
from prometheus_client import CollectorRegistry, start_http_server
from waitress.server import create_server

from readmission.answering import Answering
from readmission.release import Release
from readmission.web import create_app
from readmission.web.journal import LOG, Journal
from readmission.web.served import Served, files
from readmission.web.settings import Settings
from readmission.workers import Pool

LONGEST_ADDRESS = 262_144  # bytes of request line and headers: queries of 200 kB fit in a GET
_SPARE_THREADS = 8  # for pages and refusals, while every place for a query is taken
_PROXY_HEADERS = {"x-forwarded-for", "x-forwarded-proto", "x-forwarded-host"}


class PortTaken(OSError):
    """Another program listens where we were told to."""


class AddressRefused(OSError):
    """The system does not let us listen there."""


@dataclass(frozen=True)
class Operation:
    """How an operator runs the server, beside what it serves."""

    settings: Settings = field(default_factory=Settings)
    proxy: str | None = None
    """Address of a proxy whose X-Forwarded headers are believed; without it all its clients count as one."""
    metrics: tuple[str, int] | None = None
    """Host and port of the metrics for Prometheus."""
    outside: Answering | None = None
    """An engine elsewhere that answers in place of workers of our own."""


def run(served: Served, host: str = "127.0.0.1", port: int = 8000, operation: Operation | None = None) -> int:
    """Serve a release or other data until interrupted; returns the exit status."""
    operation = operation or Operation()
    _log_queries()
    pool = None if operation.outside else _pool(served, operation.settings)
    try:
        journal = Journal(served.version, pool.state if pool else None)
        app = create_app(served, operation.settings, operation.outside or pool, journal)
        with _metrics(operation.metrics, journal.registry):
            serve(app, host, port, operation=operation)
    finally:
        if pool:
            pool.close()
    return 0


def _pool(served: Served, settings: Settings) -> Pool | None:
    """Return the workers; None, and a warning, on systems that cannot confine processes as Linux does."""
    if sys.platform == "linux":
        return Pool(files(served), settings.limits, ours=isinstance(served, Release))
    logging.getLogger(__name__).warning(
        "This system cannot confine queries, so they run without deadline and memory limit: "
        "serve your own machine only. On Linux they are confined."
    )
    return None


def serve(
    app: Flask,
    host: str = "127.0.0.1",
    port: int = 8000,
    say: TextIO = sys.stderr,
    operation: Operation | None = None,
) -> None:
    """Serve until interrupted; says where, and when it has stopped. Raises PortTaken or AddressRefused."""
    listening = listen(host, port)
    server = create_server(app, sockets=[listening], **_options(operation or Operation()))
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # a full house is counted in the metrics
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, _leave)
    shown, number = f"[{host}]" if ":" in host else host, listening.getsockname()[1]
    print(f"Serving on http://{shown}:{number}/ (stop with Ctrl-C)", file=say, flush=True)
    server.run()  # returns when interrupted, after the answers under way
    server.close()
    print("Stopped.", file=say, flush=True)


def _options(operation: Operation) -> dict[str, Any]:
    settings = operation.settings
    trust = {"trusted_proxy": operation.proxy, "trusted_proxy_headers": _PROXY_HEADERS}
    return {
        "ident": "readmission",
        "threads": settings.limits.callers + _SPARE_THREADS,
        "connection_limit": 1000,
        "asyncore_use_poll": True,
        "channel_request_lookahead": 1,  # so that a client that leaves is noticed while its query runs
        "max_request_header_size": LONGEST_ADDRESS,
        "recv_bytes": 65_536,  # a query of a megabyte is read in a few turns of the loop, not in hundreds
        "inbuf_overflow": settings.largest_request,
        "max_request_body_size": 4 * settings.largest_request,  # up to there we refuse it in our own words
        "outbuf_high_watermark": settings.limits.answer + 2**20,  # a slow reader holds a file, not a thread
        **(trust if operation.proxy else {}),
    }


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket; port 0 takes a free one. Raises PortTaken or AddressRefused."""
    try:
        family, _, _, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        return socket.create_server(place[:2], family=family, backlog=1024)
    except OSError as fault:
        raise _refusal(fault, host, port) from fault


@contextmanager
def _metrics(place: tuple[str, int] | None, registry: CollectorRegistry) -> Iterator[None]:
    if place is None:
        yield
        return
    try:
        server, thread = start_http_server(place[1], place[0], registry)
    except OSError as fault:
        raise _refusal(fault, *place) from fault
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _log_queries() -> None:
    """Send the journal's lines to standard error, and nowhere else."""
    if not LOG.handlers:
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("%(message)s"))
        LOG.addHandler(handler)
    LOG.setLevel(logging.INFO)
    LOG.propagate = False


def _leave(_number: int, _frame: FrameType | None) -> None:
    raise SystemExit


def _refusal(fault: OSError, host: str, port: int) -> OSError:
    if fault.errno == errno.EADDRINUSE:
        return PortTaken(f"port {port} of {host} is taken; stop the other program or choose another --port")
    reason = fault.strerror or str(fault)
    return AddressRefused(f"cannot listen on {host} port {port} ({reason}); choose another --host or --port")
