"""Writes JSON log lines from a background thread; a slow reader never blocks a request."""

import contextlib
import queue
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TextIO

from msgspec import Struct, json

_FLUSH_SECONDS = 0.1  # seconds between two writings
_MOST_WAITING = 100_000  # that wait to be written
_FINAL_SECONDS = 5.0  # seconds to write what is left at the end
_ENCODER = json.Encoder()

Line = Struct | Mapping[str, object]


class LogWriter:
    """Writes lines in batches from a background thread."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lines: queue.SimpleQueue[Line] = queue.SimpleQueue()
        self._dropped = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._write, name="lines", daemon=True)
        self._thread.start()

    def add(self, line: Line) -> None:
        """Queue a line; when too many wait, drop it and log the number of dropped lines later."""
        if self._lines.qsize() < _MOST_WAITING:
            self._lines.put(line)
        else:
            self._dropped += 1

    def finish(self) -> None:
        """Write what is left."""
        self._stop.set()
        self._thread.join(_FINAL_SECONDS)

    def _write(self) -> None:
        while not self._stop.wait(_FLUSH_SECONDS) or not self._lines.empty():
            lines = [self._lines.get() for _ in range(self._lines.qsize())]
            if self._dropped:
                lines.append({"event": "lines-lost", "count": self._dropped})
                self._dropped = 0
            if lines:
                with contextlib.suppress(OSError, ValueError):  # whoever read them has gone
                    self._stream.write(_ENCODER.encode_lines(lines).decode())
                    self._stream.flush()


@contextmanager
def open_log(stream: TextIO | None = None) -> Iterator[LogWriter]:
    """Write lines to a stream, standard error by default, until the end."""
    lines = LogWriter(stream or sys.stderr)
    try:
        yield lines
    finally:
        lines.finish()
