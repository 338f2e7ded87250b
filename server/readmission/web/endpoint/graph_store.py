"""The reading half of the SPARQL 1.1 Graph Store Protocol (https://www.w3.org/TR/sparql11-http-rdf-update/).

``/graphs?graph=IRI`` and ``/graphs?default`` name a graph; a graph whose name lies under this address, or under
``…/eu-readmission/graph/``, is also read at its own address. Writing is refused with 405: data change with a release.
"""

import re
from collections.abc import Callable

from flask import Blueprint, Response, request

from readmission.namespaces import BASE
from readmission.query_files import lookup
from readmission.web.endpoint.request import QueryRequest
from readmission.web.endpoint.service_description import GraphSizes
from readmission.web.http.problems import NotFoundError, RequestError

_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>\"{}|^`\\]+")


def blueprint(sizes: GraphSizes, answer: Callable[[QueryRequest], Response]) -> Blueprint:
    """Return the routes of the graph store; ``answer`` answers a query as the endpoint does."""
    routes = Blueprint("graphs", __name__)

    @routes.get("/graphs")
    def by_name() -> Response:
        name = _graph_name()
        return answer(_graph_request(name if name is None else _find_graph(sizes, name)))

    @routes.get("/graph/<path:_name>")
    def by_address(_name: str) -> Response:
        return answer(
            _graph_request(_find_graph(sizes, request.base_url, BASE + request.path.removeprefix("/")))
        )

    return routes


def _graph_name() -> str | None:
    """Return the graph that the request names; None for the default graph."""
    names = [name for name in map(str.strip, request.args.getlist("graph")) if name]
    if len(names) + ("default" in request.args) != 1 or not all(map(_IRI.fullmatch, names)):
        raise RequestError(
            "name one graph: /graphs?graph=https://… with the graph's whole IRI, percent-encoded, or /graphs?default"
        )
    return names[0] if names else None


def _find_graph(sizes: GraphSizes, *names: str) -> str:
    """Return the first of the names that is a graph's. Raises NotFoundError."""
    for name in names:
        if name in sizes.graphs:
            return name
    raise NotFoundError(
        f"there is no graph {names[0]}; the service description at /sparql lists those there are"
    )


def _graph_request(graph: str | None) -> QueryRequest:
    return QueryRequest(
        lookup("statements"),
        default_graphs=() if graph is None else (graph,),
        format_name=request.args.get("format") or request.args.get("output"),
    )
