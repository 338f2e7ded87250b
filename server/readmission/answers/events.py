"""What happened in a period: every dated event of the graph, whether it moved a pair or not.

Which kinds count is said by the codelists and derived by ``queries/rules/57-happenings.rq``; the header of
``queries/questions/events.rq`` lists what is told, and what is not.
"""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass

from readmission import parameters, questions
from readmission.countries.gazetteer import Country
from readmission.errors import ParameterError
from readmission.release import Release


@dataclass(frozen=True)
class Event:
    """One thing that took place: its date as stated (EDTF), what it is about, and the best evidence for it.

    ``certain`` is false where the date only overlaps the period. ``latest`` is None where the date stays open.
    ``partners`` and ``states`` are alpha-3 codes; an event of the Union for all its members names no state.
    """

    event: str
    date: str
    earliest: datetime.date
    latest: datetime.date | None
    certain: bool
    kind: str
    kind_name: str
    details: tuple[str, ...]
    about: str
    name: str
    partners: tuple[str, ...]
    states: tuple[str, ...]
    evidence: str
    source: str
    url: str


@dataclass(frozen=True)
class Events:
    """The events of a period in the order of their days; country and state are those asked for, if any."""

    first: datetime.date
    last: datetime.date
    version: str
    country: Country | None
    state: Country | None
    rows: tuple[Event, ...]

    def certain(self) -> tuple[Event, ...]:
        """Return the events whose dates lie wholly in the period."""
        return tuple(row for row in self.rows if row.certain)

    def possible(self) -> tuple[Event, ...]:
        """Return the events whose dates only overlap the period."""
        return tuple(row for row in self.rows if not row.certain)


def events(
    release: Release,
    first: datetime.date,
    last: datetime.date,
    country: str | None = None,
    state: str | None = None,
) -> Events:
    """Return the events from a day to a day, both included; with a country or a state, those that touch it.

    Raises ParameterError when the days are swapped, and UnknownCountryError.
    """
    if last < first:
        raise ParameterError(f"to: {last} lies before {first}; swap the two days")
    partner, own = (release.gazetteer.find(name) if name else None for name in (country, state))
    values = {
        "from": first.isoformat(),
        "to": last.isoformat(),
        "country": partner.alpha3 if partner else parameters.ANY,
        "state": own.alpha3 if own else parameters.ANY,
    }
    rows = questions.find("events").run(release.engine, values, release.gazetteer).texts()
    return Events(first, last, release.version, partner, own, tuple(_event(row) for row in rows))


def _event(row: Mapping[str, str]) -> Event:
    return Event(
        event=_identifier(row["event"]),
        date=row["date"],
        earliest=datetime.date.fromisoformat(row["earliest"]),
        latest=datetime.date.fromisoformat(row["latest"]) if row["latest"] else None,
        certain=row["certain"] == "true",
        kind=row["kind"].rpartition("/")[2],
        kind_name=row["kindName"],
        details=_parts(row["details"]),
        about=_identifier(row["about"]),
        name=row["aboutName"],
        partners=_parts(row["countries"]),
        states=_parts(row["states"]),
        evidence=row["evidence"],
        source=row["sourceTitle"],
        url=row["url"],
    )


def _identifier(iri: str) -> str:
    return iri.rpartition("/id/")[2]


def _parts(joined: str) -> tuple[str, ...]:
    return tuple(sorted(part for part in joined.split("|") if part))
