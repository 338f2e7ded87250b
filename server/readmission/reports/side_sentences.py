"""The sentence of a European state, and those of the sides of a comparison."""

from collections import Counter
from collections.abc import Sequence

from readmission.answers.comparison import Comparison
from readmission.answers.coverage import Gaps, StateAnswer
from readmission.reports.sentences import country_sentence
from readmission.reports.words import capital, listed, number, the


def state_sentence(found: StateAnswer) -> str:
    """Return with how many partners a state has something of its own, and what the Union adds."""
    own = [row.name for row in found.rows if row.pair.own.status == "in-force"]
    doubtful = sum(row.pair.own.status == "unconfirmed" for row in found.rows)
    counts = Counter(row.pair.eu.status for row in found.rows)
    first = _holds(the(found.state.name), own)
    more = f" {number(doubtful)} more {'is' if doubtful == 1 else 'are'} not confirmed." if doubtful else ""
    agreements = counts["agreement"] + counts["agreement-contested"]
    return (
        f"{first}{more} At EU level it is bound by {_count(agreements, 'readmission agreement')}; "
        f"{_count(counts['arrangement'], 'arrangement')} and clauses with "
        f"{_count(counts['clause'], 'partner')} come on top."
    )


def side_sentences(found: Comparison) -> tuple[tuple[str, str], ...]:
    """Return the name and the sentence of each side of a comparison."""
    return tuple(
        (side.country.name, country_sentence(side))
        if isinstance(side, Gaps)
        else (side.state.name, state_sentence(side))
        for side in found.sides
    )


def _holds(state: str, partners: Sequence[str]) -> str:
    if not partners:
        return f"{capital(state)} is recorded with no instrument of its own in force."
    with_whom = f"{len(partners)} partners: {listed(partners)}" if len(partners) > 1 else the(partners[0])
    return f"{capital(state)} is recorded with instruments of its own in force with {with_whom}."


def _count(count: int, noun: str) -> str:
    return f"{number(count).lower()} {noun}{'' if count == 1 else 's'}"
