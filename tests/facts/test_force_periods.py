"""Force periods as the rules derive them, against an oracle that replays every possible world day by day."""

import datetime
import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache

import pyoxigraph as ox
import pytest

from readmission.building import rules
from readmission.dates import EDTF, bounds
from readmission.namespaces import BASE
from readmission.sources.fact_files import load

HISTORIES = 1200
RDM, CODE, COUNTRY = f"{BASE}ontology#", f"{BASE}code/", f"{BASE}id/country/"
TYPE = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
EFFECTS = {
    "entry-into-force": "opens", "provisional-application": "opens", "resumption": "opens",
    "provisional-application-in-part": "opens-possibly", "category-start": "defers",
    "suspension": "closes", "termination": "closes", "expiry": "closes", "supersession": "closes",
    "signature": "neutral", "amendment": "neutral",
}  # fmt: skip
PERSONS = ("own-nationals", "third-country-nationals")
FAR = datetime.date(2200, 1, 1)


@dataclass(frozen=True)
class Event:
    """One event of an invented history."""

    kind: str
    stated: str
    recognition: str
    category: str | None
    state: str | None
    sequence: int | None

    @cached_property
    def first(self) -> datetime.date:
        return bounds(self.stated).earliest

    @cached_property
    def last(self) -> datetime.date:
        return bounds(self.stated).latest or FAR

    @property
    def effect(self) -> str:
        effect = EFFECTS[self.kind]
        return "neutral" if effect == "closes" and self.recognition in ("unilateral", "contested") else effect

    @property
    def rank(self) -> int:
        return self.sequence or (4 if EFFECTS[self.kind] == "closes" else 6)

    def counts_for(self, category: str, state: str | None) -> bool:
        return self.category in (None, category) and self.state in (None, state)


def replay(world: list[tuple[datetime.date, Event]], day: datetime.date) -> str:
    """Return yes, maybe or no: the state of things on a day, when every event's day is known."""
    now, deferred_until = "no", datetime.date.min
    for when, event in sorted(world, key=lambda pair: (pair[0], pair[1].rank)):
        if event.effect == "defers":
            deferred_until = max(deferred_until, when)
        elif when <= day and event.effect == "opens":
            now = "yes"
        elif when <= day and event.effect == "closes":
            now = "no"
        elif when <= day and event.effect == "opens-possibly" and now == "no":
            now = "maybe"
    return now if day >= deferred_until else "no"


def expected(events: list[Event], day: datetime.date) -> str:
    """Return yes when it is so in every possible world, no when in none, else maybe."""
    telling = [event for event in events if event.effect != "neutral"]
    days = [{event.first, event.last} for event in telling]
    seen = {replay(list(zip(chosen, telling, strict=True)), day) for chosen in itertools.product(*days)}
    return seen.pop() if len(seen) == 1 else "maybe"


def invented(source: random.Random) -> list[Event]:
    """Return a history of up to seven events, exact and uncertain, some on the same day."""
    start = datetime.date(2000, 1, 1) + datetime.timedelta(days=source.randrange(3000))
    found, day = [], start
    for _ in range(source.randint(1, 7)):
        day += datetime.timedelta(days=source.choice((0, 0, 1, 20, 45, 400, 800)))
        kind = source.choice(list(EFFECTS))
        category = (
            source.choice(PERSONS)
            if kind == "category-start"
            else source.choice((None, None, None, PERSONS[0]))
        )
        state = source.choice((None, None, None, "FRA"))
        sequence = source.choice((None, None, None, None, source.randint(1, 9)))
        recognition = source.choice(("uncontested", "uncontested", "settled", "unilateral", "contested"))
        found.append(Event(kind, stated(source, day), recognition, category, state, sequence))
    return found


def stated(source: random.Random, day: datetime.date) -> str:
    forms = (
        day.isoformat(), day.isoformat(), day.isoformat(), f"{day:%Y-%m}", f"{day:%Y}", f"{day:%Y-%m}~",
        f"[{day}..{day + datetime.timedelta(days=30)}]",
    )  # fmt: skip
    return source.choice(forms)


def orderly(events: list[Event]) -> bool:
    """Whether the order of opposite events is certain; where it is not, a check asks for rdm:sequence."""
    boundaries = [event for event in events if event.effect in ("opens", "closes", "opens-possibly")]
    for one, other in itertools.combinations(boundaries, 2):
        if one.effect == other.effect:
            continue
        if one.first == one.last == other.first == other.last and one.rank != other.rank:
            continue
        if one.first <= other.last and other.first <= one.last:
            return False
    return True


@lru_cache(maxsize=1)
def histories() -> tuple[list[Event], ...]:
    """Return histories whose order is certain, always the same ones."""
    source = random.Random(20210210)
    made = (invented(source) for _ in itertools.count())
    return tuple(itertools.islice((events for events in made if orderly(events)), HISTORIES))


def quads(number: int, events: list[Event]) -> Iterator[ox.Quad]:
    instrument = ox.NamedNode(f"{BASE}id/eura/h{number}")

    def say(subject: ox.NamedNode, name: str, value: ox.NamedNode | ox.Literal) -> ox.Quad:
        return ox.Quad(subject, ox.NamedNode(RDM + name), value, ox.NamedNode("urn:test"))

    yield ox.Quad(instrument, TYPE, ox.NamedNode(f"{RDM}EUReadmissionAgreement"), ox.NamedNode("urn:test"))
    for category in PERSONS:
        scope = ox.NamedNode(f"{BASE}id/scope/h{number}-{category}")
        yield ox.Quad(scope, TYPE, ox.NamedNode(f"{RDM}PersonScope"), ox.NamedNode("urn:test"))
        yield say(scope, "concerns", instrument)
        yield say(scope, "category", ox.NamedNode(CODE + category))
    for index, event in enumerate(events):
        node = ox.NamedNode(f"{BASE}id/event/h{number}-{index}")
        yield ox.Quad(node, TYPE, ox.NamedNode(f"{RDM}StatusEvent"), ox.NamedNode("urn:test"))
        yield say(node, "concerns", instrument)
        yield say(node, "eventType", ox.NamedNode(CODE + event.kind))
        yield say(node, "recognition", ox.NamedNode(CODE + event.recognition))
        yield say(node, "date", ox.Literal(event.stated, datatype=ox.NamedNode(EDTF)))
        if event.category:
            yield say(node, "category", ox.NamedNode(CODE + event.category))
        if event.state:
            yield say(node, "state", ox.NamedNode(COUNTRY + event.state))
        if event.sequence:
            yield say(node, "sequence", ox.Literal(event.sequence))


PERIODS = f"""
PREFIX rdm: <{RDM}>
SELECT ?instrument ?category ?state ?from ?certain ?end ?last WHERE {{
  ?p a rdm:ForcePeriod ; rdm:concerns ?instrument ; rdm:category ?category ; rdm:fromEarliest ?from .
  OPTIONAL {{ ?p rdm:fromLatest ?certain }} OPTIONAL {{ ?p rdm:state ?state }}
  OPTIONAL {{ ?p rdm:untilEarliest ?end }} OPTIONAL {{ ?p rdm:untilLatest ?last }}
}}"""

Period = tuple[datetime.date, datetime.date, datetime.date, datetime.date]


def derived() -> dict[tuple[str, str, str], list[Period]]:
    store = ox.Store()
    store.bulk_extend(load(("ontology",)).quads)
    store.bulk_extend(quad for number, events in enumerate(histories()) for quad in quads(number, events))
    rules.derive(store)
    found: dict[tuple[str, str, str], list[Period]] = {}
    rows = store.query(PERIODS, use_default_graph_as_union=True)
    assert isinstance(rows, ox.QuerySolutions)
    for row in rows:
        texts = [term.value if term is not None else "" for term in row]
        name, category, state = (text.rsplit("/", 1)[-1] for text in texts[:3])
        days = [datetime.date.fromisoformat(text) if text else FAR for text in texts[3:]]
        found.setdefault((name, category, state), []).append((days[0], days[1], days[2], days[3]))
    return found


def told(periods: list[Period], day: datetime.date) -> str:
    if any(certain <= day < end for _, certain, end, _ in periods):
        return "yes"
    return "maybe" if any(start <= day < last for start, _, _, last in periods) else "no"


def probes(events: list[Event]) -> set[datetime.date]:
    edges = {day for event in events for day in (event.first, event.last) if day < FAR}
    return {day + datetime.timedelta(days=shift) for day in edges for shift in (-1, 0)}


def test_rules_and_oracle_agree_on_a_thousand_histories() -> None:
    found, tried, faults = derived(), histories(), []
    for number, events in enumerate(tried):
        named = {event.state for event in events if event.state}
        for category, state in itertools.product(PERSONS, (None, *named)):
            counting = [event for event in events if event.counts_for(category, state)]
            periods = found.get((f"h{number}", category, state or ""), [])
            faults += [
                (number, category, state, day, told(periods, day), wanted)
                for day in probes(events)
                if told(periods, day) != (wanted := expected(counting, day))
            ]
    first = (faults[0], tried[faults[0][0]]) if faults else None
    assert not faults, f"{len(faults)} days differ, first {first}; mend queries/rules/40-force-periods.rq"


def kinds(event: Event, events: list[Event]) -> set[str]:
    """Return the difficulties that an event brings."""
    met = {
        "uncertain": event.first != event.last,
        "same day": any(other.first == event.first and other.effect != event.effect for other in events),
        "contested": event.recognition == "contested",
        "partial": event.state is not None or event.category is not None,
        "sequenced": event.sequence is not None,
    }
    return {name for name, is_so in met.items() if is_so}


@pytest.mark.parametrize("kind", ["uncertain", "same day", "contested", "partial", "sequenced"])
def test_the_histories_hold_every_kind_of_difficulty(kind: str) -> None:
    count = sum(any(kind in kinds(event, events) for event in events) for events in histories())
    assert count >= HISTORIES // 20, f"only {count} histories with {kind} dates; widen invented()"
