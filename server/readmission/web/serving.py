"""Serving the application with waitress: on the loopback address unless told otherwise."""

import errno
import signal
import socket
import sys
import threading
from types import FrameType
from typing import TextIO

from flask import Flask
from waitress.server import create_server

from readmission.web import create_app
from readmission.web.served import Served

LONGEST_ADDRESS = 262_144  # bytes of request line and headers: queries of 200 kB fit in a GET


class PortTaken(OSError):
    """Another program listens where we were told to."""


class AddressRefused(OSError):
    """The system does not let us listen there."""


def run(served: Served, host: str = "127.0.0.1", port: int = 8000) -> int:
    """Serve a release or other data until interrupted; returns the exit status."""
    serve(create_app(served), host, port)
    return 0


def serve(app: Flask, host: str = "127.0.0.1", port: int = 8000, say: TextIO = sys.stderr) -> None:
    """Serve until interrupted; says where, and when it has stopped. Raises PortTaken or AddressRefused."""
    listening = listen(host, port)
    server = create_server(
        app, sockets=[listening], threads=8, ident="readmission", max_request_header_size=LONGEST_ADDRESS
    )
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, _leave)
    shown, number = f"[{host}]" if ":" in host else host, listening.getsockname()[1]
    print(f"Serving on http://{shown}:{number}/ (stop with Ctrl-C)", file=say, flush=True)
    server.run()  # returns when interrupted, after the answers under way
    server.close()
    print("Stopped.", file=say, flush=True)


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket; port 0 takes a free one. Raises PortTaken or AddressRefused."""
    try:
        family, _, _, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        return socket.create_server(place[:2], family=family, backlog=1024)
    except OSError as fault:
        raise _refusal(fault, host, port) from fault


def _leave(_number: int, _frame: FrameType | None) -> None:
    raise SystemExit


def _refusal(fault: OSError, host: str, port: int) -> OSError:
    if fault.errno == errno.EADDRINUSE:
        return PortTaken(f"port {port} of {host} is taken; stop the other program or choose another --port")
    reason = fault.strerror or str(fault)
    return AddressRefused(f"cannot listen on {host} port {port} ({reason}); choose another --host or --port")
