"""The reading half of the SPARQL 1.1 Graph Store Protocol (https://www.w3.org/TR/sparql11-http-rdf-update/).

``/graphs?graph=IRI`` and ``/graphs?default`` name a graph; a graph whose name lies under this address, or under
``…/eu-readmission/graph/``, is also read at its own address. Writing is refused with 405: data change with a release.
"""

import re
from collections.abc import Callable

from flask import Blueprint, Response, request

from readmission.namespaces import BASE
from readmission.query_files import lookup
from readmission.web.endpoint.request import Asked
from readmission.web.endpoint.service_description import Holdings
from readmission.web.http.problems import NotFound, RequestFault

_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>\"{}|^`\\]+")


def blueprint(holdings: Holdings, answer: Callable[[Asked], Response]) -> Blueprint:
    """Return the routes of the graph store; ``answer`` answers a query as the endpoint does."""
    routes = Blueprint("graphs", __name__)

    @routes.get("/graphs")
    def by_name() -> Response:
        name = _named()
        return answer(_reading(name if name is None else _known(holdings, name)))

    @routes.get("/graph/<path:_name>")
    def by_address(_name: str) -> Response:
        return answer(_reading(_known(holdings, request.base_url, BASE + request.path.removeprefix("/"))))

    return routes


def _named() -> str | None:
    """Return the graph that the request names; None for the default graph."""
    names = [name for name in map(str.strip, request.args.getlist("graph")) if name]
    if len(names) + ("default" in request.args) != 1 or not all(map(_IRI.fullmatch, names)):
        raise RequestFault(
            "name one graph: /graphs?graph=https://… with the graph's whole IRI, percent-encoded, or /graphs?default"
        )
    return names[0] if names else None


def _known(holdings: Holdings, *names: str) -> str:
    """Return the first of the names that is a graph's. Raises NotFound."""
    for name in names:
        if name in holdings.graphs:
            return name
    raise NotFound(f"there is no graph {names[0]}; the service description at /sparql lists those there are")


def _reading(graph: str | None) -> Asked:
    return Asked(
        lookup("statements"),
        default_graphs=() if graph is None else (graph,),
        wanted=request.args.get("format") or request.args.get("output"),
    )
