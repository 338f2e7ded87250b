"""Logs each query and each request as a line of JSON, and counts them for Prometheus.

Neither holds an address, a text or a name of a client: texts are told apart by the beginning of their SHA-256, and of
the address that was asked there is the path alone.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from itertools import accumulate
from threading import Lock
from typing import Any, NamedTuple
from urllib.parse import quote

from msgspec import Struct
from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from readmission.engine.execution import Outcome
from readmission.engine.running_query import RunningQuery
from readmission.web.http.log_lines import LogWriter
from readmission.workers.messages import Note
from readmission.workers.scheduler import PoolState

_PLAIN = "/!$&'()*+,;=:@"  # what a path may hold as it is: RFC 3986, section 3.3
_LONGEST_PATH = 200
_SECONDS = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)
_BOUNDS = (*map(str, _SECONDS), "+Inf")


class Log(NamedTuple):
    """Where a line is written for each query that ends, and for each request that is answered: None for nowhere."""

    queries: LogWriter | None = None
    requests: LogWriter | None = None


NOWHERE = Log()


class RequestLog:
    """Counts and logs every query that ends, and every request that is answered."""

    def __init__(
        self, version: str, state: Callable[[], PoolState] | None = None, log: Log = NOWHERE
    ) -> None:
        self._version, self._log = version, log
        self.counts = Counts()
        self.registry = CollectorRegistry()
        self.registry.register(self.counts)
        if state:
            self.registry.register(_PoolCollector(state))

    def record_query(self, note: Note, running: RunningQuery) -> None:
        """Count and log a query that has ended."""
        self.counts.add_query(note.outcome, note.size, running.run_seconds, running.wait_seconds)
        if self._log.queries:
            self._log.queries.add(self._line(note, running))

    def record_request(self, method: str, path: str, status: int, size: int, seconds: float) -> None:
        """Count and log a request that was answered with ``size`` bytes, ``seconds`` after it had come in."""
        self.counts.requests[status] += 1
        if self._log.requests:
            line = _RequestLine(method, _printable_path(path), status, size, round(seconds, 5), self._version)
            self._log.requests.add(line)

    def _line(self, note: Note, running: RunningQuery) -> "_QueryLine":
        times = round(running.wait_seconds, 4), round(running.run_seconds, 4)
        query = note.query.hex()[:16]
        return _QueryLine(
            running.id, query, note.outcome, note.form, note.rows, note.size, *times, self._version
        )


class Counts(Collector):
    """What is counted: plain numbers under one lock, for the client library's own counters take a lock each."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._ended = dict.fromkeys(Outcome, 0)
        self._bytes = 0
        self._ran, self._waited = _Times(), _Times()
        self.requests: dict[int, int] = defaultdict(int)
        """Requests that were answered, by status; counted by the event loop alone."""
        self._hits = self._misses = self._kept = 0

    def add_query(self, outcome: Outcome, size: int, ran: float, waited: float) -> None:
        """Count a query that has ended: the bytes of its answer, and its seconds."""
        with self._lock:
            self._ended[outcome] += 1
            self._bytes += size
            self._ran.add(ran)
            self._waited.add(waited)

    def add_hit(self) -> None:
        """Count an answer that was found in memory."""
        with self._lock:
            self._hits += 1

    def add_miss(self, kept: int) -> None:
        """Count an answer that was made and kept; ``kept`` is how many bytes are kept now."""
        with self._lock:
            self._misses += 1
            self._kept = kept

    def collect(self) -> Iterator[Metric]:
        """Return the counts as Prometheus reads them."""
        yield _by_label("queries", "Queries that ended, by outcome.", "outcome", self._ended)
        yield self._ran.family("query_seconds", "Seconds queries ran.")
        yield self._waited.family("query_wait_seconds", "Seconds queries waited.")
        yield CounterMetricFamily("readmission_answer_bytes", "Bytes of answers.", self._bytes)
        yield _by_label(
            "requests",
            "Requests that were answered, by status.",
            "status",
            dict(sorted(self.requests.items())),
        )
        text = "Answers that may be kept, by whether they were in memory (hit) or made and kept (miss)."
        yield _by_label("kept_answers", text, "found", {"hit": self._hits, "miss": self._misses})
        yield GaugeMetricFamily("readmission_kept_bytes", "Bytes of answers kept in memory.", self._kept)


class _Times:
    """Seconds, counted by the first bound that is not below them."""

    def __init__(self) -> None:
        self._counts, self._sum = [0] * len(_BOUNDS), 0.0

    def add(self, seconds: float) -> None:
        self._counts[bisect_left(_SECONDS, seconds)] += 1
        self._sum += seconds

    def family(self, name: str, text: str) -> HistogramMetricFamily:
        buckets = [
            (bound, float(count)) for bound, count in zip(_BOUNDS, accumulate(self._counts), strict=True)
        ]
        return HistogramMetricFamily(f"readmission_{name}", text, buckets, self._sum)


def _by_label(name: str, text: str, label: str, counts: Mapping[Any, int]) -> CounterMetricFamily:
    family = CounterMetricFamily(f"readmission_{name}", text, labels=[label])
    for value, count in counts.items():
        family.add_metric([str(value)], count)
    return family


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
def _printable_path(path: str) -> str:
    """Return a path as a log can hold it: not too long, and percent-encoded, so that it does nothing to a terminal."""
    return quote(path, safe=_PLAIN)[:_LONGEST_PATH]


class CurrentRegistry(Collector):
    """Collects the metrics of the release that is served at this moment."""

    def __init__(self, current: Callable[[], CollectorRegistry]) -> None:
        self._current = current

    def describe(self) -> list[Metric]:
        """Return nothing: what there is may change."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Return the metrics."""
        return iter(self._current().collect())


class _PoolCollector(Collector):
    """The workers and the queues at the moment that somebody asks."""

    def __init__(self, state: Callable[[], PoolState]) -> None:
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
