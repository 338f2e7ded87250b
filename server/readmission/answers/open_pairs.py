"""The work still to do: the open pairs of the question ``open-pairs``, gathered by what one source would settle."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from readmission import questions
from readmission.answers.coverage import OWN_NATIONALS, check_persons
from readmission.answers.statuses import local, thing
from readmission.release import Release

SITUATIONS = {
    4: "Under a visa measure of Article 25a of the Visa Code, adopted or proposed",
    3: "Known to have been assessed under Article 25a of the Visa Code",
    2: "Negotiated by the Union without an agreement so far",
    1: "Nationals need a visa; nothing else on file says how much is at stake",
    0: "Others: an instrument is on file with some European state, or they have left the Union",
}
"""Why a country stands where it does, most pressing first: the ``weight`` of the question in words."""


@dataclass(frozen=True)
class Task:
    """What is open with one country for one reason, and the kind of source that would settle it."""

    situation: str
    instrument: str
    instrument_name: str
    verdicts: tuple[str, ...]
    states: tuple[str, ...]
    settled_by: str


@dataclass(frozen=True)
class Subject:
    """A country with open pairs, why it stands there, and its tasks, the one that settles most first."""

    code: str
    name: str
    weight: int
    ground: str
    source: str
    tasks: tuple[Task, ...]

    @property
    def pairs(self) -> int:
        """Return the number of Member States whose pair with the country is open."""
        return len({state for task in self.tasks for state in task.states})


@dataclass(frozen=True)
class Work:
    """Every open pair on a day, as the rows of the question and by country."""

    on: datetime.date
    persons: str
    version: str
    rows: tuple[dict[str, str], ...]

    @cached_property
    def subjects(self) -> tuple[Subject, ...]:
        """Return the countries, most pressing first, then those with most open pairs."""
        found = [_subject(rows) for rows in _group_by(self.rows, "countryCode")]
        return tuple(sorted(found, key=lambda each: (-each.weight, -each.pairs, each.name)))

    @cached_property
    def shared(self) -> tuple[tuple[str, str, int], ...]:
        """Return the instruments (identifier, name) that leave most pairs open, with the number of pairs."""
        found = [(rows[0]["instrument"], rows[0]["instrumentName"], len(rows))
                 for rows in _group_by(self.rows, "instrument") if rows[0]["instrument"]]  # fmt: skip
        return tuple(sorted(found, key=lambda each: (-each[2], each[0])))


def work(release: Release, on: datetime.date, persons: str = OWN_NATIONALS) -> Work:
    """Return the open pairs on a day; raises ParameterError for an unknown category of persons."""
    values = {"on": on.isoformat(), "persons": check_persons(release, persons)}
    rows = questions.find("open-pairs").run(release.engine, values, release.gazetteer).texts()
    return Work(on, persons, release.version, tuple(_in_short(row) for row in rows))


def _in_short(row: dict[str, str]) -> dict[str, str]:
    """Return a row with codes and identifiers in the place of IRIs."""
    things = {name: thing(row[name]) for name in ("ground", "instrument")}
    return {**row, **things, "verdict": local(row["verdict"])}


def _subject(rows: list[dict[str, str]]) -> Subject:
    first = rows[0]
    tasks = sorted(
        (_task(each) for each in _group_by(rows, "whatIsOpen", "instrument")), key=lambda t: -len(t.states)
    )
    return Subject(
        first["countryCode"], first["countryName"], int(first["weight"]), first["groundName"], first["groundSource"],
        tuple(tasks),
    )  # fmt: skip


def _task(rows: list[dict[str, str]]) -> Task:
    first = rows[0]
    one = first["settledBy"]
    settled = one if len(rows) == 1 else one.replace(f"of {first['stateName']}", "of each of these states")
    return Task(
        first["whatIsOpen"], first["instrument"], first["instrumentName"],
        tuple(sorted({row["verdict"] for row in rows})), tuple(row["stateName"] for row in rows), settled,
    )  # fmt: skip


def _group_by(rows: Iterable[dict[str, str]], *columns: str) -> list[list[dict[str, str]]]:
    """Gather rows that agree in some columns, in the order they come."""
    found: dict[tuple[str, ...], list[dict[str, str]]] = {}
    for row in rows:
        found.setdefault(tuple(row[column] for column in columns), []).append(row)
    return list(found.values())
