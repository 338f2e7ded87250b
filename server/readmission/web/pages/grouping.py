"""Comparisons as a page shows them: states by standing, partners by region, changes by what they share."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from readmission.answers.matrix import VERDICTS, Matrix, Partner, State, VerdictChange

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
    """One change that several states share with a partner, and the dated facts that brought it."""

    partner: str
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


def verdicts_outside_union(
    matrix: Matrix, partner: str, names: Mapping[str, str]
) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the European states that are no members on the day, by standing, each with its verdict with a partner."""
    return [
        (heading, [(state.code, VERDICTS[matrix.ranks.get((state.code, partner), 0)]) for state in states
                   if state.code != partner])
        for heading, states in states_by_standing(matrix, names)
        if states[0].standing != "member"
    ]  # fmt: skip


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


def group_changes(found: Iterable[VerdictChange]) -> tuple[ChangeGroup, ...]:
    """Gather changes that agree in all but the state, those of most states first."""
    gathered: dict[tuple[str, str, str, tuple[str, ...]], list[str]] = {}
    for each in found:
        gathered.setdefault((each.partner, each.before, each.after, each.causes), []).append(each.state)
    groups = (ChangeGroup(*key, tuple(states)) for key, states in gathered.items())
    return tuple(sorted(groups, key=lambda turn: (-len(turn.states), turn.partner, turn.before, turn.after)))
