"""What one query, one client and all of them together may use."""

import os
from dataclasses import dataclass, field

MEBIBYTE = 2**20

# How much workers give way to others (nice). The zygote, and so every worker that starts, is a little below the front.
NICE_DEFAULT = 2
NICE_UNKNOWN_CLIENT = 10
"""With a query of a client that is not known to ask short ones."""
NICE_PAGE = 15
"""With a page or another request: somebody waits for it, even where other programs take the whole machine."""
NICE_LONG_QUERY = 19
"""With a long query, which then runs while no other wants to (SCHED_IDLE)."""


@dataclass(frozen=True)
class Limits:
    """Limits of a pool of workers; every value has a default that is safe on the open internet."""

    deadline: float = 10.0
    """Seconds from a query's arrival to its answer, waiting included."""
    memory: int = 512 * MEBIBYTE
    """Bytes that one query may take beyond the data themselves."""
    answer: int = 64 * MEBIBYTE
    """Bytes of one answer; the whole data set fits."""
    quick_time: float = 0.1
    """Processor seconds after which a query counts as long and gives way to the short ones."""
    page_time: float = 0.5
    """The same for a page or another request: to start it again would cost more than to let it end."""
    quick_slots: int = 4
    """Short queries that run at a time."""
    long_slots: int = field(default_factory=lambda: max(2, os.cpu_count() or 1))
    """Long queries that run at a time."""
    quick_queue: int = 32
    """Queries that wait for a slot in the fast lane."""
    long_queue: int = 16
    """Long queries that wait for a slot."""
    at_once: int = 8
    """Queries of one client under way or waiting."""
    share: float = 60.0
    """Processor seconds that one client's queries may use up ..."""
    refill: float = 1.0
    """... and gets back with each second that passes: whoever asks one query after another is never refused."""
    heavy: float = 5.0
    """Seconds of long queries, of late, after which all queries of a client start among the long ones."""

    @property
    def growth(self) -> int:
        """Bytes of growth after which a worker gives its memory back by ending: none of its queries had less left."""
        return min(64 * MEBIBYTE, self.memory // 4)

    @property
    def workers(self) -> int:
        """Worker processes: one for each query that runs."""
        return self.quick_slots + self.long_slots

    @property
    def callers(self) -> int:
        """Queries inside at a time, running or waiting."""
        return self.workers + self.quick_queue + self.long_queue

    @property
    def long_slots_each(self) -> int:
        """Slots for long queries that one client may hold, so that two clients never lock out a third's turn."""
        return max(1, self.long_slots // 2)
