"""Who is covered with whom, on a date, and why: the answers of the questions ``gaps`` and ``why``."""

import datetime
from dataclasses import dataclass

from readmission import errors, questions
from readmission.countries.gazetteer import Country
from readmission.engine.interface import text_of
from readmission.query_files import lookup
from readmission.release import Release

OWN_NATIONALS = "own-nationals"


@dataclass(frozen=True)
class GapRow:
    """One Member State: its verdict (7 ranks), the instruments that cover it, and what else is to be known."""

    state: str
    name: str
    verdict: str
    rank: int
    instruments: tuple[str, ...]
    hint: str
    closed_by: tuple[str, ...]
    evidence: str


@dataclass(frozen=True)
class Gaps:
    """The answer to "which Member States lack an instrument with this country on this date"."""

    country: Country
    on: datetime.date
    persons: str
    version: str
    rows: tuple[GapRow, ...]


@dataclass(frozen=True)
class Premise:
    """One reason for a verdict and one source that proves it; dates as stated (EDTF)."""

    instrument: str
    instrument_name: str
    situation: str
    kind: str
    what: str
    date: str
    until: str
    note: str
    source: str
    url: str
    locator: str
    level: str


@dataclass(frozen=True)
class Why:
    """A verdict for one pair of states, with every premise down to its source."""

    country: Country
    state: Country
    on: datetime.date
    persons: str
    version: str
    row: GapRow | None
    premises: tuple[Premise, ...]


def gaps(release: Release, country: str, on: datetime.date, persons: str = OWN_NATIONALS) -> Gaps:
    """Return one row for each Member State on the day; raises UnknownCountryError or ParameterError."""
    found = release.gazetteer.find(country)
    values = {"country": found.alpha3, "on": on.isoformat(), "persons": check_persons(release, persons)}
    rows = questions.find("gaps").run(release.engine, values, release.gazetteer).texts()
    return Gaps(found, on, persons, release.version, tuple(_row(row) for row in rows))


def _row(row: dict[str, str]) -> GapRow:
    return GapRow(
        state=row["code"],
        name=row["name"],
        verdict=_local(row["verdict"]),
        rank=int(row["rank"]),
        instruments=_parts(row["instruments"]),
        hint="; ".join(_parts(row["hint"])),
        closed_by=_parts(row["closedBy"]),
        evidence=row["evidence"],
    )


def _parts(joined: str) -> tuple[str, ...]:
    return tuple(sorted({part for part in joined.split("|") if part}))


def _local(iri: str) -> str:
    return iri.rsplit("/", 1)[-1]


def why(release: Release, state: str, country: str, on: datetime.date, persons: str = OWN_NATIONALS) -> Why:
    """Return the verdict for one pair and its premises; ``row`` is None when the state was no member that day."""
    answer = gaps(release, country, on, persons)
    member = release.gazetteer.find(state)
    values = {
        "state": member.alpha3,
        "country": answer.country.alpha3,
        "on": on.isoformat(),
        "persons": persons,
    }
    found = questions.find("why").run(release.engine, values, release.gazetteer).texts()
    row = next((row for row in answer.rows if row.state == member.alpha3), None)
    premises = tuple(_premise(row) for row in found)
    return Why(answer.country, member, on, persons, release.version, row, premises)


def _premise(row: dict[str, str]) -> Premise:
    return Premise(
        instrument=row["instrument"].rpartition("/id/")[2],
        instrument_name=row["instrumentName"],
        situation=row["situation"],
        kind=row["kind"],
        what=row["what"],
        date=row["date"],
        until=row["until"],
        note=row["note"],
        source=row["sourceTitle"],
        url=row["url"],
        locator=row["locator"],
        level=row["level"],
    )


def person_categories(release: Release) -> tuple[str, ...]:
    """Return the codes of the categories of persons that an instrument can cover."""
    return tuple(text_of(row[0]) for row in release.engine.select(lookup("person-categories")).rows)


def check_persons(release: Release, code: str) -> str:
    """Return the code when it is one of the codelist; raises ParameterError listing the codes otherwise."""
    known = person_categories(release)
    if code not in known:
        raise errors.ParameterError(f"persons: {code!r} is no category; choose one of {', '.join(known)}")
    return code


def partners(release: Release) -> tuple[Country, ...]:
    """Return every country or territory with which an instrument is recorded."""
    found = release.engine.select(lookup("partners")).rows
    return tuple(release.gazetteer.find(_local(text_of(row[0]))) for row in found)
