"""The matrix says in one table what the gaps say country by country, and the changes between two days."""

import csv
import datetime
import io
import itertools
import json
import zipfile

import pytest

from readmission import Graph
from readmission.answers.matrix import VERDICTS, changes, matrix
from readmission.cli import main
from readmission.errors import ParameterError
from readmission.release import Release
from readmission.reports import workbook

SEED = datetime.date(2021, 2, 10)


@pytest.mark.parametrize("on", ["2005-01-01", "2021-02-10", "2026-11-21"])
@pytest.mark.parametrize("country", ["ALB", "TUR", "NGA", "AFG", "MYS", "COK", "HKG"])
def test_each_cell_is_the_verdict_of_the_gaps(graph: Graph, country: str, on: str) -> None:
    found = matrix(graph.release, datetime.date.fromisoformat(on))
    for row in graph.gaps(country, on).rows:
        assert VERDICTS[found.ranks[row.state, country]] == row.verdict, (row.state, country, on)


LATER = [
    ("AUT", "ARM", "2013-04-18", "not-recorded", "eura/arm: nothing on record until signature, 2013-04-19"),
    ("AUT", "ARM", "2013-04-19", "not-in-force", "eura/arm: starts later, 2014-01-01"),
    ("IRL", "ARM", "2013-04-18", "not-recorded", ""),
]


@pytest.mark.parametrize(("state", "country", "on", "verdict", "hint"), LATER)
def test_what_was_signed_after_the_day_does_not_count_as_known(
    graph: Graph, state: str, country: str, on: str, verdict: str, hint: str
) -> None:
    row = next(row for row in graph.gaps(country, on).rows if row.state == state)
    assert (row.verdict, row.hint) == (verdict, hint), "see queries/rules/27-first-events.rq"
    ranks = matrix(graph.release, datetime.date.fromisoformat(on)).ranks
    assert VERDICTS[ranks[state, country]] == verdict
    told = {p.situation for p in graph.why(state, country, on).premises if p.instrument == "eura/arm"}
    assert told <= ({"comes later"} if verdict == "not-recorded" else {"does not cover"})


COVERAGES = """
PREFIX rdm: <https://w3id.org/eu-readmission/ontology#>
PREFIX code: <https://w3id.org/eu-readmission/code/>
SELECT ?pair ?from ?certain ?end ?last ?binding ?proof ?contested ?settled WHERE {
  ?coverage a rdm:Coverage ; rdm:instrument ?instrument ; rdm:boundState ?state ; rdm:category ?category ;
    rdm:partner ?partner ; rdm:strength ?strength ; rdm:weakestEvidence/rdm:rank ?proof ; rdm:fromEarliest ?from .
  OPTIONAL { ?coverage rdm:fromLatest ?certain } OPTIONAL { ?coverage rdm:untilEarliest ?end }
  OPTIONAL { ?coverage rdm:untilLatest ?last }
  OPTIONAL { ?coverage rdm:contest ?dispute . ?dispute rdm:contestedFrom ?contested
    OPTIONAL { ?dispute rdm:contestedUntil ?settled } }
  BIND(?strength = code:strength-binding AS ?binding)
  BIND(CONCAT(STR(?instrument), " ", STR(?state), " ", STR(?category), " ", STR(?partner)) AS ?pair)
}"""

PERIODS = """
PREFIX rdm: <https://w3id.org/eu-readmission/ontology#>
SELECT ?pair ?from ?until ?score WHERE {
  ?period a rdm:VerdictPeriod ; rdm:instrument ?instrument ; rdm:forState ?state ; rdm:category ?category ;
    rdm:partner ?partner ; rdm:score ?score .
  OPTIONAL { ?period rdm:holdsFrom ?from } OPTIONAL { ?period rdm:holdsUntil ?until }
  FILTER(?score >= 30)
  BIND(CONCAT(STR(?instrument), " ", STR(?state), " ", STR(?category), " ", STR(?partner)) AS ?pair)
}"""


def covered(coverage: dict[str, str], day: str) -> int:
    """Return the score of a coverage on a day, read off its own days; what has no day is later than all."""
    if not coverage["from"] <= day < (coverage["last"] or "9999"):
        return 0
    certain = (coverage["certain"] or "9999") <= day < (coverage["end"] or "9999")
    contested = (coverage["contested"] or "9999") <= day < (coverage["settled"] or "9999")
    rank = 3 if not certain else 4 if coverage["binding"] != "true" else 5 if contested else 6
    return 10 * rank + int(coverage["proof"])


def test_verdict_periods_say_of_every_day_what_the_coverages_say(built: Release) -> None:
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
                int(row["score"]) for row in told[pair] if row["from"] <= day < (row["until"] or "9999")
            )
            wanted = max(covered(coverage, day) for coverage in coverages)
            assert max(periods, default=0) == wanted, f"{pair} on {day}: mend 92-verdicts-covered.rq"


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
    assert len(found.ranks) == len(found.states) * len(found.partners) - len(themselves)


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
    assert ("GBR", "GBR") not in found.ranks, "a state has no verdict with itself"


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
    found = {
        (c.state, c.partner): c for c in changes(built, datetime.date(2020, 6, 30), datetime.date(2020, 7, 1))
    }
    assert found["AUT", "BLR"].before == "not-in-force"
    assert found["AUT", "BLR"].after == "covered-binding"
    assert found["AUT", "BLR"].causes == ("2020-07-01 entry into force (eura/blr)",)
    assert {partner for _, partner in found} == {"BLR"}
    assert ("DNK", "BLR") not in found


def test_nothing_changes_from_a_day_to_itself_and_days_are_not_swapped(built: Release) -> None:
    assert changes(built, SEED, SEED) == ()
    with pytest.raises(ParameterError, match="swap"):
        changes(built, SEED, datetime.date(2020, 1, 1))


def test_csv_json_and_the_workbook_hold_the_same_cells(
    built: Release, capsys: pytest.CaptureFixture[str]
) -> None:
    found = matrix(built, SEED)
    assert main(["matrix", "--on", "2021-02-10", "--format", "csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert {
        (row["state"], p.code): int(row[p.code]) for row in rows for p in found.partners if row[p.code]
    } == found.ranks
    assert main(["matrix", "--on", "2021-02-10", "--format", "json"]) == 0
    cells = json.loads(capsys.readouterr().out)["cells"]
    assert {(cell["state"], cell["partner"]): cell["rank"] for cell in cells} == found.ranks
    book = workbook.matrix_workbook(found)
    assert book == workbook.matrix_workbook(found), "a workbook depends on the clock"
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    assert sheet.count("<row ") == len(found.states) + 1


def test_the_network_and_the_changes_are_commands(built: Release, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["network", "--on", "2021-02-10", "--state", "France"]) == 0
    assert "France" in capsys.readouterr().out
    assert main(["changes", "--from", "2020-06-30", "--to", "2020-07-01"]) == 0
    assert "EU–Belarus readmission agreement" in capsys.readouterr().out
