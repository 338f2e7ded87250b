"""Each proposed correction at the level of the Union is applied, refused, or a claim beside another, and says where."""

from collections import Counter

import pytest

from harness.ledgers import ledger_rows
from readmission.namespaces import ID
from readmission.sources.fact_files import Facts

pytestmark = pytest.mark.quick

LEDGER = "corrections/eu-level.csv"
ROWS = 60


@pytest.fixture(scope="module")
def ledger() -> list[dict[str, str]]:
    """The rows of the ledger, in the order of the table that proposed them."""
    return ledger_rows(LEDGER)


def test_every_correction_is_accounted_for_once(ledger: list[dict[str, str]]) -> None:
    wanted = [f"eu-corrections:{number}" for number in range(1, ROWS + 1)]
    assert [row["key"] for row in ledger] == wanted, (
        f"keep each of the {ROWS} rows of {LEDGER} once, in order"
    )


def test_every_correction_is_decided(ledger: list[dict[str, str]]) -> None:
    assert Counter(row["decision"] for row in ledger) == {"applied": 51, "claim": 7, "refused": 2}


def test_what_is_not_simply_applied_has_a_reason(ledger: list[dict[str, str]]) -> None:
    for row in ledger:
        assert bool(row["reason"]) == (row["decision"] != "applied"), (
            f"{LEDGER}, {row['key']}: a refusal and a claim need a reason, what is applied needs none"
        )


def test_what_is_not_refused_says_where_it_stands(ledger: list[dict[str, str]]) -> None:
    for row in ledger:
        assert bool(row["where"]) == (row["decision"] != "refused"), (
            f"{LEDGER}, {row['key']}: name the facts, or refuse"
        )


def test_every_fact_of_the_ledger_stands_in_the_graph(ledger: list[dict[str, str]], loaded: Facts) -> None:
    described = {getattr(quad.subject, "value", "") for quad in loaded.quads}
    lost = [
        f"{row['key']}: {name}"
        for row in ledger
        for name in row["where"].split()
        if ID + name not in described
    ]
    assert not lost, f"describe these in graph/, or correct {LEDGER}: {lost}"
