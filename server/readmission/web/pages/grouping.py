"""Comparisons as a page shows them: states by standing, partners by region, changes by what they share."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from readmission.answers.coverage import Gaps, Row
from readmission.answers.matrix import Change, Matrix, Partner, State
from readmission.answers.statuses import EU
from readmission.reports import words
from readmission.reports.sentences import nothing_in_words

HEADINGS = {
    "member": "Member States",
    "associated": "Schengen associated countries, not Member States",
    "in transition": "In the transition period, no longer a Member State",
    "former member": "Former Member State",
    "no member": "Not Member States on this day",
}
"""The standings of European states in words, in the order of the page."""


@dataclass(frozen=True)
class ChangeGroup:
    """One change that several states share with a partner, and the events that brought it."""

    partner: str
    layer: str
    before: str
    after: str
    causes: tuple[str, ...]
    states: tuple[str, ...]


def states_by_standing(matrix: Matrix, names: Mapping[str, str]) -> list[tuple[str, list[State]]]:
    """Return the states by standing under a heading, by name in each; standings without a state are left out."""
    ordered = sorted(matrix.states, key=lambda state: names.get(state.code, state.code))
    found = [
        (heading, [state for state in ordered if state.standing == standing])
        for standing, heading in HEADINGS.items()
    ]
    return [(heading, states) for heading, states in found if states]


def others_by_standing(gaps: Gaps) -> list[tuple[str, list[Row]]]:
    """Return the rows of European states that are no members on the day, by standing under a heading."""
    found = [
        (heading, [row for row in gaps.others if row.standing == standing])
        for standing, heading in HEADINGS.items()
    ]
    return [(heading, rows) for heading, rows in found if rows]


def exceptions(gaps: Gaps) -> list[tuple[str, list[str]]]:
    """Return what the EU level is for some Member States only, in words, with their names."""
    found: dict[str, list[str]] = {}
    for row in gaps.exceptions:
        for held in row.pair.eu.best:
            found.setdefault(f"{held.name}: {words.standing(EU, held)}", []).append(row.name)
    return list(found.items())


def unrecorded(gaps: Gaps) -> list[tuple[str, list[Row]]]:
    """Return the Member States without an instrument of their own on record, by how they were searched for."""
    found: dict[str, list[Row]] = {}
    for row in gaps.rows:
        if not row.pair.own.instruments:
            found.setdefault(nothing_in_words(row), []).append(row)
    return sorted(found.items())


def partners_by_region(matrix: Matrix) -> list[tuple[str, list[Partner]]]:
    """Return the partners by region, by name within each."""
    regions = sorted({each.region for each in matrix.partners})
    return [
        (
            region,
            sorted((each for each in matrix.partners if each.region == region), key=lambda each: each.name),
        )
        for region in regions
    ]


def group_changes(found: Iterable[Change]) -> tuple[ChangeGroup, ...]:
    """Gather changes that agree in all but the state, those of most states first."""
    gathered: dict[tuple[str, str, str, str, tuple[str, ...]], list[str]] = {}
    for each in found:
        gathered.setdefault((each.partner, each.layer, each.before, each.after, each.causes), []).append(
            each.state
        )
    groups = (ChangeGroup(*key, tuple(states)) for key, states in gathered.items())
    return tuple(sorted(groups, key=lambda turn: (-len(turn.states), turn.partner, turn.before, turn.after)))
