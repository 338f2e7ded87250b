"""Pages for people: the front page, the gaps with a country, and why a verdict is what it is.

Each has its own address, which says country, date and persons; the gaps are there as JSON and CSV too.
"""

import datetime
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request, send_file, url_for
from werkzeug.wrappers import Response as AnyResponse

from readmission import coverage, dates
from readmission.countries import Country, UnknownCountry
from readmission.overview import Overview, overview
from readmission.release import DATASET, Release
from readmission.web import catalogue, files, reasons
from readmission.web.negotiation import CSV, HTML, JSON, choose
from readmission.web.problems import NotFound
from readmission.web.settings import Settings

VERDICTS = (
    "lacks",
    "not-recorded",
    "not-in-force",
    "possibly-covered",
    "covered-non-binding",
    "covered-contested",
    "covered-binding",
)
_IDENTIFIER = re.compile(r"[a-z-]+/[a-z0-9-]+")


def blueprint(release: Release, settings: Settings) -> Blueprint:
    """Return the routes of the pages over one release; names and codes are read once."""
    routes = Blueprint("pages", __name__)
    routes.add_app_template_filter(lambda text: _in_words(text, things), "in_words")
    routes.add_app_template_filter(reasons.stated, "stated")
    engine, gazetteer = release.engine, release.gazetteer
    names, things, codes = catalogue.countries(engine), catalogue.things(engine), catalogue.codes(engine)
    persons = {code: codes[code].label for code in coverage.person_categories(release)}

    @lru_cache(maxsize=32)
    def field(on: datetime.date) -> tuple[Overview, tuple[catalogue.Partner, ...]]:
        return overview(release, on), catalogue.partners(engine, on, names)

    @lru_cache(maxsize=512)
    def gaps(country: str, on: datetime.date, category: str) -> coverage.Gaps:
        return coverage.gaps(release, country, on, category)

    def kept(answer: Response) -> Response:
        answer.headers["Cache-Control"] = f"public, max-age={settings.keep_seconds}"
        answer.headers["Vary"] = "Accept"
        answer.add_etag()
        answer.make_conditional(request)
        return answer

    def page(template: str, **values: object) -> Response:
        shared = {"names": names, "things": things, "codes": codes, "persons": persons, "today": _today()}
        return kept(make_response(render_template(template, **shared, **values)))

    def known(asked: str) -> Country:
        try:
            return gazetteer.find(asked)
        except UnknownCountry as fault:
            raise NotFound(str(fault), tuple(_links(fault.suggestions))) from fault

    @routes.get("/")
    def home() -> Response:
        state, partners = field(_day())
        return page("home.html", state=state, partners=partners, kinds=catalogue.KINDS, counts=release.counts)

    @routes.get("/countries")
    def search() -> AnyResponse:
        asked = request.args.get("name", "").strip()
        if not asked:
            return redirect(url_for("pages.home", _anchor="countries"))
        found = known(asked)
        return redirect(_address("pages.country", alpha3=found.alpha3))

    @routes.get("/countries/<alpha3>")
    def country(alpha3: str) -> AnyResponse:
        found = known(alpha3)
        if alpha3 != found.alpha3:
            return redirect(_address("pages.country", alpha3=found.alpha3), 301)
        chosen = choose(request.accept_mimetypes, None, (HTML, JSON, CSV))
        if chosen is not HTML:
            return kept(files.written(gaps(found.alpha3, _day(), _persons()), chosen.extension))
        answer = gaps(found.alpha3, _day(), _persons())
        return page("country.html", gaps=answer, summary=_by_verdict(answer.rows))

    @routes.get("/countries/<alpha3>.<any(json,csv):kind>")
    def country_file(alpha3: str, kind: str) -> AnyResponse:
        found = known(alpha3)
        if alpha3 != found.alpha3:
            return redirect(_address("pages.country_file", alpha3=found.alpha3, kind=kind), 301)
        return kept(files.written(gaps(found.alpha3, _day(), _persons()), kind))

    @routes.get("/countries/<alpha3>/why/<state>")
    def why(alpha3: str, state: str) -> AnyResponse:
        partner, member = known(alpha3), known(state)
        if (alpha3, state) != (partner.alpha3, member.alpha3):
            return redirect(_address("pages.why", alpha3=partner.alpha3, state=member.alpha3), 301)
        answer = coverage.why(release, member.alpha3, partner.alpha3, _day(), _persons())
        return page("why.html", why=answer, grounds=reasons.grounds(answer.premises, things))

    @routes.get("/dataset.nq")
    def dataset() -> Response:
        if release.path is None:
            raise NotFound("this release is not kept as a file; ask the endpoint for what you need")
        name = f"readmission-graph-{release.version}.nq"
        return send_file(
            release.path / DATASET, mimetype="application/n-quads", as_attachment=True, download_name=name
        )

    return routes


def _today() -> datetime.date:
    return datetime.datetime.now(tz=datetime.UTC).date()


def _day() -> datetime.date:
    """Return the day asked about; today when none is given, and the page says which."""
    stated = request.args.get("on", "").strip()
    return dates.day(stated) if stated else _today()


def _persons() -> str:
    return request.args.get("persons", "").strip() or coverage.OWN_NATIONALS


def _address(endpoint: str, **parts: Any) -> str:
    """Return the address of a page for the same day and persons as were asked for."""
    asked = {name: request.args.get(name) or None for name in ("on", "persons")}
    return url_for(endpoint, **{**asked, **parts})


def _links(suggestions: tuple[str, ...]) -> list[tuple[str, str]]:
    """Return suggestions such as ``Georgia (GEO)`` with the addresses of their pages."""
    return [
        (label, _address("pages.country", alpha3=code[1]))
        for label in suggestions
        if (code := re.search(r"\(([A-Z]{3})\)$", label))
    ]


def _by_verdict(rows: tuple[coverage.GapRow, ...]) -> list[tuple[str, list[coverage.GapRow]]]:
    """Return the verdicts that occur, worst first, each with its Member States."""
    grouped = [(verdict, [row for row in rows if row.verdict == verdict]) for verdict in VERDICTS]
    return [(verdict, found) for verdict, found in grouped if found]


def _in_words(text: str, names: Mapping[str, str]) -> str:
    """Replace identifiers such as ``eura/geo`` by the names of what they identify."""
    return _IDENTIFIER.sub(lambda found: names.get(found.group(), found.group()), text)
