"""Reads a query request (SPARQL 1.1 Protocol, section 2.1): query, dataset, format, timeout."""

import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import parse_qsl, unquote_to_bytes

from werkzeug.http import parse_options_header

from readmission.web.http.problems import MediaTypeError, ReadOnlyError, RequestError

QUERY_TYPE = "application/sparql-query"
UPDATE_TYPE = "application/sparql-update"
FORM_TYPE = "application/x-www-form-urlencoded"
MOST_FORM_FIELDS = 1000
WEAK = "-weak"
"""How the opaque part of a weak tag ends (RFC 9110, section 8.8.3): so it is known again with and without its W/."""

_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>\"{}|^`\\]+")
_UTF_8 = ("utf-8", "utf8", "")
_ASCII_CHARSETS = re.compile(
    r"(us-?)?ascii|iso-?8859-[0-9]{1,2}|latin-?1|(windows-|cp)125[0-9]|utf-?8", re.IGNORECASE
)
"""Character sets in which ASCII is written as in UTF-8."""
_UNSET_FORMATS = ("", "auto")
"""Values that mean no format: an empty form field, and the default of Virtuoso's form."""
_SECONDS = re.compile(r"[0-9]{1,6}(\.[0-9]{1,20})?")


@dataclass(frozen=True)
class QueryRequest:
    """A query operation: the text, the dataset named by the request, the format and the deadline asked for."""

    text: str
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    format_name: str | None = None
    timeout: float | None = None

    def tag(self, version: str, media_types: tuple[str, ...]) -> str:
        """Return the ETag, without quotes: a digest of release, query, dataset and accepted media types."""
        parts = (
            version,
            *media_types,
            self.text,
            "default",
            *self.default_graphs,
            "named",
            *self.named_graphs,
        )
        return hashlib.sha256("\x00".join(parts).encode()).hexdigest()[:32]


def by_get(query_string: bytes) -> QueryRequest | None:
    """Return the query request of a GET; None when there is no query."""
    return _query_request(_parameters(query_string), None)


def by_body(query_string: bytes, content_type: str, body: bytes) -> QueryRequest:
    """Return the query request of a POST or a QUERY. Raises RequestError."""
    parameters, direct = _body(content_type, body)
    query_request = _query_request([*_parameters(query_string), *parameters], direct)
    if query_request is None:
        raise RequestError("no query was sent; send one as the form field query=, or as the body itself")
    return query_request


def _parameters(encoded: bytes) -> list[tuple[str, str]]:
    try:
        text = encoded.decode("utf-8")
        return parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=MOST_FORM_FIELDS)
    except UnicodeDecodeError as fault:
        raise RequestError("the request is not UTF-8; encode the query as UTF-8 and send it again") from fault
    except ValueError as fault:
        raise RequestError(f"more than {MOST_FORM_FIELDS} fields were sent; send fewer") from fault


def _body(content_type: str, raw: bytes) -> tuple[list[tuple[str, str]], str | None]:
    """Return the fields of a form, or the query that is the body itself."""
    media_type, charset = read_content_type(content_type)
    if charset.lower() not in _UTF_8:
        _refuse_charset(charset, unquote_to_bytes(raw) if media_type == FORM_TYPE else raw)
    if media_type == FORM_TYPE:
        return _parameters(raw), None
    try:
        return [], raw.decode("utf-8")
    except UnicodeDecodeError as fault:
        raise RequestError("the body is not UTF-8; encode the query as UTF-8 and send it again") from fault


@lru_cache(maxsize=1024)
def read_content_type(content_type: str) -> tuple[str, str]:
    """Return the media type and the character set of a body that may hold a query.

    Raises ReadOnlyError, MediaTypeError.
    """
    media_type, options = parse_options_header(content_type)
    media_type = media_type.lower()  # RFC 9110, section 8.3.1
    if media_type == UPDATE_TYPE:
        raise ReadOnlyError("updates are not taken; the data change only with a new release")
    if media_type not in (QUERY_TYPE, FORM_TYPE):
        raise MediaTypeError(f"send the query as {FORM_TYPE} (field query=) or as {QUERY_TYPE}")
    return media_type, options.get("charset", "utf-8")


def _refuse_charset(charset: str, text: bytes) -> None:
    """Refuse what is not UTF-8: in other character sets letters beyond ASCII may mean others. Raises MediaTypeError."""
    if _ASCII_CHARSETS.fullmatch(charset) and text.isascii():
        return
    raise MediaTypeError(
        f"the query is said to be in {charset[:50]!r}; send it as UTF-8, for other character sets are read only "
        "where all letters are ASCII"
    )


def _query_request(parameters: list[tuple[str, str]], direct: str | None) -> QueryRequest | None:
    values: dict[str, tuple[str, ...]] = {}
    for name, value in parameters:
        values[name] = (*values.get(name, ()), value)
    if "update" in values:
        raise ReadOnlyError("updates are not taken; the data change only with a new release")
    queries = [*values.get("query", ()), *([] if direct is None else [direct])]
    if not queries:
        return None
    if len(queries) > 1:
        raise RequestError(f"{len(queries)} queries were sent; send exactly one")
    if len(values) == 1 and "query" in values:
        return QueryRequest(queries[0])
    formats = (*values.get("format", ()), *values.get("output", ()))
    format_name = next((value for value in formats if value.strip() not in _UNSET_FORMATS), None)
    default_graphs, named_graphs = (
        _graphs(name, values.get(name, ())) for name in ("default-graph-uri", "named-graph-uri")
    )
    return QueryRequest(
        queries[0], default_graphs, named_graphs, format_name, _timeout(values.get("timeout", ()))
    )


def _graphs(name: str, names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the graphs stated; forms send empty fields too, and those say nothing."""
    names = tuple(filter(None, map(str.strip, names)))
    for value in names:
        if not _IRI.fullmatch(value):
            raise RequestError(
                f"{name}={value[:200]!r} is no absolute IRI; write it in full, such as https://…"
            )
    return names


def _timeout(values: tuple[str, ...]) -> float | None:
    """Return the shortest time stated, in seconds; the empty fields and the zeros that forms send say nothing."""
    times = [text.strip() for text in values if text.strip() not in ("", "0")]
    for text in times:
        if not _SECONDS.fullmatch(text) or float(text) <= 0:
            raise RequestError(f"timeout={text[:50]!r} is no time; write seconds, such as timeout=2.5")
    return min(map(float, times)) if times else None
