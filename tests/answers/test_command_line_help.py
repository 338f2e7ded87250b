"""The command line explains itself: help, versions, names before identifiers, whole words, colour on terminals only."""

import io
import json
import re
import sys
from pathlib import Path

import pytest

from readmission import namespaces, parameters, questions
from readmission.cli import COMMANDS, main
from readmission.release import Release
from readmission.reports.terminal import table as text_table
from readmission.reports.terminal.colour import coloured
from readmission.reports.terminal.naming import Naming
from readmission.reports.terminal.question_help import KINDS, question_help

Run = pytest.CaptureFixture[str]
DAY = ("--on", "2021-02-10")
REPORTS = {
    "overview": ("overview", *DAY),
    "inventory": ("overview", "--bilateral"),
    "gaps": ("gaps", "Nigeria", *DAY),
    "why": ("why", "Austria", "Nigeria", *DAY),
    "matrix": ("matrix", "--group", "Asia", *DAY),
    "events": ("events", "--from", "2024-01-01", "--to", "2024-12-31"),
    "changes": ("changes", "--from", "2020-06-01", "--to", "2020-08-01"),
    "network": ("network", "--state", "Austria", "--partner", "Morocco", *DAY),
    "query": ("query", "gaps", "--param", "country=Nigeria"),
}
IDENTIFIER = re.compile(
    r"(?<![\w./])(eura|bilateral|provision|arrangement|wider|committee|working-group|country|code)/[a-z0-9]"
)
ESCAPE = "\x1b"


@pytest.fixture(autouse=True)
def _built(built: Release) -> None:
    """Every command of these tests reads the tests' own release."""


def said(capsys: Run, *arguments: str) -> str:
    assert main(arguments) == 0, capsys.readouterr().err
    return capsys.readouterr().out


def stopped(*arguments: str) -> None:
    with pytest.raises(SystemExit) as end:
        main(arguments)
    assert end.value.code == 0


def test_without_a_command_the_program_shows_its_help(capsys: Run) -> None:
    told = said(capsys)
    assert told.startswith("usage: readmission"), "help that was asked for by saying nothing goes to stdout"
    assert all(f"    {command} " in told for command in COMMANDS)


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_every_command_says_the_versions_of_program_and_release(
    command: str, capsys: Run, built: Release
) -> None:
    stopped(*filter(None, [command]), "--version")
    told = capsys.readouterr().out
    assert re.fullmatch(rf"readmission \d+\.\d+\.\d+\S*, release {built.version}\n", told), told


def test_the_version_builds_nothing(capsys: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("READMISSION_HOME", str(tmp_path / "none"))
    stopped("--version")
    assert "no release built yet" in capsys.readouterr().out
    assert not (tmp_path / "none").exists()


def test_the_version_of_a_damaged_release_says_so(
    capsys: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "current").mkdir()
    monkeypatch.setenv("READMISSION_HOME", str(tmp_path))
    stopped("--version")
    assert "damaged" in capsys.readouterr().out


@pytest.mark.parametrize("call", [("gaps", "--help"), ("--help", "gaps"), ("gaps", "-h")])
def test_help_on_a_question_lists_its_parameters(call: tuple[str, ...], capsys: Run) -> None:
    told = " ".join(said(capsys, "query", *call).split())
    for parameter in questions.find("gaps").parameters:
        assert f"{parameter.name} {parameter.description}" in told
        assert f"by default {parameter.default}" in told
    assert "readmission query gaps --param country=GEO --param on=" in told


def test_help_on_query_without_a_name_is_that_of_the_command(capsys: Run) -> None:
    told = said(capsys, "query", "--help")
    assert "usage: readmission query" in told
    assert "--param NAME=VALUE" in told


def test_help_on_a_question_that_is_none_names_the_nearest(capsys: Run) -> None:
    assert main(["query", "gap", "--help"]) == 2
    assert "did you mean gaps" in capsys.readouterr().err


def test_every_type_of_parameter_is_explained() -> None:
    assert set(KINDS) == set(parameters.KINDS), "say in reports/question_help.py what a value of each type is"


def test_the_example_of_a_question_is_one_that_a_shell_reads() -> None:
    odd = parameters.Parameter("words", "text", "two 'words' & more")
    told = question_help(questions.Question("odd", "Is it?", "", parameters=(odd,)))
    assert """--param 'words=two '"'"'words'"'"' & more'""" in told


@pytest.mark.parametrize("report", REPORTS)
def test_a_report_names_things_and_shows_identifiers_only_when_asked(report: str, capsys: Run) -> None:
    told = said(capsys, *REPORTS[report])
    found = IDENTIFIER.search(told)
    assert not found, f"{report} shows an identifier where a name belongs: {told[found.start() :][:60]!r}"
    assert namespaces.BASE not in told
    more = said(capsys, *REPORTS[report], "--ids")
    assert re.search(r"\[[\w/-]+\]", " ".join(more.split())), f"{report} --ids shows no identifier"


@pytest.mark.parametrize("width", [60, 80, 120])
@pytest.mark.parametrize("report", sorted(REPORTS.keys() - {"matrix"}))  # its states are written downwards
def test_no_word_of_a_report_is_broken(
    report: str, width: int, capsys: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def words(columns: int) -> set[str]:
        monkeypatch.setenv("COLUMNS", str(columns))
        return {word for word in said(capsys, *REPORTS[report]).split() if word.strip("-")}

    assert words(width) <= words(2000), f"{report} breaks a word at {width} columns"


def test_a_word_too_long_for_its_column_gets_the_width_it_needs() -> None:
    address = "https://example.org/" + "a" * 80
    told = text_table.table(("what", "where"), [("some words that can be folded", address)], width=60)
    assert address in told
    assert max(map(len, told.splitlines()[0].split("  "))) < 60, "columns of short words still give way"


def test_a_table_that_fits_is_not_folded() -> None:
    assert text_table.table(("a", "b"), [("one two", "three")], width=60) == "\n".join([
        "a        b", "-------  -----", "one two  three",
    ])  # fmt: skip


class Terminal(io.StringIO):
    """Standard output as it is on a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("environment", "wanted"),
    [
        ({}, True),
        ({"NO_COLOR": ""}, True),
        ({"NO_COLOR": "1"}, False),
        ({"NO_COLOR": "0"}, False),
        ({"TERM": "dumb"}, False),
    ],
)
def test_a_terminal_gets_colour_unless_it_is_refused(
    environment: dict[str, str], wanted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "stdout", terminal := Terminal())
    assert main(["gaps", "Georgia", *DAY]) == 0
    assert (ESCAPE in terminal.getvalue()) == wanted


def test_a_file_or_a_pipe_gets_no_colour(capsys: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert ESCAPE not in said(capsys, "gaps", "Georgia", *DAY)


def test_colour_changes_no_letter() -> None:
    report = "Georgia\n\nstate    status\n-------  ------\nAustria  not confirmed"
    painted = coloured(report)
    assert re.sub(r"\x1b\[\d+m", "", painted) == report
    assert f"{ESCAPE}[33mnot confirmed{ESCAPE}[0m" in painted
    assert f"{ESCAPE}[1mstate    status{ESCAPE}[0m" in painted


def test_a_workbook_is_not_written_into_a_terminal(capsys: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", terminal := Terminal())
        assert main(["matrix", "--format", "xlsx"]) == 2
    assert not terminal.getvalue()
    assert "> FILE.xlsx" in capsys.readouterr().err


def test_why_takes_state_and_country_in_either_order(capsys: Run) -> None:
    call = ("--format", "json", *DAY)
    straight = said(capsys, "why", "Germany", "Georgia", *call)
    assert main(["why", "Georgia", "Germany", *call]) == 0
    turned = capsys.readouterr()
    assert turned.out == straight
    assert turned.err == "understood as: Member State Germany, country Georgia\n"
    assert json.loads(straight)["state"]["alpha3"] == "DEU"


def test_why_keeps_the_order_of_two_european_states(capsys: Run) -> None:
    assert main(["why", "Germany", "Switzerland", *DAY]) == 0
    told = capsys.readouterr()
    assert told.out.startswith("Germany and Switzerland")
    assert not told.err


def test_what_is_named_in_a_text_is_no_part_of_an_address() -> None:
    naming = Naming({f"{namespaces.BASE}id/eura/geo": "EU–Georgia readmission agreement"})
    assert naming.text("eura/geo: in force") == "EU–Georgia readmission agreement: in force"
    for kept in ("https://example.org/eura/geo", "eura/geo/annex", "eura/geo2", "other/geo"):
        assert naming.text(kept) == kept
