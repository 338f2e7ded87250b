"""What is answered before the application: preflights, unknown addresses, and requests that are too long.

Each of these costs microseconds here, and milliseconds in the application. The texts of queries are not looked at.
"""

import ipaddress
import re
from functools import lru_cache
from typing import TYPE_CHECKING

from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import Map, RequestRedirect

from readmission.errors import ParameterError
from readmission.web.http.headers import CORS, SAFETY, preflight
from readmission.web.http.problems import (
    BAD_REQUEST,
    PROBLEMS,
    URI_TOO_LONG,
    http_problem,
    is_for_programs,
    ready,
)
from readmission.web.http.reply import Fields, Reply

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

LONGEST_PATH = 1000  # bytes in UTF-8, as all below
LONGEST_NAME = 400  # of a part of a path, and of a parameter with its value
LONGEST_FORM = 4000  # of all parameters as they are sent
MOST_PARAMETERS = 20

_QUERY_PATHS = {"/sparql", "/sparql/", "/inspect", "/inspect/"}
"""Paths that take the text of a query, which may be long."""
_QUERY_PATH_WITH_FORMAT = "/sparql."
_READ_METHODS = {"GET", "HEAD", "POST", "QUERY"}
_GRAPHS = ("/graph/", "graph=", "default-graph-uri=", "named-graph-uri=")
"""What begins a path or a parameter that holds an IRI, as long as a path may be."""
_HOST = re.compile(r"(?P<name>[A-Za-z0-9_-]{1,63}(\.[A-Za-z0-9_-]{1,63})*\.?|\[(?P<ip>[0-9A-Fa-f:.]+)\])"
                   r"(:(?P<port>[0-9]{0,5}))?")  # fmt: skip
_LONGEST_HOST = 255  # characters of a name: RFC 1035, section 2.3.4
_PREFIX = re.compile(r"(/[A-Za-z0-9._~!$&'()*+,;=:@%-]+)*")

_BAD_PARAMETER = PROBLEMS[ParameterError]


class Entrance:
    """Answers some requests before the application of one release does; knows its routes."""

    def __init__(self, version: str, routes: Map) -> None:
        self._release: Fields = [("X-Release", version)]
        self._routes = routes.bind("")
        self._not_found = ready(*http_problem(NotFound()), [("Vary", "Accept"), *self._release])

    def reply(self, environ: "WSGIEnvironment") -> Reply | None:
        """Return the answer to a request that the application need not see; None for all others."""
        reply = self._reply(environ)
        if reply and environ["REQUEST_METHOD"] == "HEAD":
            return reply._replace(body=b"")
        return reply

    def _reply(self, environ: "WSGIEnvironment") -> Reply | None:
        if fault := host_error(environ):
            return ready(BAD_REQUEST, fault, self._release)
        if _is_long(environ["PATH_INFO"]):
            detail = f"no address here is that long; a name in it has {LONGEST_NAME} bytes of UTF-8 at most"
            return ready(URI_TOO_LONG, detail, self._release)
        path = environ["PATH_INFO"].encode("latin-1").decode("utf-8", "replace")
        if environ["REQUEST_METHOD"] == "OPTIONS":
            return self._preflight(environ, path)
        if path in _QUERY_PATHS and environ["REQUEST_METHOD"] in _READ_METHODS:
            return None
        unmeant = (
            None
            if path in _QUERY_PATHS or path.startswith(_QUERY_PATH_WITH_FORMAT)
            else self._refuse_long(environ)
        )
        return unmeant or self._refuse_unknown(environ, path)

    def _refuse_long(self, environ: "WSGIEnvironment") -> Reply | None:
        """Refuse parameters that are more, or longer, than any page has."""
        parameters = environ["QUERY_STRING"]
        if len(parameters) > LONGEST_FORM:
            detail = f"{LONGEST_FORM} bytes of parameters are read here at most; send less"
            return ready(URI_TOO_LONG, detail, self._release)
        if parameters.count("&") >= MOST_PARAMETERS:
            detail = f"{MOST_PARAMETERS} parameters are read here at most; send fewer"
            return ready(_BAD_PARAMETER, detail, self._release)
        for part in parameters.split("&") if len(parameters) > LONGEST_NAME else ():
            longest = LONGEST_PATH if part.startswith(_GRAPHS) else LONGEST_NAME
            if len(part) - 2 * part.count("%") > longest:
                name = part.partition("=")[0][:50]
                detail = f"a parameter has {longest} bytes of UTF-8 at most; shorten {name}"
                return ready(_BAD_PARAMETER, detail, self._release)
        return None

    def _preflight(self, environ: "WSGIEnvironment", path: str) -> Reply | None:
        allowed = list(self._routes.allowed_methods(path))
        if not allowed:
            return self._refuse_unknown(environ, path)
        asked = environ.get("HTTP_ACCESS_CONTROL_REQUEST_HEADERS", "")
        return Reply(
            204, [*preflight(allowed, asked).items(), *CORS.items(), *SAFETY.items(), *self._release], b""
        )

    def _refuse_unknown(self, environ: "WSGIEnvironment", path: str) -> Reply | None:
        """Refuse a path or a method that is not served; people get the application's page."""
        if not is_for_programs(environ.get("HTTP_ACCEPT", "")):
            return None
        try:
            self._routes.match(path, environ["REQUEST_METHOD"])
        except RequestRedirect:
            return None
        except NotFound:
            return self._not_found
        except MethodNotAllowed as fault:
            allowed = ("Allow", ", ".join(fault.valid_methods or ()))
            return ready(*http_problem(fault), [allowed, ("Vary", "Accept"), *self._release])
        return None


def host_error(environ: "WSGIEnvironment") -> str | None:
    """Return why nobody can tell which server a request was sent to (RFC 9112, section 3.2); None if all is well."""
    host = environ.get("HTTP_HOST")
    if host is None and environ["SERVER_PROTOCOL"] == "HTTP/1.1":
        return "send one Host header"
    return _host_error(environ["wsgi.url_scheme"], host, environ["SCRIPT_NAME"])


@lru_cache(maxsize=1024)
def _host_error(scheme: str, host: str | None, prefix: str) -> str | None:
    if host is not None and not is_host(host):
        return "the Host header names no server; send the name that you reached us by"
    if scheme not in ("http", "https"):
        return "the proxy's X-Forwarded-Proto is neither http nor https"
    if not _PREFIX.fullmatch(prefix):
        return "the proxy's X-Forwarded-Prefix is no path, such as /readmission"
    return None


def is_host(text: str) -> bool:
    """Tell whether a text is a server's name or address, perhaps with a port (RFC 3986, section 3.2.2)."""
    found = _HOST.fullmatch(text)
    if found is None or len(found["name"]) > _LONGEST_HOST or int(found["port"] or 0) > 65_535:
        return False
    try:
        return found["ip"] is None or bool(ipaddress.IPv6Address(found["ip"]))
    except ValueError:
        return False


def _is_long(path: str) -> bool:
    if len(path) <= LONGEST_NAME:
        return False
    if len(path) > LONGEST_PATH:
        return True
    return not path.startswith(_GRAPHS) and max(map(len, path.split("/"))) > LONGEST_NAME
