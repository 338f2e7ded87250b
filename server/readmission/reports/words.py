"""Codes in words: the one place where a status, a reason, a depth of search or a day becomes English.

Another language is another set of these tables and of ``sentences.py``.
"""

import datetime
import re
from collections.abc import Callable, Iterable

from readmission.answers.statuses import EU, OWN, Holding, Reason

STATUS = {
    EU: {
        "agreement": "agreement in force",
        "agreement-contested": "agreement in force, contested by one side",
        "arrangement": "non-binding arrangement",
        "clause": "clause of a wider agreement",
        "unconfirmed": "not confirmed",
        "does-not-bind": "does not bind this state",
        "other-persons": "not known to cover these persons",
        "signed": "signed or agreed, not in force",
        "ended": "ended or suspended",
        "none": "none",
    },
    OWN: {
        "in-force": "in force",
        "in-force-contested": "in force, contested by one side",
        "in-operation": "in operation, non-binding",
        "unconfirmed": "not confirmed",
        "does-not-bind": "does not bind this state",
        "other-persons": "not known to cover these persons",
        "signed": "signed, not yet in force",
        "ended": "ended or suspended",
        "known-none": "none, says an official source",
        "none-recorded": "none recorded",
    },
}
"""The statuses of each layer, best first."""

DEPTH = {
    "official-list": "not on an official list",
    "systematic": "not found in the gazette or treaty database",
    "partial": "searched in part only",
    "": "no search on record",
}

_REASONS: dict[str, tuple[str, str]] = {
    "in-effect": ("in effect since {day}", "in effect"),
    "in-effect-by": ("in effect since {day} at the latest", "in effect"),
    "contested": ("contested since {day}", "contested"),
    "starts-later": ("starts on {day}", "starts later"),
    "ended": ("ended or suspended by {day}", "ended or suspended"),
    "no-entry-into-force": ("", "no entry into force recorded"),
    "pair-not-established": ("", "not established whether it binds this pair"),
    "persons-not-stated": ("", "not stated which persons it covers"),
    "start-not-established": ("may apply since {day}", "not established whether it applies"),
    "dates-rough": ("", "start or end known only roughly"),
    "unverified": ("", "rests on unverified knowledge alone"),
    "nature-not-established": ("", "not established whether it is binding"),
    "text-not-seen": ("", "its text was not seen"),
    "other-persons": ("", "covers other persons"),
    "does-not-apply": ("", "does not apply"),
    "not-bound-then": ("", "in effect, but not for this state on this day"),
}
"""A reason with its day, and without one."""

_SAID_BY_REASON = ("ended",)
"""Statuses that their reason says as well."""

_LAWS = {
    "protocol-21": "Protocol 21",
    "protocol-21-no-opt-in": "Protocol 21, no opt-in",
    "protocol-22": "Protocol 22",
    "partner-signature": "signed by the partner",
    "partner-not-signed": "not signed by the partner",
    "outside-union": "not a Member State",
}

_NUMBERS = "No One Two Three Four Five Six Seven Eight Nine Ten Eleven Twelve".split()
_TAKES_ARTICLE = re.compile(
    r"(Islands|Republic|Emirates|States|Kingdom|Netherlands|Philippines|Bahamas|Maldives|Comoros|^Congo)$"
    "|^Democratic Republic"
)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def status(layer: str, code: str) -> str:
    """Return a status of a layer in words."""
    return STATUS[layer][code]


def reason(told: Reason) -> str:
    """Return a reason in words, with its day and its law where it has them."""
    dated, undated = _REASONS[told.code]
    words = dated.format(day=day(told.day)) if told.day and dated else undated
    return f"{words} ({law(told.law)})" if told.law else words


def law(code: str) -> str:
    """Return a legal reason in words; one without words of its own stands as its code, read as text."""
    return _LAWS.get(code, code.replace("-", " "))


def reasons(holding: Holding) -> str:
    """Return the reasons of an instrument, but one that its status says already."""
    return "; ".join(reason(each) for each in holding.reasons if each.code != holding.status or each.day)


def standing(layer: str, holding: Holding) -> str:
    """Return the status of an instrument and its reasons, each thing said once."""
    told = reasons(holding)
    if holding.status in _SAID_BY_REASON and told:
        return told
    return ": ".join(filter(None, (status(layer, holding.status), told)))


def day(text: str) -> str:
    """Return an ISO day as ``1 March 2011``; what is no whole day stands as it is."""
    if not _DAY.fullmatch(text):
        return text
    found = datetime.date.fromisoformat(text)
    return f"{found.day} {found:%B} {found.year:04d}"


def the(name: str) -> str:
    """Return the name of a country as it stands in a sentence, such as ``the Netherlands``."""
    return f"the {name}" if _TAKES_ARTICLE.search(name) else name


def listed(names: Iterable[str], name: Callable[[str], str] = the) -> str:
    """Return names joined as in a sentence: ``Austria, Belgium and the Netherlands``."""
    *others, last = [name(each) for each in names]
    return f"{', '.join(others)} and {last}" if others else last


def number(count: int) -> str:
    """Return a number as it opens a sentence: in letters up to twelve."""
    return _NUMBERS[count] if count < len(_NUMBERS) else str(count)


def capital(text: str) -> str:
    """Return a text with a capital letter at its beginning."""
    return text[:1].upper() + text[1:]
