"""Both layers as the rules derive them, against an oracle that asks for one day after another in invented worlds."""

import datetime
import random
from collections.abc import Iterator

import pyoxigraph as ox
import pytest

from harness.worlds import oracle
from harness.worlds.facts import PERSONS, STATES, World
from harness.worlds.invention import worlds
from harness.worlds.records import code, europe, node, recorded
from readmission import questions
from readmission.building import rules
from readmission.engine.embedded import EmbeddedEngine
from readmission.namespaces import NAMESPACES
from readmission.query_files import bind
from readmission.sources.fact_files import load

SEED, ORDINARY, BATCHES = 20210210, 300, 10
XSD_DATE = ox.NamedNode(f"{NAMESPACES['xsd']}date")
STATUSES = f"""
PREFIX rdm: <{NAMESPACES["rdm"]}>
SELECT ?instrument ?state ?category ?status ?rank ?from ?until WHERE {{
  ?period a rdm:StatusPeriod ; rdm:instrument ?instrument ; rdm:forState ?state ;
    rdm:category ?category ; rdm:status ?status .
  ?status rdm:rank ?rank .
  OPTIONAL {{ ?period rdm:holdsFrom ?from }} OPTIONAL {{ ?period rdm:holdsUntil ?until }}
}}"""

Told = dict[tuple[str, str, str], list[tuple[int, str, str, str]]]


class Derived:
    """Some hundred worlds in one store, with what the rules make of them."""

    def __init__(self, made: list[World]) -> None:
        self.worlds = made
        self.store = ox.Store()
        self.store.bulk_extend(load(("ontology",)).quads)
        self.store.bulk_extend(europe())
        self.store.bulk_extend(quad for world in made for quad in recorded(world))
        rules.derive(self.store)
        self.engine = EmbeddedEngine(self.store)

    def ask(self, name: str, **values: ox.NamedNode | ox.Literal) -> list[dict[str, str]]:
        """Return the rows of a question, with the last part of each IRI."""
        rows = self.engine.select(bind(questions.find(name).text, values)).texts()
        return [{key: value.rpartition("/")[2] for key, value in row.items()} for row in rows]

    def told(self) -> Told:
        """Return the status periods of each instrument, state and category: rank, status, first and last day."""
        found: Told = {}
        for row in self.engine.select(STATUSES).texts():
            name, state, category, status = (
                row[key].rpartition("/")[2] for key in ("instrument", "state", "category", "status")
            )
            period = (int(row["rank"]), status.partition("-")[2], row["from"], row["until"] or "9999")
            found.setdefault((name, state, category), []).append(period)
        return found


@pytest.fixture(scope="module")
def derived() -> Derived:
    return Derived(worlds(SEED, ORDINARY))


def differences(derived: Derived) -> Iterator[str]:
    """Yield each first day on which an instrument has another status than the oracle says, with the facts."""
    told = derived.told()
    for world in derived.worlds:
        for index, instrument in enumerate(world.instruments):
            for state in STATES:
                for category in PERSONS:
                    periods = told.get((f"w{world.number}-{index}", state, category), [])
                    for day in world.turns:
                        on = day.isoformat()
                        held = [period for period in periods if period[2] <= on < period[3]]
                        found = max(held)[1] if held else None
                        wanted = oracle.status(world, instrument, category, state, day)
                        if found != wanted:
                            where = f"w{world.number}-{index} {state} {category} {on}"
                            yield f"{where}: rules {found}, oracle {wanted}: {instrument}"
                            break


def a_day(world: World) -> ox.Literal:
    day = random.Random(world.number).choice(world.turns)
    return ox.Literal(day.isoformat(), datatype=XSD_DATE)


def gaps_differ(derived: Derived, persons: str) -> Iterator[str]:
    """Ask the question for each world on a day of its own; yield where a layer or the verdict is another."""
    for world in derived.worlds:
        on = a_day(world)
        day = datetime.date.fromisoformat(on.value)
        rows = derived.ask(
            "gaps",
            country=node("country", world.partner),
            on=on,
            persons=code(persons),
            standing=ox.Literal("member"),
        )
        for state in STATES:
            if not oracle.is_member(state, day):
                continue
            best = {
                layer: next(
                    row for row in rows if (row["stateCode"], row["layer"]) == (state, f"layer-{layer}")
                )
                for layer in ("eu", "own")
            }
            statuses = {layer: row["status"].partition("-")[2] for layer, row in best.items()}
            verdict = max(oracle.VERDICTS.index(row["verdict"]) for row in best.values())
            found = oracle.Answer(statuses["eu"], statuses["own"], verdict)
            if found != (wanted := oracle.answer(world, persons, state, day)):
                yield f"{state}-{world.partner} on {day}: gaps {found}, oracle {wanted}: {world}"


def matrix_differs(derived: Derived, on: datetime.date, persons: str) -> Iterator[str]:
    """Ask the question once for all worlds; yield where a layer or the verdict is another."""
    day = ox.Literal(on.isoformat(), datatype=XSD_DATE)
    rows = {
        (row["stateCode"], row["partnerCode"]): row
        for row in derived.ask("matrix", on=day, persons=code(persons))
    }
    for world in derived.worlds:
        for state in STATES if world.instruments else ():
            row = rows[state, world.partner]
            eu, own = (row[layer].partition("-")[2] for layer in ("eu", "own"))
            found = oracle.Answer(eu, own, oracle.VERDICTS.index(row["verdict"]))
            if found != (wanted := oracle.answer(world, persons, state, on)):
                yield f"{state}-{world.partner} on {on}: matrix {found}, oracle {wanted}: {world}"


def refuse(faults: list[str], where: str) -> None:
    assert not faults, (
        f"{len(faults)} differ; the definitions of the statuses decide, mend {where}: {faults[0]}"
    )


def test_rules_and_oracle_agree_on_every_instrument_and_day(derived: Derived) -> None:
    refuse(list(differences(derived)), "queries/rules/92 to 97")


def test_gaps_and_oracle_agree(derived: Derived) -> None:
    refuse(
        list(gaps_differ(derived, PERSONS[0])), "queries/questions/gaps.rq or queries/rules/98-closures.rq"
    )


@pytest.mark.parametrize("year", [2006, 2020, 2026])
def test_matrix_and_oracle_agree(derived: Derived, year: int) -> None:
    found = matrix_differs(derived, datetime.date(year, 8, 1), PERSONS[0])
    refuse(list(found), "queries/questions/matrix.rq")


@pytest.mark.slow
@pytest.mark.parametrize("batch", range(1, BATCHES))
def test_rules_and_oracle_agree_on_thousands_of_worlds(batch: int) -> None:
    derived = Derived(worlds(SEED + batch, ORDINARY))
    refuse(list(differences(derived)), "queries/rules/92 to 97")
    refuse(list(gaps_differ(derived, PERSONS[batch % len(PERSONS)])), "queries/questions/gaps.rq")
