"""Messages between the front and a worker: a header in JSON and a body in bytes, each with its length before it.

JSON, not pickle: what a worker sends is read as data, whatever a query did to the worker.
"""

import json
import struct
from typing import BinaryIO

from readmission.answering import Answer, Outcome, Query, Unanswered

LENGTHS = struct.Struct("!II")
FORK = b"fork"
"""The one order that a zygote takes."""


def begun(header: dict[str, object], length: int) -> bytes:
    """Return the beginning of a message whose body of this length follows."""
    written = json.dumps(header).encode()
    return LENGTHS.pack(len(written), length) + written


def asked(query: Query) -> bytes:
    """Return the message that asks a query."""
    header: dict[str, object] = {
        "rows": query.rows,
        "graph": query.graph,
        "default_graphs": query.default_graphs,
        "named_graphs": query.named_graphs,
        "base": query.base,
    }
    text = query.text.encode()
    return begun(header, len(text)) + text


def query(header: dict[str, object], body: bytes) -> Query:
    """Return the query that a message asks."""
    fields = {name: tuple(value) if isinstance(value, list) else value for name, value in header.items()}
    return Query(body.decode(), **fields)  # type: ignore[arg-type]  # our own front wrote it


def answered(answer: Answer) -> tuple[bytes, bytes]:
    """Return the message of an answer in two parts, so that a large body is not copied."""
    header: dict[str, object] = {
        "form": answer.form,
        "media_type": answer.media_type,
        "rows": answer.rows,
        "lasting": answer.lasting,
    }
    return begun(header, len(answer.body)), answer.body


def unanswered(fault: Unanswered) -> tuple[bytes, bytes]:
    """Return the message of a query without an answer."""
    header: dict[str, object] = {"outcome": fault.outcome, "place": fault.place}
    message = str(fault).encode(errors="replace")
    return begun(header, len(message)), message


def told(header: dict[str, object], body: bytes) -> Answer:
    """Return the answer that a worker's message holds, or raise what it tells instead."""
    if "outcome" in header:
        place = header.get("place")
        raise Unanswered(
            Outcome(str(header["outcome"])), body.decode(), place if isinstance(place, dict) else {}
        )
    return Answer(body, **header)  # type: ignore[arg-type]  # checked by the worker's own dataclass


def receive(stream: BinaryIO) -> tuple[dict[str, object], bytes] | None:
    """Wait for a whole message; None when the other side has gone."""
    lengths = stream.read(LENGTHS.size)
    if len(lengths) < LENGTHS.size:
        return None
    header_length, body_length = LENGTHS.unpack(lengths)
    header, body = stream.read(header_length), stream.read(body_length)
    return None if len(body) < body_length else (json.loads(header), body)
