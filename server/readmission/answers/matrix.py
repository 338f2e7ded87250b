"""Every European state and every partner on a date, a verdict in each cell; and what changed between two dates."""

import datetime
import itertools
from dataclasses import dataclass, replace

from readmission import questions
from readmission.answers.coverage import OWN_NATIONALS, check_persons
from readmission.engine.interface import text_of
from readmission.errors import ParameterError
from readmission.release import Release

VERDICTS = (
    "not-recorded", "lacks", "not-in-force", "possibly-covered", "covered-non-binding", "covered-contested",
    "covered-binding",
)  # fmt: skip
"""The codes of the verdicts in the order of their ranks, 0 to 6."""

GROUPS = ("acp", "visa-bound", "negotiating")
STANDINGS = ("member", "associated", "in transition", "former member", "no member")


@dataclass(frozen=True)
class State:
    """A European state with its standing on the day; "no member" is one that is none of the others."""

    code: str
    standing: str


@dataclass(frozen=True)
class Partner:
    """A country or territory with an instrument on record, or a former member, which is a third state now."""

    code: str
    name: str
    region: str
    groups: frozenset[str]


@dataclass(frozen=True)
class Matrix:
    """The verdict's rank for each pair of state and partner codes; none for a state with itself."""

    on: datetime.date
    persons: str
    version: str
    states: tuple[State, ...]
    partners: tuple[Partner, ...]
    ranks: dict[tuple[str, str], int]

    def row(self, state: State) -> list[int | None]:
        """Return the ranks of a state, in the order of the partners; None for itself."""
        return [self.ranks.get((state.code, partner.code)) for partner in self.partners]

    def of(self, group: str | None) -> "Matrix":
        """Return the part with a region or a group of partners; raises ParameterError with those there are."""
        if group is None:
            return self
        partners = _partners_of_group(self.partners, group)
        kept = {partner.code for partner in partners}
        return replace(
            self,
            partners=partners,
            ranks={pair: rank for pair, rank in self.ranks.items() if pair[1] in kept},
        )


@dataclass(frozen=True)
class VerdictChange:
    """A pair whose verdict differs between two days, with the dated facts in between that bear on it."""

    state: str
    partner: str
    before: str
    after: str
    causes: tuple[str, ...]


def matrix(
    release: Release, on: datetime.date, persons: str = OWN_NATIONALS, group: str | None = None
) -> Matrix:
    """Return the matrix on a day, of all partners or of a group of them; raises ParameterError."""
    values = {"on": on.isoformat(), "persons": check_persons(release, persons)}
    partners = _partners(release, on)
    kept = {partner.code: None for partner in partners}
    states: dict[State, None] = {}
    ranks: dict[tuple[str, str], int] = {}
    cells = questions.find("matrix").run(release.engine, values, release.gazetteer)
    columns = [cells.variables.index(name) for name in ("group", "state", "partner", "rank")]
    for row in cells.rows:  # thousands: only what is needed is read as text
        standing, state, partner, rank = (text_of(row[column]) for column in columns)
        states[State(state, standing)] = None
        if partner in kept:
            ranks[state, partner] = int(rank)
    ordered = sorted(states, key=lambda state: (STANDINGS.index(state.standing), state.code))
    for pair in itertools.product((state.code for state in ordered), kept):
        if pair[0] != pair[1]:
            ranks.setdefault(pair, 0)
    return Matrix(on, persons, release.version, tuple(ordered), partners, ranks).of(group)


def _partners(release: Release, on: datetime.date) -> tuple[Partner, ...]:
    rows = questions.find("partners").run(release.engine, {"on": on.isoformat()}, release.gazetteer).texts()
    columns = {"acp": "acp", "visa-bound": "visaBound", "negotiating": "negotiating"}
    return tuple(
        Partner(
            row["code"],
            row["name"],
            row["region"],
            frozenset(name for name, column in columns.items() if row[column] == "true"),
        )
        for row in rows
    )


def _partners_of_group(partners: tuple[Partner, ...], group: str) -> tuple[Partner, ...]:
    """Keep a region or a group of partners; raises ParameterError with those there are."""
    wanted = group.casefold()
    kept = tuple(each for each in partners if wanted in each.groups or wanted == each.region.casefold())
    regions = sorted({each.region for each in partners if each.region})
    if not kept and wanted not in GROUPS:
        raise ParameterError(f"group: {group!r} is none; choose one of {', '.join((*GROUPS, *regions))}")
    return kept


def changes(
    release: Release, first: datetime.date, last: datetime.date, persons: str = OWN_NATIONALS
) -> tuple[VerdictChange, ...]:
    """Return every pair whose verdict differs between two days; raises ParameterError when they are swapped."""
    return compare(release, matrix(release, first, persons), matrix(release, last, persons))


def compare(release: Release, before: Matrix, after: Matrix) -> tuple[VerdictChange, ...]:
    """Return every pair whose verdict differs between two whole matrices for the same persons."""
    if after.on < before.on:
        raise ParameterError(f"to: {after.on} lies before {before.on}; swap the two days")
    values = {"from": before.on.isoformat(), "to": after.on.isoformat(), "persons": after.persons}
    causes: dict[tuple[str, str], list[str]] = {}
    for row in questions.find("causes-of-change").run(release.engine, values, release.gazetteer).texts():
        cause = f"{row['day']} {row['what']} ({row['instrument'].rpartition('/id/')[2]})"
        causes.setdefault((row["state"], row["partner"]), []).append(cause)
    return tuple(
        VerdictChange(
            *pair,
            VERDICTS[before.ranks.get(pair, 0)],
            VERDICTS[rank],
            tuple(dict.fromkeys(causes.get(pair, ()))),
        )
        for pair, rank in sorted(after.ranks.items())
        if before.ranks.get(pair, 0) != rank
    )
