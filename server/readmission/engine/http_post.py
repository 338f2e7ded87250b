"""A form sent by POST, wherever its address has moved to (RFC 9110, section 15.4), and the whole reply or a fault."""

import http.client
import urllib.request
from dataclasses import dataclass
from email.message import Message
from time import monotonic
from typing import IO, Any
from urllib.error import HTTPError
from urllib.parse import quote, urlsplit, urlunsplit

from readmission.engine.interface import AnswerTooLargeError, EngineError, EngineTimeoutError

_CHUNK = 65_536
_HEADERS = 10_000
_POST_AGAIN = (301, 302, 307, 308)
"""Redirections after which the form is sent again; 303 asks for a GET, which would leave the query behind."""
_SAFE = "!$&'()*+,;=:@/?%-._~"


@dataclass(frozen=True)
class HttpReply:
    """A reply to the end of its body."""

    status: int
    headers: Message
    body: bytes


class _RedirectHandler(urllib.request.HTTPRedirectHandler):
    """Sends the same form to the new address; the addresses that may be, and how many, are those of the library."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request:
        if code not in _POST_AGAIN:
            raise EngineError(
                f"{req.full_url}: it sends us on to {newurl} ({code} {msg}) without the query; name the address of the "
                "SPARQL endpoint itself"
            )
        moved, headers = web_address(newurl), dict(req.headers)
        return urllib.request.Request(moved, req.data, headers, method="POST")  # noqa: S310  # http or https


def post(url: str, request: urllib.request.Request, until: float, seconds: float, largest: int) -> HttpReply:
    """Send a form to ``url``, as people know the address, and return the reply, whatever its status.

    ``until`` is the moment, on the monotonic clock, at which ``seconds`` have passed. Raises EngineTimeoutError
    then, AnswerTooLargeError for a body of more than ``largest`` bytes, and EngineError when there is no reply.
    """
    # Some engines repeat each graph of a dataset in a header of its own; http.client would take a hundred.
    http.client._MAXHEADERS = max(http.client._MAXHEADERS, _HEADERS)  # type: ignore[attr-defined]
    try:
        opener = urllib.request.build_opener(_RedirectHandler)
        try:
            with opener.open(request, timeout=seconds) as response:
                return HttpReply(
                    response.status, response.headers, _read(url, response, until, seconds, largest)
                )
        except HTTPError as fault:
            with fault:
                return HttpReply(fault.code, fault.headers, fault.read(_CHUNK))
    except EngineError:
        raise
    except (OSError, http.client.HTTPException, ValueError, OverflowError) as fault:
        if isinstance(getattr(fault, "reason", fault), TimeoutError):
            raise EngineTimeoutError(f"{url}: no answer within {seconds:g} seconds") from fault
        raise EngineError(f"{url} does not answer ({getattr(fault, 'reason', fault)})") from fault


def web_address(url: str) -> str:
    """Return an address on the web with letters beyond ASCII encoded (RFC 3987, section 3.1). Raises EngineError."""
    try:
        return _encode(url)
    except ValueError as fault:
        raise EngineError(
            f"{url} is no address on the web ({fault}); write it as http://host:port/path"
        ) from fault


def _encode(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise EngineError(f"{url} is no address on the web; write it as http://host:port/path")
    host = parts.netloc if parts.netloc.isascii() else parts.netloc.encode("idna").decode()
    return urlunsplit((parts.scheme, host, quote(parts.path, _SAFE), quote(parts.query, _SAFE), ""))


def _read(url: str, response: Any, until: float, seconds: float, largest: int) -> bytes:
    """Read all of a body, or raise: nothing that is cut short passes for the whole."""
    body = bytearray()
    while part := response.read1(_CHUNK):
        body += part
        if len(body) > largest:
            raise AnswerTooLargeError(f"{url}: the answer is larger than {largest:,} bytes")
        if monotonic() > until:
            raise EngineTimeoutError(f"{url}: no whole answer within {seconds:g} seconds")
    if response.length:  # what was promised, and did not come
        raise EngineError(f"{url}: the answer breaks off {response.length} bytes before its end")
    return bytes(body)
