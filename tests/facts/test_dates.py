"""Stated dates: what is read, what is refused, and that the bounds of months and years leave no day out."""

import datetime
from itertools import pairwise

import pytest

from readmission.dates import Bounds, before, bounds, day, stated_day, today
from readmission.errors import DateError

DATE = datetime.date


@pytest.mark.quick
@pytest.mark.parametrize(
    ("text", "earliest", "latest"),
    [
        ("2011-03-01", DATE(2011, 3, 1), DATE(2011, 3, 1)),
        ("2011-02", DATE(2011, 2, 1), DATE(2011, 2, 28)),
        ("2012-02?", DATE(2012, 2, 1), DATE(2012, 2, 29)),
        ("2011-03-01~", DATE(2011, 3, 1), DATE(2011, 3, 1)),
        ("1900-02", DATE(1900, 2, 1), DATE(1900, 2, 28)),
        ("2000-02~", DATE(2000, 2, 1), DATE(2000, 2, 29)),
        ("9999-12", DATE(9999, 12, 1), DATE(9999, 12, 31)),
        ("2011~", DATE(2011, 1, 1), DATE(2011, 12, 31)),
        ("[2014-05-22..2014-06-12]", DATE(2014, 5, 22), DATE(2014, 6, 12)),
        ("[2014..2015-02]", DATE(2014, 1, 1), DATE(2015, 2, 28)),
        ("[2014-05-22..]", DATE(2014, 5, 22), None),
    ],
)
def test_bounds_are_the_first_and_last_possible_day(text: str, earliest: DATE, latest: DATE | None) -> None:
    assert bounds(text) == Bounds(earliest, latest)


@pytest.mark.quick
@pytest.mark.parametrize(
    "text",
    [
        "",
        "2011-3-1",
        "2011-02-30",
        "2011-02-30?",
        "2011-00-05",
        "2011-13-05~",
        "2011-13",
        "0000",
        "0000-01",
        "2011-03-01%",
        "01.03.2011",
        "2014-01/2015-01",
        "[2015..2014]",
        "2011-03-01T00:00",
    ],
)
def test_what_is_no_date_is_refused_with_the_way_to_write_it(text: str) -> None:
    with pytest.raises(DateError, match=r"write|correct|swap"):
        bounds(text)


@pytest.mark.quick
def test_a_year_with_a_number_that_is_no_month_is_refused_alone_and_in_a_range() -> None:
    for number in (0, *range(13, 100)):
        text = f"2019-{number:02}"
        for stated in (text, f"{text}?", f"{text}~", f"[{text}..2120]", f"[2000..{text}]"):
            with pytest.raises(DateError, match=text) as refused:
                bounds(stated)
            span = f"[2019-01-01..20{number:02}-12-31]"
            assert (span in str(refused.value)) == (number > 19), "two years are told apart from a slip"


@pytest.mark.quick
@pytest.mark.parametrize("text", ["10.02.2021", "2021-2-10", "2021-02-30", "today", ""])
def test_a_day_asked_about_is_a_whole_day(text: str) -> None:
    with pytest.raises(DateError, match="2021-02-10"):
        day(text)


@pytest.mark.quick
@pytest.mark.parametrize(
    ("text", "on"),
    [
        ("2021-02-10", "2021-02-10"),
        ("a year before to", "2023-03-01"),
        ("a year after to", "2025-02-28"),
        ("a year before first", "0001-01-01"),
        ("a year after last", "9999-12-31"),
    ],
)
def test_a_day_may_be_stated_by_another(text: str, on: str) -> None:
    others = {"to": "2024-02-29", "first": "0001-01-01", "last": "9999-12-31"}
    assert stated_day(text, others) == datetime.date.fromisoformat(on)


@pytest.mark.quick
def test_today_is_stated_by_its_name() -> None:
    assert stated_day("today", {}) == today()
    assert stated_day("a year before to", {"to": "today"}) == before(today(), 365)


@pytest.mark.quick
@pytest.mark.parametrize("text", ["tomorrow", "a year before nothing", "a month before to", ""])
def test_a_day_that_nothing_states_is_refused(text: str) -> None:
    with pytest.raises(DateError, match="2021-02-10"):
        stated_day(text, {"to": "2024-02-29"})


def test_months_and_years_follow_each_other_without_a_gap() -> None:
    months = [f"{year}-{month:02}" for year in range(1800, 2101) for month in range(1, 13)]
    years = [str(year) for year in range(1800, 2101)]
    for texts in (months, years):
        for text, following in pairwise(texts):
            last, first = bounds(text).latest, bounds(following).earliest
            assert last is not None
            assert first - last == datetime.timedelta(1), (
                f"the day after {text}, {last}, is not the first of {following}, {first}: mend dates._span"
            )
        assert bounds(texts[0]).earliest == DATE(1800, 1, 1)
