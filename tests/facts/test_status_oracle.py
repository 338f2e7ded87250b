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
  ?period a rdm:StatusPeriod ; rdm:instrument ?instrument ; rdm:forState ?state ; rdm:category ?category ; rdm:status ?status .
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
                            yield f"w{world.number}-{index} {state} {category} {on}: rules {found}, oracle {wanted}: {instrument}"
                            break


def test_rules_and_oracle_agree(derived: Derived) -> None:
    faults = list(differences(derived))
    assert not faults, f"{len(faults)} differ, first {faults[0]}"
