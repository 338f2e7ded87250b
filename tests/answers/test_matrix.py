"""The matrix says in one table what the gaps say country by country; changes are what events of a period moved."""

import csv
import datetime
import io
import itertools
import json
import zipfile

import pytest

from readmission import Graph
from readmission.answers.matrix import Cell, changes, matrix
from readmission.cli import main
from readmission.errors import ParameterError
from readmission.release import Release
from readmission.reports import workbook

SEED = datetime.date(2021, 2, 10)


@pytest.mark.parametrize("on", ["2005-01-01", "2021-02-10", "2026-11-21"])
@pytest.mark.parametrize("country", ["ALB", "TUR", "NGA", "AFG", "MYS", "COK", "HKG"])
def test_each_cell_holds_the_statuses_of_the_gaps(graph: Graph, country: str, on: str) -> None:
    found = matrix(graph.release, datetime.date.fromisoformat(on))
    for row in graph.gaps(country, on).rows:
        wanted = Cell(row.pair.eu.status, row.pair.own.status, row.pair.verdict)
        assert found.cells[row.code, country] == wanted, (row.code, country, on)


LATER = [
    ("AUT", "2012-10-17", "none", set()),
    ("AUT", "2012-10-18", "signed", {("starts-later", "2014-01-01")}),
    ("IRL", "2012-10-17", "none", set()),
]


@pytest.mark.parametrize(("state", "on", "status", "reasons"), LATER)
def test_what_was_signed_after_the_day_does_not_count_as_known(
    graph: Graph, state: str, on: str, status: str, reasons: set[tuple[str, str]]
) -> None:
    layer = next(row for row in graph.gaps("ARM", on).rows if row.code == state).pair.eu
    told = {(reason.code, reason.day) for held in layer.instruments for reason in held.reasons}
    assert (layer.status, told) == (status, reasons), "see queries/rules/27-first-events.rq"
    assert matrix(graph.release, datetime.date.fromisoformat(on)).cells[state, "ARM"].eu == status


COVERAGES = """
PREFIX rdm: <https://w3id.org/eu-readmission/ontology#>
PREFIX code: <https://w3id.org/eu-readmission/code/>
SELECT ?pair ?from ?certain ?end ?last ?strength ?layer ?start ?contested ?settled WHERE {
  ?coverage a rdm:Coverage ; rdm:instrument ?instrument ; rdm:boundState ?state ; rdm:category ?category ;
    rdm:partner ?partner ; rdm:strength ?strength ; rdm:fromEarliest ?from .
  ?instrument rdm:layer ?layer .
  OPTIONAL { ?coverage rdm:provenFrom ?start }
  OPTIONAL { ?coverage rdm:fromLatest ?certain } OPTIONAL { ?coverage rdm:untilEarliest ?end }
  OPTIONAL { ?coverage rdm:untilLatest ?last }
  OPTIONAL { ?coverage rdm:contest ?dispute . ?dispute rdm:contestedFrom ?contested
    OPTIONAL { ?dispute rdm:contestedUntil ?settled } }
  BIND(CONCAT(STR(?instrument), " ", STR(?state), " ", STR(?category), " ", STR(?partner)) AS ?pair)
}"""

PERIODS = """
PREFIX rdm: <https://w3id.org/eu-readmission/ontology#>
SELECT ?pair ?from ?until ?rank WHERE {
  ?period a rdm:StatusPeriod ; rdm:instrument ?instrument ; rdm:forState ?state ; rdm:category ?category ;
    rdm:partner ?partner ; rdm:basis ?coverage ; rdm:status/rdm:rank ?rank .
  ?coverage a rdm:Coverage .
  OPTIONAL { ?period rdm:holdsFrom ?from } OPTIONAL { ?period rdm:holdsUntil ?until }
  FILTER(?rank >= 6)
  BIND(CONCAT(STR(?instrument), " ", STR(?state), " ", STR(?category), " ", STR(?partner)) AS ?pair)
}"""


CERTAIN = {
    ("eu", "binding"): 10, ("eu", "arrangement"): 8, ("eu", "provision-direct"): 7, ("eu", "provision-undertaking"): 7,
    ("own", "binding"): 10, ("own", "arrangement"): 8,
}  # fmt: skip
UNCONFIRMED, CONTESTED = 6, 9


def covered(coverage: dict[str, str], day: str) -> int:
    """Return the rank of a coverage's status on a day, read off its own days; what has no day is later than all."""
    if not coverage["from"] <= day < (coverage["last"] or "9999"):
        return 0
    if not (coverage["certain"] or "9999") <= day < (coverage["end"] or "9999"):
        return UNCONFIRMED
    layer, strength = (coverage[name].partition(f"/{name}-")[2] for name in ("layer", "strength"))
    rank = CERTAIN.get((layer.rpartition("-")[2] or layer, strength), UNCONFIRMED)
    if not (coverage["start"] or "9999") <= day:  # known by unverified knowledge alone
        return UNCONFIRMED
    contested = (coverage["contested"] or "9999") <= day < (coverage["settled"] or "9999")
    return CONTESTED if contested and rank == CERTAIN["own", "binding"] else rank


def test_status_periods_say_of_every_day_what_the_coverages_say(built: Release) -> None:
    said, told = (
        {pair: list(rows) for pair, rows in itertools.groupby(
            sorted(built.engine.select(query).texts(), key=lambda row: row["pair"]), lambda row: row["pair"])}
        for query in (COVERAGES, PERIODS)
    )  # fmt: skip
    assert len(said) > 5000
    assert said.keys() == told.keys()
    for pair, coverages in said.items():
        edges = {row[name] for row in (*coverages, *told[pair]) for name in row if row[name][4:5] == "-"}
        before = {str(datetime.date.fromisoformat(day) - datetime.timedelta(1)) for day in edges}
        for day in edges | before:
            periods = (
                int(row["rank"]) for row in told[pair] if row["from"] <= day < (row["until"] or "9999")
            )
            wanted = max(covered(coverage, day) for coverage in coverages)
            assert max(periods, default=0) == wanted, f"{pair} on {day}: mend 92-statuses-covered.rq"


def test_every_pair_of_a_european_state_and_a_partner_has_a_cell(built: Release) -> None:
    found = matrix(built, SEED)
    assert len(found.states) == 32
    assert [state.standing for state in found.states].count("member") == 27
    assert [state.code for state in found.states if state.standing == "associated"] == [
        "CHE",
        "ISL",
        "LIE",
        "NOR",
    ]
    themselves = {state.code for state in found.states} & {partner.code for partner in found.partners}
    assert len(found.cells) == len(found.states) * len(found.partners) - len(themselves)


@pytest.mark.parametrize(
    ("on", "standing", "is_partner"),
    [
        ("2020-01-31", "member", False),
        ("2020-02-01", "in transition", True),
        ("2021-01-01", "former member", True),
    ],
)
def test_the_united_kingdom_leaves_the_members_and_becomes_a_partner(
    built: Release, on: str, standing: str, is_partner: bool
) -> None:
    found = matrix(built, datetime.date.fromisoformat(on))
    assert next(state.standing for state in found.states if state.code == "GBR") == standing
    assert ("GBR" in {partner.code for partner in found.partners}) is is_partner
    assert ("GBR", "GBR") not in found.cells, "a state has nothing with itself"


@pytest.mark.parametrize(("on", "standing"), [("1990-06-30", "no member"), ("2008-12-12", "associated")])
def test_a_state_is_associated_from_the_day_of_its_association(
    built: Release, on: str, standing: str
) -> None:
    found = matrix(built, datetime.date.fromisoformat(on))
    assert next(state.standing for state in found.states if state.code == "CHE") == standing


def test_a_group_keeps_its_partners_only(built: Release) -> None:
    partners = {partner.code for partner in matrix(built, SEED, group="negotiating").partners}
    assert {"NGA"} <= partners <= {"CHN", "MAR", "NGA", "TUN"}
    assert "NGA" in {partner.code for partner in matrix(built, SEED, group="africa").partners}
    with pytest.raises(ParameterError, match="visa-bound"):
        matrix(built, SEED, group="Atlantis")


def test_the_visa_bound_group_follows_the_country_table(built: Release) -> None:
    partners = {partner.code for partner in matrix(built, SEED, group="visa-bound").partners}
    assert {"NGA", "AFG", "TUR"} <= partners
    assert "GEO" not in partners


def test_changes_name_the_event_that_caused_them(built: Release) -> None:
    day = datetime.date(2020, 7, 1)
    found = {(c.state, c.partner): c for c in changes(built, day, day)}
    assert found["AUT", "BLR"].layer == "eu"
    assert (found["AUT", "BLR"].before, found["AUT", "BLR"].after) == ("signed", "agreement")
    assert found["AUT", "BLR"].causes == ("2020-07-01 entry into force (eura/blr)",)
    assert {partner for _, partner in found} == {"BLR"}
    assert ("DNK", "BLR") not in found


def test_both_ends_of_a_period_count(built: Release) -> None:
    ended = {
        c.partner
        for c in changes(built, datetime.date(2024, 1, 1), datetime.date(2024, 12, 31))
        if c.before == "clause" and "2024-01-01 expiry (provision/cotonou-2000-art-13)" in c.causes
    }
    # it is all partners but those to which the Samoa Agreement applies since that day
    assert len(ended) > 60, "the end of Cotonou on 1 January 2024 belongs to 2024"
    assert "NGA" in ended


def test_nothing_changes_on_a_day_without_an_event_and_days_are_not_swapped(built: Release) -> None:
    assert changes(built, SEED, SEED) == ()
    with pytest.raises(ParameterError, match="swap"):
        changes(built, SEED, datetime.date(2020, 1, 1))


def test_csv_json_and_the_workbook_hold_the_same_cells(
    built: Release, capsys: pytest.CaptureFixture[str]
) -> None:
    found = matrix(built, SEED)
    assert main(["matrix", "--on", "2021-02-10", "--format", "csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    own = {pair: cell.own for pair, cell in found.cells.items()}
    assert {(row["state"], p.code): row[p.code] for row in rows for p in found.partners if row[p.code]} == own
    assert main(["matrix", "--on", "2021-02-10", "--format", "json"]) == 0
    cells = json.loads(capsys.readouterr().out)["cells"]
    assert {(cell["state"], cell["partner"]): cell["own"] for cell in cells} == own
    book = workbook.matrix_workbook(found, "own")
    assert book == workbook.matrix_workbook(found, "own"), "a workbook depends on the clock"
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    assert sheet.count("<row ") == len(found.states) + 1


def test_the_network_and_the_changes_are_commands(built: Release, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["network", "--on", "2021-02-10", "--state", "France"]) == 0
    assert "France" in capsys.readouterr().out
    assert main(["changes", "--from", "2020-07-01", "--to", "2020-07-01"]) == 0
    assert "EU–Belarus readmission agreement" in capsys.readouterr().out
