"""Two or more countries, or two or more European states, side by side on a day."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from readmission.answers.coverage import OWN_NATIONALS, Gaps, StateAnswer, gaps, standings, state
from readmission.answers.statuses import Pair
from readmission.errors import ParameterError
from readmission.release import Release

FEWEST, MOST = 2, 5


@dataclass(frozen=True)
class Line:
    """What all sides have with the same Member State, or the same partner, in the order of the sides."""

    code: str
    name: str
    pairs: tuple[Pair, ...]

    @property
    def differs(self) -> bool:
        """Tell whether the sides have different statuses in a layer."""
        return len({(pair.own.status, pair.eu.status) for pair in self.pairs}) > 1


@dataclass(frozen=True)
class Comparison:
    """The answers of the sides, all for countries or all for states, and a line for each row that they share."""

    sides: tuple[Gaps, ...] | tuple[StateAnswer, ...]
    lines: tuple[Line, ...]

    @property
    def differing(self) -> tuple[Line, ...]:
        """The lines in which the sides differ."""
        return tuple(line for line in self.lines if line.differs)


def compare(
    release: Release, names: Sequence[str], on: datetime.date, persons: str = OWN_NATIONALS
) -> Comparison:
    """Compare European states where all names are such on the day, else partner countries; raises ParameterError."""
    if not FEWEST <= len(set(names)) <= MOST:
        raise ParameterError(
            f"c: name {FEWEST} to {MOST} different countries, or Member States, such as NGA,SEN"
        )
    found = [release.gazetteer.find(name) for name in names]
    european = standings(release, on)
    if all(each.alpha3 in european for each in found):
        states = tuple(state(release, each.alpha3, on, persons) for each in found)
        return Comparison(states, _lines(states))
    countries = tuple(gaps(release, each.alpha3, on, persons) for each in found)
    return Comparison(countries, _lines(countries))


def _lines(sides: Sequence[Gaps] | Sequence[StateAnswer]) -> tuple[Line, ...]:
    """Return a line for each row that all sides have."""
    by_side = [{row.code: row for row in side.rows} for side in sides]
    return tuple(
        Line(row.code, row.name, tuple(rows[row.code].pair for rows in by_side))
        for row in sides[0].rows
        if all(row.code in rows for rows in by_side)
    )
