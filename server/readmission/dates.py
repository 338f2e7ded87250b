"""Stated dates (EDTF) and the calendar bounds they are computed with.

A fact keeps its date as the source gives it, in the Extended Date/Time Format of the Library of
Congress (https://www.loc.gov/standards/datetime/): ``2011-03-01``, ``2011-03``, ``2011``, each with an
optional ``?`` or ``~``, and ``[2014-05-22..2014-06-12]`` for one unknown day of a range, which may
stay open at its end (``[2014-05-22..]``). Dates compare by their earliest and latest day only.
"""

import datetime
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from readmission.faults import UserFault

EDTF = "http://id.loc.gov/datatypes/edtf/EDTF"

_DAY = r"\d{4}(-\d{2}(-\d{2})?)?"
_STATED = re.compile(rf"{_DAY}[?~]?|\[{_DAY}\.\.({_DAY})?\]")


class DateError(UserFault, ValueError):
    """A date that is not EDTF as we use it, or not in the calendar."""


@dataclass(frozen=True)
class Bounds:
    """The first and the last day on which a stated date can lie; ``latest`` is None when it stays open."""

    earliest: datetime.date
    latest: datetime.date | None

    @property
    def exact(self) -> bool:
        """Whether the date is one known day."""
        return self.earliest == self.latest


@lru_cache(maxsize=4096)
def bounds(text: str) -> Bounds:
    """Return the bounds of an EDTF date; raise DateError with what is accepted when it is none.

    Strict bounds: a qualifier (``?``, ``~``) stays in the fact and does not widen them.
    """
    if not _STATED.fullmatch(text):
        raise DateError(
            f"{text!r} is no date we read; write 2011-03-01, 2011-03, 2011 or [2014-05-22..2014-06-12]"
        )
    if text.startswith("["):
        return _range(*text[1:-1].split(".."))
    try:
        # Whole days are the bulk: the standard library reads them a thousand times faster than a grammar.
        if len(text) == len("2011-03-01"):
            day = datetime.date.fromisoformat(text)
            return Bounds(day, day)
        return _parsed(text)
    except ValueError as fault:
        raise DateError(f"{text!r} is not in the calendar; correct the day or the month") from fault


def _range(first: str, last: str) -> Bounds:
    earliest, latest = bounds(first).earliest, bounds(last).latest if last else None
    if latest is not None and latest < earliest:
        raise DateError(f"[{first}..{last}] ends before it begins; swap its two days")
    return Bounds(earliest, latest)


def _parsed(text: str) -> Bounds:
    from edtf import parse_edtf  # its grammar takes a quarter of a second to load: only when needed
    from edtf.parser.edtf_exceptions import EDTFParseException

    try:
        stated: Any = parse_edtf(text)
        first, last = stated.lower_strict(), stated.upper_strict()
    except EDTFParseException as fault:
        raise ValueError(text) from fault
    return Bounds(datetime.date(*first[:3]), datetime.date(*last[:3]))


def day(text: str) -> datetime.date:
    """Return the one day a user asks about, from ``YYYY-MM-DD``; raise DateError otherwise."""
    try:
        return datetime.date.fromisoformat(text)
    except ValueError as fault:
        raise DateError(f"{text!r} is no day; write it as 2021-02-10 (year-month-day)") from fault


def before(on: datetime.date, days: int) -> datetime.date:
    """Return the day so many days before another; the calendar's first day (0001-01-01) where it has none."""
    return on - min(datetime.timedelta(days), on - datetime.date.min)
