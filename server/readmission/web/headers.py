"""Headers that every answer carries, whatever its status: CORS for scripts, and safety for browsers."""

import time

from flask import Flask, Response, current_app, request

CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": (
        "ETag, Link, RateLimit, RateLimit-Policy, Retry-After, Server-Timing, X-Query-Id, X-Release"
    ),
    "Timing-Allow-Origin": "*",
}
PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, HEAD, POST, QUERY, DELETE, OPTIONS",
    "Access-Control-Allow-Headers": (
        "Accept, Content-Type, If-None-Match, Authorization, X-Query-Id, X-Requested-With"
    ),
    "Access-Control-Max-Age": "86400",
}
SAFETY = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "strict-origin-when-cross-origin"}
PAGE_POLICY = (
    "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'; object-src 'none'"
)


_DAY = 86_400


def reusable(seconds: int) -> str:
    """Return a Cache-Control for all caches, never beyond midnight (UTC): pages that show today turn then."""
    return f"public, max-age={min(seconds, _DAY - int(time.time() % _DAY))}"


def register(app: Flask, version: str) -> None:
    """Answer OPTIONS by itself, and add the headers to every answer, errors included."""

    def preflight() -> Response | None:
        if request.method != "OPTIONS" or request.url_rule is None:
            return None
        adapter = current_app.create_url_adapter(request)
        allowed = sorted(adapter.allowed_methods()) if adapter else []
        return Response(status=204, headers={"Allow": ", ".join(allowed), **PREFLIGHT})

    def complete(answer: Response) -> Response:
        answer.headers.extend({**CORS, **SAFETY, "X-Release": version})
        if answer.status_code in (204, 304):
            answer.headers.pop("Content-Type", None)
        elif answer.mimetype == "text/html":
            answer.headers["Content-Security-Policy"] = PAGE_POLICY
        return answer

    app.before_request(preflight)
    app.after_request(complete)
