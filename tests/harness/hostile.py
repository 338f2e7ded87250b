"""Requests that nobody should send and somebody will: letters and worse in every place of a request, on every route."""

import random
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from urllib.parse import quote_from_bytes

from werkzeug.routing import Map

from harness.wire import FORM, QUERY

LETTERS = {
    "Bulgarian": "Жълъд, ябълка, щука", "Croatian": "čćđšž ČĆĐŠŽ", "Czech": "příliš žluťoučký kůň",
    "Danish": "rødgrød på Æbelø", "Dutch": "geëerd, coöperatie, ĳs", "English": "naïve – café’s",
    "Estonian": "õäöü šž", "Finnish": "yöpöytä Åbo", "French": "œuf, Noël, Curaçao, ÿ",
    "German": "Türkei Größe ẞ", "Greek": "Ελλάδα ΐ ΰ ς", "Hungarian": "árvíztűrő tükörfúrógép",
    "Irish": "Éire Ḃḃ", "Italian": "città perché", "Latvian": "ķīļģņ ŗ", "Lithuanian": "ąčęėįšųūž",
    "Maltese": "ċġħż Ħamrun", "Polish": "zażółć gęślą jaźń", "Portuguese": "São Tomé ãõç",
    "Romanian": "țară și ăâî", "Slovak": "ľščťžýáíé ôäň ŕĺ", "Slovenian": "češnja žlička",
    "Spanish": "España ñ ¿qué?", "Swedish": "Åland ö", "Arabic": "المغرب العربي", "Georgian": "საქართველო",
    "Armenian": "Հայաստան", "Ukrainian": "Україна її ґ", "Serbian": "Србија љњџ", "Turkish": "İstanbul ığş",
    "Persian": "افغانستان ک", "Chinese": "中国", "decomposed": "u\u0308 e\u0301 a\u030a", "flags": "🇪🇺🇬🇪",
}  # fmt: skip
"""A text of each language of the Union, of its candidates, and of those who sign with it."""

HOSTILE = (
    "\x00", "a\x00b", "\r\n", "\r\nX-Injected: yes", "\n\nHTTP/1.1 200 OK", "\t", "\x7f", "\x1b[31m",
    "\x85", "\u2028", "\u202eexe.", "\u2066\u2069", "\u200b", "\ufeff", "\ufffe", "\U0010ffff", "\ufdd0",
    "{{7*7}}", "${jndi:ldap://x/}", "<%= 1 %>", "#{1}", "{%raw%}", "<script>alert(1)</script>",
    "'\"><img src=x>", "javascript:alert(1)", "../../../../etc/passwd", "..%2f..%2fetc/passwd", "....//",
    "\\..\\..\\windows", "/etc/passwd", "file:///etc/passwd", "//evil.example/", "http://evil.example/",
    "%", "%%", "%zz", "%c0%ae", "%uffff", "%00", "%0d%0a", "+", "&", "=", "&&==", ";", "?", "#", "a" * 250,
    "é" * 450, "a" * 5000, "&".join(f"f{n}=1" for n in range(900)), "-1", "0", "1e400", "NaN", "9" * 40,
    "0001-01-01", "9999-12-31", "0000-00-00", "2019-21", "[2014..]", "1-1-1", "2021-02-30", "null", "true",
    "[]", "{}", "__proto__", "' OR 1=1 --", "*", "(" * 100, "urn:x", "DROP ALL", "SELECT * {?s ?p ?o}",
    "ASK{}", "http://[::1", "http://[v1.x]/", "mailto:", "x:99999", "a:b", "xn--", "ASK{} # \u202e",
)  # fmt: skip

_RAW = (b"\xff", b"\xe9", b"\xc3", b"\xed\xa0\x80", b"\xf5\x80\x80\x80")
_NAMES = (
    "on from to persons group name query format output timeout graph default default-graph-uri named-graph-uri "
    "example update x"
).split()
_FIELDS = (
    "Accept Accept-Encoding Accept-Language Access-Control-Request-Headers Authorization Cache-Control Content-Type "
    "Cookie If-Match If-Modified-Since If-None-Match If-Range Origin Range Referer User-Agent X-Forwarded-For "
    "X-Forwarded-Host X-Forwarded-Prefix X-Query-Id Host X-Own"
).split()
_METHODS = "GET GET GET GET HEAD OPTIONS POST QUERY DELETE PUT PATCH TRACE PROPFIND BREW".split()
_VALUES = {"alpha3": "GEO", "state": "DEU", "kind": "json", "suffix": "csv", "filename": "site.css", "number": "a" * 16,
           "_name": "stated", "place": "id", "name": "eura/geo", "extension": "ttl", "path": "derived"}  # fmt: skip
_PART = re.compile(r"<(?:[^<>:]*:)?([^<>:]*)>")
_TARGET = re.compile(rb"[^\x00-\x20\x7f\"<>\\^`{|}]+")  # RFC 3986 has the others percent-encoded
_FIELD = re.compile(rb"[\t\x20-\x7e\x80-\xff]*")


@dataclass(frozen=True)
class Sent:
    """A request as bytes; ``is_http`` tells whether an HTTP server has to take it for one."""

    raw: bytes
    is_http: bool


def paths(routes: Map) -> list[str]:
    """Return an address of each route, with good values, and some of none."""
    known = {_PART.sub(lambda part: _VALUES.get(part[1], "x"), str(rule)) for rule in routes.iter_rules()}
    return [*sorted(known), "/none", "//", "/sparql/", "*"]


def made(addresses: Iterable[str], count: int, seed: int) -> list[Sent]:
    """Return so many requests, the same ones for the same seed, each hostile in one place or two."""
    dice, places = random.Random(seed), list(addresses)
    return [_request(dice, dice.choice(places)) for _ in range(count)]


def _request(dice: random.Random, path: str) -> Sent:
    method, target, body = dice.choice(_METHODS).encode(), path.encode(), b""
    headers = {b"Host": b"localhost"}
    for _ in range(dice.choice((1, 1, 1, 2))):
        text = _text(dice)
        match dice.randrange(6):
            case 0:
                target += b"/" + _spelt(dice, text)
            case 1:
                target = target.rpartition(b"/")[0] + b"/" + _spelt(dice, text)
            case 2:
                target += _joint(target) + _spelt(dice, text) + b"=1"
            case 3:
                target += _joint(target) + dice.choice(_NAMES).encode() + b"=" + _spelt(dice, text)
            case 4:
                headers[dice.choice(_FIELDS).encode()] = (
                    text if dice.random() < 0.8 else quote_from_bytes(text).encode()
                )
            case _:
                kind = dice.choice((FORM, QUERY, FORM + b"; charset=" + text[:50]))
                headers[b"Content-Type"] = kind
                body = dice.choice(
                    (b"query=" + _spelt(dice, text), text, b"query=ASK%7B%7D&format=" + _spelt(dice, text))
                )
    if body:
        headers[b"Content-Length"] = str(len(body)).encode()
    raw = b"\r\n".join(
        [
            method + b" " + target + b" HTTP/1.1",
            *(name + b": " + value for name, value in headers.items()),
            b"",
            body,
        ]
    )
    return Sent(raw, _is_http(target, headers))


def _text(dice: random.Random) -> bytes:
    if dice.random() < 0.05:
        return dice.choice(_RAW)
    return dice.choice(dice.choice((tuple(LETTERS.values()), HOSTILE))).encode()


def _spelt(dice: random.Random, text: bytes) -> bytes:
    """Return a text as clients put it in an address: encoded, half encoded, or as it is."""
    ways: tuple[Callable[[bytes], str], ...] = (
        quote_from_bytes,
        lambda raw: quote_from_bytes(raw, safe="/{}<>?&=+'\"|^`"),
    )
    if dice.random() < 0.3:
        return text.replace(b" ", b"+")
    return dice.choice(ways)(text).encode()


def _joint(target: bytes) -> bytes:
    return b"&" if b"?" in target else b"?"


def _is_http(target: bytes, headers: dict[bytes, bytes]) -> bool:
    """Tell whether a request keeps to RFC 9112, and to UTF-8 where that leaves bytes open."""
    try:
        target.decode()
    except UnicodeDecodeError:
        return False
    values = [value for name, value in headers.items() if name != b"Content-Length"]
    fits = target.startswith(b"/") and b"#" not in target
    return fits and bool(_TARGET.fullmatch(target)) and all(map(_FIELD.fullmatch, values))
