"""The workers that are alive, and which of them may have the next query."""

from operator import attrgetter

from readmission.engine.limits import NICE_LONG_QUERY
from readmission.workers.worker_connection import Worker


class Population:
    """The workers that are alive, by process number, and those of them without a query."""

    def __init__(self) -> None:
        self.alive: dict[int, Worker] = {}
        self.idle: list[Worker] = []

    def has(self, worker: Worker) -> bool:
        """Whether a worker is alive: another one may have come to have its process number."""
        return self.alive.get(worker.pid) is worker

    def take(self, niceness: int) -> Worker | None:
        """Return a worker without a query, if there is one: that which gives way as much, or less, or else least.

        Of several the one that has rested longest: with the one that was busy last, queries lose more of their pace
        while others ask for pages and files (`make siege`).
        """
        if not self.idle:
            return None
        able = [one for one in self.idle if one.niceness <= niceness]
        wanted = max(able, key=_niceness) if able else min(self.idle, key=_niceness)
        self.idle.remove(wanted)
        return wanted

    def take_lost(self) -> list[Worker]:
        """Return those that have ended, though their zygote has not said so yet; they are not idle from now on."""
        lost = [one for one in self.idle if one.is_gone]
        self.idle = [one for one in self.idle if not one.is_gone]
        return lost

    def count_long(self) -> int:
        """Return how many have given all way, for long queries."""
        return sum(one.niceness == NICE_LONG_QUERY for one in self.alive.values())

    def without_application(self) -> list[Worker]:
        """Return those without the application."""
        return [worker for worker in self.alive.values() if not worker.has_application]


_niceness = attrgetter("niceness")
