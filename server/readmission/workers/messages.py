"""Messages between the front and a worker: MessagePack, each with its length before it.

Not pickle: what a worker sends is read as data of the kinds declared here, whatever a query did to the worker.
"""

import hashlib
import struct
from typing import BinaryIO, NamedTuple

from msgspec import Struct
from msgspec.msgpack import Decoder, Encoder

from readmission.engine.execution import Answer, Outcome, Query, UnansweredError

LENGTH_PREFIX = struct.Struct("!I")
LAST_REPLY_FLAG = 1 << 31
"""A bit of the length prefix: the worker ends after this reply, so it gets no other query."""
LONG_TEXT = 16_384
"""Characters of a query from which on its message, or anything made of it, takes too long for an event loop."""
APPLICATION_READY = b"equipped"
"""Sent by a zygote once all workers that it forks from now on have the application."""
FORK = b"fork"
"""The one order that a zygote takes."""
LONGEST_NOTICE = 1024
"""Bytes of the longest message from a zygote."""


class ZygoteOptions(Struct, frozen=True):
    """The options of a zygote, passed as JSON at its start: what to load, and the limits of its workers."""

    files: tuple[tuple[int, str], ...]
    """The handle and the name of each file; it is read by its handle, for its name may be gone."""
    trusted: bool
    """Whether this program has written the files, so that they need no checks."""
    memory: int
    """Bytes that a worker may take for one query."""
    growth: int
    """Bytes that it may keep from one query to the next."""
    largest: int
    """Bytes of the largest answer."""
    application: str | None = None
    """``module:function``, called with the engine and ``argument``, returns what answers HTTP requests."""
    argument: str = ""


class Refusal(Struct, array_like=True, tag=True):
    """The reason, from a worker, why a query has no answer."""

    outcome: Outcome
    message: str
    place: dict[str, int | str]


class Request(Struct, frozen=True, array_like=True, tag=True):
    """An HTTP request for an application in the worker: the texts of its environment (PEP 3333), and its body."""

    environ: dict[str, str]
    body: bytes

    @property
    def digest(self) -> bytes:
        """The SHA-256 of what is asked: the method, the address, the formats and the body."""
        asked = "\x00".join(self.environ.get(name, "") for name in _DIGEST_KEYS)
        return hashlib.sha256(asked.encode(errors="replace") + b"\x00" + self.body).digest()


class Note(Struct, frozen=True, array_like=True):
    """The result of a query for the log: outcome, SHA-256 of its text, and its answer's form, rows and bytes."""

    outcome: Outcome
    query: bytes
    form: str | None = None
    rows: int | None = None
    size: int = 0


class Response(Struct, array_like=True, tag=True):
    """An application's HTTP response, and the note of the query that it ran, if it ran one."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes
    note: Note | None = None


_DIGEST_KEYS = (
    "REQUEST_METHOD",
    "PATH_INFO",
    "QUERY_STRING",
    "HTTP_ACCEPT",
    "HTTP_ACCEPT_ENCODING",
    "HTTP_RANGE",
)
_ENCODER = Encoder()
_REQUESTS: Decoder[Query | Request] = Decoder(Query | Request)
_REPLIES: Decoder[Answer | Response | Refusal] = Decoder(Answer | Response | Refusal)


def to_frame(message: Query | Request | Answer | Response | Refusal) -> bytearray:
    """Return a message as bytes, with its length prefix."""
    frame = bytearray(LENGTH_PREFIX.size)
    _ENCODER.encode_into(message, frame, LENGTH_PREFIX.size)
    LENGTH_PREFIX.pack_into(frame, 0, len(frame) - LENGTH_PREFIX.size)
    return frame


def mark_last(frame: bytearray) -> None:
    """Mark a reply as the last one of its worker."""
    LENGTH_PREFIX.pack_into(frame, 0, len(frame) - LENGTH_PREFIX.size | LAST_REPLY_FLAG)


class Message(NamedTuple):
    """A query or a request as sent to a worker, and a digest that identifies its work."""

    frame: bytearray
    digest: bytes


def to_message(asked: Query | Request) -> Message:
    """Return the message of a query or a request."""
    if isinstance(asked, Request):
        return Message(to_frame(asked), asked.digest)
    query = asked
    digest, default, named = query.digest, query.default_graphs, query.named_graphs
    if default or named:
        digest = hashlib.sha256("\x00".join((digest.hex(), *default, "", *named)).encode()).digest()
    return Message(to_frame(query), digest)


def to_refusal(fault: UnansweredError) -> Refusal:
    """Return the refusal to send for an error."""
    return Refusal(fault.outcome, str(fault).encode(errors="replace").decode(), fault.place)


def read_reply(frame: memoryview) -> Answer | Response:
    """Return the answer or the response in a worker's frame; raises UnansweredError for a refusal."""
    reply = _REPLIES.decode(frame)
    if isinstance(reply, Refusal):
        raise UnansweredError(reply.outcome, reply.message, reply.place)
    return reply


def receive(stream: BinaryIO) -> Query | Request | None:
    """Wait for the next query or request; None when the front has closed the connection."""
    length = stream.read(LENGTH_PREFIX.size)
    if len(length) < LENGTH_PREFIX.size:
        return None
    (size,) = LENGTH_PREFIX.unpack(length)
    frame = stream.read(size)
    return None if len(frame) < size else _REQUESTS.decode(frame)
