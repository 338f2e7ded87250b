"""The one schema of each answer: its object for JSON, and its table for CSV and Excel; of pairs in ``pair_schema``.

The command line prints them and the web sends them; ``openapi.yaml`` describes the objects, and a test compares both.
``release`` is the version of the release that answered, ``on`` a day, ``persons`` a category of persons.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Protocol

from readmission.answers.events import Events
from readmission.answers.inventory import NOTE, Inventory
from readmission.answers.matrix import BOTH, Cell, Change, Matrix
from readmission.answers.open_pairs import Work
from readmission.answers.overview import Overview
from readmission.answers.statuses import OWN

Table = Sequence[Sequence[str]]
"""A heading and rows."""
_EVENTS = ("date", "earliest", "latest", "certain", "kind", "kind_name", "details", "about", "name", "partners",
           "states", "evidence", "source", "url", "event")  # fmt: skip


class _Dated(Protocol):
    """An answer for a day and a category of persons."""

    @property
    def on(self) -> date: ...
    @property
    def persons(self) -> str: ...
    @property
    def version(self) -> str: ...


@dataclass(frozen=True)
class Report:
    """An answer as it is written: the name of its file without an ending, its object, and its table."""

    name: str
    data: dict[str, Any]
    table: Table
    matrix: tuple[Matrix, str] | None = None
    """What a workbook shows with colours and a legend, in place of the bare table: a matrix and a view."""


def matrix_report(found: Matrix, view: str = OWN) -> Report:
    """Return the states with their standing and both layers of each pair; the table shows a view of them."""
    cells = [
        {"state": state, "partner": partner, **asdict(cell), "rank": cell.rank}
        for (state, partner), cell in found.cells.items()
    ]
    heading = ["standing", "state", *(partner.code for partner in found.partners)]
    rows = [
        [
            state.standing,
            state.code,
            *("" if cell is None else _shown(cell, view) for cell in found.row(state)),
        ]
        for state in found.states
    ]
    data = {**head(found), "states": [asdict(state) for state in found.states], "cells": cells}
    return Report(f"matrix-{found.on}-{view}", data, [heading, *rows], (found, view))


def _shown(cell: Cell, view: str) -> str:
    return f"{cell.own}|{cell.eu}" if view == BOTH else cell.shown(view)


def changes_report(found: Iterable[Change], first: date, last: date, version: str) -> Report:
    """Return the pairs that moved in a period, and the events of the period that bear on them."""
    changes = tuple(found)
    span = {"from": first.isoformat(), "to": last.isoformat(), "release": version}
    heading = ["state", "partner", "layer", "before", "after", "causes"]
    rows = [
        [each.state, each.partner, each.layer, each.before, each.after, "; ".join(each.causes)]
        for each in changes
    ]
    data = {**span, "changes": [asdict(change) for change in changes]}
    return Report(f"changes-{first}-{last}", data, [heading, *rows])


def events_report(found: Events) -> Report:
    """Return the events of a period; in the table a list is one cell, its parts joined by a vertical bar."""
    rows = [{name: getattr(row, name) for name in _EVENTS} for row in found.rows]
    asked = {
        name: each.alpha3 if each else None
        for name, each in (("country", found.country), ("state", found.state))
    }
    span = {"from": found.first.isoformat(), "to": found.last.isoformat(), **asked, "release": found.version}
    cells = [[_event_cell(cell) for cell in row.values()] for row in rows]
    place = "".join(f"-{code}" for code in asked.values() if code)
    return Report(f"events-{found.first}-{found.last}{place}", {**span, "events": rows}, [_EVENTS, *cells])


def work_report(found: Work) -> Report:
    """Return the open pairs, a row for each."""
    heading = list(found.rows[0]) if found.rows else []
    table = [heading, *(list(row.values()) for row in found.rows)]
    return Report(f"work-{found.on}", {**head(found), "rows": found.rows}, table)


def overview_report(found: Overview) -> Report:
    """Return the figures of a day; the table has a row for each item behind a figure."""
    rows = [[name, item] for name, items in found.items.items() for item in items]
    data = {"on": found.on.isoformat(), "release": found.version, **found.figures()}
    return Report(f"overview-{found.on}", data, [["figure", "item"], *rows])


def inventory_report(found: Inventory) -> Report:
    """Return a line for each European state, and the total; in the table it is last, and an empty cell is not known."""
    states, total = [line.figures() for line in found.lines], found.total.figures()
    rows = [["" if cell is None else str(cell) for cell in line.values()] for line in (*states, total)]
    data = {"release": found.version, "note": NOTE, "total": total, "states": states}
    return Report("bilateral", data, [list(total), *rows])


def head(found: _Dated) -> dict[str, str]:
    """Return what every answer for a day says of itself."""
    return {"on": found.on.isoformat(), "persons": found.persons, "release": found.version}


def _event_cell(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else _cell(value)


def _cell(value: Any) -> str:
    return "|".join(value) if isinstance(value, tuple) else str(value)
