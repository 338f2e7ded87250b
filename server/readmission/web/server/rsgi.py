"""Between the server and the application: requests as WSGI environments, and replies on their way out.

The server (granian) reads HTTP outside of Python and hands over each request as RSGI, its own asynchronous
interface, which also tells when a client leaves
(https://github.com/emmett-framework/granian/blob/master/docs/spec/RSGI.md).
"""

import asyncio
import io
import os
import socket
import sys
from collections.abc import Awaitable, Callable
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from granian._granian import RSGIHTTPProtocol as HTTPProtocol
from granian._granian import RSGIProtocolClosed as ProtocolClosed
from granian._granian import SocketHolder
from granian.constants import Interfaces
from granian.http import HTTP1Settings
from granian.rsgi import Scope
from granian.server.embed import Server
from werkzeug.exceptions import LengthRequired, RequestTimeout

from readmission.engine.execution import Outcome
from readmission.web.endpoint.running_queries import DISCONNECTED_KEY
from readmission.web.http.problems import BAD_REQUEST, UNREAD_BODY_KEY, outcome_problem, ready
from readmission.web.http.reply import Reply

__all__ = ["BACKLOG", "REFUSAL_KEY", "Environ", "Gateway", "HTTPProtocol", "ProtocolClosed", "RsgiServer"]

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

Environ = dict[str, Any]

BACKLOG = 1024  # connections that wait to be taken
_SLOWEST_HEAD = (
    15_000  # milliseconds for a request line and headers, and for the next request of a connection
)
_LONGEST_HEAD = 131_072  # bytes
_SLOWEST_BODY = 30.0  # seconds for a request's body, and for a client to take in each part of an answer
_PART = 262_144  # bytes
_FORWARDED = {
    "HTTP_X_FORWARDED_FOR": "REMOTE_ADDR",
    "HTTP_X_FORWARDED_PROTO": "wsgi.url_scheme",
    "HTTP_X_FORWARDED_HOST": "HTTP_HOST",
    "HTTP_X_FORWARDED_PREFIX": "SCRIPT_NAME",
}
_OWN_NAMES = {"content-type": "CONTENT_TYPE", "content-length": "CONTENT_LENGTH"}


_BUSY_REPLY = ready(
    outcome_problem(Outcome.BUSY),
    "Too many long answers are on their way to clients that take them in slowly; try again soon.",
    [("Retry-After", "5")],
)
_INCOMPLETE_BODY_REPLY = ready(BAD_REQUEST, "the request's body ended before its Content-Length")
REFUSAL_KEY = "readmission.refused"
"""Environ key: the gateway's own reply to a request."""


class RsgiServer(Server):
    """The server on a socket of ours: by itself it would share the port of another server unnoticed."""

    def __init__(
        self,
        answer: Callable[[Scope, HTTPProtocol], Awaitable[None]],
        listening: socket.socket,
        connections: int,
    ) -> None:
        super().__init__(
            answer,
            interface=Interfaces.RSGI,
            backlog=BACKLOG,
            backpressure=connections,
            websockets=False,
            log_enabled=False,
            http1_settings=HTTP1Settings(header_read_timeout=_SLOWEST_HEAD, max_buffer_size=_LONGEST_HEAD),
        )
        listening.setblocking(False)
        self._listening = listening

    def _init_shared_socket(self) -> None:
        holder: Any = (
            SocketHolder  # declared without the arguments it takes: handle, Unix socket or not, backlog
        )
        self._ssp, self._shd = None, holder(os.dup(self._listening.fileno()), False, BACKLOG)


class Gateway:
    """Turns requests into environments, and sends the replies."""

    def __init__(self, largest: int, proxy: str | None, room: int) -> None:
        self._largest, self._proxy = largest, proxy
        self._room, self._bytes_in_flight = room, 0

    async def environ(self, scope: Scope, protocol: HTTPProtocol) -> "WSGIEnvironment":
        """Return a request as PEP 3333 describes it, its body read: bytes beyond ASCII each stand as one character."""
        host, _, port = scope.server.rpartition(":")
        environ: WSGIEnvironment = {
            "REQUEST_METHOD": scope.method,
            "SCRIPT_NAME": "",
            "PATH_INFO": scope.path.encode().decode("latin-1"),
            "QUERY_STRING": scope.query_string.encode().decode("latin-1"),
            "SERVER_NAME": host,
            "SERVER_PORT": port,
            "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
            "REMOTE_ADDR": scope.client.rpartition(":")[0].strip("[]"),
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": scope.scheme,
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
            DISCONNECTED_KEY: _Disconnection(protocol),
        }
        for name, value in scope.headers.items():
            if "_" in name:  # it would be taken for another name, such as that of a proxy's header
                continue
            key = _key(name)
            environ[key] = f"{environ[key]},{value}" if key in environ else value
        if scope.authority and "HTTP_HOST" not in environ:  # HTTP/2 has no Host
            environ["HTTP_HOST"] = scope.authority
        if self._proxy in ("*", environ["REMOTE_ADDR"]):
            _apply_forwarded(environ)
        environ["wsgi.input"] = io.BytesIO(await self._body(environ, protocol))
        return environ

    async def _body(self, environ: "WSGIEnvironment", protocol: HTTPProtocol) -> bytes:
        if "HTTP_TRANSFER_ENCODING" in environ:
            # the server does not tell a body in chunks that is whole from one that was cut off
            environ[UNREAD_BODY_KEY] = LengthRequired(
                "send the request's Content-Length; a body in chunks is not read here"
            )
            return b""
        length = environ.get("CONTENT_LENGTH", "")
        if not length or length == "0" or int(length) > self._largest:
            return b""  # too long a one is refused by the application, which reads its length alone
        try:
            async with asyncio.timeout(_SLOWEST_BODY):
                return await protocol()
        except ProtocolClosed:  # thousands may leave at once
            environ[REFUSAL_KEY] = _INCOMPLETE_BODY_REPLY
            return b""
        except TimeoutError:
            environ[UNREAD_BODY_KEY] = RequestTimeout(
                f"the request's body did not arrive within {_SLOWEST_BODY:g} seconds"
            )
            return b""

    async def send(self, reply: Reply, protocol: HTTPProtocol) -> Reply:
        """Send a reply; a long one in parts, so that slow readers hold neither much of it twice nor any for ever.

        Return what was sent: another reply where the long answers on their way leave no room for this one.
        """
        if reply.file:
            await _send_file(reply, reply.file, protocol)
            return reply
        length = len(reply.body)
        if length > _PART and self._bytes_in_flight + length > self._room:
            reply, length = _BUSY_REPLY, len(_BUSY_REPLY.body)
        headers = [*reply.headers, ("Server", "readmission")]
        if length <= _PART:
            protocol.response_bytes(reply.status, headers, reply.body)
            return reply
        stream, body = protocol.response_stream(reply.status, headers), memoryview(reply.body)
        self._bytes_in_flight += length
        try:
            for begin in range(0, length, _PART):
                async with asyncio.timeout(_SLOWEST_BODY):
                    await stream.send_bytes(bytes(body[begin : begin + _PART]))
        except (TimeoutError, ProtocolClosed):
            return reply
        finally:
            self._bytes_in_flight -= length
        return reply


async def _send_file(reply: Reply, file: str, protocol: HTTPProtocol) -> None:
    """Have the server send a file outside of Python, or the part that a Content-Range names (RFC 9110, 14.4).

    A short part is read here: the server takes many times as long for it.
    """
    headers = [*reply.headers, ("Server", "readmission")]
    part = next((value for name, value in headers if name == "Content-Range"), None)
    if part is None:
        protocol.response_file(reply.status, headers, file)
    else:
        first, last = map(int, part.removeprefix("bytes ").partition("/")[0].split("-"))
        if last - first < _PART:
            protocol.response_bytes(reply.status, headers, await asyncio.to_thread(_part, file, first, last))
        else:
            protocol.response_file_range(reply.status, headers, file, first, last + 1)


def _part(file: str, first: int, last: int) -> bytes:
    with Path(file).open("rb") as stream:
        stream.seek(first)
        return stream.read(last + 1 - first)


def _apply_forwarded(environ: "WSGIEnvironment") -> None:
    """Apply the X-Forwarded headers; of several values the last one is from the proxy that connects to us."""
    for header, meant in _FORWARDED.items():
        if said := environ.get(header, "").rpartition(",")[2].strip():
            environ[meant] = said
    environ["wsgi.url_scheme"] = environ["wsgi.url_scheme"].lower()
    environ["SCRIPT_NAME"] = environ["SCRIPT_NAME"].rstrip("/")


@lru_cache(maxsize=1024)
def _key(name: str) -> str:
    """Return under which key an environment has a header."""
    return _OWN_NAMES.get(name) or f"HTTP_{name.upper().replace('-', '_')}"


class _Disconnection:
    """Tells, in any thread, whether the client has disconnected; watches the connection from the first call on."""

    def __init__(self, protocol: HTTPProtocol) -> None:
        self._protocol, self._loop = protocol, asyncio.get_running_loop()
        self._is_watched = False
        self._gone: asyncio.Future[None] | None = None

    def __call__(self) -> bool:
        if not self._is_watched:
            self._is_watched = True
            self._loop.call_soon_threadsafe(self._watch)
        return self._gone is not None and self._gone.done()

    def _watch(self) -> None:
        self._gone = asyncio.ensure_future(self._protocol.client_disconnect())
