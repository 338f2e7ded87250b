"""What all pages about the field share: names and codes, read once; the day and persons asked about; caching."""

import datetime
import mmap
import re
from collections.abc import Mapping
from functools import cached_property, lru_cache, partial
from pathlib import Path
from typing import Any

from flask import Response, make_response, render_template, request, url_for

from readmission import dates, errors, questions
from readmission.answers import coverage
from readmission.answers.events import Events, events
from readmission.answers.matrix import Matrix, matrix
from readmission.countries.gazetteer import Country, UnknownCountryError
from readmission.namespaces import ID
from readmission.release import DATASET_FILE, Release
from readmission.reports import words
from readmission.reports.marks import MARK, TONES
from readmission.reports.terminal.naming import Naming
from readmission.web.http.headers import cache_control
from readmission.web.http.problems import NotFoundError
from readmission.web.pages import catalogue
from readmission.web.settings import Settings

_YEAR = 365
_DAYS = ("on", "from", "to")


class Site:
    """One release with the names and codes that its pages show; they are read when a page is first made."""

    def __init__(self, release: Release, settings: Settings) -> None:
        self.release, self.settings = release, settings
        self.dataset = _map_file(release.path / DATASET_FILE) if release.path else b""
        """The file of the data set; its bytes are read when they are asked for, even where no file may be opened."""
        self._events = lru_cache(maxsize=16)(partial(events, release))
        self._matrices = lru_cache(maxsize=16)(partial(matrix, release))

    @cached_property
    def names(self) -> Mapping[str, str]:
        """The English name of every country and territory, by its alpha-3 code."""
        return catalogue.countries(self.release.engine)

    @cached_property
    def things(self) -> Mapping[str, str]:
        """Names of instruments and texts of search reports, by identifier such as ``eura/geo``."""
        return catalogue.things(self.release.engine)

    @cached_property
    def codes(self) -> Mapping[str, catalogue.Code]:
        """The label and definition of every code."""
        return catalogue.codes(self.release.engine)

    @cached_property
    def persons(self) -> Mapping[str, str]:
        """The label of every category of persons."""
        return {code: self.codes[code].label for code in coverage.person_categories(self.release)}

    def matrix(self, on: datetime.date, category: str, group: str | None = None) -> Matrix:
        """Return the matrix on a day, or the part of a group of partners; the whole is made once."""
        return self._matrices(on, category).of(group)

    def events(
        self, first: datetime.date, last: datetime.date, country: str | None = None, state: str | None = None
    ) -> Events:
        """Return the events of a period; those of the last periods asked for are kept."""
        return self._events(first, last, country, state)

    def page(self, template: str, **values: object) -> Response:
        """Return a page; the templates see names, things, codes, persons, how statuses are said, and today."""
        shared = {"names": self.names, "things": self.things, "codes": self.codes, "persons": self.persons}
        speaking = {"words": words, "marks": MARK, "tones": TONES, "today": dates.today()}
        return self.add_caching(make_response(render_template(template, **shared, **speaking, **values)))

    def add_caching(self, answer: Response) -> Response:
        """Let caches keep an answer, and answer those who have it already in a word."""
        answer.headers["Cache-Control"] = cache_control(self.settings.max_age)
        answer.headers["Vary"] = "Accept"
        answer.add_etag()
        answer.make_conditional(request)
        return answer

    def find_country(self, name: str) -> Country:
        """Return the country meant; raises NotFoundError with the addresses of the nearest names."""
        try:
            return self.release.gazetteer.find(name)
        except UnknownCountryError as fault:
            raise NotFoundError(str(fault), tuple(_links(fault.suggestions))) from fault

    def country_address(self, alpha3: str) -> str:
        """Return the address of the page of a country: that of a Member State where it is one today."""
        if coverage.standings(self.release, dates.today()).get(alpha3) == questions.MEMBER:
            return url_for("states.state", alpha3=alpha3)
        return url_for("pages.country", alpha3=alpha3)

    def explanation(self, name: str, country: Country | None) -> str:
        """Return what to tell who wrote a name for a country in another language than the pages; else nothing.

        The name comes from an address: it is told only where it is a name of this country, as it is held.
        """
        try:
            match = self.release.gazetteer.match(name)
        except UnknownCountryError:
            return ""
        return match.explanation if match.country == country else ""

    def with_names(self, text: str) -> str:
        """Replace identifiers such as ``eura/geo`` by the names of what they identify."""
        return self._naming.text(text)

    @cached_property
    def _naming(self) -> Naming:
        return Naming({f"{ID}{identifier}": name for identifier, name in self.things.items()})


def _map_file(path: Path) -> mmap.mmap:
    with path.open("rb") as file:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


def day(name: str = "on", default: datetime.date | None = None) -> datetime.date:
    """Return the day asked about; today, or the default, when none is given, and the page says which."""
    stated = request.args.get(name, "").strip()
    return dates.day(stated) if stated else default or dates.today()


def span() -> tuple[datetime.date, datetime.date]:
    """Return the period asked about: the year up to its last day, or up to today, when none is given."""
    last = day("to")
    return day("from", dates.before(last, _YEAR)), last


def refuse_unread_day() -> None:
    """Refuse a day under a name that no page reads: today's answer would pass for that day's. Raises DateError."""
    for name, value in request.args.items():
        if name not in _DAYS and (on := _as_day(value)):
            raise errors.DateError(f"{name}={value} is not read here", f"ask about a day as on={on}")


def _as_day(text: str) -> datetime.date | None:
    try:
        return dates.day(text.strip())
    except errors.DateError:
        return None


def persons() -> str:
    """Return the category of persons asked about."""
    return request.args.get("persons", "").strip() or coverage.OWN_NATIONALS


def address(endpoint: str, **parts: Any) -> str:
    """Return the address of a page for the same day and persons as were asked for."""
    asked = {name: request.args.get(name) or None for name in ("on", "persons")}
    return url_for(endpoint, **{**asked, **parts})


def _links(suggestions: tuple[str, ...]) -> list[tuple[str, str]]:
    """Return suggestions such as ``Georgia (GEO)`` with the addresses of their pages."""
    return [
        (label, address("pages.country", alpha3=code[1]))
        for label in suggestions
        if (code := re.search(r"\(([A-Z]{3})\)$", label))
    ]
