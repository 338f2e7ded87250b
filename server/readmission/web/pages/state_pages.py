"""Pages from the other side: what one European state has with all partners, and two or more side by side."""

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from readmission.answers import comparison, coverage
from readmission.reports import pair_schema
from readmission.reports.sentences import nothing_in_words
from readmission.reports.side_sentences import side_sentences, state_sentence
from readmission.web.pages.report_files import file
from readmission.web.pages.site import Site, address, day, persons


def blueprint(site: Site) -> Blueprint:
    """Return the routes of the pages of states over one release."""
    routes = Blueprint("states", __name__)

    @routes.get("/member-states/<alpha3>")
    def state(alpha3: str) -> AnyResponse:
        found = site.find_country(alpha3)
        if alpha3 != found.alpha3:
            return redirect(address("states.state", alpha3=found.alpha3), 301)
        answer = coverage.state(site.release, found.alpha3, day(), persons())
        told = [row for row in answer.rows if row.pair.own.instruments or row.pair.eu.status != "none"]
        told.sort(key=lambda row: (-row.pair.own.rank, -row.pair.eu.rank, row.name))
        search = next((nothing_in_words(row) for row in answer.rows if not row.pair.own.instruments), "")
        return site.page(
            "state.html", found=answer, sentence=state_sentence(answer), rows=told, search=search
        )

    @routes.get("/member-states/<alpha3>.<any(json,csv):kind>")
    def state_file(alpha3: str, kind: str) -> AnyResponse:
        found = site.find_country(alpha3)
        if alpha3 != found.alpha3:
            return redirect(address("states.state_file", alpha3=found.alpha3, kind=kind), 301)
        answer = coverage.state(site.release, found.alpha3, day(), persons())
        return site.add_caching(file(pair_schema.state_report(answer), kind))

    @routes.get("/compare")
    def compare() -> AnyResponse:
        answer = comparison.compare(site.release, _asked(), day(), persons())
        return site.page("compare.html", found=answer, sentences=side_sentences(answer))

    @routes.get("/compare.<any(json,csv):kind>")
    def compare_file(kind: str) -> AnyResponse:
        answer = comparison.compare(site.release, _asked(), day(), persons())
        return site.add_caching(file(pair_schema.comparison_report(answer), kind))

    return routes


def _asked() -> list[str]:
    """Return the countries or states asked about: ``c=NGA,SEN``, or ``c`` more than once."""
    return [name.strip() for part in request.args.getlist("c") for name in part.split(",") if name.strip()]
