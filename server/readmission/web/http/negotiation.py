"""Which media type an answer gets: by the Accept header, and by the short names of ``format=``.

Ties go to the data: a page is sent only when ``text/html`` is preferred outright, as browsers do.
"""

from collections.abc import Sequence

from werkzeug.datastructures import MIMEAccept

from readmission.engine.formats.table import GRAPH_FORMATS, RESULT_FORMATS, Format

HTML = Format("text/html", "html", ("html",), ("application/xhtml+xml",))
PLAIN = Format("text/plain", "txt", ("text",))
JSON = Format("application/json", "json", ("json",))
PROBLEM = Format("application/problem+json", "json", ("json",), ("application/json", "application/ld+json"))


class NotAcceptableError(ValueError):
    """No offered format is accepted; the message lists those that are offered."""

    def __init__(self, offers: Sequence[Format]) -> None:
        names = ", ".join(f"{offer.media_type} (format={offer.names[0]})" for offer in offers)
        super().__init__(f"this answer can be had as {names}")


def not_acceptable(form: str) -> NotAcceptableError:
    """Return the fault of a request that accepts no format for an answer of this form, ``graph`` or rows."""
    return NotAcceptableError((*(GRAPH_FORMATS if form == "graph" else RESULT_FORMATS), HTML))


def is_name(name: str) -> bool:
    """Tell whether this is the short name or the file extension of any format that answers come in."""
    return any(name in offer.names for offer in (*RESULT_FORMATS, *GRAPH_FORMATS, HTML))


def choose(accept: MIMEAccept, format_name: str | None, offers: Sequence[Format]) -> Format:
    """Return the best of the offers; ``wanted`` (a short name or media type) goes before the Accept header.

    A request without Accept gets the first offer. Raises NotAcceptableError.
    """
    if format_name and format_name.strip():
        return _by_name(_name(format_name), offers)
    if not accept:
        return offers[0]
    plain = MIMEAccept([(_range(value), quality) for value, quality in accept])
    best = max(offers, key=lambda offer: _quality(plain, offer))
    if _quality(plain, best) <= 0:
        raise NotAcceptableError(offers)
    return best


def choose_or_none(accept: MIMEAccept, format_name: str | None, offers: Sequence[Format]) -> Format | None:
    """Return what ``choose`` does, or None when none of the offers is accepted."""
    try:
        return choose(accept, format_name, offers)
    except NotAcceptableError:
        return None


def _name(format_name: str) -> str:
    """Return the name meant: without parameters, and with the + that stands for a blank in an address."""
    return format_name.partition(";")[0].strip().lower().replace(" ", "+")


def _range(stated: str) -> str:
    """Return a media range without parameters; old Java clients write ``*`` for ``*/*``."""
    plain = stated.partition(";")[0].strip()
    return "*/*" if plain == "*" else plain


def _by_name(name: str, offers: Sequence[Format]) -> Format:
    for offer in offers:
        if name in offer.names or name == offer.media_type or name in offer.aliases:
            return offer
    raise NotAcceptableError(offers)


def _quality(accept: MIMEAccept, offer: Format) -> float:
    """What is said of the type itself decides; else its aliases where they are named, else the wildcards."""
    stated = dict(accept)
    if offer.media_type in stated:
        return accept.quality(offer.media_type)
    named = [stated[alias] for alias in offer.aliases if alias in stated]
    return max([accept.quality(offer.media_type), *named])
