"""What operators learn of each query and of each request: a line of JSON, and counts for Prometheus.

Neither holds an address, a text or a name of a client: texts are told apart by the beginning of their SHA-256, and of
the address that was asked there is the path alone.
"""

from collections.abc import Callable, Iterator
from functools import cache, lru_cache
from urllib.parse import quote

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from readmission.answering import Errand, Outcome
from readmission.web.lines import Lines
from readmission.workers.frames import Note
from readmission.workers.pool import State

_PLAIN = "/!$&'()*+,;=:@"  # what a path may hold as it is: RFC 3986, section 3.3
_LONGEST_PATH = 200
_SECONDS = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30)


class Journal:
    """Notes every query that ends: how, after how long, and how much was answered."""

    def __init__(
        self, version: str, state: Callable[[], State] | None = None, lines: Lines | None = None
    ) -> None:
        self._version, self._lines = version, lines
        self.registry = CollectorRegistry()
        ended = Counter(
            "readmission_queries", "Queries that ended, by outcome.", ["outcome"], registry=self.registry
        )
        self._ended = {outcome: ended.labels(outcome) for outcome in Outcome}
        self._ran = Histogram(
            "readmission_query_seconds", "Seconds queries ran.", buckets=_SECONDS, registry=self.registry
        )
        self._waited = Histogram(
            "readmission_query_wait_seconds",
            "Seconds queries waited.",
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._bytes = Counter("readmission_answer_bytes", "Bytes of answers.", registry=self.registry)
        text = "Requests that were answered, by status."
        requests = Counter("readmission_requests", text, ["status"], registry=self.registry)
        self._status = cache(requests.labels)
        self.kept = Keeping(self.registry)
        if state:
            self.registry.register(_PoolState(state))

    def note(self, note: Note, errand: Errand) -> None:
        """Count and log a query that has ended."""
        self._ended[note.outcome].inc()
        self._ran.observe(errand.ran)
        self._waited.observe(errand.waited)
        self._bytes.inc(note.size)
        if self._lines:
            self._lines.add(self._line(note, errand))

    def answered(self, method: str, path: str, status: int, size: int, seconds: float) -> None:
        """Count and log a request that was answered with ``size`` bytes, ``seconds`` after it had come in."""
        self._status(status).inc()
        if self._lines:
            self._lines.add(
                {
                    "event": "request",
                    "method": method,
                    "path": _shown(path),
                    "status": status,
                    "bytes": size,
                    "seconds": round(seconds, 5),
                    "release": self._version,
                }
            )

    def _line(self, note: Note, errand: Errand) -> dict[str, object]:
        return {
            "event": "query",
            "id": errand.id,
            "query": note.query.hex()[:16],
            "outcome": note.outcome,
            "form": note.form,
            "rows": note.rows,
            "bytes": note.size,
            "waited": round(errand.waited, 4),
            "ran": round(errand.ran, 4),
            "release": self._version,
        }


@lru_cache(maxsize=1024)
def _shown(path: str) -> str:
    """Return a path as a log can hold it: not too long, and percent-encoded, so that it does nothing to a terminal."""
    return quote(path, safe=_PLAIN)[:_LONGEST_PATH]


class Keeping:
    """How often answers were found in memory, and how much of it they take."""

    def __init__(self, registry: CollectorRegistry) -> None:
        text = "Answers that may be kept, by whether they were in memory (hit) or made and kept (miss)."
        answers = Counter("readmission_kept_answers", text, ["found"], registry=registry)
        self.hits, self.misses = answers.labels("hit"), answers.labels("miss")
        self.bytes = Gauge("readmission_kept_bytes", "Bytes of answers kept in memory.", registry=registry)


class Current(Collector):
    """The metrics of the release that is served at the moment that somebody asks."""

    def __init__(self, current: Callable[[], CollectorRegistry]) -> None:
        self._current = current

    def describe(self) -> list[Metric]:
        """Return nothing: what there is may change."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Return the metrics."""
        return iter(self._current().collect())


class _PoolState(Collector):
    """The workers and the queues at the moment that somebody asks."""

    def __init__(self, state: Callable[[], State]) -> None:
        self._state = state

    def collect(self) -> Iterator[Metric]:
        state = self._state()
        for name, text, value in (
            ("workers", "Worker processes alive.", state.workers),
            ("workers_idle", "Worker processes without a query.", state.idle),
            (
                "zygotes_started",
                "Zygote processes started so far; more than one means that one died.",
                state.zygotes,
            ),
        ):
            yield GaugeMetricFamily(f"readmission_{name}", text, value)
        for name, text, lanes in (
            ("running", "Queries that run, by lane.", state.running),
            ("waiting", "Queries that wait, by lane.", state.waiting),
        ):
            family = GaugeMetricFamily(f"readmission_queries_{name}", text, labels=["lane"])
            for lane, count in lanes.items():
                family.add_metric([lane], count)
            yield family
