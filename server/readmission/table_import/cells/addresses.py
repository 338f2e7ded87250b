"""Web addresses in cells: written as the URI that the IRI stands for (RFC 3987 §3.1), or refused with the reason."""

import re
from urllib.parse import quote

import idna

from readmission.table_import.table_errors import CellError

_PARTS = re.compile(
    r"(https?)://([^/?#]*)([^?#]*)(\?[^#]*)?(#.*)?", re.IGNORECASE | re.DOTALL
)  # RFC 3986 appendix B
_HOST = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?\.)+[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.?")
_BARE_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_BLANK = re.compile(r"\s")
# RFC 3986 §2: what may stand in a path, a query or a fragment as it is. Brackets may not, nor a second #.
_PLAIN = "%/:@!$&'()*+,;=-._~"
# These may be a part of the address, or what stood around it in a text: nobody can tell.
_DOUBTFUL = re.compile(r'[<>"{}|\\^`]')
_LAST_PORT = 65_535


def address(text: str) -> str:
    """Return a web address in ASCII; raises CellError when it is none, is in doubt, or holds a password."""
    match = _PARTS.fullmatch(text)
    if not match or _BLANK.search(text):
        what = f"{text[:60]!r} is no web address"
        raise CellError(what, "write it whole, beginning with https:// and without spaces")
    _refuse_doubtful(text)
    scheme, authority, path, query, fragment = match.groups(default="")
    query, fragment = query.removeprefix("?"), fragment.removeprefix("#")
    return "".join(
        (
            f"{scheme.lower()}://{_authority(text, authority)}",
            quote(path, safe=_PLAIN),
            (match[4] and "?" + quote(query, safe=_PLAIN + "?")) or "",
            (match[5] and "#" + quote(fragment, safe=_PLAIN + "?")) or "",
        )
    )


def _refuse_doubtful(text: str) -> None:
    if found := _BARE_PERCENT.search(text):
        what = f"the address has a % without two hexadecimal digits, at {text[found.start() :][:12]!r}"
        raise CellError(what, "write %25 for the sign itself, or copy the address anew")
    if found := _DOUBTFUL.search(text):
        what = f"the address holds the sign {found[0]!r}"
        raise CellError(
            what, f"write {quote(found[0], safe='')} when it belongs to the address, or delete it"
        )


def _authority(text: str, authority: str) -> str:
    """Return host and port in small letters and ASCII (IDNA 2008, UTS 46)."""
    _, user, place = authority.rpartition("@")
    if user:
        what = "the address holds a user name or a password, which the facts would publish"
        raise CellError(what, "delete all between https:// and the sign @")
    host, colon, port = place.partition(":")
    if not _HOST.fullmatch(ascii_host := _ascii(host)):
        what = f"{host[:60]!r} is no name of a web server, so {text[:60]!r} is no web address"
        raise CellError(what, "write the address whole, beginning with https:// and without spaces")
    if colon and not (port.isascii() and port.isdigit() and 0 < int(port) <= _LAST_PORT):
        raise CellError(f"the address has the port {port[:20]!r}", "write a number up to 65535, or delete it")
    return ascii_host + colon + port


def _ascii(host: str) -> str:
    """Return a host in ASCII, or the empty string where it has no such form."""
    if host.isascii():
        return host.lower()
    try:
        return idna.encode(host, uts46=True).decode()
    except idna.IDNAError:
        return ""
