"""Headers that every answer carries, whatever its status: CORS for scripts, and safety for browsers."""

import re
import time
from collections.abc import Iterable
from functools import lru_cache

from flask import Flask, Response, current_app, request

CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": (
        "ETag, Link, RateLimit, RateLimit-Policy, Retry-After, Server-Timing, X-Query-Id, X-Release"
    ),
    "Timing-Allow-Origin": "*",
}
_METHODS = "GET, HEAD, POST, QUERY, DELETE, OPTIONS"
_COMMON_HEADERS = (
    "Accept",
    "Content-Type",
    "If-None-Match",
    "Authorization",
    "X-Query-Id",
    "X-Requested-With",
)
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")
_MOST_HEADERS = 100
SAFETY = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "strict-origin-when-cross-origin"}
PAGE_POLICY = (
    "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'; object-src 'none'"
)


_DAY = 86_400


def cache_control(seconds: int) -> str:
    """Return a Cache-Control for all caches, never beyond midnight (UTC): pages that show today turn then."""
    return f"public, max-age={min(seconds, _DAY - int(time.time() % _DAY))}"


def preflight(methods: Iterable[str], requested: str) -> dict[str, str]:
    """Return the headers of the answer to OPTIONS: the methods of a path, and every header that a script may send.

    We read few headers and mind none, so whatever ``asked`` (Access-Control-Request-Headers) names is allowed, as far
    as it is a list of names (RFC 9110, section 5.1).
    """
    return {
        "Allow": ", ".join(sorted(methods)),
        "Access-Control-Allow-Methods": _METHODS,
        "Access-Control-Allow-Headers": _allow_headers(requested),
        "Access-Control-Max-Age": "86400",
        "Vary": "Access-Control-Request-Headers",
    }


@lru_cache(maxsize=256)
def _allow_headers(asked: str) -> str:
    names = [name.strip() for name in asked.split(",", _MOST_HEADERS)[:_MOST_HEADERS]]
    known = {name.lower(): name for name in (*_COMMON_HEADERS, *filter(_NAME.fullmatch, names))}
    return ", ".join(known.values())


def register(app: Flask, version: str) -> None:
    """Answer OPTIONS by itself, and add the headers to every answer, errors included."""

    def options() -> Response | None:
        if request.method != "OPTIONS" or request.url_rule is None:
            return None
        adapter = current_app.create_url_adapter(request)
        allowed = adapter.allowed_methods() if adapter else ()
        asked = request.headers.get("Access-Control-Request-Headers", "")
        return Response(status=204, headers=preflight(allowed, asked))

    def complete(answer: Response) -> Response:
        answer.headers.extend({**CORS, **SAFETY, "X-Release": version})
        if answer.status_code in (204, 304):
            answer.headers.pop("Content-Type", None)
        elif answer.mimetype == "text/html":
            answer.headers["Content-Security-Policy"] = PAGE_POLICY
        return answer

    app.before_request(options)
    app.after_request(complete)
