"""Which media type an answer gets: by the Accept header, and by the short names of ``format=``.

Ties go to the data: a page is sent only when ``text/html`` is preferred outright, as browsers do.
"""

from collections.abc import Sequence

from werkzeug.datastructures import MIMEAccept

from readmission.engine.formats.table import GRAPHS, RESULTS, Format

HTML = Format("text/html", "html", ("html",), ("application/xhtml+xml",))
PLAIN = Format("text/plain", "txt", ("text",))
JSON = Format("application/json", "json", ("json",))
PROBLEM = Format("application/problem+json", "json", ("json",), ("application/json", "application/ld+json"))


class NotAcceptable(ValueError):
    """No offered format is accepted; the message lists those that are offered."""

    def __init__(self, offers: Sequence[Format]) -> None:
        names = ", ".join(f"{offer.media_type} (format={offer.names[0]})" for offer in offers)
        super().__init__(f"this answer can be had as {names}")


def unfit(form: str) -> NotAcceptable:
    """Return the fault of a request that accepts no format for an answer of this form, ``graph`` or rows."""
    return NotAcceptable((*(GRAPHS if form == "graph" else RESULTS), HTML))


def is_name(name: str) -> bool:
    """Tell whether this is the short name or the file extension of any format that answers come in."""
    return any(name in offer.names for offer in (*RESULTS, *GRAPHS, HTML))


def choose(accept: MIMEAccept, wanted: str | None, offers: Sequence[Format]) -> Format:
    """Return the best of the offers; ``wanted`` (a short name or media type) goes before the Accept header.

    A request without Accept gets the first offer. Raises NotAcceptable.
    """
    if wanted and wanted.strip():
        return _named(_name(wanted), offers)
    if not accept:
        return offers[0]
    plain = MIMEAccept([(_range(value), quality) for value, quality in accept])
    best = max(offers, key=lambda offer: _quality(plain, offer))
    if _quality(plain, best) <= 0:
        raise NotAcceptable(offers)
    return best


def acceptable(accept: MIMEAccept, wanted: str | None, offers: Sequence[Format]) -> Format | None:
    """Return what ``choose`` does, or None when none of the offers is accepted."""
    try:
        return choose(accept, wanted, offers)
    except NotAcceptable:
        return None


def _name(wanted: str) -> str:
    """Return the name meant: without parameters, and with the + that stands for a blank in an address."""
    return wanted.partition(";")[0].strip().lower().replace(" ", "+")


def _range(stated: str) -> str:
    """Return a media range without parameters; old Java clients write ``*`` for ``*/*``."""
    plain = stated.partition(";")[0].strip()
    return "*/*" if plain == "*" else plain


def _named(name: str, offers: Sequence[Format]) -> Format:
    for offer in offers:
        if name in offer.names or name == offer.media_type or name in offer.aliases:
            return offer
    raise NotAcceptable(offers)


def _quality(accept: MIMEAccept, offer: Format) -> float:
    """What is said of the type itself decides; else its aliases where they are named, else the wildcards."""
    stated = dict(accept)
    if offer.media_type in stated:
        return accept.quality(offer.media_type)
    named = [stated[alias] for alias in offer.aliases if alias in stated]
    return max([accept.quality(offer.media_type), *named])
