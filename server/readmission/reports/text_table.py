"""Answers as text for a terminal: aligned columns, lines folded to the terminal's width, nothing cut."""

import shutil
import textwrap
from collections.abc import Sequence

_GAP = "  "
_NARROWEST = 12


def table(columns: Sequence[str], rows: Sequence[Sequence[str]], width: int | None = None) -> str:
    """Return rows under their column names; long cells are folded over several lines."""
    room = width or max(60, shutil.get_terminal_size((120, 40)).columns)
    widths = _fitted([columns, *rows], room)
    lines = [_line(columns, widths), _GAP.join("-" * each for each in widths)]
    for row in rows:
        lines.extend(_folded(row, widths))
    return "\n".join(line.rstrip() for line in lines)


def _fitted(cells: Sequence[Sequence[str]], room: int) -> list[int]:
    """Give each column its natural width, then take from the widest until the line fits."""
    widths = [max(len(row[index]) for row in cells) for index in range(len(cells[0]))]
    while sum(widths) + len(_GAP) * (len(widths) - 1) > room and max(widths) > _NARROWEST:
        widths[widths.index(max(widths))] -= 1
    return widths


def _folded(row: Sequence[str], widths: Sequence[int]) -> list[str]:
    cells = [textwrap.wrap(cell, each) or [""] for cell, each in zip(row, widths, strict=True)]
    height = max(len(cell) for cell in cells)
    padded = [cell + [""] * (height - len(cell)) for cell in cells]
    return [_line(line, widths) for line in zip(*padded, strict=True)]


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    return _GAP.join(cell.ljust(each) for cell, each in zip(cells, widths, strict=True))
