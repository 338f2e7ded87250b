"""Dates in cells: read as the facts state them, or refused with the way to write them."""

import re
from datetime import date

from readmission.dates import Bounds, bounds
from readmission.errors import DateError
from readmission.table_import.table_errors import CellError

# No instrument on readmission that anybody tabulates is older (the first ones are of the 1920s).
_FIRST_YEAR = 1900
_DAY_FIRST = re.compile(r"(\d{1,2})\s*[./ -]\s*(\d{1,2})\s*[./ -]\s*(\d{4})")
_YEAR_FIRST = re.compile(r"(\d{4})[./-](\d{1,2})(?:[./-](\d{1,2}))?([T ].*)?")
_YEARS = re.compile(r"(\d{4})\s*[-–/]\s*(\d{4})")
_DAY = re.compile(r"\b(?:\d{4}[./-]\d{1,2}[./-]\d{1,2}|\d{1,2}[./-]\d{1,2}[./-]\d{4})\b")


def stated_date(text: str, today: date) -> Bounds:
    """Return the bounds of a date of the past; raises CellError with the way to write it otherwise."""
    try:
        found = bounds(text)
    except DateError as fault:
        raise CellError(*(_date_hint(text) or (fault.what, fault.remedy))) from fault
    ends = text.strip("[]").split("..") if text.startswith("[") else []
    if any(end and len(end) < len("1998-04-22") for end in ends):
        last = found.latest.isoformat() if found.latest else ""
        raise CellError(f"{text} is a range without whole days", f"write [{found.earliest}..{last}]")
    if found.earliest > today:
        raise CellError(
            f"{text} lies in the future", "correct it, or say it in status_note until the day has come"
        )
    if found.earliest.year < _FIRST_YEAR:
        raise CellError(f"{text} lies before {_FIRST_YEAR}", "correct the year")
    return found


def looks_like_date(text: str) -> bool:
    """Whether a text can only be meant as a date."""
    patterns = (_DAY_FIRST, _YEAR_FIRST, re.compile(r"(1[89]|20)\d{2}"))
    return any(pattern.fullmatch(text) for pattern in patterns)


def _date_hint(text: str) -> tuple[str, str] | None:
    if match := _DAY_FIRST.fullmatch(text):
        one, two, year = int(match[1]), int(match[2]), match[3]
        orders = dict.fromkeys(f"{year}-{m:02}-{d:02}" for d, m in ((one, two), (two, one)))
        return _ways_to_write(text, [each for each in orders if _is_date(each)])
    if match := re.fullmatch(r"(\d{4})[.,]0+", text):
        return f"{text!r} is a number with decimals", f"format the column as text and write {match[1]}"
    if match := _YEAR_FIRST.fullmatch(text):
        return _year_first_hint(text, "-".join(f"{int(part):02}" for part in match.group(1, 2, 3) if part))
    if (match := _YEARS.fullmatch(text)) and match[1] < match[2]:
        return (
            f"{text!r} is a span of years",
            f"write [{match[1]}-01-01..{match[2]}-12-31] for a day within it",
        )
    if len(days := _DAY.findall(text)) > 1:
        return (
            f"{text[:60]!r} holds {len(days)} dates",
            "keep the one that is meant; the others go to status_note",
        )
    if re.fullmatch(r"\d{5}(\.\d+)?", text):
        return f"{text} is a spreadsheet's count of days", "format the column as text and write 1998-04-22"
    if re.fullmatch(r"\d{1,2}[./-]\d{1,2}[./-]\d{2}", text):
        return (
            f"{text!r} gives its year with two digits",
            "write year-month-day with the whole year, as 1998-04-22",
        )
    return None


def _year_first_hint(text: str, written: str) -> tuple[str, str] | None:
    try:
        bounds(written)
    except DateError as fault:
        return fault.what.replace(written, text), fault.remedy
    return _ways_to_write(text, [written])


def _ways_to_write(text: str, ways: list[str]) -> tuple[str, str] | None:
    if not ways:
        return f"{text!r} is not in the calendar", "correct it, and write year-month-day as 1998-04-22"
    if ways == [text]:
        return None
    told = " or ".join(ways)
    doubt = ", whichever is meant" if len(ways) > 1 else " (year-month-day)"
    return f"{text!r} is not written as year-month-day", f"write {told}{doubt}"


def _is_date(text: str) -> bool:
    try:
        bounds(text)
    except DateError:
        return False
    return True
