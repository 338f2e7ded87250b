"""Messages between the front and a worker: MessagePack, each with its length before it.

Not pickle: what a worker sends is read as data of the kinds declared here, whatever a query did to the worker.
"""

import hashlib
import struct
from typing import BinaryIO, NamedTuple

from msgspec import Struct
from msgspec.msgpack import Decoder, Encoder

from readmission.answering import Answer, Outcome, Query, Unanswered

LENGTH = struct.Struct("!I")
LAST = 1 << 31
"""Stands in the length of a reply after which its worker ends, so that nobody hands it another query."""
LONG_TEXT = 16_384
"""Characters of a query from which on its message, or anything made of it, takes too long for an event loop."""
FORK = b"fork"
"""The one order that a zygote takes."""
NEWS = 1024
"""Bytes of the longest message from a zygote."""


class Refused(Struct, array_like=True, tag=True):
    """What a worker sends in place of an answer."""

    outcome: Outcome
    told: str
    place: dict[str, int | str]


_ENCODER = Encoder()
_QUERIES = Decoder(Query)
_REPLIES: Decoder[Answer | Refused] = Decoder(Answer | Refused)


def framed(message: Query | Answer | Refused) -> bytearray:
    """Return a message as it is sent."""
    frame = bytearray(LENGTH.size)
    _ENCODER.encode_into(message, frame, LENGTH.size)
    LENGTH.pack_into(frame, 0, len(frame) - LENGTH.size)
    return frame


def call_last(frame: bytearray) -> None:
    """Have a reply tell that its worker ends after it."""
    LENGTH.pack_into(frame, 0, len(frame) - LENGTH.size | LAST)


class Message(NamedTuple):
    """A query as a worker gets it, and what tells the work that it makes from that of others."""

    frame: bytearray
    digest: bytes


def message(query: Query) -> Message:
    """Return a query's message."""
    digest, default, named = query.digest, query.default_graphs, query.named_graphs
    if default or named:
        digest = hashlib.sha256("\x00".join((digest.hex(), *default, "", *named)).encode()).digest()
    return Message(framed(query), digest)


def refused(fault: Unanswered) -> Refused:
    """Return what tells of a query without an answer."""
    return Refused(fault.outcome, str(fault).encode(errors="replace").decode(), fault.place)


def told(frame: memoryview) -> Answer:
    """Return the answer that a worker's frame holds, without its length, or raise what it tells instead."""
    reply = _REPLIES.decode(frame)
    if isinstance(reply, Refused):
        raise Unanswered(reply.outcome, reply.told, reply.place)
    return reply


def receive(stream: BinaryIO) -> Query | None:
    """Wait for a whole query; None when the front has gone."""
    length = stream.read(LENGTH.size)
    if len(length) < LENGTH.size:
        return None
    (size,) = LENGTH.unpack(length)
    frame = stream.read(size)
    return None if len(frame) < size else _QUERIES.decode(frame)
