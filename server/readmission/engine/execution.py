"""One query from outside and its answer as bytes: the same in a worker process and in this one."""

import contextlib
import hashlib
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

import pyoxigraph as ox
from msgspec import Struct

from readmission.engine.embedded import EmbeddedEngine
from readmission.engine.formats.row_count import count_rows
from readmission.engine.formats.serialization import FormatError, write
from readmission.engine.inspection import rewrite, with_unknown_ends
from readmission.engine.interface import Engine, QueryError, Results
from readmission.engine.sparql_text import FederationError, UpdateError, form, is_volatile
from readmission.engine.syntax_errors import explain

if TYPE_CHECKING:
    from readmission.engine.limits import Limits
    from readmission.engine.running_query import RunningQuery

_BLANK = {
    "application/sparql-results+json": b'"type":"bnode"',  # a longer text is found sooner
    "application/sparql-results+xml": b"<bnode>",
    "application/rdf+xml": b"nodeID",
}
_BLANK_ELSEWHERE = b"_:"  # Turtle and its kin, JSON-LD, CSV and TSV


class Outcome(StrEnum):
    """How a query ended; the word stands in answers, log lines and metrics."""

    ANSWERED = "answered"
    UNREADABLE = "query-unreadable"
    UPDATE = "update-as-query"
    FEDERATION = "service-refused"
    NOT_ACCEPTABLE = "not-acceptable"
    UNWRITABLE = "format-cannot-hold-answer"
    TOO_LARGE = "answer-too-large"
    DEADLINE = "deadline-passed"
    MEMORY = "memory-exhausted"
    BUSY = "busy"
    RATE = "share-used-up"
    STOPPED = "query-stopped"
    DISCONNECTED = "client-left"
    ENGINE = "engine-failed"
    FAILED = "failed"


class UnansweredError(Exception):
    """A query without an answer: the reason, for its author; ``place`` is the position of a syntax error."""

    def __init__(
        self,
        outcome: Outcome,
        message: str,
        place: dict[str, int | str] | None = None,
        retry_after: int | None = None,
    ) -> None:
        super().__init__(message)
        self.outcome, self.place, self.retry_after = outcome, place or {}, retry_after


class Query(Struct, frozen=True, array_like=True, dict=True, tag=True):
    """A query's text, its dataset, and the media types accepted for rows (SELECT, ASK) and for graphs."""

    text: str
    rows: str | None
    graph: str | None
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    base: str | None = None
    """What relative IRIs in the text are relative to."""

    @cached_property
    def digest(self) -> bytes:
        """The SHA-256 of the text: of a long one it takes as much time as all else that is done with it here."""
        return hashlib.sha256(self.text.encode()).digest()


class Answer(Struct, frozen=True, array_like=True, tag=True):
    """An answer in a media type.

    ``rows`` is known for SELECT only; ``is_cacheable`` is false for NOW() and the like.
    """

    body: bytes
    form: str
    media_type: str
    rows: int | None
    is_cacheable: bool

    def names_blank_nodes(self) -> bool:
        """Whether it may name blank nodes, whose labels differ from run to run: then other bytes say the same.

        A text that looks like such a label counts too; that a tag is weak without need does no harm.
        """
        return _BLANK.get(self.media_type, _BLANK_ELSEWHERE) in self.body


@dataclass(frozen=True)
class EngineMismatch:
    """A question, or a known trap, that an engine answers wrongly, and how."""

    kind: str
    name: str
    told: str

    def __str__(self) -> str:
        return f"{self.kind} {self.name}: {self.told}"


class QueryService(Protocol):
    """What the web needs of an engine: the bytes of an answer, or UnansweredError."""

    @property
    def limits(self) -> "Limits | None":
        """What a query may use, where that is limited."""
        ...

    @property
    def mismatches(self) -> Sequence[EngineMismatch]:
        """The questions and traps that the engine is known to answer wrongly."""
        ...

    def is_ready(self) -> bool:
        """Whether queries would be answered now."""
        ...

    def rate_limit_headers(self, client: str) -> dict[str, str]:
        """Return the RateLimit headers of a client."""
        ...

    def ask(self, query: Query, running: "RunningQuery") -> Answer:
        """Answer a query, and note on ``running`` how long it waited and ran."""
        ...


class InProcessService:
    """Answers in this process, without a deadline: in tests, and in a worker, where the pool enforces the limits."""

    def __init__(self, engine: Engine, largest: int, limits: "Limits | None" = None) -> None:
        self.engine, self.largest, self.limits = engine, largest, limits
        self.mismatches: tuple[EngineMismatch, ...] = ()

    def is_ready(self) -> bool:
        """Whether queries would be answered now: always."""
        return True

    def rate_limit_headers(self, client: str) -> dict[str, str]:
        """Return no headers: there is no rate limit here."""
        return {}

    def ask(self, query: Query, running: "RunningQuery") -> Answer:
        """Answer a query."""
        return answer(self.engine, query, self.largest)


def answer(engine: Engine, query: Query, largest: int) -> Answer:
    """Run a query and serialize its answer, at most ``largest`` bytes, never in part. Raises UnansweredError."""
    try:
        results = _results(engine, query)
    except FederationError as fault:
        raise UnansweredError(Outcome.FEDERATION, str(fault)) from fault
    except QueryError as fault:
        raise _syntax_error(str(fault), query.text) from fault
    media_type = query.graph if isinstance(results, ox.QueryTriples) else query.rows
    kind = _form(results)
    if media_type is None:
        raise UnansweredError(Outcome.NOT_ACCEPTABLE, kind)
    body = _write(results, media_type, largest, lambda: _results(engine, query))
    rows = count_rows(body, media_type) if kind == "select" else None
    return Answer(body, kind, media_type, rows, is_cacheable=not is_volatile(query.text))


def _results(engine: Engine, query: Query) -> Results:
    """Run a query: with MINUS for NOT EXISTS where that is proven to give the same rows, and our engine gains."""
    dataset = query.default_graphs, query.named_graphs, query.base
    if isinstance(engine, EmbeddedEngine):
        ended = with_unknown_ends(query.text, engine.knows)
        if text := rewrite(ended or query.text) or ended:
            # the place of a fault is told in the text that its author wrote
            with contextlib.suppress(QueryError):
                return engine.results(text, *dataset)
    return engine.results(query.text, *dataset)


def _form(results: Results) -> str:
    if isinstance(results, ox.QueryTriples):
        return "graph"
    return "ask" if isinstance(results, ox.QueryBoolean) else "select"


class _Page(io.BytesIO):
    """A buffer that refuses to grow over its limit, and so stops the engine that writes to it."""

    def __init__(self, largest: int) -> None:
        super().__init__()
        self.largest, self.full = largest, False

    def write(self, chunk: bytes) -> int:  # type: ignore[override]  # the engine writes bytes only
        if self.tell() + len(chunk) > self.largest:
            self.full = True
            raise OSError("the answer is too large")
        return super().write(chunk)


def _write(results: Results, media_type: str, largest: int, again: Callable[[], Results]) -> bytes:
    page = _Page(largest)
    try:
        write(results, media_type, page, again)
    except FormatError as fault:
        raise UnansweredError(Outcome.UNWRITABLE, str(fault)) from fault
    except OSError as fault:
        if not page.full:
            raise
        raise UnansweredError(
            Outcome.TOO_LARGE,
            f"the answer is larger than {largest:,} bytes, and none of it was sent, for a part would look like "
            "the whole. Ask for less, or page: ORDER BY all variables, then LIMIT 10000 OFFSET 0, OFFSET 10000, …",
        ) from fault
    return page.getvalue()


def _syntax_error(message: str, text: str) -> UnansweredError:
    """Return a syntax error in plain words, with line, column and an excerpt marked below the place."""
    try:
        form(text)
    except UpdateError as fault:
        return UnansweredError(Outcome.UPDATE, str(fault))
    why = explain(message, text)
    return UnansweredError(Outcome.UNREADABLE, why.text, why.place)
