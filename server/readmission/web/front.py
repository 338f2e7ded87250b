"""The sign of life, and the front page of data that have no country pages."""

from flask import Blueprint, Response, jsonify, render_template

from readmission.web.served import Served

_SIZE = """SELECT (COUNT(*) AS ?statements) (COUNT(DISTINCT ?graph) AS ?graphs)
WHERE { GRAPH ?graph { ?subject ?predicate ?object } }"""


def life(served: Served) -> Blueprint:
    """Return ``/health``: it answers as long as the release does."""
    routes = Blueprint("life", __name__)

    @routes.get("/health")
    def health() -> Response:
        served.engine.results("ASK {}")
        answer = jsonify(status="ok", release=served.version)
        answer.headers["Cache-Control"] = "no-store"
        return answer

    return routes


def plain(served: Served) -> Blueprint:
    """Return a front page that only says what is served."""
    routes = Blueprint("plain", __name__)

    @routes.get("/")
    def home() -> str:
        counted = served.engine.select(_SIZE).texts()[0]
        return render_template("plain.html", **{name: int(value) for name, value in counted.items()})

    return routes
