"""The page of what happened in a period, of all or of what touches a country or a state; and the same rows as files."""

from flask import Blueprint, Response, request

from readmission.answers.events import Events
from readmission.reports import schema
from readmission.reports.terminal.events import by_kind
from readmission.web.pages.report_files import file
from readmission.web.pages.site import Site, span


def blueprint(site: Site) -> Blueprint:
    """Return the routes of the events over one release."""
    routes = Blueprint("events", __name__)

    def place(name: str) -> str | None:
        stated = request.args.get(name, "").strip()
        return site.find_country(stated).alpha3 if stated else None

    def asked() -> Events:
        first, last = span()
        return site.events(first, last, place("country"), place("state"))

    @routes.get("/events")
    def events_page() -> Response:
        found = asked()
        sides = {"country": found.country, "state": found.state}
        understood = [site.explanation(request.args.get(name, ""), each) for name, each in sides.items()]
        return site.page("events.html", found=found, kinds=by_kind(found.certain()), understood=understood)

    @routes.get("/events.<any(json,csv):kind>")
    def events_file(kind: str) -> Response:
        return site.add_caching(file(schema.events_report(asked()), kind))

    return routes
