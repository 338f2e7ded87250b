"""Log lines, each a JSON object, for whoever operates the server: nobody waits for who reads them."""

import contextlib
import queue
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TextIO

from msgspec import Struct, json

_GATHER = 0.1  # seconds between two writings
_MOST = 100_000  # that wait to be written
_LAST = 5.0  # seconds to write what is left at the end
_ENCODER = json.Encoder()

Line = Struct | Mapping[str, object]


class Lines:
    """Writes lines a few at a time from a thread of its own."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lines: queue.SimpleQueue[Line] = queue.SimpleQueue()
        self._lost = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._write, name="lines", daemon=True)
        self._thread.start()

    def add(self, line: Line) -> None:
        """Take a line; none when nobody has read the last ones, which is told later."""
        if self._lines.qsize() < _MOST:
            self._lines.put(line)
        else:
            self._lost += 1

    def finish(self) -> None:
        """Write what is left."""
        self._over.set()
        self._thread.join(_LAST)

    def _write(self) -> None:
        while not self._over.wait(_GATHER) or not self._lines.empty():
            lines = [self._lines.get() for _ in range(self._lines.qsize())]
            if self._lost:
                lines.append({"event": "lines-lost", "count": self._lost})
                self._lost = 0
            if lines:
                with contextlib.suppress(OSError, ValueError):  # whoever read them has gone
                    self._stream.write(_ENCODER.encode_lines(lines).decode())
                    self._stream.flush()


@contextmanager
def written(stream: TextIO | None = None) -> Iterator[Lines]:
    """Write lines to a stream, standard error by default, until the end."""
    lines = Lines(stream or sys.stderr)
    try:
        yield lines
    finally:
        lines.finish()
