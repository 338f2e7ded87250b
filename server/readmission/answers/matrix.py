"""Every European state and every partner on a date, both layers in each cell; and what changed in a period."""

import datetime
from dataclasses import dataclass, replace

from readmission import dates, questions
from readmission.answers.coverage import OWN_NATIONALS, check_persons
from readmission.answers.statuses import EU, OWN, VERDICTS, layer_of, local, status, thing
from readmission.engine.interface import text_of
from readmission.errors import ParameterError
from readmission.release import Release

GROUPS = ("acp", "visa-bound", "negotiating")
BOTH = "both"
VIEWS = (OWN, EU, BOTH)
"""What a cell can show: a layer, or both."""


@dataclass(frozen=True)
class State:
    """A European state with its standing on the day, one of ``questions.STANDINGS``."""

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
class Cell:
    """The statuses of a pair in both layers, and the verdict that sums them up."""

    eu: str
    own: str
    verdict: str

    def shown(self, layer: str) -> str:
        """Return the status in a layer."""
        return self.eu if layer == EU else self.own

    @property
    def rank(self) -> int:
        """The rank of the verdict, 0 to 6."""
        return VERDICTS.index(self.verdict)


NOTHING = Cell("none", "none-recorded", "not-recorded")


@dataclass(frozen=True)
class Matrix:
    """A cell for each pair of state and partner codes; none for a state with itself."""

    on: datetime.date
    persons: str
    version: str
    states: tuple[State, ...]
    partners: tuple[Partner, ...]
    cells: dict[tuple[str, str], Cell]

    def row(self, state: State) -> list[Cell | None]:
        """Return the cells of a state, in the order of the partners; None for itself."""
        return [self.cells.get((state.code, partner.code)) for partner in self.partners]

    def of(self, group: str | None) -> "Matrix":
        """Return the part with a region or a group of partners; raises ParameterError with those there are."""
        if group is None:
            return self
        partners = _partners_of_group(self.partners, group)
        kept = {partner.code for partner in partners}
        cells = {pair: cell for pair, cell in self.cells.items() if pair[1] in kept}
        return replace(self, partners=partners, cells=cells)


@dataclass(frozen=True)
class Change:
    """A pair of which a layer has another status after a period than before it, with the events that bear on it."""

    state: str
    partner: str
    layer: str
    before: str
    after: str
    causes: tuple[str, ...]


def check_view(view: str) -> str:
    """Return what a cell is to show; raises ParameterError with the choices."""
    if view not in VIEWS:
        raise ParameterError(f"layer: {view!r} is none; choose one of {', '.join(VIEWS)}")
    return view


def matrix(
    release: Release, on: datetime.date, persons: str = OWN_NATIONALS, group: str | None = None
) -> Matrix:
    """Return the matrix on a day, of all partners or of a group of them; raises ParameterError."""
    values = {"on": on.isoformat(), "persons": check_persons(release, persons)}
    partners = _partners(release, on)
    found = questions.find("matrix").run(release.engine, values, release.gazetteer)
    columns = [
        found.variables.index(name)
        for name in ("standing", "stateCode", "partnerCode", "eu", "own", "verdict")
    ]
    states: dict[State, None] = {}
    known: dict[tuple[str, str, str], Cell] = {}
    seen: dict[tuple[str, str], Cell] = {}
    for row in found.rows:  # thousands of rows of a few kinds
        standing, state, partner, *told = (text_of(row[column]) for column in columns)
        key = (told[0], told[1], told[2])
        cell = known.setdefault(key, Cell(status(key[0]), status(key[1]), local(key[2])))
        states[State(state, standing)] = None
        seen[state, partner] = cell
    ordered = sorted(states, key=lambda each: (questions.STANDINGS.index(each.standing), each.code))
    pairs = ((state.code, each.code) for state in ordered for each in partners if state.code != each.code)
    cells = {pair: seen.get(pair, NOTHING) for pair in pairs}
    return Matrix(on, persons, release.version, tuple(ordered), partners, cells).of(group)


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
) -> tuple[Change, ...]:
    """Return the pairs that an event of a period moved, both its ends included; raises ParameterError when swapped."""
    return compare(
        release, matrix(release, dates.before(first, 1), persons), matrix(release, last, persons), first
    )


def compare(release: Release, before: Matrix, after: Matrix, first: datetime.date) -> tuple[Change, ...]:
    """Return what differs between the day before a period and its last day, where an event of the period bears on it.

    A status that turns on the day of a source, or on a date that may lie outside the period, is no change that is
    known to have happened in it.
    """
    if after.on < first:
        raise ParameterError(f"to: {after.on} lies before {first}; swap the two days")
    causes = _causes(release, first, after.on, after.persons)
    found = []
    for pair, cell in after.cells.items():
        was = before.cells.get(pair, NOTHING)
        bearing = causes.get(pair, {})
        for layer in (EU, OWN):
            if was.shown(layer) != cell.shown(layer) and bearing.get(layer):
                found.append(Change(*pair, layer, was.shown(layer), cell.shown(layer), tuple(bearing[layer])))
    return tuple(sorted(found, key=lambda each: (each.state, each.partner, each.layer)))


def _causes(
    release: Release, first: datetime.date, last: datetime.date, persons: str
) -> dict[tuple[str, str], dict[str, list[str]]]:
    """Return the events of a period by pair and layer, as texts with day and instrument."""
    values = {"from": first.isoformat(), "to": last.isoformat(), "persons": persons}
    causes: dict[tuple[str, str], dict[str, list[str]]] = {}
    rows = questions.find("causes-of-change").run(release.engine, values, release.gazetteer).texts()
    for row in rows:
        told = f"{row['date']} {row['what']} ({thing(row['instrument'])})"
        listed = causes.setdefault((row["stateCode"], row["partnerCode"]), {}).setdefault(layer_of(row), [])
        if told not in listed:
            listed.append(told)
    return causes
