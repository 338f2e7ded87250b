"""The matrix as text for a terminal: a line for each partner, a column for each European state, names in full."""

import textwrap
from collections.abc import Iterator, Sequence
from itertools import zip_longest

from readmission.answers.matrix import STANDINGS, VERDICTS, Matrix, Partner, State
from readmission.reports.naming import Naming
from readmission.reports.text_table import paragraph, room

_NAME_WIDTH = 30


def matrix_text(found: Matrix, naming: Naming) -> str:
    """Return a rank for each pair, in as many blocks as the terminal's width needs; state names run downwards."""
    states = sorted(
        found.states, key=lambda each: (STANDINGS.index(each.standing), naming.country(each.code))
    )
    ranks = ", ".join(f"{rank} {verdict}" for rank, verdict in reversed(list(enumerate(VERDICTS))))
    size = f"{len(found.states)} European states, {len(found.partners)} partners"
    head = [
        paragraph(f"Verdicts on {found.on}: {found.persons}; {size}; release {found.version}"),
        paragraph(ranks),
        *(paragraph(line) for line in _standings(states, naming)),
    ]
    across = (room() - _NAME_WIDTH) // 2
    starts = range(0, len(states), across)
    blocks = ["\n".join(_block(found, states[at : at + across], naming)) for at in starts]
    return "\n\n".join(["\n".join(head), *blocks])


def _standings(states: Sequence[State], naming: Naming) -> Iterator[str]:
    """Yield the states of each standing; members, which most are, need no line."""
    for standing in STANDINGS[1:]:
        if named := [naming.country(each.code) for each in states if each.standing == standing]:
            yield f"{standing}: {', '.join(named)}"


def _block(found: Matrix, states: Sequence[State], naming: Naming) -> Iterator[str]:
    heads = [naming.country(state.code) for state in states]
    for letters in zip_longest(*heads, fillvalue=" "):
        yield _line("", letters)
    yield _line("-" * _NAME_WIDTH, "-" * len(states))
    for partner in sorted(found.partners, key=lambda each: each.name):
        yield from _row(found, partner, states, naming)


def _row(found: Matrix, partner: Partner, states: Sequence[State], naming: Naming) -> Iterator[str]:
    name = naming.with_id(partner.name, partner.code)
    first, *rest = textwrap.wrap(name, _NAME_WIDTH, break_long_words=False, break_on_hyphens=False)
    ranks = [found.ranks.get((state.code, partner.code)) for state in states]
    yield _line(first, ["" if rank is None else str(rank) for rank in ranks])
    yield from rest


def _line(name: str, cells: Sequence[str]) -> str:
    return (name.ljust(_NAME_WIDTH) + "".join(f" {cell or ' '}" for cell in cells)).rstrip()
