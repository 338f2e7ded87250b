"""Messages between the front and a worker: MessagePack, each with its length before it.

Not pickle: what a worker sends is read as data of the kinds declared here, whatever a query did to the worker.
"""

import hashlib
import struct
from typing import BinaryIO, NamedTuple

from msgspec import Struct
from msgspec.msgpack import Decoder, Encoder

from readmission.engine.execution import Answer, Outcome, Query, Unanswered

LENGTH = struct.Struct("!I")
LAST = 1 << 31
"""Stands in the length of a reply after which its worker ends, so that nobody hands it another query."""
LONG_TEXT = 16_384
"""Characters of a query from which on its message, or anything made of it, takes too long for an event loop."""
EQUIPPED = b"equipped"
"""What a zygote tells once the workers that it forks from then on have the application."""
FORK = b"fork"
"""The one order that a zygote takes."""
NEWS = 1024
"""Bytes of the longest message from a zygote."""


class Orders(Struct, frozen=True):
    """What a zygote is told at its start, as JSON: what to load, and what its workers are and may use."""

    files: tuple[tuple[int, str], ...]
    """The handle and the name of each file; it is read by its handle, for its name may be gone."""
    ours: bool
    """Whether the files are of our own making, and need not be checked."""
    memory: int
    """Bytes that a worker may take for one query."""
    growth: int
    """Bytes that it may keep from one query to the next."""
    largest: int
    """Bytes of the largest answer."""
    application: str | None = None
    """``module:function``, called with the engine and ``argument``, returns what answers HTTP requests."""
    argument: str = ""


class Refused(Struct, array_like=True, tag=True):
    """What a worker sends in place of an answer."""

    outcome: Outcome
    told: str
    place: dict[str, int | str]


class Request(Struct, frozen=True, array_like=True, tag=True):
    """An HTTP request for an application in the worker: the texts of its environment (PEP 3333), and its body."""

    environ: dict[str, str]
    body: bytes

    @property
    def digest(self) -> bytes:
        """The SHA-256 of what is asked: the method, the address, the formats and the body."""
        asked = "\x00".join(self.environ.get(name, "") for name in _ASKED)
        return hashlib.sha256(asked.encode(errors="replace") + b"\x00" + self.body).digest()


class Note(Struct, frozen=True, array_like=True):
    """What came of a query: its outcome, the SHA-256 of its text, and its answer's form, rows and bytes."""

    outcome: Outcome
    query: bytes
    form: str | None = None
    rows: int | None = None
    size: int = 0


class Response(Struct, array_like=True, tag=True):
    """What an application answers a request, and what came of the query that it ran, if it ran one."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes
    note: Note | None = None


_ASKED = ("REQUEST_METHOD", "PATH_INFO", "QUERY_STRING", "HTTP_ACCEPT", "HTTP_ACCEPT_ENCODING", "HTTP_RANGE")
_ENCODER = Encoder()
_ASKS: Decoder[Query | Request] = Decoder(Query | Request)
_REPLIES: Decoder[Answer | Response | Refused] = Decoder(Answer | Response | Refused)


def framed(message: Query | Request | Answer | Response | Refused) -> bytearray:
    """Return a message as it is sent."""
    frame = bytearray(LENGTH.size)
    _ENCODER.encode_into(message, frame, LENGTH.size)
    LENGTH.pack_into(frame, 0, len(frame) - LENGTH.size)
    return frame


def call_last(frame: bytearray) -> None:
    """Have a reply tell that its worker ends after it."""
    LENGTH.pack_into(frame, 0, len(frame) - LENGTH.size | LAST)


class Message(NamedTuple):
    """A query or a request as a worker gets it, and what tells the work that it makes from that of others."""

    frame: bytearray
    digest: bytes


def message(asked: Query | Request) -> Message:
    """Return the message of a query or a request."""
    if isinstance(asked, Request):
        return Message(framed(asked), asked.digest)
    query = asked
    digest, default, named = query.digest, query.default_graphs, query.named_graphs
    if default or named:
        digest = hashlib.sha256("\x00".join((digest.hex(), *default, "", *named)).encode()).digest()
    return Message(framed(query), digest)


def refused(fault: Unanswered) -> Refused:
    """Return what tells of a query without an answer."""
    return Refused(fault.outcome, str(fault).encode(errors="replace").decode(), fault.place)


def told(frame: memoryview) -> Answer | Response:
    """Return the answer or the response that a worker's frame holds; raises what it tells instead."""
    reply = _REPLIES.decode(frame)
    if isinstance(reply, Refused):
        raise Unanswered(reply.outcome, reply.told, reply.place)
    return reply


def receive(stream: BinaryIO) -> Query | Request | None:
    """Wait for a whole query or request; None when the front has gone."""
    length = stream.read(LENGTH.size)
    if len(length) < LENGTH.size:
        return None
    (size,) = LENGTH.unpack(length)
    frame = stream.read(size)
    return None if len(frame) < size else _ASKS.decode(frame)
