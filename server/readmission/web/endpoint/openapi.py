"""The description of the whole interface for programs (OpenAPI 3.1) at ``/openapi.json``, and the link to it.

It is written by hand in ``openapi.yaml``. Added here is what only a running server knows; left out are the paths
that it does not serve.
"""

import re
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

import yaml
from flask import Blueprint, Response, current_app, jsonify, request, url_for

from readmission.web.endpoint.dataset import Dataset, Examples
from readmission.web.http.headers import cache_control
from readmission.web.http.problems import RequestError
from readmission.web.settings import Settings

_ENTRANCES = ("/", "/limits", "/sparql")
_RULE_PART = re.compile(r"<[^<>]*>")
_PATH_PART = re.compile(r"{[^{}]*}")


def blueprint(
    served: Dataset, settings: Settings, limits: Mapping[str, float], examples: Examples
) -> Blueprint:
    """Return ``/openapi.json``, and name it where programs come in (RFC 8631)."""
    routes = Blueprint("openapi", __name__)

    @cache
    def here() -> dict[str, Any]:
        version = f"{metadata.version('readmission')}+{served.version}"
        return complete(
            read_description(),
            version,
            shapes(map(str, current_app.url_map.iter_rules())),
            limits,
            sorted(examples.by_name),
        )

    @routes.get("/openapi.json")
    def document() -> Response:
        if not request.host:  # it was there and no name: RFC 9112, section 3.2
            raise RequestError("the Host header names no server; send the name that you reached us by")
        answer = jsonify({**here(), "servers": [{"url": request.url_root.rstrip("/")}]})
        answer.headers["Cache-Control"] = cache_control(settings.max_age)
        answer.add_etag()
        return answer.make_conditional(request)  # type: ignore[return-value]

    @routes.after_app_request
    def linked(answer: Response) -> Response:
        comes_in = request.method in ("GET", "HEAD") and request.path in _ENTRANCES
        if comes_in and answer.status_code == 200 and "query" not in request.args:
            answer.headers.add("Link", f'<{url_for("openapi.document")}>; rel="service-desc"')
        return answer

    return routes


def read_description() -> dict[str, Any]:
    """Return the description as it is written."""
    found: dict[str, Any] = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8"))
    return found


def complete(
    found: dict[str, Any],
    version: str,
    served: set[str],
    limits: Mapping[str, float],
    examples: list[str],
) -> dict[str, Any]:
    """Add to a description what is so here, and leave out the paths whose shape is not served."""
    parts = found["components"]
    found["info"]["version"] = version
    found["paths"] = {path: item for path, item in found["paths"].items() if shape(path) in served}
    parts["schemas"]["Limits"]["examples"] = [dict(limits)]
    if "deadline_seconds" in limits:
        parts["schemas"]["Timeout"]["default"] = limits["deadline_seconds"]
    if examples:
        parts["parameters"]["example"]["schema"]["enum"] = examples
    return found


def shape(path: str) -> str:
    """Return a path with its parameters' names left out, for the two ways to write them name them differently."""
    return _PATH_PART.sub("{}", path)


def shapes(rules: Iterable[str]) -> set[str]:
    """Return the shapes of Flask's rules."""
    return {_RULE_PART.sub("{}", rule) for rule in rules}
