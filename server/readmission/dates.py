"""Stated dates (EDTF) and the calendar bounds they are computed with.

A fact keeps its date as the source gives it, in the Extended Date/Time Format of the Library of
Congress (https://www.loc.gov/standards/datetime/): ``2011-03-01``, ``2011-03``, ``2011``, each with an
optional ``?`` or ``~``, and ``[2014-05-22..2014-06-12]`` for one unknown day of a range, which may
stay open at its end (``[2014-05-22..]``). Dates compare by their earliest and latest day only.

EDTF also has codes 21 to 41 in the place of the month, for seasons, quarters and half-years. They are
refused: in tables of treaties ``2019-21`` is a span of years or a slip, and a season has no certain days.
"""

import datetime
import re
from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from readmission.errors import DateError
from readmission.namespaces import NAMESPACES

EDTF = f"{NAMESPACES['edtf']}EDTF"

_DAY = r"[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?"
_DATE = re.compile(rf"{_DAY}[?~]?|\[{_DAY}\.\.({_DAY})?\]")
YEAR_FROM = re.compile(r"a year (?P<way>before|after) (?P<other>\w+)")
"""How a day is stated by another, which is named."""
_MONTH = re.compile(r"([0-9]{2})([0-9]{2})-([0-9]{2})[?~]?")


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
    if not _DATE.fullmatch(text):
        remedy = "write 2011-03-01, 2011-03, 2011 or [2014-05-22..2014-06-12]"
        raise DateError(f"{text!r} is no date we read", remedy)
    if text.startswith("["):
        return _range(*text[1:-1].split(".."))
    _refuse_no_month(text)
    try:
        return _span(*map(int, text.rstrip("?~").split("-")))
    except ValueError as fault:
        raise DateError(f"{text!r} is not in the calendar", "correct the day or the month") from fault


def _refuse_no_month(text: str) -> None:
    """Raise DateError for a year with two digits that are no month: a season (EDTF level 1 and 2), or two years."""
    match = _MONTH.fullmatch(text)
    if not match or "01" <= match[3] <= "12":
        return
    century, year, second = match.groups()
    if second > year:
        first, last = f"{century}{year}", f"{century}{second}"
        raise DateError(
            f"{text!r} has no month {second}",
            f"write [{first}-01-01..{last}-12-31] for a day from {first} to {last}, or correct the month",
        )
    raise DateError(
        f"{text!r} has no month {second}",
        "correct the month; write a season or a quarter by its days, as [2019-03-01..2019-05-31]",
    )


def _range(first: str, last: str) -> Bounds:
    earliest, latest = bounds(first).earliest, bounds(last).latest if last else None
    if latest is not None and latest < earliest:
        raise DateError(f"[{first}..{last}] ends before it begins", "swap its two days")
    return Bounds(earliest, latest)


def _span(year: int, month: int | None = None, day: int | None = None) -> Bounds:
    """Return the bounds of a day, a month or a year; raise ValueError when the calendar has none such."""
    first, last = (1, 12) if month is None else (month, month)
    if day is not None:
        whole = datetime.date(year, first, day)
        return Bounds(whole, whole)
    return Bounds(datetime.date(year, first, 1), datetime.date(year, last, monthrange(year, last)[1]))


def day(text: str) -> datetime.date:
    """Return the one day a user asks about, from ``YYYY-MM-DD``; raise DateError otherwise."""
    try:
        return datetime.date.fromisoformat(text)
    except ValueError as fault:
        raise DateError(f"{text!r} is no day", "write it as 2021-02-10 (year-month-day)") from fault


def before(on: datetime.date, days: int) -> datetime.date:
    """Return the day so many days before another; the calendar's first day (0001-01-01) where it has none."""
    return on - min(datetime.timedelta(days), on - datetime.date.min)


def after(on: datetime.date, days: int) -> datetime.date:
    """Return the day so many days after another; the calendar's last day (9999-12-31) where it has none."""
    return on + min(datetime.timedelta(days), datetime.date.max - on)


def today() -> datetime.date:
    """Return the day that it is in UTC: the same for everybody who asks at a moment, by whatever way."""
    return datetime.datetime.now(datetime.UTC).date()


def stated_day(text: str, others: Mapping[str, str]) -> datetime.date:
    """Return the day that a text states: a day, ``today``, or a year (365 days) from another, ``a year before to``.

    ``others`` has the text of that other day by its name. Raises DateError for a text that states none.
    """
    if text == "today":
        return today()
    if not (relative := YEAR_FROM.fullmatch(text)) or relative["other"] not in others:
        return day(text)
    other = stated_day(others[relative["other"]], {})
    return before(other, 365) if relative["way"] == "before" else after(other, 365)
