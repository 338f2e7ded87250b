"""What a request asks (SPARQL 1.1 Protocol, section 2.1): the three ways to send a query, its dataset, its wishes."""

import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import parse_qsl, unquote_to_bytes

from werkzeug.http import parse_options_header

from readmission.web.http.problems import ReadOnly, RequestFault, UnreadableBody

QUERY_TYPE = "application/sparql-query"
UPDATE_TYPE = "application/sparql-update"
FORM_TYPE = "application/x-www-form-urlencoded"
MOST_FIELDS = 1000
WEAK = "-weak"
"""How the opaque part of a weak tag ends (RFC 9110, section 8.8.3): so it is known again with and without its W/."""

_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>\"{}|^`\\]+")
_UTF_8 = ("utf-8", "utf8", "")
_AS_ASCII = re.compile(
    r"(us-?)?ascii|iso-?8859-[0-9]{1,2}|latin-?1|(windows-|cp)125[0-9]|utf-?8", re.IGNORECASE
)
"""Character sets in which ASCII is written as in UTF-8."""
_SAY_NOTHING = ("", "auto")
"""Formats that forms send for any: a field that nobody filled in, and the first choice of Virtuoso's form."""
_SECONDS = re.compile(r"[0-9]{1,6}(\.[0-9]{1,20})?")


@dataclass(frozen=True)
class Asked:
    """A query operation: the text, the dataset named by the request, the format and the deadline asked for."""

    text: str
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    wanted: str | None = None
    timeout: float | None = None

    def tag(self, version: str, media_types: tuple[str, ...]) -> str:
        """Return what makes an answer the same answer: release, query, dataset and accepted media types."""
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


def by_get(query_string: bytes) -> Asked | None:
    """Return what a GET asks, or None when it holds no query."""
    return _asked(_parameters(query_string), None)


def by_body(query_string: bytes, content_type: str, body: bytes) -> Asked:
    """Return what a request with a body asks: a POST, or a QUERY."""
    parameters, direct = _body(content_type, body)
    asked = _asked([*_parameters(query_string), *parameters], direct)
    if asked is None:
        raise RequestFault("no query was sent; send one as the form field query=, or as the body itself")
    return asked


def _parameters(encoded: bytes) -> list[tuple[str, str]]:
    try:
        text = encoded.decode("utf-8")
        return parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS)
    except UnicodeDecodeError as fault:
        raise RequestFault("the request is not UTF-8; encode the query as UTF-8 and send it again") from fault
    except ValueError as fault:
        raise RequestFault(f"more than {MOST_FIELDS} fields were sent; send fewer") from fault


def _body(content_type: str, raw: bytes) -> tuple[list[tuple[str, str]], str | None]:
    """Return the fields of a form, or the query that is the body itself."""
    media_type, charset = readable(content_type)
    if charset.lower() not in _UTF_8:
        _refuse_charset(charset, unquote_to_bytes(raw) if media_type == FORM_TYPE else raw)
    if media_type == FORM_TYPE:
        return _parameters(raw), None
    try:
        return [], raw.decode("utf-8")
    except UnicodeDecodeError as fault:
        raise RequestFault("the body is not UTF-8; encode the query as UTF-8 and send it again") from fault


@lru_cache(maxsize=1024)
def readable(content_type: str) -> tuple[str, str]:
    """Return the media type and the character set of a body that may hold a query. Raises ReadOnly, UnreadableBody."""
    media_type, options = parse_options_header(content_type)
    media_type = media_type.lower()  # RFC 9110, section 8.3.1
    if media_type == UPDATE_TYPE:
        raise ReadOnly("updates are not taken; the data change only with a new release")
    if media_type not in (QUERY_TYPE, FORM_TYPE):
        raise UnreadableBody(f"send the query as {FORM_TYPE} (field query=) or as {QUERY_TYPE}")
    return media_type, options.get("charset", "utf-8")


def _refuse_charset(charset: str, text: bytes) -> None:
    """Refuse what is not UTF-8: in other character sets letters beyond ASCII may mean others. Raises UnreadableBody."""
    if _AS_ASCII.fullmatch(charset) and text.isascii():
        return
    raise UnreadableBody(
        f"the query is said to be in {charset[:50]!r}; send it as UTF-8, for other character sets are read only "
        "where all letters are ASCII"
    )


def _asked(parameters: list[tuple[str, str]], direct: str | None) -> Asked | None:
    values: dict[str, tuple[str, ...]] = {}
    for name, value in parameters:
        values[name] = (*values.get(name, ()), value)
    if "update" in values:
        raise ReadOnly("updates are not taken; the data change only with a new release")
    queries = [*values.get("query", ()), *([] if direct is None else [direct])]
    if not queries:
        return None
    if len(queries) > 1:
        raise RequestFault(f"{len(queries)} queries were sent; send exactly one")
    if len(values) == 1 and "query" in values:
        return Asked(queries[0])
    formats = (*values.get("format", ()), *values.get("output", ()))
    wanted = next((value for value in formats if value.strip() not in _SAY_NOTHING), None)
    default_graphs, named_graphs = (
        _graphs(name, values.get(name, ())) for name in ("default-graph-uri", "named-graph-uri")
    )
    return Asked(queries[0], default_graphs, named_graphs, wanted, _timeout(values.get("timeout", ())))


def _graphs(name: str, stated: tuple[str, ...]) -> tuple[str, ...]:
    """Return the graphs stated; forms send empty fields too, and those say nothing."""
    stated = tuple(filter(None, map(str.strip, stated)))
    for value in stated:
        if not _IRI.fullmatch(value):
            raise RequestFault(
                f"{name}={value[:200]!r} is no absolute IRI; write it in full, such as https://…"
            )
    return stated


def _timeout(stated: tuple[str, ...]) -> float | None:
    """Return the shortest time stated, in seconds; the empty fields and the zeros that forms send say nothing."""
    times = [text.strip() for text in stated if text.strip() not in ("", "0")]
    for text in times:
        if not _SECONDS.fullmatch(text) or float(text) <= 0:
            raise RequestFault(f"timeout={text[:50]!r} is no time; write seconds, such as timeout=2.5")
    return min(map(float, times)) if times else None
