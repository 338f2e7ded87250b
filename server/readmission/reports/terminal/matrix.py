"""The matrix as text for a terminal: a line for each partner, a column for each European state, names in full."""

import textwrap
from collections.abc import Iterator, Sequence
from itertools import zip_longest

from readmission.answers.matrix import Matrix, Partner, State
from readmission.questions import STANDINGS
from readmission.reports.marks import TITLES, layers, legend, letters
from readmission.reports.terminal.naming import Naming
from readmission.reports.terminal.table import paragraph, room

_NAME_WIDTH = 30


def matrix_text(found: Matrix, view: str, naming: Naming) -> str:
    """Return letters for each pair, in as many blocks as the terminal's width needs; state names run downwards."""
    states = sorted(
        found.states, key=lambda each: (STANDINGS.index(each.standing), naming.country(each.code))
    )
    size = f"{len(found.states)} European states, {len(found.partners)} partners"
    head = [
        paragraph(f"{TITLES[view]} on {found.on}: {found.persons}; {size}; release {found.version}"),
        *(paragraph(legend(layer), "", "  ") for layer in layers(view)),
        *(paragraph(line) for line in _standings(states, naming)),
    ]
    across = (room() - _NAME_WIDTH) // (1 + len(layers(view)))
    starts = range(0, len(states), across)
    blocks = ["\n".join(_block(found, view, states[at : at + across], naming)) for at in starts]
    return "\n\n".join(["\n".join(head), *blocks])


def _standings(states: Sequence[State], naming: Naming) -> Iterator[str]:
    """Yield the states of each standing; members, which most are, need no line."""
    for standing in STANDINGS[1:]:
        if named := [naming.country(each.code) for each in states if each.standing == standing]:
            yield f"{standing}: {', '.join(named)}"


def _block(found: Matrix, view: str, states: Sequence[State], naming: Naming) -> Iterator[str]:
    wide = len(layers(view))
    heads = [naming.country(state.code) for state in states]
    for line in zip_longest(*heads, fillvalue=" "):
        yield _line("", [letter.ljust(wide) for letter in line])
    yield _line("-" * _NAME_WIDTH, ["-" * wide] * len(states))
    for partner in sorted(found.partners, key=lambda each: each.name):
        yield from _row(found, view, partner, states, naming)


def _row(
    found: Matrix, view: str, partner: Partner, states: Sequence[State], naming: Naming
) -> Iterator[str]:
    name = naming.with_id(partner.name, partner.code)
    first, *rest = textwrap.wrap(name, _NAME_WIDTH, break_long_words=False, break_on_hyphens=False)
    cells = [found.cells.get((state.code, partner.code)) for state in states]
    blank = " " * len(layers(view))
    yield _line(first, [blank if cell is None else letters(cell, view) for cell in cells])
    yield from rest


def _line(name: str, cells: Sequence[str]) -> str:
    return (name.ljust(_NAME_WIDTH) + "".join(f" {cell}" for cell in cells)).rstrip()
