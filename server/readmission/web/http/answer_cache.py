"""Caches answers in memory: a repeated request is answered without Flask.

An answer is immutable under its release, and an application serves one release, so what is kept is never wrong,
only no longer worth its memory. Stored are answers that are public by their own headers: 200, with an ETag and
``Cache-Control: public``, that depend only on the address, the body and the headers of ``_KEY_HEADERS``.
The day is part of every key, for pages without a date show today.
"""

import io
import re
import threading
import time
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus
from typing import TYPE_CHECKING

from werkzeug.http import HTTP_STATUS_CODES

from readmission.web.http.headers import CORS, SAFETY, cache_control
from readmission.web.http.metrics import RequestLog
from readmission.web.http.reply import Fields, Reply, call

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

Key = tuple[str | bytes | None, ...]

_KEY_HEADERS = ("wsgi.url_scheme", "HTTP_HOST", "SERVER_NAME", "SERVER_PORT", "SCRIPT_NAME", "PATH_INFO",
                "QUERY_STRING", "HTTP_ACCEPT", "HTTP_ACCEPT_ENCODING")  # fmt: skip
VARY_FIELDS = {"accept", "accept-encoding"}
_BYPASS_HEADERS = {
    "HTTP_X_QUERY_ID",
    "HTTP_RANGE",
    "HTTP_IF_MATCH",
    "HTTP_IF_UNMODIFIED_SINCE",
    "HTTP_AUTHORIZATION",
    "HTTP_CONTENT_ENCODING",
}
"""Headers of requests that bypass the cache: they always go to the application."""
_NOT_MODIFIED_HEADERS = {"etag", "last-modified", "vary", "x-release", "content-location"}
_NOT_MODIFIED_HEADERS |= {name.lower() for name in (*CORS, *SAFETY)}
"""Headers that a 304 repeats. What is not named here or below, such as a client's share, is never repeated."""
_BODY_HEADERS = {"content-type", "content-length", "content-encoding", "content-disposition", "content-language",
                 "content-security-policy", "link"}  # fmt: skip
_TIMING = ("Server-Timing", 'kept;desc="answered before, from memory"')
_TAG = re.compile(r'"[^"]*"')
_REUSE = re.compile(r"public, max-age=(\d+)")
_LARGEST_BODY = 100_000  # bytes of a POST; longer queries are rarely asked twice
_OVERHEAD = 4000  # bytes that Python takes for an answer's headers and place
_DAY = 86_400
_CACHE_KEY = "readmission.cache_key"  # the key of a request, once computed


@dataclass(eq=False)
class CachedAnswer:
    """A stored answer."""

    tag: str
    seconds: int
    """For how long caches may reuse it."""
    headers: Fields
    body: bytes

    @cached_property
    def not_modified_headers(self) -> Fields:
        """The headers that a 304 repeats."""
        return _select_headers(self.headers, _NOT_MODIFIED_HEADERS)

    @cached_property
    def body_headers(self) -> Fields:
        """The headers that go with the body alone."""
        return _select_headers(self.headers, _BODY_HEADERS)


class AnswerCache:
    """WSGI middleware that answers repeated requests from memory."""

    def __init__(self, app: "WSGIApplication", room: int, request_log: RequestLog) -> None:
        self._app, self._request_log = app, request_log
        self._answers = Answers(room)

    def __call__(self, environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
        """Answer from memory, or call the application and store its answer if it is cacheable."""
        reply = self.find(environ)
        if reply is None:
            return self._call_application(environ, start)
        return _start_response(reply, start)

    def find(self, environ: "WSGIEnvironment") -> Reply | None:
        """Return the stored answer to a request, or None."""
        key = environ[_CACHE_KEY] = _cache_key(environ)
        answer = self._answers.find(key) if key else None
        if answer is None:
            return None
        self._request_log.counts.add_hit()
        return _cached_reply(answer, environ)

    def store(self, environ: "WSGIEnvironment", reply: Reply) -> None:
        """Store the answer to a request if it is cacheable."""
        key = environ[_CACHE_KEY]
        if key is None or environ["REQUEST_METHOD"] == "HEAD" or reply.file:
            return
        plan = reply.freshness or _freshness(reply.status, reply.headers)
        if plan and self._answers.put(key, CachedAnswer(*plan, reply.headers, reply.body)):
            self._request_log.counts.add_miss(self._answers.used)

    def _call_application(self, environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
        reply = call(self._app, environ)
        self.store(environ, reply)
        return _start_response(reply, start)


class Answers:
    """Answers by question in a bounded room; those that were not asked for the longest time make way.

    An OrderedDict, whose every step is C: a cache written in Python slows down repeated answers.
    """

    def __init__(self, room: int) -> None:
        self._room, self.used = room, 0
        self._lock = threading.Lock()
        self._answers: OrderedDict[Key, CachedAnswer] = OrderedDict()

    def find(self, key: Key) -> CachedAnswer | None:
        """Return the answer to a question, and note that it was asked again."""
        with self._lock:
            answer = self._answers.get(key)
            if answer:
                self._answers.move_to_end(key)
            return answer

    def put(self, key: Key, answer: CachedAnswer) -> bool:
        """Keep an answer if it fits, and let go of as many others as it takes."""
        size = _size(key, answer)
        if size > self._room // 8:
            return False
        with self._lock:
            if before := self._answers.pop(key, None):
                self.used -= _size(key, before)
            self._answers[key] = answer
            self.used += size
            while self.used > self._room:
                self.used -= _size(*self._answers.popitem(last=False))
        return True


def _start_response(reply: Reply, start: "StartResponse") -> list[bytes]:
    start(f"{reply.status} {HTTP_STATUS_CODES.get(reply.status, 'Unknown')}", reply.headers)
    return [reply.body] if reply.body else []


def _size(key: Key, answer: CachedAnswer) -> int:
    return len(answer.body) + sum(map(len, filter(None, key))) + _OVERHEAD


def _cache_key(environ: "WSGIEnvironment") -> Key | None:
    """Return all that an answer depends on; None for requests that bypass the cache."""
    method = environ["REQUEST_METHOD"]
    if not _BYPASS_HEADERS.isdisjoint(environ):
        return None
    if "no-" in environ.get("HTTP_CACHE_CONTROL", "") and _is_query(environ):  # no-cache or no-store
        return None
    if "HTTP_IF_MODIFIED_SINCE" in environ and "HTTP_IF_NONE_MATCH" not in environ:
        return None
    parts: Key = (str(int(time.time() // _DAY)), *map(environ.get, _KEY_HEADERS))
    if method in ("GET", "HEAD"):
        return ("GET", *parts)
    body = _body(environ) if method in ("POST", "QUERY") else None
    return None if body is None else (method, *parts, environ.get("CONTENT_TYPE", ""), body)


def _is_query(environ: "WSGIEnvironment") -> bool:
    """Whether a query is asked, which its author may want run anew; all else is the same under one release."""
    is_read = environ["REQUEST_METHOD"] in ("GET", "HEAD")
    return environ["PATH_INFO"].startswith("/sparql") and (not is_read or "query=" in environ["QUERY_STRING"])


def _body(environ: "WSGIEnvironment") -> bytes | None:
    """Return the body of a request, and put it back for the application; None when it is too long to be kept."""
    length = environ.get("CONTENT_LENGTH") or ""
    if not length.isdecimal() or int(length) > _LARGEST_BODY:
        return None
    body: bytes = environ["wsgi.input"].read(int(length))
    environ["wsgi.input"] = io.BytesIO(body)
    return body


def _freshness(status: int, headers: Fields) -> tuple[str, int] | None:
    """Return ETag and max-age of a cacheable answer, else None."""
    said = {name.lower(): value for name, value in headers}
    reuse = _REUSE.fullmatch(said.get("cache-control", ""))
    length = said.get("content-length", "")
    # Werkzeug writes a Vary of several fields in one line; whatever else is in it, the question does not hold
    varying = {field.strip().lower() for field in said.get("vary", "").split(",") if field.strip()}
    if not (status == HTTPStatus.OK and reuse and length.isdecimal()):
        return None
    tag = said.get("etag", "").removeprefix("W/")
    if not tag.startswith('"') or not varying <= VARY_FIELDS or "set-cookie" in said:
        return None
    return tag, int(reuse.group(1))


def _cached_reply(answer: CachedAnswer, environ: "WSGIEnvironment") -> Reply:
    """Return the reply from a stored answer: 304 where the client has it already."""
    method = environ["REQUEST_METHOD"]
    fields = [*answer.not_modified_headers, ("Cache-Control", cache_control(answer.seconds)), _TIMING]
    held = environ.get("HTTP_IF_NONE_MATCH") if method in ("GET", "HEAD") else None
    if held and answer.tag in _TAG.findall(held):
        return Reply(HTTPStatus.NOT_MODIFIED, fields, b"")
    return Reply(HTTPStatus.OK, fields + answer.body_headers, b"" if method == "HEAD" else answer.body)


def _select_headers(headers: Fields, names: set[str]) -> Fields:
    return [(name, value) for name, value in headers if name.lower() in names]
