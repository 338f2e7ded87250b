"""What clients are told until there is a release to serve: to come back soon (503 and Retry-After, RFC 9110)."""

import contextlib
import socket
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from readmission.web.http.problems import STARTING, is_for_programs, ready
from readmission.web.http.reply import Reply

_SECONDS = 10
"""After which a client may ask again; a build takes about three times as long."""
_PAGE = f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="refresh" content="{_SECONDS}">
<meta name="viewport" content="width=device-width"><title>{STARTING.title}</title></head>
<body><h1>{STARTING.title}</h1><p>{STARTING.detail}</p><p>This page asks again by itself.</p></body></html>
"""


@contextlib.contextmanager
def refuse(listening: socket.socket) -> Iterator[None]:
    """Answer all requests on a listening socket with 503 meanwhile; who connects later waits for the server."""
    server = ThreadingHTTPServer(("", 0), _Handler, bind_and_activate=False)
    server.socket.close()
    server.socket = listening.dup()
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    timeout = 5  # seconds for a request to arrive

    def _refuse(self) -> None:
        reply = _reply(self.headers.get("Accept", ""))
        self.send_response_only(reply.status)
        for name, value in reply.headers:
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(reply.body)

    do_GET = do_HEAD = do_POST = do_QUERY = do_DELETE = do_OPTIONS = _refuse  # noqa: N815 - names of the base class

    def log_message(self, format: str, *_: object) -> None:  # noqa: A002 - its name in the base class
        """Log nothing: there is no release yet whose requests could be counted."""


def _reply(accept: str) -> Reply:
    retry = ("Retry-After", str(_SECONDS))
    if is_for_programs(accept):
        return ready(STARTING, STARTING.detail or "", [retry])
    body = _PAGE.encode()
    fields = [("Content-Type", "text/html; charset=utf-8"), ("Content-Length", str(len(body))), retry]
    return Reply(STARTING.status, [*fields, ("Cache-Control", "no-store")], body)
