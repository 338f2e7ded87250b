"""The questions: every file documents itself, runs as it stands, and gives stable rows; their answers are pinned."""

import csv
import datetime
import re
from pathlib import Path
from urllib.parse import unquote

import pyoxigraph as ox
import pytest

from readmission import dates, parameters, questions
from readmission.answers.matrix import matrix
from readmission.building import rules
from readmission.countries.gazetteer import Gazetteer
from readmission.engine.embedded import EmbeddedEngine
from readmission.engine.interface import Engine
from readmission.release import Release
from readmission.resources import folder
from readmission.sources import fact_files

EXPECTED = Path(__file__).parents[1] / "expected"
PINNED = sorted(EXPECTED.glob("*.csv"))
# Answers to made-up facts: where the release has none, too many, or other ones with each change of the facts.
PINNED_SMALL = sorted((EXPECTED / "small").glob("*.csv"))
QUESTIONS = questions.load()
ASKED = [
    f"{kind}{number:02}" for kind, last in (("R", 46), ("C", 32), ("P", 12)) for number in range(1, last + 1)
]
# What COM(2021) 56 counts or prints, whatever else is pinned.
PRINTED_ON = "2021-02-10"
COUNTED = {
    "agreements-in-force": 18,
    "arrangements": 6,
    "provisions-printed-in-2021": 16,
    "cotonou-successor": 79,
    "negotiations-under-way": 4,
    "joint-committees": 18,
    "indicators": 8,
    "findings-by-thirds": 3,
    "figures-against-data": 2,
}


@pytest.fixture(scope="module")
def backwards() -> EmbeddedEngine:
    """The same statements, loaded last to first: an answer that depends on their order shows itself."""
    store = ox.Store()
    store.bulk_extend(reversed(list(fact_files.load().quads)))
    rules.derive(store)
    return EmbeddedEngine(store)


@pytest.fixture(scope="module")
def made_up() -> EmbeddedEngine:
    store = ox.Store()
    store.load(path=str(EXPECTED / "small" / "graph.trig"), format=ox.RdfFormat.TRIG)
    rules.derive(store)
    return EmbeddedEngine(store)


def every(name: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(name, list(QUESTIONS.values()), ids=list(QUESTIONS))


@every("question")
def test_the_header_is_complete(question: questions.Question) -> None:
    assert question.header.rows is None, (
        f"{question.name}: rows are for traps, pin an answer in tests/expected"
    )
    assert question.summary.endswith("?"), f"{question.name}: the summary is the question, ending in '?'"
    assert len(question.description) > 80, (
        f"{question.name}: say how to read the columns and what they do not say"
    )
    assert question.tags, f"{question.name}: add tags"
    assert set(question.ids) <= set(ASKED), f"{question.name}: question is one of R01-R46, C01-C32, P01-P12"


@every("question")
def test_parameters_are_declared_and_have_defaults(question: questions.Question) -> None:
    text = "\n".join(line for line in question.text.splitlines() if not line.startswith("#"))
    declared = {parameter.name for parameter in question.parameters}
    assert set(re.findall(r"\?_(\w+)", text)) == declared, (
        f"{question.name}: header and text name other parameters"
    )
    for parameter in question.parameters:
        if parameter.kind == "date":
            relative = dates.YEAR_FROM.fullmatch(parameter.default)
            assert parameter.default == "today" or (relative and relative["other"] in declared), (
                f"{question.name}: the default of {parameter.name} is today, or a year before or after another day"
            )
        assert parameter.kind in parameters.KINDS, f"{question.name}: {parameter.name} has an unknown type"
        assert parameter.default, f"{question.name}: {parameter.name} has no default"
        assert parameter.description, f"{question.name}: say what {parameter.name} is"


@every("question")
def test_the_text_is_a_select_that_any_tool_reads(question: questions.Question) -> None:
    assert isinstance(ox.Store().query(question.text), ox.QuerySolutions)
    assert "ORDER BY" in question.text.rsplit("}", 1)[1], (
        f"{question.name}: order the rows, so that they are stable"
    )


@every("question")
def test_it_answers_with_its_defaults(question: questions.Question, built: Release) -> None:
    rows = question.run(built.engine, {}, built.gazetteer).rows
    if question.header.empty:
        assert not rows, f"{question.name}: it answers now; drop the line `empty` from its header"
    elif not rows:  # none today, but on another day
        pinned = [path for path in PINNED if path.stem.partition("@")[0] == question.name]
        assert any(len(path.read_text("utf-8").splitlines()) > 1 for path in pinned), (
            f"{question.name}: no rows; mend the query, say in a header line `empty` why there are none, or pin "
            "the answer on a day that has some"
        )


@every("question")
def test_its_rows_do_not_depend_on_the_order_of_the_data(
    question: questions.Question, built: Release, backwards: EmbeddedEngine
) -> None:
    forth, back = (
        [unjoined(row) for row in question.run(engine, {}, built.gazetteer).texts()]
        for engine in (built.engine, backwards)
    )
    assert forth == back, f"{question.name}: add columns to ORDER BY until no two rows tie"


def unjoined(row: dict[str, str]) -> dict[str, list[str]]:
    """Return the parts of each cell in order: SPARQL leaves the order within GROUP_CONCAT to the engine."""
    return {name: sorted(value.split("|")) for name, value in row.items()}


@pytest.mark.parametrize(("name", "count"), COUNTED.items())
def test_the_counts_of_the_communication(name: str, count: int, built: Release) -> None:
    question = QUESTIONS[name]
    values = {each.name: PRINTED_ON for each in question.parameters if each.name == "on"}
    assert len(question.run(built.engine, values, built.gazetteer).rows) == count


@pytest.mark.parametrize("path", PINNED, ids=lambda path: path.stem)
def test_pinned_answers_stay(path: Path, built: Release) -> None:
    name, values = asked(path)
    given = "".join(f" --param {key}={value}" for key, value in values.items())
    compare(
        path,
        built.engine,
        built.gazetteer,
        f"the answer to {name} has changed. If a source says so, write the new one with `readmission query {name}"
        f"{given} --format csv > 'tests/expected/{path.name}'` and give the reason in the commit message",
    )


@pytest.mark.parametrize("path", PINNED_SMALL, ids=lambda path: path.stem)
def test_pinned_answers_to_made_up_facts_stay(path: Path, made_up: EmbeddedEngine, built: Release) -> None:
    compare(
        path,
        made_up,
        built.gazetteer,
        f"{path.stem} finds something else in tests/expected/small/graph.trig; mend the question, or the CSV file",
    )


def compare(path: Path, engine: Engine, gazetteer: Gazetteer, remedy: str) -> None:
    name, values = asked(path)
    answer = QUESTIONS[name].run(engine, values, gazetteer)
    with path.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    assert tuple(header) == answer.variables, remedy
    assert rows == [list(row.values()) for row in answer.texts()], remedy


def asked(path: Path) -> tuple[str, dict[str, str]]:
    """Return the question and the parameters of a pinned answer, which its file is named by."""
    name, _, stated = path.stem.partition("@")
    return name, dict(pair.split("=", 1) for pair in unquote(stated).split(",") if pair)


def test_every_answer_is_pinned_on_a_stated_day() -> None:
    pinned = {path: asked(path) for path in (*PINNED, *PINNED_SMALL)}
    missing = set(QUESTIONS) - {name for name, _ in pinned.values()}
    assert not missing, f"pin an answer in tests/expected, or in tests/expected/small: {sorted(missing)}"
    for path, (name, values) in pinned.items():
        days = {each.name for each in QUESTIONS[name].parameters if each.kind == "date"}
        assert days <= values.keys(), (
            f"{path.name}: today passes; name the file by the days asked about: {days}"
        )


def test_every_competency_question_is_answered_or_accounted_for() -> None:
    answered = {asked for question in QUESTIONS.values() for asked in question.ids}
    listed = folder("queries").joinpath("questions", "README.md").read_text(encoding="utf-8")
    elsewhere = set(re.findall(r"^\| ([RCP]\d\d) \|", listed, re.MULTILINE))
    assert answered | elsewhere == set(ASKED), (
        "answer it in queries/questions, or list it in the README.md there"
    )
    assert not answered & elsewhere, (
        "a question that has a file is no longer listed in queries/questions/README.md"
    )


@pytest.mark.parametrize("country", ["BGD", "GEO", "KAZ", "NGA", "TUR", "WSM"])
@pytest.mark.parametrize("on", ["2013-06-30", "2021-02-10", "2024-06-01"])
def test_asked_by_state_or_by_country_the_status_is_the_same(country: str, on: str, built: Release) -> None:
    by_state = QUESTIONS["state"].run(built.engine, {"state": "IRL", "on": on}, built.gazetteer).texts()
    by_country = QUESTIONS["gaps"].run(built.engine, {"country": country, "on": on}, built.gazetteer).texts()
    told = [
        [(row["layer"], row["status"], row["instrument"], row["cause"]) for row in rows if row[side] == code]
        for rows, side, code in ((by_state, "countryCode", country), (by_country, "stateCode", "IRL"))
    ]
    assert told[0] == told[1]


@pytest.mark.parametrize("on", ["2005-01-01", "2021-02-10", "2026-11-21"])
def test_the_work_to_do_is_what_the_matrix_leaves_open(on: str, built: Release) -> None:
    rows = QUESTIONS["open-pairs"].run(built.engine, {"on": on}, built.gazetteer).texts()
    found = matrix(built, datetime.date.fromisoformat(on))
    partners = {partner.code for partner in found.partners}
    members = {state.code for state in found.states if state.standing == "member"}
    wanted = {
        pair: cell.verdict
        for pair, cell in found.cells.items()
        if pair[0] in members and cell.rank in (0, 2, 3)
    }
    listed = {(row["stateCode"], row["countryCode"]): row["verdict"].rpartition("/")[2] for row in rows}
    assert {pair: verdict for pair, verdict in listed.items() if pair[1] in partners} == wanted
    elsewhere = {verdict for pair, verdict in listed.items() if pair[1] not in partners}
    assert elsewhere == {"not-recorded"}, "a country without any instrument on file can only be not recorded"
