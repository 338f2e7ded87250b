"""Answers kept in memory: a repeated question is answered before Flask sees it.

An answer is immutable under its release, and an application serves one release, so what is kept is never wrong,
only no longer worth its room. Kept are answers that say themselves that anybody may reuse them: 200, with a
tag, ``Cache-Control: public``, and depending on nothing but the address, the body and the headers of ``_ASKED``.
The day is part of every question, for pages without a date show today.
"""

import io
import re
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus
from typing import TYPE_CHECKING

from cachetools import LRUCache
from werkzeug.http import HTTP_STATUS_CODES

from readmission.web.http.headers import CORS, SAFETY, reusable
from readmission.web.http.metrics import Journal
from readmission.web.http.reply import Fields, Reply, called

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

Key = tuple[str | bytes | None, ...]

_ASKED = ("wsgi.url_scheme", "HTTP_HOST", "SERVER_NAME", "SERVER_PORT", "SCRIPT_NAME", "PATH_INFO", "QUERY_STRING",
          "HTTP_ACCEPT", "HTTP_ACCEPT_ENCODING")  # fmt: skip
VARYING = {"accept", "accept-encoding"}
_OF_ITS_OWN = {
    "HTTP_X_QUERY_ID",
    "HTTP_RANGE",
    "HTTP_IF_MATCH",
    "HTTP_IF_UNMODIFIED_SINCE",
    "HTTP_AUTHORIZATION",
    "HTTP_CONTENT_ENCODING",
}
"""Headers of requests that are about more than the answer: they always go on to the application."""
_UNCHANGED = {"etag", "last-modified", "vary", "x-release", "content-location"}
_UNCHANGED |= {name.lower() for name in (*CORS, *SAFETY)}
"""Headers that a 304 repeats. What is not named here or below, such as a client's share, is never repeated."""
_OF_THE_BODY = {"content-type", "content-length", "content-encoding", "content-disposition", "content-language",
                "content-security-policy", "link"}  # fmt: skip
_TIMING = ("Server-Timing", 'kept;desc="answered before, from memory"')
_TAG = re.compile(r'"[^"]*"')
_REUSE = re.compile(r"public, max-age=(\d+)")
_LARGEST_BODY = 100_000  # bytes of a POST; longer queries are rarely asked twice
_OVERHEAD = 4000  # bytes that Python takes for an answer's headers and place
_DAY = 86_400
_KEY = "readmission.question"  # what a request asks, once found out


@dataclass(eq=False)
class Answer:
    """A whole answer as anybody may get it."""

    tag: str
    seconds: int
    """For how long caches may reuse it."""
    headers: Fields
    body: bytes
    key_size: int = 0
    """Bytes of the question that it is kept under."""

    @cached_property
    def unchanged(self) -> Fields:
        """The headers that a 304 repeats."""
        return _only(self.headers, _UNCHANGED)

    @cached_property
    def of_the_body(self) -> Fields:
        """The headers that go with the body alone."""
        return _only(self.headers, _OF_THE_BODY)


class Kept:
    """A WSGI application in front of another: it answers again what that one has answered before."""

    def __init__(self, app: "WSGIApplication", room: int, journal: Journal) -> None:
        self._app, self._journal = app, journal
        self._answers = Answers(room)

    def __call__(self, environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
        """Answer from memory, or pass the request on and keep the answer where that is right."""
        reply = self.found(environ)
        if reply is None:
            return self._first(environ, start)
        return _begun(reply, start)

    def found(self, environ: "WSGIEnvironment") -> Reply | None:
        """Return the answer to a request from memory; None when it has to be made."""
        key = environ[_KEY] = _question(environ)
        answer = self._answers.find(key) if key else None
        if answer is None:
            return None
        self._journal.counts.hit()
        return _again(answer, environ)

    def keep(self, environ: "WSGIEnvironment", reply: Reply) -> None:
        """Keep the answer to a request for which none was found, if anybody may be given it again."""
        key = environ[_KEY]
        if key is None or environ["REQUEST_METHOD"] == "HEAD" or reply.file:
            return
        plan = reply.lasting or _lasting(reply.status, reply.headers)
        if plan and self._answers.put(key, Answer(*plan, reply.headers, reply.body)):
            self._journal.counts.miss(self._answers.used)

    def _first(self, environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
        reply = called(self._app, environ)
        self.keep(environ, reply)
        return _begun(reply, start)


class Answers:
    """Answers by question in a bounded room; those that were not asked for the longest time make way."""

    def __init__(self, room: int) -> None:
        self._largest = room // 8
        self._lock = threading.Lock()
        self._answers: LRUCache[Key, Answer] = LRUCache(room, getsizeof=_size)

    @property
    def used(self) -> int:
        """How many bytes are taken."""
        return int(self._answers.currsize)

    def find(self, key: Key) -> Answer | None:
        """Return the answer to a question, and note that it was asked again."""
        with self._lock:
            return self._answers.get(key)

    def put(self, key: Key, answer: Answer) -> bool:
        """Keep an answer if it fits, and let go of as many others as it takes."""
        answer.key_size = sum(map(len, filter(None, key)))
        if _size(answer) > self._largest:
            return False
        with self._lock:
            self._answers[key] = answer
        return True


def _begun(reply: Reply, start: "StartResponse") -> list[bytes]:
    start(f"{reply.status} {HTTP_STATUS_CODES.get(reply.status, 'Unknown')}", reply.headers)
    return [reply.body] if reply.body else []


def _size(answer: Answer) -> int:
    return len(answer.body) + answer.key_size + _OVERHEAD


def _question(environ: "WSGIEnvironment") -> Key | None:
    """Return all that an answer depends on; None for requests that are never answered from memory."""
    method = environ["REQUEST_METHOD"]
    if not _OF_ITS_OWN.isdisjoint(environ):
        return None
    if "no-" in environ.get("HTTP_CACHE_CONTROL", "") and _asks_query(environ):  # no-cache or no-store
        return None
    if "HTTP_IF_MODIFIED_SINCE" in environ and "HTTP_IF_NONE_MATCH" not in environ:
        return None
    parts: Key = (str(int(time.time() // _DAY)), *map(environ.get, _ASKED))
    if method in ("GET", "HEAD"):
        return ("GET", *parts)
    body = _body(environ) if method in ("POST", "QUERY") else None
    return None if body is None else (method, *parts, environ.get("CONTENT_TYPE", ""), body)


def _asks_query(environ: "WSGIEnvironment") -> bool:
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


def _lasting(status: int, headers: Fields) -> tuple[str, int] | None:
    """Return tag and seconds of an answer that anybody may be given again."""
    said = {name.lower(): value for name, value in headers}
    reuse = _REUSE.fullmatch(said.get("cache-control", ""))
    length = said.get("content-length", "")
    # Werkzeug writes a Vary of several fields in one line; whatever else is in it, the question does not hold
    varying = {field.strip().lower() for field in said.get("vary", "").split(",") if field.strip()}
    if not (status == HTTPStatus.OK and reuse and length.isdecimal()):
        return None
    tag = said.get("etag", "").removeprefix("W/")
    if not tag.startswith('"') or not varying <= VARYING or "set-cookie" in said:
        return None
    return tag, int(reuse.group(1))


def _again(answer: Answer, environ: "WSGIEnvironment") -> Reply:
    """Return the answer to a request from memory; in a word where the client has the answer already."""
    method = environ["REQUEST_METHOD"]
    told = [*answer.unchanged, ("Cache-Control", reusable(answer.seconds)), _TIMING]
    held = environ.get("HTTP_IF_NONE_MATCH") if method in ("GET", "HEAD") else None
    if held and answer.tag in _TAG.findall(held):
        return Reply(HTTPStatus.NOT_MODIFIED, told, b"")
    return Reply(HTTPStatus.OK, told + answer.of_the_body, b"" if method == "HEAD" else answer.body)


def _only(headers: Fields, names: set[str]) -> Fields:
    return [(name, value) for name, value in headers if name.lower() in names]
