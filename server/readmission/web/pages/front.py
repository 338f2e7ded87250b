"""The signs of life, and the front page of data that have no country pages."""

from flask import Blueprint, Response, jsonify, render_template

from readmission.engine.execution import QueryService
from readmission.query_files import lookup
from readmission.web.endpoint.dataset import Dataset


def health_routes(served: Dataset, service: QueryService) -> Blueprint:
    """Return ``/health``, which answers as long as the process does, and ``/ready``: whether queries are answered."""
    routes = Blueprint("life", __name__)

    def status_answer(status: str, code: int) -> Response:
        answer = jsonify(status=status, release=served.version)
        answer.status_code = code
        answer.headers["Cache-Control"] = "no-store"
        return answer

    @routes.get("/health")
    def health() -> Response:
        return status_answer("ok", 200)

    @routes.get("/ready")
    def ready() -> Response:
        if service.is_ready():
            return status_answer("ready", 200)
        answer = status_answer("starting", 503)
        answer.headers["Retry-After"] = "1"
        return answer

    return routes


def plain_routes(served: Dataset) -> Blueprint:
    """Return a front page that only says what is served."""
    routes = Blueprint("plain", __name__)

    @routes.get("/")
    def home() -> str:
        counted = served.engine.select(lookup("dataset-size")).texts()[0]
        return render_template("plain.html", **{name: int(value) for name, value in counted.items()})

    return routes
