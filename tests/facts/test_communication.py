"""Each of the 34 statements of the communication COM(2021) 56 is on file, with its place, and a question tells it."""

import pytest

from harness.ledgers import ledger_rows
from readmission import questions
from readmission.namespaces import ID
from readmission.release import Release
from readmission.sources.fact_files import Facts

LEDGER = "claims/ledger.csv"
SOURCE = f"{ID}source/com-2021-56"
STATEMENTS = 34
SECTIONS = {"1", "2", "2.1", "2.2", "3.1", "3.2", "4.1", "4.2", "4.3", "5"}
QUESTION = "statements-of-the-communication"
# What a statement of the communication is told as, where nothing more special holds it.
TOLD_AS = ("finding", "policy aim", "procedure step", "planned step", "statistical claim")


@pytest.fixture(scope="module")
def ledger() -> list[dict[str, str]]:
    return ledger_rows(LEDGER)


@pytest.fixture(scope="module")
def told(built: Release) -> list[dict[str, str]]:
    """The rows of the question that gives the communication's statements back."""
    return questions.load()[QUESTION].run(built.engine, {}, built.gazetteer).texts()


def things(row: dict[str, str]) -> list[str]:
    return row["things"].split("|")


def test_the_ledger_has_all_statements_of_the_communication_in_their_order(
    ledger: list[dict[str, str]],
) -> None:
    assert [row["number"] for row in ledger] == [str(number) for number in range(1, STATEMENTS + 1)], (
        f"graph/{LEDGER} numbers the statements from 1 to {STATEMENTS}, each once"
    )
    assert {row["section"] for row in ledger} == SECTIONS, f"graph/{LEDGER} speaks of every section"
    for row in ledger:
        assert all((row["statement"], *things(row))), (
            f"graph/{LEDGER}, {row['number']}: say what is stated and which things of the graph hold it"
        )


def test_each_statement_is_held_by_things_that_tell_their_place_in_the_communication(
    ledger: list[dict[str, str]], loaded: Facts
) -> None:
    placed = _placed(loaded)
    for row in ledger:
        lost = [thing for thing in things(row) if ID + thing not in placed]
        assert not lost, (
            f"graph/{LEDGER}, {row['number']}: describe {lost} in graph/, with evidence that names the source "
            "source:com-2021-56 and a locator, or correct the ledger"
        )


def _placed(loaded: Facts) -> set[str]:
    """Everything that has evidence with the communication as source and a place in it."""
    values: dict[str, dict[str, set[str]]] = {"source": {}, "locator": {}, "evidence": {}}
    for quad in loaded.quads:
        property_ = quad.predicate.value.rpartition("#")[2]
        if property_ in values:
            values[property_].setdefault(str(quad.subject), set()).add(str(quad.object))
    proofs = {
        proof
        for proof, sources in values["source"].items()
        if f"<{SOURCE}>" in sources and proof in values["locator"]
    }
    return {thing[1:-1] for thing, evidence in values["evidence"].items() if evidence & proofs}


def test_a_question_gives_each_statement_back_with_its_place(
    ledger: list[dict[str, str]], told: list[dict[str, str]]
) -> None:
    answered = {row["thing"] for row in told if row["statement"] and row["locator"]}
    for row in ledger:
        lost = [thing for thing in things(row) if ID + thing not in answered]
        assert not lost, f"{QUESTION} does not tell {lost}, which graph/{LEDGER}, {row['number']}, names"


def test_what_the_communication_says_stands_in_the_ledger(
    ledger: list[dict[str, str]], told: list[dict[str, str]]
) -> None:
    listed = {ID + thing for row in ledger for thing in things(row)}
    strange = sorted({row["thing"] for row in told if row["kind"] in TOLD_AS} - listed)
    assert not strange, f"add these to the statements that they belong to in graph/{LEDGER}: {strange}"


def test_every_place_in_the_communication_belongs_to_a_section(told: list[dict[str, str]]) -> None:
    astray = {row["locator"] for row in told if row["section"] not in SECTIONS} - {"title page"}
    assert not astray, f"write these as `section 2.1, second paragraph` or `footnote 7`: {sorted(astray)}"
