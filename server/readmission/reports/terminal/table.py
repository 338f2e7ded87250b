"""Answers as text for a terminal: aligned columns and paragraphs, folded at blanks to the terminal's width."""

import shutil
import textwrap
from collections.abc import Sequence

_GAP = "  "
_NARROWEST = 12
_LEAST_ROOM = 60


def room() -> int:
    """Return how many letters fit on a line: those of the terminal, or 120 where there is none."""
    return max(_LEAST_ROOM, shutil.get_terminal_size((120, 40)).columns)


def paragraph(text: str, indent: str = "", hanging: str | None = None) -> str:
    """Return a text folded at blanks; ``indent`` opens the first line, ``hanging`` (the same by default) the others."""
    others = indent if hanging is None else hanging
    return "\n".join(_wrap(text, room(), indent, others)) or indent.rstrip()


def table(columns: Sequence[str], rows: Sequence[Sequence[str]], width: int | None = None) -> str:
    """Return rows under their column names; long cells are folded at blanks over several lines.

    A word that is longer than its share of ``width`` widens its column, and the table where it must: no word is broken.
    """
    widths = _fit_widths([columns, *rows], width or room())
    lines = [*_fold(columns, widths), _GAP.join("-" * each for each in widths)]
    for row in rows:
        lines.extend(_fold(row, widths))
    return "\n".join(line.rstrip() for line in lines)


def _fit_widths(cells: Sequence[Sequence[str]], width: int) -> list[int]:
    """Give each column its natural width, then take from the widest that can give until the line fits."""
    columns = list(zip(*cells, strict=True))
    widths = [max(map(len, column)) for column in columns]
    floors = [max(_NARROWEST, *map(_longest_word, column)) for column in columns]
    while sum(widths) + len(_GAP) * (len(widths) - 1) > width:
        giving = [index for index, each in enumerate(widths) if each > floors[index]]
        if not giving:
            break
        widths[max(giving, key=widths.__getitem__)] -= 1
    return widths


def _longest_word(cell: str) -> int:
    return max(map(len, cell.split()), default=0)


def _fold(row: Sequence[str], widths: Sequence[int]) -> list[str]:
    cells = [_wrap(cell, each) or [""] for cell, each in zip(row, widths, strict=True)]
    height = max(len(cell) for cell in cells)
    padded = [cell + [""] * (height - len(cell)) for cell in cells]
    return [_line(line, widths) for line in zip(*padded, strict=True)]


def _wrap(text: str, width: int, indent: str = "", hanging: str = "") -> list[str]:
    return textwrap.wrap(
        text,
        width,
        initial_indent=indent,
        subsequent_indent=hanging,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    return _GAP.join(cell.ljust(each) for cell, each in zip(cells, widths, strict=True))
