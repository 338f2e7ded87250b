"""Whether a worker can answer at all: it is asked the least query."""

import socket
import struct

from readmission.engine.execution import Answer, Outcome, Query, UnansweredError
from readmission.query_files import lookup
from readmission.workers import messages

_LONGEST_TRIAL = 60.0  # seconds


def least_answer(connection: socket.socket) -> Answer | UnansweredError | None:
    """Ask a worker the least query; None when it ended before it had answered."""
    query = Query(lookup("any-statement"), "application/sparql-results+json", None)
    connection.settimeout(_LONGEST_TRIAL)
    try:
        connection.sendall(messages.to_frame(query))
        with connection.makefile("rb") as stream:
            length = (
                messages.LENGTH_PREFIX.unpack(stream.read(messages.LENGTH_PREFIX.size))[0]
                % messages.LAST_REPLY_FLAG
            )
            reply = messages.read_reply(memoryview(stream.read(length)))
            assert isinstance(reply, Answer), "a query has an answer"
            return reply
    except UnansweredError as fault:
        return fault
    except TimeoutError:
        return UnansweredError(
            Outcome.FAILED, f"a worker has not answered the least query in {_LONGEST_TRIAL:g} s"
        )
    except (OSError, struct.error):
        return None
