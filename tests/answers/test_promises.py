"""What holds for every pair, in both layers, on nine days: by queries over what is stated, not what is derived."""

import datetime
import random

import pytest

from readmission import dates
from readmission.answers import coverage
from readmission.answers.matrix import Cell, Matrix, matrix
from readmission.namespaces import NAMESPACES
from readmission.release import Release

DAYS = (
    *(datetime.date(*day) for day in (
        (1995, 1, 1), (1999, 5, 1), (2004, 5, 1), (2007, 1, 1), (2013, 7, 1), (2019, 1, 1), (2021, 2, 10), (2024, 1, 1),
    )),
    dates.today(),
)  # fmt: skip
PREFIXES = "".join(f"PREFIX {name}: <{NAMESPACES[name]}>\n" for name in ("rdm", "code", "body", "org"))
RECORDED = f"""{PREFIXES}
SELECT ?state ?partner ?layer ?instrument (MIN(?day) AS ?first) WHERE {{
  ?instrument rdm:partner ?third ; rdm:hasSide ?side . ?third rdm:alpha3 ?partner .
  FILTER EXISTS {{ ?instrument a rdm:ReadmissionInstrument }}
  {{ ?side rdm:sideActor body:EU .
    ?membership org:organization body:EU ; rdm:role code:member ; org:member ?member . BIND("eu" AS ?layer) }}
  UNION
  {{ ?side rdm:sideActor|rdm:sideBinds ?member . ?instrument rdm:hasSide/rdm:sideActor ?any .
    FILTER NOT EXISTS {{ ?instrument rdm:hasSide/rdm:sideActor body:EU }} BIND("own" AS ?layer) }}
  ?member rdm:alpha3 ?state . FILTER(?member != ?third)
  FILTER NOT EXISTS {{ ?instrument rdm:partner ?member }}
  OPTIONAL {{ ?event a rdm:StatusEvent ; rdm:concerns ?subject ; rdm:earliest ?day .
    ?instrument rdm:inWiderAgreement? ?subject }}
}} GROUP BY ?state ?partner ?layer ?instrument"""
BETWEEN = f"""{PREFIXES}
SELECT ?state ?partner ("own" AS ?layer) ?instrument (MIN(?day) AS ?first) WHERE {{
  ?instrument rdm:hasSide ?one , ?other ; a rdm:ReadmissionInstrument . FILTER(?one != ?other)
  FILTER NOT EXISTS {{ ?instrument rdm:partner ?any }}
  ?one rdm:sideActor|rdm:sideBinds ?member .
  ?other rdm:sideActor|rdm:sideBinds ?third . ?member rdm:alpha3 ?state . ?third rdm:alpha3 ?partner .
  FILTER(?member != ?third)
  OPTIONAL {{ ?event a rdm:StatusEvent ; rdm:concerns ?instrument ; rdm:earliest ?day }}
}} GROUP BY ?state ?partner ?instrument"""
OPENINGS = f"""{PREFIXES}
SELECT ?instrument (MAX(?rank) AS ?best) WHERE {{
  ?event a rdm:StatusEvent ; rdm:concerns ?subject ; rdm:eventType/rdm:effect code:opens ;
    rdm:evidence/rdm:evidenceLevel/rdm:rank ?rank .
  ?instrument rdm:inWiderAgreement? ?subject .
}} GROUP BY ?instrument"""
NOTHING = {"none", "none-recorded", "known-none"}
FIRM = {"agreement", "agreement-contested", "in-force", "in-force-contested"}


@pytest.fixture(scope="module")
def recorded(built: Release) -> dict[tuple[str, str, str], list[tuple[str, str]]]:
    """By pair and layer, each instrument with the first day of its first event, empty where none is dated."""
    found: dict[tuple[str, str, str], list[tuple[str, str]]] = {}
    for row in (*built.engine.select(RECORDED).texts(), *built.engine.select(BETWEEN).texts()):
        pair = row["state"], row["partner"], row["layer"]
        found.setdefault(pair, []).append((row["instrument"], row["first"]))
    return found


@pytest.fixture(scope="module", params=DAYS, ids=str)
def told(built: Release, request: pytest.FixtureRequest) -> Matrix:
    return matrix(built, request.param)


def test_nothing_that_is_recorded_is_told_as_nothing(
    told: Matrix, recorded: dict[tuple[str, str, str], list[tuple[str, str]]]
) -> None:
    on, faults = told.on.isoformat(), []
    for (state, partner, layer), instruments in recorded.items():
        begun = [each for each in instruments if each[1] <= on]
        cell = told.cells.get((state, partner))
        if cell and begun and cell.shown(layer) in NOTHING:
            faults.append(
                f"{state}-{partner} on {on}, {layer}: {cell.shown(layer)!r}, but recorded are {begun}"
            )
    assert not faults, f"{len(faults)} pairs; see queries/rules/96-statuses-apart.rq:\n" + "\n".join(
        faults[:20]
    )


def test_nothing_is_in_force_on_unverified_knowledge_alone(
    built: Release, told: Matrix, recorded: dict[tuple[str, str, str], list[tuple[str, str]]]
) -> None:
    best = {row["instrument"]: int(row["best"]) for row in built.engine.select(OPENINGS).texts()}
    faults = []
    for (state, partner), cell in told.cells.items():
        for layer in ("eu", "own"):
            behind = recorded.get((state, partner, layer), [])
            if cell.shown(layer) in FIRM and not any(best.get(name, 0) > 1 for name, _ in behind):
                faults.append(
                    f"{state}-{partner} on {told.on}, {layer}: {cell.shown(layer)!r}, from {behind}"
                )
    assert not faults, f"{len(faults)} pairs; see queries/rules/88-proven-starts.rq:\n" + "\n".join(
        faults[:20]
    )


CLOSED = f"""{PREFIXES}
SELECT ?statement ?since ?before WHERE {{
  {{ ?statement a rdm:NegativeFinding }} UNION {{ ?statement rdm:completenessLevel code:complete }}
  ?statement rdm:fromLatest ?since ; rdm:untilEarliest ?before .
}}"""


def test_none_is_known_only_on_days_of_which_a_source_speaks(built: Release, told: Matrix) -> None:
    spans = [(row["since"], row["before"]) for row in built.engine.select(CLOSED).texts()]
    if any(since <= told.on.isoformat() < before for since, before in spans):
        return
    faults = [pair for pair, cell in told.cells.items() if cell.own == "known-none"]
    assert not faults, f"on {told.on} no source speaks, but none is known for {faults[:20]}"


def test_all_answers_say_the_same_of_a_pair(built: Release) -> None:
    source = random.Random(20210210)
    by_day = {on: matrix(built, on) for on in DAYS}
    members = {
        on: [each.code for each in found.states if each.standing == "member"] for on, found in by_day.items()
    }
    partners = [each.code for each in matrix(built, DAYS[-1]).partners]
    for _ in range(50):
        on, partner = source.choice(DAYS), source.choice(partners)
        gaps = {row.code: row.pair for row in coverage.gaps(built, partner, on).rows}
        assert sorted(gaps) == sorted(state for state in members[on] if state != partner), (partner, on)
        for code in source.sample(sorted(gaps), 4):
            seen = gaps[code]
            cell = Cell(seen.eu.status, seen.own.status, seen.verdict)
            assert by_day[on].cells[code, partner] == cell, (
                f"{code}-{partner} on {on}: matrix and gaps differ"
            )
            why = coverage.why(built, code, partner, on).row.pair
            assert why == seen, f"{code}-{partner} on {on}: why and gaps differ"
            rows = {row.code: row.pair for row in coverage.state(built, code, on).rows}
            assert rows[partner] == seen, f"{code}-{partner} on {on}: state and gaps differ"
