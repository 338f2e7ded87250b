"""Whether a worker can answer at all: it is asked the least query."""

import socket
import struct

from readmission.engine.execution import Answer, Outcome, Query, Unanswered
from readmission.query_files import lookup
from readmission.workers import messages

_LONGEST_TRIAL = 60.0  # seconds


def least_answer(connection: socket.socket) -> Answer | Unanswered | None:
    """Ask a worker the least query; None when it ended before it had answered."""
    query = Query(lookup("any-statement"), "application/sparql-results+json", None)
    connection.settimeout(_LONGEST_TRIAL)
    try:
        connection.sendall(messages.framed(query))
        with connection.makefile("rb") as stream:
            length = messages.LENGTH.unpack(stream.read(messages.LENGTH.size))[0] % messages.LAST
            reply = messages.told(memoryview(stream.read(length)))
            assert isinstance(reply, Answer), "a query has an answer"
            return reply
    except Unanswered as fault:
        return fault
    except TimeoutError:
        return Unanswered(
            Outcome.FAILED, f"a worker has not answered the least query in {_LONGEST_TRIAL:g} s"
        )
    except (OSError, struct.error):
        return None
