"""The facts of a small invented world: one partner, and what the Union and five European states have with it."""

import datetime
from dataclasses import dataclass
from functools import cached_property

from readmission.dates import bounds

FAR = datetime.date(2200, 1, 1)
STATES = ("FRA", "BEL", "HRV", "GBR", "DNK")
"""Two founders, one that joined later, one that has left, and one with a protocol on its position."""
JOINED = {
    "FRA": datetime.date(1958, 1, 1), "BEL": datetime.date(1958, 1, 1), "HRV": datetime.date(2013, 7, 1),
    "GBR": datetime.date(1973, 1, 1), "DNK": datetime.date(1973, 1, 1),
}  # fmt: skip
LEFT, TRANSITION_OVER = datetime.date(2020, 2, 1), datetime.date(2021, 1, 1)
PROTOCOLS = ("DNK", "GBR")
PROTOCOLS_SINCE = datetime.date(1999, 5, 1)
PERSONS = ("own-nationals", "third-country-nationals", "transit")
EFFECTS = {
    "entry-into-force": "opens", "start-of-operation": "opens", "provisional-application": "opens",
    "resumption": "opens",
    "provisional-application-in-part": "opens-possibly", "category-start": "defers",
    "suspension": "closes", "termination": "closes", "signature": "neutral", "amendment": "neutral",
}  # fmt: skip
OFFICIAL = ("official-text", "official-list", "official-secondary")
KINDS = {
    "eu-readmission-agreement": "eu", "bilateral-readmission-agreement": "own", "memorandum-of-understanding": "own",
    "wider-agreement": "",
}  # fmt: skip
"""Kinds of instruments that a list can name, with the layer of each; the last one is of neither."""


@dataclass(frozen=True, eq=False)
class Event:
    """Something that happened to an instrument, on a day that is stated in EDTF."""

    kind: str
    stated: str
    recognition: str = "uncontested"
    category: str | None = None
    state: str | None = None
    levels: tuple[str, ...] = ("official-text",)

    @cached_property
    def first(self) -> datetime.date:
        return bounds(self.stated).earliest

    @cached_property
    def last(self) -> datetime.date:
        return bounds(self.stated).latest or FAR

    @property
    def is_disputed(self) -> bool:
        return self.recognition in ("unilateral", "contested")

    @property
    def effect(self) -> str:
        effect = EFFECTS[self.kind]
        return "disputes" if effect == "closes" and self.is_disputed else effect

    @property
    def is_proven(self) -> bool:
        return any(level != "unverified" for level in self.levels)

    def counts_for(self, category: str, state: str) -> bool:
        return self.category in (None, category) and self.state in (None, state)


@dataclass(frozen=True, eq=False)
class Statement:
    """Whether an instrument applies to a state, or to the partner (None), and when as far as that is stated."""

    state: str | None
    applies: bool
    reason: str
    start: str | None = None
    end: str | None = None


@dataclass(frozen=True, eq=False)
class Instrument:
    """``form`` says what it is: binding, non-binding, unknown, or the effect of a clause."""

    layer: str
    form: str
    states: tuple[str, ...]
    persons: tuple[str, ...]
    events: tuple[Event, ...]
    statements: tuple[Statement, ...] = ()
    per_partner: bool = False
    outside_title_v: bool = False

    @property
    def is_clause(self) -> bool:
        return self.form in ("direct-obligation", "undertaking-to-conclude", "effect-not-seen")

    def of(self, state: str | None) -> list[Statement]:
        return [statement for statement in self.statements if statement.state == state]


@dataclass(frozen=True, eq=False)
class Closing:
    """A list or a finding by which nothing else exists; ``states`` and ``kinds`` are all when None."""

    is_finding: bool
    is_complete: bool
    level: str
    states: tuple[str, ...] | None
    kinds: tuple[str, ...] | None
    start: str | None
    end: str | None
    asof: str


@dataclass(frozen=True, eq=False)
class World:
    """All that is recorded about one partner."""

    number: int
    instruments: tuple[Instrument, ...]
    closings: tuple[Closing, ...]

    @property
    def partner(self) -> str:
        return f"P{self.number}"

    @cached_property
    def turns(self) -> list[datetime.date]:
        """The days on which something can turn, and the days before them."""
        events = [event.stated for each in self.instruments for event in each.events]
        said = [text for each in self.instruments for one in each.statements for text in (one.start, one.end)]
        closed = [text for each in self.closings for text in (each.start, each.end, each.asof)]
        texts = [text for text in (*events, *said, *closed) if text]
        stated = [day for text in texts for day in (bounds(text).earliest, bounds(text).latest) if day]
        fixed = [JOINED["HRV"], LEFT, TRANSITION_OVER, datetime.date(2100, 1, 1)]
        shifts = (-1, 0)
        return sorted({day + datetime.timedelta(days=shift) for day in (*stated, *fixed) for shift in shifts})
