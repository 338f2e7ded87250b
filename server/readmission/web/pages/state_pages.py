"""Pages from the other side: what one European state has with all partners, and two or more side by side."""

from flask import Blueprint, redirect
from werkzeug.wrappers import Response as AnyResponse

from readmission.answers import coverage
from readmission.reports import schema
from readmission.reports.sentences import nothing_in_words, state_sentence
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
        return site.add_caching(file(schema.state_report(answer), kind))

    return routes
