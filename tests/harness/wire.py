"""HTTP as it goes over the wire: any bytes may be sent, and what comes back is read strictly (RFC 9112)."""

import contextlib
import io
import re
import socket
from dataclasses import dataclass
from typing import BinaryIO
from urllib.parse import quote_from_bytes

_STATUS = re.compile(rb"HTTP/1\.[01] ([1-5][0-9][0-9]) [\t\x20-\x7e\x80-\xff]*\r\n")
_FIELD = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\t\x20-\x7e\x80-\xff]*)\r\n")
_CHUNK = re.compile(rb"([0-9A-Fa-f]+)(;[^\r\n]*)?\r\n")
_LONGEST = 1_000_000
FORM = b"application/x-www-form-urlencoded"
QUERY = b"application/sparql-query"


class MalformedHttpError(AssertionError):
    """Bytes from the server that are no HTTP, or stop in the middle."""


@dataclass(frozen=True)
class Reply:
    """A whole answer."""

    status: int
    headers: dict[str, str]
    body: bytes


def exchange(port: int, *parts: bytes, leave: bool = False, seconds: float = 10) -> tuple[bytes, bool]:
    """Send bytes on a connection of their own; return all that comes until the server closes it, and whether it reset.

    With ``leave`` the client's half is closed first. Raises TimeoutError when the server keeps it open.
    """
    with socket.create_connection(("127.0.0.1", port), seconds) as connection:
        try:
            for part in parts:
                connection.sendall(part)
            if leave:
                connection.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # it has heard enough and closed; what it said of that may still be read
        return read_all(connection)


def read_all(connection: socket.socket) -> tuple[bytes, bool]:
    """Return all that comes until the other end closes, and whether it reset the connection."""
    read = bytearray()
    try:
        while part := connection.recv(65_536):
            read += part
    except ConnectionResetError:
        return bytes(read), True
    return bytes(read), False


def replies(raw: bytes, reset: bool = False, *, head: bool = False) -> list[Reply]:
    """Return the final answers in a stream, and nothing but answers; raises MalformedHttpError.

    A reset throws away what the client had not read yet, so the last answer may be cut then (RFC 9112, section 9.6).
    """
    stream, found = io.BytesIO(raw), []
    try:
        while (answer := reply(stream, head=head)) is not None:
            found.append(answer)
    except MalformedHttpError:
        if not reset:
            raise
    return found


def reply(stream: BinaryIO, *, head: bool = False) -> Reply | None:
    """Read one final answer; None at the end of the stream. Raises MalformedHttpError."""
    while line := stream.readline(_LONGEST):
        found = _STATUS.fullmatch(line)
        if found is None:
            raise MalformedHttpError(f"no status line: {line[:100]!r}")
        status, headers = int(found.group(1)), _headers(stream)
        if status >= 200:
            empty = head or status in (204, 304)
            return Reply(status, headers, b"" if empty else _body(stream, headers))
    return None


def _headers(stream: BinaryIO) -> dict[str, str]:
    headers: dict[str, str] = {}
    while (line := stream.readline(_LONGEST)) != b"\r\n":
        found = _FIELD.fullmatch(line)
        if found is None:
            raise MalformedHttpError(f"no header field: {line[:100]!r}")
        name, value = found.group(1).decode().lower(), found.group(2).decode("latin-1")
        if name in headers and name in ("content-length", "transfer-encoding", "etag"):
            raise MalformedHttpError(f"two fields {name}")
        headers[name] = value
    return headers


def _body(stream: BinaryIO, headers: dict[str, str]) -> bytes:
    if headers.get("transfer-encoding", "").lower() == "chunked":
        return b"".join(iter(lambda: _chunk(stream), b""))
    if "content-length" not in headers:
        return stream.read()
    length = int(headers["content-length"])
    body = stream.read(length)
    if len(body) != length:
        raise MalformedHttpError(f"{len(body)} bytes of {length}")
    return body


def _chunk(stream: BinaryIO) -> bytes:
    found = _CHUNK.fullmatch(stream.readline(_LONGEST))
    if found is None:
        raise MalformedHttpError("no chunk")
    length = int(found.group(1), 16)
    chunk = stream.read(length)
    if len(chunk) != length or stream.readline(_LONGEST) != b"\r\n":
        raise MalformedHttpError("a chunk stops in the middle")
    return chunk


class Client:
    """A client that keeps its connection as long as the server does, from an address of its own."""

    def __init__(self, port: int, source: str = "127.0.0.1", seconds: float = 10) -> None:
        self._place, self._source, self._seconds = ("127.0.0.1", port), source, seconds
        self._stream: BinaryIO | None = None

    def send(self, request: bytes) -> Reply:
        """Send one request, and return its answer. Raises MalformedHttpError, and OSError when none comes."""
        fresh, head = self._stream is None, request.startswith(b"HEAD ")
        try:
            return self._sent(request, head)
        except (MalformedHttpError, OSError):
            self.close()
            if fresh:
                raise
            return self._sent(request, head)  # the server may close a connection that rests at any moment

    def _sent(self, request: bytes, head: bool) -> Reply:
        if self._stream is None:
            self._stream = self._connected()
        self._stream.write(request)
        self._stream.flush()
        answer = reply(self._stream, head=head)
        if answer is None:
            raise MalformedHttpError("the connection was closed without an answer")
        if answer.headers.get("connection", "").lower() == "close" or "content-length" not in answer.headers:
            self.close()
        return answer

    def _connected(self) -> BinaryIO:
        with socket.create_connection(self._place, self._seconds, (self._source, 0)) as connection:
            return connection.makefile("rwb")  # type: ignore[return-value]

    def close(self) -> None:
        """Leave; the next request connects again."""
        stream, self._stream = self._stream, None
        if stream:
            with contextlib.suppress(OSError):  # bytes are left that the server did not want to read
                stream.close()


def request(method: bytes, target: bytes, body: bytes | None = None, **headers: bytes) -> bytes:
    """Return a request as bytes; ``_`` in the name of a header stands for -."""
    fields = {b"Host": b"localhost"} | {
        name.replace("_", "-").encode(): value for name, value in headers.items()
    }
    if body is not None:
        fields[b"Content-Length"] = str(len(body)).encode()
    lines = [method + b" " + target + b" HTTP/1.1", *(name + b": " + value for name, value in fields.items())]
    return b"\r\n".join([*lines, b"", b""]) + (body or b"")


def get_query(query: bytes | str, **headers: bytes) -> bytes:
    """Return a query by GET, whatever bytes it is."""
    raw = query.encode() if isinstance(query, str) else query
    return request(b"GET", b"/sparql?query=" + quote_from_bytes(raw).encode(), **headers)
