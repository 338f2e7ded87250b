"""Pages for people: the front page, what Member States have with a country, and why.

Each has its own address, which says country, date and persons; the answers are there as JSON and CSV too.
"""

import datetime
import io
from functools import lru_cache

from flask import Blueprint, Response, current_app, make_response, redirect, request, send_file, url_for
from werkzeug.wrappers import Response as AnyResponse

from readmission.answers import coverage
from readmission.answers.overview import Overview, overview
from readmission.engine.formats.table import CSV
from readmission.release import DATASET_FILE
from readmission.reports import pair_schema, premises
from readmission.reports.sentences import country_sentence, nothing_in_words, pair_sentence
from readmission.web.endpoint.dataset import modified
from readmission.web.http import compression
from readmission.web.http.negotiation import HTML, JSON, choose
from readmission.web.http.problems import NotFoundError
from readmission.web.pages import catalogue, grouping
from readmission.web.pages.brief import TEMPLATE, brief_page
from readmission.web.pages.report_files import file
from readmission.web.pages.site import Site, address, day, persons


def blueprint(site: Site) -> Blueprint:
    """Return the routes of the pages over one release."""
    routes = Blueprint("pages", __name__)
    routes.add_app_template_filter(site.with_names, "in_words")
    routes.add_app_template_filter(premises.date_in_words, "date_in_words")
    release = site.release

    @lru_cache(maxsize=32)
    def field(on: datetime.date) -> tuple[Overview, tuple[catalogue.PartnerRow, ...]]:
        return overview(release, on), catalogue.partners(release.engine, on, site.names)

    @lru_cache(maxsize=512)
    def gaps(country: str, on: datetime.date, category: str) -> coverage.Gaps:
        return coverage.gaps(release, country, on, category)

    @routes.get("/")
    def home() -> Response:
        state, partners = field(day())
        return site.page(
            "home.html", state=state, partners=partners, kinds=catalogue.KINDS, counts=release.counts
        )

    @routes.get("/countries")
    def search() -> AnyResponse:
        asked = request.args.get("name", "").strip()
        if not asked:
            return redirect(url_for("pages.home", _anchor="countries"))
        found = site.find_country(asked)
        stated = asked if site.explanation(asked, found) else None
        return redirect(address("pages.country", alpha3=found.alpha3, name=stated))

    @routes.get("/countries/<alpha3>")
    def country(alpha3: str) -> AnyResponse:
        found = site.find_country(alpha3)
        if alpha3 != found.alpha3:
            stated = alpha3 if site.explanation(alpha3, found) else None
            return redirect(address("pages.country", alpha3=found.alpha3, name=stated), 301)
        chosen = choose(request.accept_mimetypes, None, (HTML, JSON, CSV))
        answer = gaps(found.alpha3, day(), persons())
        if chosen is not HTML:
            return site.add_caching(file(pair_schema.gaps_report(answer), chosen.extension))
        return site.page(
            "country.html",
            gaps=answer,
            understood=[site.explanation(request.args.get("name", ""), found)],
            sentence=country_sentence(answer),
            exceptions=grouping.exceptions(answer),
            unrecorded=grouping.unrecorded(answer),
            others=grouping.others_by_standing(answer),
        )

    @routes.get("/countries/<alpha3>/brief")
    def brief(alpha3: str) -> AnyResponse:
        found = site.find_country(alpha3)
        if alpha3 != found.alpha3:
            return redirect(address("pages.brief", alpha3=found.alpha3), 301)
        answer, category = gaps(found.alpha3, day(), persons()), persons()
        sources = url_for("pages.country", alpha3=alpha3, on=day(), persons=category, _external=True)
        template = current_app.jinja_env.get_template(TEMPLATE)
        style = url_for("static", filename="brief.css")
        page = brief_page(answer, site.persons[category], template, address=sources, stylesheet=style)
        return site.add_caching(make_response(page))

    @routes.get("/countries/<alpha3>.<any(json,csv):kind>")
    def country_file(alpha3: str, kind: str) -> AnyResponse:
        found = site.find_country(alpha3)
        if alpha3 != found.alpha3:
            return redirect(address("pages.country_file", alpha3=found.alpha3, kind=kind), 301)
        return site.add_caching(file(pair_schema.gaps_report(gaps(found.alpha3, day(), persons())), kind))

    @routes.get("/countries/<alpha3>/why/<state>")
    def why(alpha3: str, state: str) -> AnyResponse:
        partner, member = site.find_country(alpha3), site.find_country(state)
        if (alpha3, state) != (partner.alpha3, member.alpha3):
            return redirect(address("pages.why", alpha3=partner.alpha3, state=member.alpha3), 301)
        answer = coverage.why(release, member.alpha3, partner.alpha3, day(), persons())
        return site.page(
            "why.html",
            why=answer,
            sentence=pair_sentence(answer.row, partner.name),
            grounds=premises.grounds(answer),
            nothing=nothing_in_words(answer.row),
        )

    @routes.get("/countries/<alpha3>/why/<state>.<any(json,csv):kind>")
    def why_file(alpha3: str, state: str, kind: str) -> AnyResponse:
        partner, member = site.find_country(alpha3), site.find_country(state)
        if (alpha3, state) != (partner.alpha3, member.alpha3):
            return redirect(
                address("pages.why_file", alpha3=partner.alpha3, state=member.alpha3, kind=kind), 301
            )
        answer = coverage.why(release, member.alpha3, partner.alpha3, day(), persons())
        return site.add_caching(file(pair_schema.why_report(answer), kind))

    @routes.get("/dataset.nq")
    def dataset() -> Response:
        if release.path is None:
            raise NotFoundError("this release is not kept as a file; ask the endpoint for what you need")
        is_coded = compression.preferred_coding(request.accept_encodings) and not request.range
        try:
            return send_file(
                io.BytesIO(site.dataset) if is_coded else release.path / DATASET_FILE,
                mimetype="application/n-quads",
                as_attachment=True,
                download_name=f"readmission-graph-{release.version}.nq",
                etag=release.version,  # the same on all replicas, so that a download may go on at another
                last_modified=modified(release),
            )
        except FileNotFoundError as fault:
            raise NotFoundError(
                "the file of this release is no longer kept here; ask the endpoint for what you need"
            ) from fault

    return routes
