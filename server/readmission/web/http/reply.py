"""A whole answer on its way out, and how a WSGI application makes one."""

from typing import TYPE_CHECKING, NamedTuple

from werkzeug.test import run_wsgi_app

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

Fields = list[tuple[str, str]]


class Reply(NamedTuple):
    """A whole answer on its way out."""

    status: int
    headers: Fields
    body: bytes
    lasting: tuple[str, int] | None = None
    """Its tag and the seconds it may be reused, where its maker knows that anybody may be given it again."""
    file: str | None = None
    """The file that is its body, or the part of it that its Content-Range names."""


def called(app: "WSGIApplication", environ: "WSGIEnvironment") -> Reply:
    """Return what a WSGI application replies; it is called in the present thread."""
    parts, status, headers = run_wsgi_app(app, environ, buffered=True)
    return Reply(int(status.split()[0]), headers.to_wsgi_list(), b"".join(parts))
