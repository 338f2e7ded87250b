"""Compressed answers (RFC 9110, sections 8.4 and 12.5.3): in the coding that the client likes best.

A strong tag promises the same bytes, so each coding has a tag of its own, ``"…-br"`` for ``"…"``; a weak one stays
weak. Views know nothing of this: they are asked about the bare tags, and the coding is put back into what they answer.
"""

import gzip
import re
from collections.abc import Callable

import brotli
import zstandard
from flask import Flask, Response, g, request
from werkzeug.datastructures import Accept

CODINGS: dict[str, Callable[[bytes], bytes]] = {
    "zstd": lambda body: zstandard.compress(body, level=3),
    "br": lambda body: bytes(brotli.compress(body, quality=4)),
    "gzip": lambda body: gzip.compress(body, compresslevel=6, mtime=0),  # the same bytes every time
}
"""In the order of preference where a client likes several equally: zstd takes a quarter of the others' time."""

SMALLEST = 1000  # bytes; what fits into one packet gains nothing
_TEXTS = re.compile(r"text/.*|.*[/+](json|xml|javascript)|application/(n-triples|n-quads|trig)")
_CODED = re.compile(rf'-({"|".join(CODINGS)})"')


def register(app: Flask) -> None:
    """Compress the answers of an application, whatever view they come from."""
    app.before_request(_strip_codings)
    app.after_request(_compress)


def preferred_coding(accepted: Accept) -> str | None:
    """Return the coding to use for an Accept-Encoding header; None for none."""
    best = max(CODINGS, key=accepted.quality)
    plain = dict(accepted).get("identity", 0)  # as it is stated: a * speaks of the codings
    return best if accepted.quality(best) > 0 and accepted.quality(best) >= plain else None


def _strip_codings() -> None:
    held = request.environ.get("HTTP_IF_NONE_MATCH")
    if held:
        g.held_tags = held
        request.environ["HTTP_IF_NONE_MATCH"] = _CODED.sub('"', held)


def _compress(answer: Response) -> Response:
    answer.vary.add("Accept-Encoding")
    coding = preferred_coding(request.accept_encodings)
    tag, weak = answer.get_etag()
    if answer.status_code == 304:
        _restore_coding(answer, tag, weak=bool(weak))
    elif coding and answer.status_code == 200 and _is_compressible(answer):
        answer.direct_passthrough = False
        answer.set_data(CODINGS[coding](answer.get_data()))
        answer.headers["Content-Encoding"] = coding
        if tag:
            answer.set_etag(f"{tag}-{coding}", weak=bool(weak))
    return answer


def _is_compressible(answer: Response) -> bool:
    if answer.is_streamed and not answer.direct_passthrough:
        return False
    length = answer.content_length
    return (
        length is not None
        and length >= SMALLEST
        and _TEXTS.fullmatch(answer.mimetype or "") is not None
        and "Content-Encoding" not in answer.headers
        and "Content-Range" not in answer.headers
        and "X-Sendfile" not in answer.headers
    )


def _restore_coding(answer: Response, tag: str | None, *, weak: bool) -> None:
    """Give a 304 the tag of the coding that the client has, so that it finds it again."""
    held = next((coding for coding in CODINGS if f'"{tag}-{coding}"' in g.get("held_tags", "")), None)
    if held:
        answer.set_etag(f"{tag}-{held}", weak)
