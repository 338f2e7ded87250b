"""The command line: the formats it promises, and clear words when a call is wrong."""

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from readmission import Graph, dates
from readmission.cli import main
from readmission.resources import folder

Run = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _home(home: Path) -> None:
    """Every command of these tests reads the tests' own release."""


def said(capsys: Run, *arguments: str) -> str:
    assert main(arguments) == 0, capsys.readouterr().err
    return capsys.readouterr().out


def refused(capsys: Run, *arguments: str) -> str:
    assert main(arguments) == 2
    return capsys.readouterr().err


def test_the_overview_of_the_communications_day(capsys: Run) -> None:
    found = json.loads(said(capsys, "overview", "--on", "2021-02-10", "--format", "json"))
    assert found["eu_readmission_agreements_in_force"] == 18
    assert found["eu_arrangements_operational"] == 6
    assert found["provisions"]["seed_agreements"] == 11
    assert found["provisions"]["seed_partners"] == 16
    assert found["negotiations_open"] == ["CHN", "MAR", "NGA", "TUN"]
    assert found["joint_readmission_committees"] == 18
    assert found["joint_working_groups"] == 6
    assert found["acp_partners"] == 79
    assert found["visa_measures_in_force"] == []
    assert set(found) == {
        "on", "release", "eu_readmission_agreements_in_force", "eu_arrangements_operational", "provisions",
        "negotiations_open", "joint_readmission_committees", "joint_working_groups", "acp_partners",
        "visa_measures_in_force",
    }  # fmt: skip


def test_visa_measures_are_in_force_from_their_first_day(capsys: Run) -> None:
    def measures(on: str) -> list[str]:
        found: list[str] = json.loads(said(capsys, "overview", "--on", on, "--format", "json"))[
            "visa_measures_in_force"
        ]
        return found

    assert measures("2021-10-11") == []
    assert measures("2021-10-12") == ["GMB"]
    assert measures("2024-06-01") == ["ETH", "GMB"]


def test_the_bilateral_overview_adds_up_to_the_ledger(capsys: Run) -> None:
    found = json.loads(said(capsys, "overview", "--bilateral", "--format", "json"))
    with (folder("graph") / "instruments/bilateral/ledger.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for line in (*found["states"], found["total"]):
        mine = [row for row in rows if line["state"] in ("", row["european_state"])]
        named = {row["instrument"] for row in mine if row["instrument"]}
        assert line["rows"] == len(mine) == line["instruments"] + line["merged"] + line["refused"], line[
            "name"
        ]
        assert line["instruments"] == len(named), (
            f"{line['name']}: the graph and the ledger disagree; mend graph/instruments/bilateral or its ledger.csv"
        )
        assert line["refused"] == sum(bool(row["reason"]) for row in mine), line["name"]
    assert {row["european_state"] for row in rows} == {line["state"] for line in found["states"]}


def test_an_instrument_of_several_states_counts_once_in_the_total(capsys: Run) -> None:
    found = json.loads(said(capsys, "overview", "--bilateral", "--format", "json"))
    assert sum(line["instruments"] for line in found["states"]) > found["total"]["instruments"]
    assert "Benelux" in found["note"]
    assert found["note"] in " ".join(said(capsys, "overview", "--bilateral").split())


def test_the_bilateral_overview_says_how_far_the_search_went(capsys: Run) -> None:
    lines = {
        row["state"]: row
        for row in csv.DictReader(io.StringIO(said(capsys, "overview", "--bilateral", "--format", "csv")))
    }
    assert (lines["FRA"]["published"], lines["FRA"]["recorded"], lines["FRA"]["shortfall"]) == (
        "38",
        "14",
        "24",
    )
    assert lines["MLT"]["published"] == "", "where nobody published a total, none is shown"
    assert "the press only" in lines["MLT"]["search"]
    assert int(lines[""]["disagreements"]) >= 7, "disagreeing sources that were on file have been lost"


def test_gaps_as_json_has_the_promised_keys(capsys: Run) -> None:
    found = json.loads(said(capsys, "gaps", "ALB", "--on", "2021-02-10", "--format", "json"))
    assert (found["country"]["alpha3"], found["on"], found["persons"]) == (
        "ALB",
        "2021-02-10",
        "own-nationals",
    )
    assert found["release"]
    first = found["rows"][0]
    assert {"sentence", "eu", "own", "rows"} <= set(found)
    assert {"common", "exceptions", "negotiations", "visa_measures", "joint_body"} == set(found["eu"])
    assert {"state", "name", "eu", "own", "verdict", "rank", "evidence"} == set(first)
    assert {"status", "instruments", "reasons", "search", "closed_by"} == set(first["own"])
    assert (first["state"], first["eu"]["status"], first["verdict"]) == (
        "AUT",
        "agreement",
        "covered-binding",
    )
    assert first["eu"]["instruments"][0]["id"] == "eura/alb"


def test_gaps_as_csv_and_as_table_hold_the_same_rows(capsys: Run) -> None:
    rows = list(
        csv.DictReader(io.StringIO(said(capsys, "gaps", "GEO", "--on", "2021-02-10", "--format", "csv")))
    )
    table = said(capsys, "gaps", "GEO", "--on", "2021-02-10")
    assert len({row["state"] for row in rows}) == 27
    held = [row["instrument_name"].partition(": ")[2] for row in rows if row["layer"] == "own"]
    for title in filter(None, held):
        assert title.split()[0] in table, f"{title} is in the file and not in the table"
    for row in rows:
        assert row["name"] in table, f"{row['name']} is in the file and not in the table"


@pytest.mark.parametrize("country", ["LBN"])
def test_a_country_with_few_instruments_fits_a_terminal(
    capsys: Run, monkeypatch: pytest.MonkeyPatch, country: str
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    lines = said(capsys, "gaps", country, "--on", "2026-11-28").splitlines()
    assert len(lines) <= 40, f"{len(lines)} lines; 80 columns and 40 lines are what a terminal shows"
    assert max(map(len, lines)) <= 80


def test_why_names_a_source_for_each_premise(capsys: Run) -> None:
    found = json.loads(said(capsys, "why", "DNK", "MDA", "--on", "2021-02-10", "--format", "json"))
    assert found["verdict"] == "not-in-force"
    assert found["premises"]
    for premise in found["premises"]:
        assert premise["source"]
        assert premise["level"]
    told = said(capsys, "why", "DNK", "MDA", "--on", "2021-02-10")
    assert "Protocol 22" in told


@pytest.mark.parametrize("kind", ["table", "json", "csv", "tsv", "xml"])
def test_a_question_is_answered_in_every_row_format(
    capsysbinary: pytest.CaptureFixture[bytes], kind: str
) -> None:
    assert main(["query", "gaps", "--param", "country=Georgien", "--format", kind]) == 0
    assert b"AUT" in capsysbinary.readouterr().out


@pytest.mark.parametrize("kind", ["turtle", "jsonld", "ntriples", "rdfxml"])
def test_a_construct_from_a_file_is_answered_in_every_graph_format(
    capsysbinary: pytest.CaptureFixture[bytes], tmp_path: Path, kind: str
) -> None:
    path = tmp_path / "one.rq"
    path.write_text("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o } LIMIT 1")
    assert main(["query", str(path), "--format", kind]) == 0
    assert len(capsysbinary.readouterr().out) > 40


def test_a_query_from_standard_input(capsys: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"ASK { ?s ?p ?o }")))
    assert "true" in said(capsys, "query", "-", "--format", "csv")


def test_a_question_says_the_day_it_is_answered_for(capsys: Run) -> None:
    assert "\non 2014-08-31\n" in said(capsys, "query", "agreements-in-force", "--param", "on=2014-08-31")
    assert f"\non {dates.today()} (today)\n" in said(capsys, "query", "agreements-in-force")
    span = said(capsys, "query", "coming-changes", "--param", "on=2021-02-10")
    assert "\non 2021-02-10, before 2022-02-10\n" in span


def test_a_question_without_rows_says_why(capsys: Run) -> None:
    told = said(capsys, "query", "time-limits")
    assert told.startswith("0 rows;")
    assert "no time limit has been read" in told


def test_all_questions_are_listed(capsys: Run) -> None:
    told = said(capsys, "query")
    assert "gaps" in told
    assert "why" in told


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("gaps", "Gorgia"), "Georgia (GEO)"),
        (("gaps", "GEO", "--persons", "people"), "own-nationals"),
        (("query", "gap"), "gaps"),
        (("query", "a-riddle"), "`readmission query` lists all questions"),
        (("why", "GEO", "Georgien"), "name a Member State and another country"),
        (("query", "gaps", "--param", "date=2021-02-10"), "takes country, on, persons"),
        (("query", "gaps", "--param", "on=10.2.2021"), "2021-02-10"),
        (("query", "gaps", "--param", "on"), "name=value"),
        (("query", "gaps", "--format", "turtle"), "json, xml, csv, tsv"),
        (("query", "no-such-file.rq"), "no-such-file.rq"),
        (("serve", "--data", "no-such-file.ttl"), "no-such-file.ttl"),
    ],
)
def test_a_wrong_call_is_told_how_to_mend_it(capsys: Run, arguments: tuple[str, ...], told: str) -> None:
    assert told in refused(capsys, *arguments)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * WHERE { SERVICE <http://127.0.0.1/> { ?s ?p ?o } }",
        "SELECT ?s WHERE {",
        "INSERT DATA { <a:b> <a:b> 1 }",
    ],
)
def test_a_query_that_calls_out_or_is_none_is_refused(
    capsys: Run, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    assert refused(capsys, "query", "-")


@pytest.mark.parametrize("on", ["2021-2-10", "10.02.2021", "yesterday", "2021-02-30"])
def test_an_impossible_day_is_refused(capsys: Run, on: str) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["gaps", "GEO", "--on", on])
    assert stopped.value.code == 2
    assert "2021-02-10" in capsys.readouterr().err


def test_check_finds_no_violation_in_the_facts(capsys: Run) -> None:
    assert main(["check"]) == 0, capsys.readouterr().out


def test_export_writes_what_it_lists(capsys: Run, tmp_path: Path) -> None:
    told = said(capsys, "export", str(tmp_path / "out"))
    assert "readmission.nq" in told
    assert (tmp_path / "out" / "SHA256SUMS").exists()
    assert "not empty" in refused(capsys, "export", str(tmp_path / "out"))


def test_the_library_gives_the_same_answers(capsys: Run, graph: Graph) -> None:
    told = json.loads(said(capsys, "gaps", "TUR", "--on", "2016-01-01", "--format", "json"))
    rows = graph.gaps("TUR", on="2016-01-01").rows
    assert [(row["state"], row["own"]["status"], row["eu"]["status"]) for row in told["rows"]] == [
        (row.code, row.pair.own.status, row.pair.eu.status) for row in rows
    ]
    assert graph.query("SELECT (1 AS ?one) WHERE {}").texts() == [{"one": "1"}]
    assert len({row["state"] for row in graph.ask("gaps", {"country": "GEO"}).texts()}) == 27


ANSWERED_WITHOUT = {"networkx", "owlready2", "pyshacl", "rdflib", "xlsxwriter"}
SERVERS = {"flask", "granian", "asyncio"}


@pytest.mark.parametrize(
    ("module", "spared"),
    [
        ("cli", ANSWERED_WITHOUT | SERVERS | {"pyoxigraph", "yaml"}),
        ("commands.gaps", ANSWERED_WITHOUT | SERVERS),
        ("commands.query", ANSWERED_WITHOUT | SERVERS),
        ("commands.serve", ANSWERED_WITHOUT),
    ],
)
def test_a_command_waits_for_no_library_that_it_does_not_need(module: str, spared: set[str]) -> None:
    code = f"import sys; import readmission.{module}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not spared & set(done.stdout.split()), (
        f"importing readmission.{module} loads these too; import them in the module that works with them, "
        "and that module only where it is asked for"
    )
