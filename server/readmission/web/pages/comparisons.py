"""Pages that compare all pairs: the matrix on a day, what changed in a period, and the work still to do.

Each has an address that says day and persons, and the same rows as files for programs and spreadsheets.
"""

import datetime
from functools import cache, lru_cache

from flask import Blueprint, Response, request

from readmission import dates
from readmission.answers import inventory
from readmission.answers.matrix import GROUPS, Cell, Change, Matrix, check_view, compare
from readmission.answers.open_pairs import SITUATIONS, Work, work
from readmission.answers.statuses import OWN
from readmission.reports import marks, schema
from readmission.reports.terminal.events import by_kind
from readmission.sources import ledger
from readmission.web.pages import grouping
from readmission.web.pages.report_files import file
from readmission.web.pages.site import Site, day, persons, span


def blueprint(site: Site) -> Blueprint:
    """Return the routes of the comparisons over one release."""
    routes = Blueprint("comparisons", __name__)
    release = site.release

    @lru_cache(maxsize=16)
    def compare_days(first: datetime.date, last: datetime.date, category: str) -> tuple[Change, ...]:
        before = site.matrix(dates.before(first, 1), category)
        return compare(release, before, site.matrix(last, category), first)

    @lru_cache(maxsize=4)
    def open_work(on: datetime.date, category: str) -> Work:
        return work(release, on, category)

    rows = ledger.read()

    @cache
    def bilateral_inventory() -> inventory.Inventory:
        return inventory.inventory(release, rows)

    def chosen_matrix() -> Matrix:
        return site.matrix(day(), persons(), request.args.get("group", "").strip() or None)

    def chosen_view() -> str:
        return check_view(request.args.get("layer", "").strip() or OWN)

    @routes.get("/matrix")
    def matrix_page() -> Response:
        regions = sorted({each.region for each in site.matrix(day(), persons()).partners if each.region})
        found, view = chosen_matrix(), chosen_view()

        def letters(cell: Cell) -> tuple[str, int]:
            shown = marks.layers(view)
            return marks.letters(cell, view), max(marks.TONES[cell.shown(layer)] for layer in shown)

        parts, bands = grouping.states_by_standing(found, site.names), grouping.partners_by_region(found)
        return site.page("matrix.html", matrix=found, groups=(*GROUPS, *regions), parts_of=parts, bands=bands,
                         group=request.args.get("group", ""), view=view, layers=marks.layers(view),
                         letters=letters)  # fmt: skip

    @routes.get("/matrix.<any(json,csv,xlsx):kind>")
    def matrix_file(kind: str) -> Response:
        return site.add_caching(file(schema.matrix_report(chosen_matrix(), chosen_view()), kind))

    @routes.get("/changes")
    def changes_page() -> Response:
        first, last = span()
        found, happened = compare_days(first, last, persons()), site.events(first, last)
        return site.page("changes.html", first=first, last=last, asked=persons(), changes=found,
                         eve=dates.before(first, 1), turns=grouping.group_changes(found), happened=happened,
                         kinds=by_kind(happened.certain()))  # fmt: skip

    @routes.get("/changes.<any(json,csv):kind>")
    def changes_file(kind: str) -> Response:
        first, last = span()
        found = compare_days(first, last, persons())
        return site.add_caching(file(schema.changes_report(found, first, last, release.version), kind))

    @routes.get("/work")
    def work_page() -> Response:
        found = open_work(day(), persons())
        return site.page("work.html", work=found, standings=SITUATIONS, inventory=bilateral_inventory())

    @routes.get("/work.<any(json,csv,xlsx):kind>")
    def work_file(kind: str) -> Response:
        return site.add_caching(file(schema.work_report(open_work(day(), persons())), kind))

    return routes
