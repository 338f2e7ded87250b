"""The limits in force here, published for people and programs."""

from dataclasses import asdict

from flask import Blueprint, Response, jsonify, render_template, request

from readmission.engine.execution import QueryService
from readmission.engine.inspection import LIMITATION
from readmission.engine.limits import MEBIBYTE, Limits
from readmission.external_engine import ForwardingService
from readmission.web.http.headers import cache_control
from readmission.web.http.negotiation import HTML, JSON, choose
from readmission.web.settings import Settings

_WORKER_LIMITS = ("memory_mib", "short_query_seconds", "page_seconds", "long_queries_at_once")


def blueprint(settings: Settings, service: QueryService) -> Blueprint:
    """Return ``/limits``; without a pool of workers only the sizes are limited."""
    known, faults = limit_rows(settings, service), service.mismatches
    limitations = [] if isinstance(service, ForwardingService) else [LIMITATION]
    routes = Blueprint("limits", __name__)

    @routes.get("/limits")
    def show() -> Response:
        chosen = choose(request.accept_mimetypes, request.args.get("format"), (JSON, HTML))
        if chosen is HTML:
            answer = Response(
                render_template("limits.html", stated=known, faults=faults, limitations=limitations)
            )
        else:
            extra: dict[str, object] = (
                {"engine_faults": [asdict(fault) for fault in faults]} if faults else {}
            )
            extra |= {"limitations": limitations} if limitations else {}
            answer = jsonify({name: value for name, value, _ in known} | extra)
        answer.headers["Vary"] = "Accept"
        answer.headers["Cache-Control"] = cache_control(settings.max_age)
        return answer

    return routes


def limit_rows(settings: Settings, service: QueryService) -> list[tuple[str, float, str]]:
    """Return the limits that this instance keeps."""
    known = limit_table(settings, service.limits)
    if isinstance(
        service, ForwardingService
    ):  # memory and the order of queries are the outside engine's affair
        return [limit for limit in known if limit[0] not in _WORKER_LIMITS]
    return known


def limit_table(settings: Settings, limits: Limits | None) -> list[tuple[str, float, str]]:
    """Return each limit: its name for programs, its value, and what it means."""
    sizes: list[tuple[str, float, str]] = [
        ("request_bytes", settings.largest_request, "bytes of a request; a larger one is refused (413)"),
        ("kept_bytes", settings.cache_bytes,
         "bytes of answers kept in memory; one from there takes nothing of your share, and carries no X-Query-Id "
         "and RateLimit, for no query ran. Cache-Control: no-cache in a request has it answered anew"),
    ]  # fmt: skip
    if limits is None:
        return sizes
    return [
        ("deadline_seconds", limits.deadline,
         "seconds from a query's or a page's arrival to its answer, waiting included; then it is stopped (504). "
         "timeout= in a request makes it shorter"),
        ("memory_mib", limits.memory // MEBIBYTE,
         "MiB of memory that one query or page may take; then it is stopped (507)"),
        ("answer_bytes", limits.answer,
         "bytes of one answer; a larger one is refused whole (422), never cut: page with LIMIT and OFFSET"),
        *sizes,
        ("queries_at_once", limits.at_once, "queries, pages and files of one client under way; more are refused (429)"),
        ("share_seconds", limits.share,
         "processor seconds that one client may use up; then its queries and pages are refused (429)"),
        ("share_back_per_second", limits.refill, "seconds of that share that come back in each second"),
        ("short_query_seconds", limits.quick_time,
         "processor seconds after which a query counts as long; long ones run when short ones leave room"),
        ("page_seconds", limits.page_time,
         "processor seconds after which a page, a file or an inspection counts as long, likewise"),
        ("long_queries_at_once", limits.long_slots, "long queries that run at a time, of all clients together"),
        ("waiting_queries", limits.quick_queue + limits.long_queue,
         "queries that may wait, of all clients together; more are refused (503)"),
    ]  # fmt: skip
