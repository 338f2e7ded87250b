"""Instruments between European states: the rows of their table, when they existed, when a side was a third country."""

import datetime
from collections import Counter
from pathlib import Path

import pytest

from harness.ledgers import ledger_rows
from readmission import questions
from readmission.answers import coverage
from readmission.namespaces import ID, NAMESPACES
from readmission.release import Release
from readmission.resources import folder
from readmission.sources.fact_files import Facts
from readmission.sources.ledger import LEDGERS
from readmission.table_import import ImportRefusedError, RecordedFacts, importing

LEDGER = LEDGERS["intra-european"]
ROWS, INSTRUMENTS = 441, 189
TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"


@pytest.fixture(scope="module")
def ledger() -> list[dict[str, str]]:
    return ledger_rows(LEDGER)


@pytest.fixture(scope="module")
def pairs(built: Release) -> list[dict[str, str]]:
    """The rows of the question on all of them, for a day on which Bulgaria was a third country."""
    return (
        questions.find("between-european-states")
        .run(built.engine, {"on": "2005-06-01"}, built.gazetteer)
        .texts()
    )


def test_the_ledger_holds_every_row_of_the_table_once(ledger: list[dict[str, str]]) -> None:
    found = [row["key"] for row in ledger if row["table"] == "intra-european"]
    assert found == [f"intra-european:{number}" for number in range(1, ROWS + 1)], (
        f"{LEDGER} must list the {ROWS} rows in the order of the table, each once"
    )


def test_every_row_is_an_instrument_or_refused_and_most_are_merged(ledger: list[dict[str, str]]) -> None:
    told = [row for row in ledger if row["table"] == "intra-european"]
    named = Counter(row["instrument"] for row in told if row["instrument"])
    refused = [row["key"] for row in told if not row["instrument"] and row["reason"]]
    assert sum(named.values()) + len(refused) == ROWS, f"{LEDGER}: give each row an instrument or a reason"
    assert (len(named), sum(named.values()) - len(named), len(refused)) == (
        INSTRUMENTS,
        ROWS - INSTRUMENTS,
        0,
    ), f"{LEDGER}: {INSTRUMENTS} instruments, the other rows merged into them; say here what has changed"


def test_the_ledger_and_the_graph_name_the_same_instruments(
    ledger: list[dict[str, str]], loaded: Facts
) -> None:
    space = NAMESPACES["intra-european"]
    described = {
        subject.removeprefix(ID)
        for quad in loaded.quads
        if quad.predicate.value == TYPE and (subject := getattr(quad.subject, "value", "")).startswith(space)
    }
    named = {row["instrument"] for row in ledger if row["instrument"]}
    assert described == named, f"describe them, or correct {LEDGER}: {sorted(described ^ named)}"


def own(release: Release, country: str, state: str, day: str) -> str:
    """The status of a state's own instruments with a country on a day."""
    rows = coverage.gaps(release, country, datetime.date.fromisoformat(day)).rows
    return next(row.pair.own.status for row in rows if row.code == state)


@pytest.mark.parametrize(
    ("country", "state", "day", "status"),
    [
        ("BGR", "AUT", "2005-06-01", "in-force"),
        ("BGR", "AUT", "1996-06-01", "none-recorded"),  # no record before its entry into force
        ("BGR", "AUT", "2006-12-31", "in-force"),
        ("BGR", "AUT", "2007-01-01", "none-recorded"),  # a Member State since then: no gap to tell
        ("BGR", "BEL", "2005-06-01", "unconfirmed"),  # signed in 1998, no entry into force on record
        ("HRV", "BGR", "2010-01-01", "in-force"),
        ("HRV", "SVK", "2008-12-31", "in-force"),  # the earlier text; that of 2008 starts later
        ("HRV", "SVK", "2013-07-01", "none-recorded"),
        ("CHE", "AUT", "2005-06-01", "in-force"),
        ("CHE", "AUT", "2008-12-12", "none-recorded"),  # associated with Schengen since then
        ("GBR", "BGR", "2020-06-01", "none-recorded"),  # the transition counts as membership
        ("GBR", "BGR", "2021-01-01", "unconfirmed"),  # a third country again; no day on record
    ],
)
def test_it_counts_on_days_on_which_the_other_side_was_a_third_country(
    built: Release, country: str, state: str, day: str, status: str
) -> None:
    assert own(built, country, state, day) == status


def test_a_european_state_is_a_partner_of_the_matrix_on_such_days_only(built: Release) -> None:
    for day, partner, listed in (
        ("2005-06-01", "BGR", True),
        ("2021-02-10", "BGR", False),
        ("2021-02-10", "GBR", True),
    ):
        rows = questions.find("matrix").run(built.engine, {"on": day}, built.gazetteer).texts()
        assert any(row["partnerCode"] == partner for row in rows) == listed, (day, partner)


def test_no_status_is_derived_for_a_day_on_which_both_are_inside(built: Release) -> None:
    """When all but the United Kingdom are members or associated, nothing else of the group covers anybody."""
    rows = questions.find("pairs").run(built.engine, {"on": "2024-06-01"}, built.gazetteer).texts()
    inside = {row["instrument"].removeprefix(ID) for row in rows if "/intra-european/" in row["instrument"]}
    assert inside <= {
        "intra-european/bgr-gbr-undated",
        "intra-european/che-gbr-2005",
        "intra-european/fra-gbr-2025",
    }


def test_what_existed_when_the_return_directive_entered_into_force_follows_from_the_dates(
    pairs: list[dict[str, str]],
) -> None:
    told = {
        (row["instrument"].removeprefix(f"{ID}intra-european/"), row["existedAtDirective"]) for row in pairs
    }
    wanted = {
        ("aut-bgr-1998", "certainly"),
        ("che-grc-2006", "no"),  # signed in 2006, in force in February 2009
        ("bgr-deu-1995", "no"),  # replaced in 2006
        ("benelux-bgr-1998", "possibly"),  # no entry into force on record
        ("bgr-swe-1998", "possibly"),  # reported as in force without a day
        ("bgr-fra-undated", "possibly"),  # no day on record
        ("grc-rou-1992", "possibly"),  # no source says that persons are taken back under it
    }
    assert wanted <= told, sorted(wanted - told)


def test_a_later_member_is_told_as_a_third_country_on_the_day(pairs: list[dict[str, str]]) -> None:
    told = {(row["stateCode"], row["otherCode"]): row["thirdCountry"] for row in pairs}
    assert (told["AUT", "BGR"], told["BGR", "AUT"], told["AUT", "DEU"]) == ("true", "false", "false")


# --- a table with two European states in a row ----------------------------------------------------------------------

HEADER = "european_state,partner,kind,nature,title,title_language,signed,entry_into_force,source_title,evidence_level"
REST = "bilateral-readmission-agreement,binding,Readmission agreement,en,2001-05-04,2002-01-01,A gazette,official-text"


@pytest.fixture(scope="module")
def holdings() -> RecordedFacts:
    return RecordedFacts(folder("graph"))


def written(folder_: Path, *sides: str) -> Path:
    table = folder_ / "table.csv"
    table.write_text("\n".join([HEADER, *(f"{each},{REST}" for each in sides)]) + "\n", encoding="utf-8")
    return table


@pytest.mark.parametrize("sides", ["Portugal,Ireland", "Ireland,Portugal"])
def test_a_row_of_two_european_states_goes_to_their_folder_whichever_is_first(
    holdings: RecordedFacts, tmp_path: Path, sides: str
) -> None:
    plan = importing.convert(written(tmp_path, sides), holdings, today=datetime.date(2026, 11, 28))
    assert set(plan.added.values()) == {f"{ID}intra-european/irl-prt-2001"}
    assert {change.file.name for change in (*plan.changes, *plan.ledger)} == {
        "graph/instruments/intra-european/irl.ttl",
        "graph/sources/intra-european/gazette.ttl",
        f"graph/{LEDGER}",
    }
    (facts,) = [change.file.text for change in plan.changes if "/instruments/" in change.file.name]
    assert "rdm:partner" not in facts


def test_the_same_instrument_seen_from_the_other_side_is_a_repetition(
    holdings: RecordedFacts, tmp_path: Path
) -> None:
    table = written(tmp_path, "Portugal,Ireland", "Ireland,Portugal")
    with pytest.raises(ImportRefusedError, match="as in row 2"):
        importing.convert(table, holdings, today=datetime.date(2026, 11, 28))
