"""The description at ``/openapi.json``: valid, of everything that is served and of nothing else, and kept to."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from openapi_spec_validator import OpenAPIV31SpecValidator

from harness.running import started
from readmission import questions
from readmission.engine.formats.table import GRAPH_FORMATS, RESULT_FORMATS
from readmission.release import Release
from readmission.web.app import Data, create_app
from readmission.web.endpoint import openapi
from readmission.web.http.negotiation import HTML
from readmission.web.http.problems import OUTCOME_PROBLEMS, PROBLEMS

METHODS = {"get", "post", "put", "delete", "patch"}
MEND = "mend server/readmission/web/endpoint/openapi.yaml"
NEVER_SEEN = {410, 499}
"""A thing is withdrawn, which no query is; the client has gone."""
SETTINGS = Path(__file__).with_name("schemathesis.toml")


@pytest.fixture(scope="module")
def app(built: Release) -> Flask:
    """The application over the release: everything that can be served."""
    return create_app(built)


@pytest.fixture(scope="module")
def document(app: Flask) -> Any:
    return told(app)


def told(app: Flask, host: str = "localhost") -> Any:
    return app.test_client().get("/openapi.json", headers={"Host": host}).json


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("openapi") / "data.nq"
    lines = (
        f"<urn:s{n}> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <urn:class{n % 3}> <urn:g{n % 2}> ."
        for n in range(30)
    )
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def operations(document: Any) -> Iterator[tuple[str, str, Any]]:
    for path, item in document["paths"].items():
        yield from ((openapi.shape(path), method, item[method]) for method in METHODS & item.keys())


def resolved(document: Any, found: Any) -> Any:
    for name in found.get("$ref", "").split("/")[1:]:
        document = document[name]
    return document if "$ref" in found else found


def test_the_description_is_valid_openapi(document: Any) -> None:
    faults = [
        f"{fault.json_path}: {fault.message}" for fault in OpenAPIV31SpecValidator(document).iter_errors()
    ]
    assert not faults, f"{MEND}: {faults[:3]}"


def test_every_route_is_described_and_every_path_exists(app: Flask, document: Any) -> None:
    described = {(path, method) for path, method, _ in operations(document)}
    served = {
        (next(iter(openapi.shapes([str(rule)]))), method.lower())
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set())
        - {"HEAD", "OPTIONS", "QUERY"}  # said of all, and of /sparql, in words
    }
    assert described == served, f"{MEND}: {sorted(described ^ served)}"
    assert {openapi.shape(path) for path in openapi.read_description()["paths"]} == {
        path for path, _ in served
    }, MEND
    assert "take the method QUERY" in document["info"]["description"]
    names = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(names) == len(set(names))


def test_data_of_others_are_described_without_our_pages(file: Path) -> None:
    app = create_app(Data.open([file]))
    document = told(app)
    described = {path for path, _, _ in operations(document)}
    assert described == openapi.shapes(str(rule) for rule in app.url_map.iter_rules())
    assert "/matrix" not in described
    assert not list(OpenAPIV31SpecValidator(document).iter_errors())


def test_every_status_that_a_query_can_end_with_is_described(document: Any) -> None:
    known = (
        {problem.status for problem in PROBLEMS.values()}
        | {status for status, _ in OUTCOME_PROBLEMS.values()}
        | {500}
    )
    described = {
        int(status) for path, _, operation in operations(document) if path.startswith("/sparql")
        for status in operation["responses"]
    }  # fmt: skip
    assert known - NEVER_SEEN <= described, f"{MEND}: {known - NEVER_SEEN - described} under /sparql"


def test_every_media_type_of_an_answer_is_described(document: Any) -> None:
    answer = resolved(document, document["paths"]["/sparql"]["get"]["responses"]["200"])
    assert set(answer["content"]) == {
        offer.media_type for offer in (*RESULT_FORMATS, *GRAPH_FORMATS, HTML)
    }, MEND
    graph = resolved(document, document["paths"]["/graphs"]["get"]["responses"]["200"])
    assert set(graph["content"]) == {offer.media_type for offer in (*GRAPH_FORMATS, HTML)}, MEND


def test_every_refusal_is_a_problem_for_programs(document: Any) -> None:
    for path, method, operation in operations(document):
        for status, stated in operation["responses"].items():
            unread, not_ready = status == "414", (path, status) == ("/ready", "503")
            if int(status) >= 400 and not unread and not not_ready:
                content = resolved(document, stated)["content"]
                assert "application/problem+json" in content, (path, method, status)


def test_the_description_has_version_limits_and_servers(app: Flask, built: Release, document: Any) -> None:
    client = app.test_client()
    assert document["info"]["version"].endswith(f"+{built.version}")
    assert document["servers"] == [{"url": "http://localhost"}]
    assert told(app, "data.example")["servers"] == [{"url": "http://data.example"}]
    limits = client.get("/limits").json
    assert isinstance(limits, dict)
    assert "property path" in limits.pop("limitations")[0]
    assert document["components"]["schemas"]["Limits"]["examples"] == [limits]
    names = document["components"]["parameters"]["example"]["schema"]["enum"]
    assert names == sorted(questions.load())


def test_a_link_header_names_the_service_description(app: Flask) -> None:
    client = app.test_client()
    for entrance in ("/", "/sparql", "/limits"):
        assert client.get(entrance).headers["Link"] == '</openapi.json>; rel="service-desc"', entrance
    for answer in (client.get("/sparql?query=ASK%7B%7D"), client.post("/sparql", data={"query": "ASK {}"})):
        assert answer.status_code == 200
        assert "Link" not in answer.headers


def test_openapi_json_answers_304(app: Flask) -> None:
    client = app.test_client()
    first = client.get("/openapi.json")
    assert first.headers["Content-Type"] == "application/json"
    again = client.get("/openapi.json", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304


def test_the_server_conforms_to_openapi(serving: Callable[..., str], file: Path, tmp_path: Path) -> None:
    report, status = explored(
        f"{serving(file)}openapi.json", tmp_path, "--phases", "examples,coverage", "--seed", "1"
    )
    assert status == 0, report


@pytest.mark.slow
def test_the_whole_site_conforms_to_openapi(built: Release, home: Path, tmp_path: Path) -> None:
    with started(tmp_path, surroundings={"READMISSION_HOME": str(home)}) as server:
        address = f"http://127.0.0.1:{server.port}/openapi.json"
        report, status = explored(address, tmp_path, "--max-examples", "20", "--continue-on-failure")
        assert status == 0, report
        assert server.ready()


def explored(address: str, folder: Path, *options: str) -> tuple[str, int]:
    """Let schemathesis compare what a server answers with what it says; return what it tells, and its exit status."""
    program = Path(sys.executable).with_name("schemathesis")
    command = [
        str(program),
        "--config-file",
        str(SETTINGS),
        "run",
        address,
        "--request-timeout",
        "60",
        *options,
    ]
    surroundings = {
        **os.environ,
        "SCHEMATHESIS_HOOKS": str(SETTINGS.parents[1] / "harness" / "sparql_bodies.py"),
    }
    done = subprocess.run(command, cwd=folder, env=surroundings, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr, done.returncode
