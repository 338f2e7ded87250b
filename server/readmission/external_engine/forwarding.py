"""Public queries answered by an outside engine: the same limits, refusals and words as with our own workers.

An engine elsewhere cannot be killed: at its deadline a query is given up here, and the connection closed; whether
the engine goes on is its own affair, so its own limits of time and memory belong into its own settings.
"""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from readmission.engine.admission import Admission
from readmission.engine.execution import Answer, Fault, Outcome, Query, Unanswered, answer
from readmission.engine.interface import EngineCut, EngineFault, EngineSlow
from readmission.engine.limits import Limits
from readmission.engine.running_query import RunningQuery
from readmission.external_engine.comparison import bare, patterns
from readmission.external_engine.stored_release import Held, Moved
from readmission.query_files import lookup


class Forwarded:
    """Answers queries from a release in an outside engine, without the questions that the engine gets wrong."""

    def __init__(self, held: Held, limits: Limits, faults: Sequence[Fault] = ()) -> None:
        self.held, self.limits, self.faults = held, limits, tuple(faults)
        self._withheld = patterns({fault.name: fault.told for fault in faults if fault.kind == "question"})
        self._admission = Admission(limits)
        self._slots = threading.Semaphore(limits.workers)
        self._lock = threading.Lock()

    def ready(self) -> bool:
        """Whether the engine answers, and from the release that is served here."""
        try:
            self.held.results(lookup("any-graph"))
        except EngineFault:
            return False
        return True

    def share(self, client: str) -> dict[str, str]:
        """Return headers that tell a client what is left of its share."""
        with self._lock:
            return self._admission.headers(client)

    def ask(self, query: Query, running: RunningQuery) -> Answer:
        """Answer a query, or raise Unanswered."""
        self._refuse_withheld(query.text)
        running.arrive(self.limits)
        with self._admitted(running.client):
            while not self._slots.acquire(timeout=running.wait()):
                pass
            try:
                running.begin(0.0)
                return self._answered(query, running)
            finally:
                self._slots.release()
                running.ran = running.spent(0.0)
                with self._lock:
                    self._admission.shares.charge(running.client, running.ran, time.monotonic())

    def _answered(self, query: Query, running: RunningQuery) -> Answer:
        remote = replace(
            self.held.remote, timeout=running.allowed - running.waited, largest=self.limits.answer
        )
        try:
            return answer(replace(self.held, remote=remote), query, self.limits.answer)
        except Moved as fault:
            raise Unanswered(Outcome.BUSY, str(fault), retry_after=10) from fault
        except EngineSlow as fault:
            raise Unanswered(
                Outcome.DEADLINE, f"the query was given up after {running.allowed:g} seconds; {fault}"
            ) from fault
        except EngineCut as fault:
            raise Unanswered(Outcome.TOO_LARGE, str(fault)) from fault
        except EngineFault as fault:
            raise Unanswered(
                Outcome.ENGINE, f"the engine behind this service failed at it: {fault}"
            ) from fault

    def _refuse_withheld(self, text: str) -> None:
        asked = bare(text)
        for fault in self.faults:
            if fault.kind == "question" and self._withheld[fault.name].fullmatch(asked):
                raise Unanswered(
                    Outcome.ENGINE,
                    f"the engine behind this service gets the question {fault.name} wrong ({fault.told}), so it is not "
                    "asked; the data set can be downloaded and asked elsewhere",
                )

    @contextmanager
    def _admitted(self, client: str) -> Iterator[None]:
        with self._lock:
            if self._admission.inside >= self.limits.callers:
                raise Unanswered(Outcome.BUSY, "too many queries are waiting; try again soon", retry_after=1)
            self._admission.enter(client)
        try:
            yield
        finally:
            with self._lock:
                self._admission.leave(client)
