"""Forwards public queries to an external engine, with the same limits and errors as our own workers.

An external engine cannot be killed: at the deadline the connection is closed, but the engine may go on. So
its own limits of time and memory have to be set in its own settings.
"""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from readmission.engine.admission import Admission
from readmission.engine.execution import Answer, EngineMismatch, Outcome, Query, UnansweredError, answer
from readmission.engine.interface import AnswerTooLargeError, EngineError, EngineTimeoutError
from readmission.engine.limits import Limits
from readmission.engine.running_query import RunningQuery
from readmission.external_engine.comparison import normalise_whitespace, withheld_patterns
from readmission.external_engine.stored_release import ReleaseMovedError, StoredRelease
from readmission.query_files import lookup


class ForwardingService:
    """Answers queries from a release in an external engine, except the questions that the engine answers wrongly."""

    def __init__(
        self, stored: StoredRelease, limits: Limits, mismatches: Sequence[EngineMismatch] = ()
    ) -> None:
        self.stored, self.limits, self.mismatches = stored, limits, tuple(mismatches)
        self._withheld = withheld_patterns(
            {fault.name: fault.told for fault in mismatches if fault.kind == "question"}
        )
        self._admission = Admission(limits)
        self._slots = threading.Semaphore(limits.workers)
        self._lock = threading.Lock()

    def is_ready(self) -> bool:
        """Whether the engine answers, and from the release that is served here."""
        try:
            self.stored.results(lookup("any-graph"))
        except EngineError:
            return False
        return True

    def rate_limit_headers(self, client: str) -> dict[str, str]:
        """Return headers that tell a client what is left of its share."""
        with self._lock:
            return self._admission.headers(client)

    def ask(self, query: Query, running: RunningQuery) -> Answer:
        """Answer a query, or raise UnansweredError."""
        self._refuse_withheld(query.text)
        running.arrive(self.limits)
        with self._admit(running.client):
            while not self._slots.acquire(timeout=running.wait_time()):
                pass
            try:
                running.begin(0.0)
                return self._run(query, running)
            finally:
                self._slots.release()
                running.run_seconds = running.cpu_seconds(0.0)
                with self._lock:
                    self._admission.budgets.charge(running.client, running.run_seconds, time.monotonic())

    def _run(self, query: Query, running: RunningQuery) -> Answer:
        remote = replace(
            self.stored.remote, timeout=running.time_limit - running.wait_seconds, largest=self.limits.answer
        )
        try:
            return answer(replace(self.stored, remote=remote), query, self.limits.answer)
        except ReleaseMovedError as fault:
            raise UnansweredError(Outcome.BUSY, str(fault), retry_after=10) from fault
        except EngineTimeoutError as fault:
            raise UnansweredError(
                Outcome.DEADLINE, f"the query was given up after {running.time_limit:g} seconds; {fault}"
            ) from fault
        except AnswerTooLargeError as fault:
            raise UnansweredError(Outcome.TOO_LARGE, str(fault)) from fault
        except EngineError as fault:
            raise UnansweredError(
                Outcome.ENGINE, f"the engine behind this service failed at it: {fault}"
            ) from fault

    def _refuse_withheld(self, text: str) -> None:
        asked = normalise_whitespace(text)
        for fault in self.mismatches:
            if fault.kind == "question" and self._withheld[fault.name].fullmatch(asked):
                raise UnansweredError(
                    Outcome.ENGINE,
                    f"the engine behind this service gets the question {fault.name} wrong ({fault.told}), so it is not "
                    "asked; the data set can be downloaded and asked elsewhere",
                )

    @contextmanager
    def _admit(self, client: str) -> Iterator[None]:
        with self._lock:
            if self._admission.query_count >= self.limits.callers:
                raise UnansweredError(
                    Outcome.BUSY, "too many queries are waiting; try again soon", retry_after=1
                )
            self._admission.enter(client)
        try:
            yield
        finally:
            with self._lock:
                self._admission.leave(client)
