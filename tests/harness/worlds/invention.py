"""Worlds made by chance, always the same ones for a seed."""

import datetime
import itertools
import random
from collections.abc import Iterator

from harness.worlds.facts import EFFECTS, KINDS, PERSONS, STATES, Closing, Event, Instrument, Statement, World

EU_FORMS = (
    "binding", "binding", "binding", "non-binding", "unknown", "direct-obligation",
    "undertaking-to-conclude", "effect-not-seen",
)  # fmt: skip
OWN_FORMS = ("binding", "binding", "non-binding", "unknown")
LEVELS = (
    ("official-text",), ("official-text",), ("official-secondary",), ("academic", "unverified"), ("press",),
    ("unverified",), ("unverified",),
)  # fmt: skip
UNCERTAIN = 3
"""So many events of an instrument have no exact day; every possible world is replayed, and they double with each."""


def worlds(seed: int, count: int) -> list[World]:
    """Return so many worlds, numbered from 0."""
    return [world(random.Random(f"{seed} {number}"), number) for number in range(count)]


def world(source: random.Random, number: int) -> World:
    union = [instrument(source, "eu") for _ in range(source.choice((0, 1, 1, 1, 2, 3)))]
    own = [instrument(source, "own") for _ in range(source.choice((0, 1, 1, 2, 3)))]
    closings = [closing(source) for _ in range(source.choice((0, 0, 1, 2)))]
    return World(number, (*union, *own), tuple(closings))


def instrument(source: random.Random, layer: str) -> Instrument:
    made = (_instrument(source, layer) for _ in itertools.count())
    return next(each for each in made if orderly(each.events))


def _instrument(source: random.Random, layer: str) -> Instrument:
    form = source.choice(EU_FORMS if layer == "eu" else OWN_FORMS)
    states = () if layer == "eu" else tuple(source.sample(STATES, source.choice((1, 1, 1, 2, 3))))
    count = source.choice((1, 1, 2, 2, 3)) if layer == "eu" else source.choice((0, 1, 1, 2, 2, 3))
    persons = tuple(source.sample(PERSONS, count))
    per_partner = source.random() < 0.2
    events = tuple(history(source, form, states, persons))
    return Instrument(
        layer, form, states, persons, events, tuple(statements(source, layer, per_partner)), per_partner,
        source.random() < 0.3,
    )  # fmt: skip


def history(
    source: random.Random, form: str, states: tuple[str, ...], persons: tuple[str, ...]
) -> Iterator[Event]:
    """Tell a life: signed, begun or not, suspended or ended or not."""
    day = datetime.date(1998, 1, 1) + datetime.timedelta(days=source.randrange(6000))
    if source.random() < 0.05:
        return
    if source.random() < 0.8:
        yield Event("signature", stated(source, day), levels=source.choice(LEVELS))
    if source.random() < 0.15:
        return
    if source.random() < 0.2:
        day = later(source, day)
        kind = source.choice(("provisional-application", "provisional-application-in-part"))
        yield Event(kind, stated(source, day), levels=source.choice(LEVELS))
    start = "start-of-operation" if form == "non-binding" else "entry-into-force"
    apart = len(states) > 1 and source.random() < 0.4
    for state in source.sample(states, source.randint(1, len(states))) if apart else (None,):
        if source.random() < 0.85:
            day = later(source, day)
            yield Event(start, stated(source, day), state=state, levels=source.choice(LEVELS))
    if len(persons) > 1 and source.random() < 0.3:
        yield Event("category-start", stated(source, later(source, day)), category=source.choice(persons))
    if not apart:
        yield from ending(source, day, persons)


def ending(source: random.Random, day: datetime.date, persons: tuple[str, ...]) -> Iterator[Event]:
    for _ in range(source.choice((0, 0, 1, 1, 2))):
        day = later(source, day)
        kind = source.choice(("suspension", "suspension", "termination"))
        recognition = source.choice(("uncontested", "uncontested", "settled", "unilateral", "contested"))
        category = source.choice(persons) if persons and source.random() < 0.1 else None
        yield Event(kind, stated(source, day), recognition, category, levels=source.choice(LEVELS))
        if kind == "suspension" and source.random() < 0.5:
            day = later(source, day)
            yield Event("resumption", stated(source, day), levels=source.choice(LEVELS))


def later(source: random.Random, day: datetime.date) -> datetime.date:
    return day + datetime.timedelta(days=source.choice((1, 30, 60, 400, 900, 1800)))


def stated(source: random.Random, day: datetime.date) -> str:
    forms = (
        day.isoformat(), day.isoformat(), day.isoformat(), f"{day:%Y-%m}", f"{day:%Y}",
        f"[{day}..{day + datetime.timedelta(days=90)}]", f"[{day}..]",
    )  # fmt: skip
    return source.choices(forms, (4, 4, 4, 2, 1, 1, 1))[0]


def orderly(events: tuple[Event, ...]) -> bool:
    """Whether the order of events is certain, as a check asks, and no end comes before each start."""
    telling = [event for event in events if event.effect != "neutral"]
    if sum(event.first != event.last for event in telling) > UNCERTAIN:
        return False
    boundaries = [event for event in telling if event.effect != "defers"]
    for one, other in itertools.combinations(boundaries, 2):
        if one.effect != other.effect and one.first <= other.last and other.first <= one.last:
            return False
    starts = [event.first for event in boundaries if event.effect in ("opens", "opens-possibly")]
    ends = [event.first for event in events if EFFECTS[event.kind] == "closes"]
    return not ends or (bool(starts) and min(starts) <= min(ends))


def statements(source: random.Random, layer: str, per_partner: bool) -> Iterator[Statement]:
    """Say whether it applies to states with a position of their own, and to the partner."""
    if layer == "eu":
        for state, reason in (("DNK", "protocol-22"), ("GBR", "protocol-21-no-opt-in")):
            yield from source.choice(
                ((), (), (Statement(state, False, reason),), tuple(taking_part(source, state)))
            )
        if source.random() < 0.1:
            yield Statement("FRA", False, "named-in-agreement")
    if per_partner and source.random() < 0.7:
        start = stated(source, a_day(source)) if source.random() < 0.6 else None
        end = a_day(source, 2022).isoformat() if source.random() < 0.2 else None
        applies = source.random() < 0.75
        reason = "partner-party" if applies else "partner-not-signed"
        yield Statement(None, applies, reason, start if applies else None, end)


def taking_part(source: random.Random, state: str) -> Iterator[Statement]:
    """Say that it applies, perhaps from a day on before which it did not."""
    if source.random() < 0.5:
        yield Statement(state, True, "named-in-agreement")
        return
    day = a_day(source).isoformat()
    if source.random() < 0.5:
        yield Statement(state, False, "named-in-agreement", None, day)
    yield Statement(state, True, "named-in-agreement", day)


def a_day(source: random.Random, first: int = 2000) -> datetime.date:
    return datetime.date(first, 1, 1) + datetime.timedelta(days=source.randrange(4000))


def closing(source: random.Random) -> Closing:
    start = a_day(source)
    end = start + datetime.timedelta(days=source.choice((1, 400, 3000)))
    is_finding = source.random() < 0.5
    has_span = not is_finding or source.random() < 0.7
    return Closing(
        is_finding=is_finding,
        is_complete=source.random() < 0.8,
        level=source.choice(
            ("official-text", "official-list", "official-secondary", "academic", "unverified")
        ),
        states=source.choice((None, None, tuple(source.sample(STATES, 2)))),
        kinds=source.choice((None, tuple(source.sample(sorted(KINDS), source.randint(1, 2))))),
        start=stated(source, start) if has_span else None,
        end=end.isoformat() if has_span else None,
        asof=(end - datetime.timedelta(days=1)).isoformat(),
    )
