"""A complete HTTP reply, and how to get one from a WSGI application."""

from typing import TYPE_CHECKING, NamedTuple

from werkzeug.wrappers import Response

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

Fields = list[tuple[str, str]]
Freshness = tuple[str, int]
"""The tag of an answer that anybody may be given again, and for how many seconds."""


class Reply(NamedTuple):
    """A complete reply."""

    status: int
    headers: Fields
    body: bytes
    freshness: Freshness | None = None
    """Stated where its maker knows that anybody may be given it again."""
    file: str | None = None
    """The file that is its body, or the part of it that its Content-Range names."""


def call(app: "WSGIApplication", environ: "WSGIEnvironment") -> Reply:
    """Return what a WSGI application replies; it is called in the present thread."""
    response = _Response.from_app(app, environ, buffered=True)
    return Reply(response.status_code, response.headers.to_wsgi_list(), response.get_data())


class _Response(Response):
    """A response as it was made: without the type that Werkzeug gives to one that states none."""

    default_mimetype = None
