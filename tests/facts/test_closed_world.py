"""A list that closes the world closes it for what it names only, and nobody may record against it unnoticed."""

from dataclasses import replace

import pytest

from harness.ledgers import ledger_rows
from readmission.building import check_queries, checks
from readmission.building.check_context import CheckContext, Finding
from readmission.sources.fact_files import Facts

LISTS, CORRECTIONS = "completeness/lists.csv", "instruments/bilateral/corrections.csv"
ID = "https://w3id.org/eu-readmission/id/"
AUSTRIA = "graph/instruments/bilateral/aut.ttl"
AGREEMENT = """
side:bilateral-aut-pak-2010-1 a rdm:ContractingSide ; rdm:sideActor country:AUT .
side:bilateral-aut-pak-2010-2 a rdm:ContractingSide ; rdm:sideActor country:PAK .
event:bilateral-aut-pak-2010-entry-into-force a rdm:StatusEvent ; rdm:concerns bilateral:aut-pak-2010 ;
    rdm:date "{day}"^^edtf:EDTF ; rdm:eventType code:entry-into-force ; rdm:recognition code:uncontested .
bilateral:aut-pak-2010 a rdm:BilateralReadmissionAgreement ; rdm:instrumentKind code:{kind} ; rdm:nature code:binding ;
    rdm:hasSide side:bilateral-aut-pak-2010-1 , side:bilateral-aut-pak-2010-2 ; rdm:partner country:{partner} .
"""


def described(loaded: Facts) -> set[str]:
    return {getattr(quad.subject, "value", "").removeprefix(ID) for quad in loaded.quads}


def test_each_of_the_38_lists_has_its_statement(loaded: Facts) -> None:
    ledger, known = ledger_rows(LISTS), described(loaded)
    assert [row["key"] for row in ledger] == [f"completeness-lists:{number}" for number in range(1, 39)]
    for row in ledger:
        assert row["statement"] in known, (
            f"{LISTS}, {row['key']}: describe {row['statement']} in graph/completeness"
        )
        assert row["closes"] == "yes" or row["reason"], (
            f"{LISTS}, {row['key']}: say why the list closes nothing"
        )


def test_each_of_the_56_corrections_was_decided(loaded: Facts) -> None:
    ledger, known = ledger_rows(CORRECTIONS), described(loaded)
    assert [row["key"] for row in ledger] == [f"bilateral-corrections:{number}" for number in range(1, 57)]
    for row in ledger:
        place = f"{CORRECTIONS}, {row['key']}"
        assert row["instrument"] in known, f"{place}: no file describes {row['instrument']}"
        assert row["decision"] in {"applied", "claim", "confirmed", "refused"}, f"{place}: name the decision"
        assert row["reason"] or row["decision"] == "applied", f"{place}: give the reason"


def contradictions(loaded: Facts, *, kind: str, partner: str, day: str) -> list[Finding]:
    """What the check says of an agreement of Austria that began on a day."""
    (file,) = (each for each in loaded.files if each.name == AUSTRIA)
    text = file.text + AGREEMENT.format(kind=kind, partner=partner, day=day)
    context = CheckContext(loaded.with_file(replace(file, text=text)))
    wanted = [each for each in check_queries.load() if each.shape == "Contradiction"]
    return list(checks.check_query_findings(context, wanted))


def test_an_agreement_against_a_closed_list_is_refused_with_the_names_of_both(loaded: Facts) -> None:
    found = contradictions(loaded, kind="bilateral-readmission-agreement", partner="PAK", day="2010-01-01")
    assert [finding.severity for finding in found] == ["violation"]
    for name in ("completeness/aut-2019", "bilateral/aut-pak-2010"):
        assert name in str(found[0]), "the message names the statement and the instrument"
    found = contradictions(loaded, kind="bilateral-readmission-agreement", partner="IRN", day="2010-01-01")
    assert len(found) == 2, "Iran: the answer of 2013 and the list of 2019"


@pytest.mark.parametrize(
    ("kind", "partner", "day"),
    [
        ("police-cooperation", "PAK", "2010-01-01"),
        ("bilateral-readmission-agreement", "PAK", "2021-01-01"),
        ("bilateral-readmission-agreement", "PAK", "[2010-01-01..2026-01-01]"),
        ("bilateral-readmission-agreement", "NGA", "2013-06-01"),
    ],
    ids=["another kind", "later", "on an unknown day", "a partner that the list names"],
)
def test_what_the_list_does_not_speak_of_may_be_recorded(
    loaded: Facts, kind: str, partner: str, day: str
) -> None:
    assert contradictions(loaded, kind=kind, partner=partner, day=day) == []
