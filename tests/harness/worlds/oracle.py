"""What a world means on a day, from the definitions of the statuses alone: every possible world is replayed.

Nothing here follows the rules of ``queries/rules``: those compute periods once, this asks for one day after another.
"""

import datetime
import itertools
from dataclasses import dataclass
from functools import lru_cache

from harness.worlds.facts import (
    FAR,
    JOINED,
    KINDS,
    LEFT,
    OFFICIAL,
    PROTOCOLS,
    PROTOCOLS_SINCE,
    TRANSITION_OVER,
    Closing,
    Event,
    Instrument,
    Statement,
    World,
)  # fmt: skip
from readmission.dates import bounds

NO, MAYBE, YES = 0, 1, 2
RANKS = {
    "agreement": 10, "in-force": 10, "agreement-contested": 9, "in-force-contested": 9, "arrangement": 8,
    "in-operation": 8, "clause": 7, "unconfirmed": 6, "does-not-bind": 5, "other-persons": 4, "signed": 3, "ended": 2,
    "known-none": 1, "none": 0, "none-recorded": 0,
}  # fmt: skip
"""The order of the table of statuses, the best first."""
VERDICTS = (
    "not-recorded", "lacks", "not-in-force", "possibly-covered", "covered-non-binding", "covered-contested",
    "covered-binding",
)  # fmt: skip
VERDICT_RANKS = {10: 6, 9: 5, 8: 4, 7: 4, 6: 3, 5: 2, 4: 2, 3: 2, 2: 2, 1: 1, 0: 0}
"""How good a verdict each place in that order stands for."""


@dataclass(frozen=True)
class Force:
    """Whether an instrument works on a day, whether a side disputes it, and whether more than hearsay says so."""

    works: int
    disputed: bool = False
    proven: bool = True


def replay(history: list[tuple[datetime.date, Event]], day: datetime.date) -> Force:
    """Return how things stand on a day when the day of each event is known; closings come first within a day."""
    works, disputed, proven, deferred = NO, False, False, datetime.date.min
    for when, event in sorted(
        history, key=lambda each: (each[0], each[1].effect not in ("closes", "disputes"))
    ):
        if event.effect == "defers":
            deferred = max(deferred, when)
        elif when > day or event.effect == "neutral":
            continue
        elif event.effect == "opens":
            works, disputed, proven = YES, False, proven or event.is_proven
        elif event.effect == "closes":
            works, disputed, proven = NO, False, False
        elif event.effect == "disputes":
            disputed = True
        elif works == NO:
            works = MAYBE
    return Force(works if day >= deferred else NO, disputed, proven)


@lru_cache(maxsize=1_000_000)
def force(instrument: Instrument, category: str, state: str, day: datetime.date) -> Force:
    """Return what is so in every possible world; what differs between them is only possible."""
    events = [
        each for each in instrument.events if each.effect != "neutral" and each.counts_for(category, state)
    ]
    days = [{each.first, each.last} for each in events]
    seen = {replay(list(zip(chosen, events, strict=True)), day) for chosen in itertools.product(*days)}
    works = {each.works for each in seen}
    return Force(
        works.pop() if len(works) == 1 else MAYBE,
        any(each.disputed for each in seen),
        all(each.proven for each in seen),
    )


def within(start: str | None, end: str | None, day: datetime.date) -> int:
    """Return whether a day lies in a span whose ends may be uncertain or not stated."""
    first, last = (bounds(start).earliest, bounds(start).latest or FAR) if start else (day, day)
    over, surely_over = (bounds(end).earliest, bounds(end).latest or FAR) if end else (FAR, FAR)
    if day < first or day >= surely_over:
        return NO
    return YES if last <= day < over else MAYBE


def said(statements: list[Statement], day: datetime.date) -> int:
    return max((within(each.start, each.end, day) for each in statements if each.applies), default=NO)


def is_within_union(state: str, day: datetime.date) -> bool:
    """Whether the Union's agreements bind a state: as a member, or in the transition after it has left."""
    return JOINED[state] <= day and (state != "GBR" or day < TRANSITION_OVER)


def is_member(state: str, day: datetime.date) -> bool:
    return JOINED[state] <= day and (state != "GBR" or day < LEFT)


def binds(instrument: Instrument, state: str, day: datetime.date) -> int:
    """Return whether the instrument binds the state and the partner, if it works at all."""
    partner = YES
    if instrument.per_partner:
        partner = said(instrument.of(None), day) if instrument.of(None) else MAYBE
    if instrument.layer == "own":
        return partner
    if not is_within_union(state, day):
        return NO
    if statements := instrument.of(state):
        return min(partner, said(statements, day))
    openings = [event.first for event in instrument.events if event.effect == "opens"]
    is_earlier = any(day < PROTOCOLS_SINCE for day in openings)
    is_exempt = instrument.form in ("non-binding", "unknown") or instrument.outside_title_v or is_earlier
    return partner if state not in PROTOCOLS or is_exempt else min(partner, MAYBE)


@lru_cache(maxsize=1_000_000)
def effect(instrument: Instrument, category: str, state: str, day: datetime.date) -> int:
    """Return whether the instrument works for these persons between the state and the partner."""
    if category not in instrument.persons:
        return NO
    return min(force(instrument, category, state, day).works, binds(instrument, state, day))


def footing(instrument: Instrument, now: Force) -> str:
    """Return the status of what works for certain."""
    is_own = instrument.layer == "own"
    if not now.proven or instrument.form in ("unknown", "effect-not-seen"):
        return "unconfirmed"
    if instrument.form == "non-binding":
        return "in-operation" if is_own else "arrangement"
    if instrument.is_clause:
        return "clause"
    return ("in-force" if is_own else "agreement") + ("-contested" if now.disputed else "")


def status(world: World, instrument: Instrument, category: str, state: str, day: datetime.date) -> str | None:
    """Return the status of one instrument for a pair, persons and a day; None where it is not on record yet."""
    if instrument.layer == "own" and state not in instrument.states:
        return None
    if instrument.events and day < min(event.first for event in instrument.events):
        return None
    works = effect(instrument, category, state, day)
    if works == YES:
        return footing(instrument, force(instrument, category, state, day))
    return "unconfirmed" if works == MAYBE else idle(world, instrument, category, state, day)


def idle(world: World, instrument: Instrument, category: str, state: str, day: datetime.date) -> str:
    """Return the status of what is on record and does not work for these persons of the pair on the day."""
    if is_over(world, instrument, day):
        return "ended"
    if does_not_apply(instrument, state, day):
        return "does-not-bind"
    if category not in instrument.persons:  # nobody, as far as is known, or others
        return "other-persons"
    if instrument.layer == "eu" and works_for_others(instrument, category, day):
        return "does-not-bind"
    if any(effect(instrument, other, state, day) == YES for other in instrument.persons):
        return "other-persons"
    if any(effect(instrument, category, state, past) for past in world.turns if past < day):
        return "ended"
    begins = any(effect(instrument, each, state, on) for each in instrument.persons for on in world.turns)
    return "signed" if begins or instrument.layer == "eu" else "unconfirmed"


def does_not_apply(instrument: Instrument, state: str, day: datetime.date) -> bool:
    """Whether somebody has said that it does not apply to the state, or to the partner."""
    sides = (state, None) if instrument.per_partner else (state,)
    return any(
        not each.applies and within(each.start, each.end, day)
        for side in sides
        for each in instrument.of(side)
    )


def works_for_others(instrument: Instrument, category: str, day: datetime.date) -> bool:
    """Whether an instrument of the Union works for these persons of the partner with some Member State."""
    partner = said(instrument.of(None), day) if instrument.per_partner else YES
    return min(force(instrument, category, "", day).works, partner) == YES


def is_over(world: World, instrument: Instrument, day: datetime.date) -> bool:
    """Whether it has worked, or may have, and works for nobody any more."""
    last = last_work(world, instrument)
    return last is not None and last < day


@lru_cache(maxsize=10_000)
def last_work(world: World, instrument: Instrument) -> datetime.date | None:
    """Return the last day of those on which something can turn that it works, or may work, for somebody."""
    days = (
        day
        for day in reversed(world.turns)
        for category in instrument.persons or ("",)
        for state in ("", *instrument.states)
        if force(instrument, category, state, day).works
    )
    return next(days, None)


def closes(closing: Closing, layer: str, state: str, day: datetime.date) -> bool:
    """Whether an official source says that nothing of a layer existed, on its own day or all through its span."""
    if closing.level not in OFFICIAL or not (closing.is_finding or closing.is_complete):
        return False
    if closing.states is not None and state not in closing.states:
        return False
    if closing.kinds is not None and layer not in {KINDS[kind] for kind in closing.kinds}:
        return False
    if closing.start and closing.end:
        return within(closing.start, closing.end, day) == YES
    return closing.asof == day.isoformat()


@dataclass(frozen=True)
class Answer:
    """Both statuses of a pair, and the rank of the verdict that sums them up."""

    eu: str
    own: str
    verdict: int


def answer(world: World, category: str, state: str, day: datetime.date) -> Answer:
    """Return what a state has with the partner: of several instruments the best status shows."""
    found: dict[str, list[str]] = {"eu": ["none"], "own": ["none-recorded"]}
    closers = [each for each in world.closings if closes(each, "own", state, day)]
    if closers:
        found["own"].append("known-none")
    for instrument in world.instruments:
        if held := status(world, instrument, category, state, day):
            found[instrument.layer].append(held)
    eu, own = (max(found[layer], key=RANKS.__getitem__) for layer in ("eu", "own"))
    ranks = [VERDICT_RANKS[RANKS[each]] for each in (eu, own)]
    if own == "known-none" and all(each.kinds is not None for each in closers):
        ranks[1] = 0  # another kind may exist
    return Answer(eu, own, max(ranks))
