"""What operators learn of each query and of each request: a line of JSON, and counts for Prometheus.

Neither holds an address, a text or a name of a client: texts are told apart by the beginning of their SHA-256, and of
the address that was asked there is the path alone.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from urllib.parse import quote

from msgspec import Struct
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from readmission.engine.execution import Errand, Outcome
from readmission.web.http.log_lines import Lines
from readmission.workers.messages import Note
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
        self._answered: dict[int, int] = defaultdict(int)
        self.registry.register(_Answered(self._answered))
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
        self._answered[status] += 1
        if self._lines:
            line = _RequestLine(method, _shown(path), status, size, round(seconds, 5), self._version)
            self._lines.add(line)

    def _line(self, note: Note, errand: Errand) -> "_QueryLine":
        times = round(errand.waited, 4), round(errand.ran, 4)
        query = note.query.hex()[:16]
        return _QueryLine(
            errand.id, query, note.outcome, note.form, note.rows, note.size, *times, self._version
        )


class _RequestLine(Struct, gc=False, tag_field="event", tag="request"):
    method: str
    path: str
    status: int
    bytes: int
    seconds: float
    release: str


class _QueryLine(Struct, gc=False, tag_field="event", tag="query"):
    id: str
    query: str
    outcome: Outcome
    form: str | None
    rows: int | None
    bytes: int
    waited: float
    ran: float
    release: str


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


class _Answered(Collector):
    """Requests that were answered, by status: plain numbers, for each request would wait for a Counter's lock."""

    def __init__(self, counts: Mapping[int, int]) -> None:
        self._counts = counts

    def collect(self) -> Iterator[Metric]:
        family = CounterMetricFamily(
            "readmission_requests", "Requests that were answered, by status.", labels=["status"]
        )
        for status, count in sorted(self._counts.items()):
            family.add_metric([str(status)], count)
        yield family


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
