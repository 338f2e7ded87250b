"""The one schema of each answer: its object for JSON, and its table for CSV and Excel.

The command line prints them and the web sends them; ``openapi.yaml`` describes the objects, and a test compares both.
``release`` is the version of the release that answered, ``on`` a day, ``persons`` a category of persons.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from readmission.answers.coverage import Gaps, Why
from readmission.answers.events import Events
from readmission.answers.inventory import NOTE, Inventory
from readmission.answers.matrix import VERDICTS, Matrix, VerdictChange
from readmission.answers.open_pairs import Work
from readmission.answers.overview import Overview

Table = Sequence[Sequence[str]]
"""A heading and rows."""
_GAPS = ("country", "on", "persons", "state", "name", "verdict", "rank", "instruments", "hint", "closed_by",
         "evidence", "release")  # fmt: skip
_EVENTS = ("date", "earliest", "latest", "certain", "kind", "kind_name", "details", "about", "name", "partners",
           "states", "evidence", "source", "url", "event")  # fmt: skip


@dataclass(frozen=True)
class Report:
    """An answer as it is written: the name of its file without an ending, its object, and its table."""

    name: str
    data: dict[str, Any]
    table: Table
    matrix: Matrix | None = None
    """What a workbook shows with colours and a legend, in place of the bare table."""


def gaps_report(found: Gaps) -> Report:
    """Return a row for each Member State; in the table a list is one cell, its parts joined by a vertical bar."""
    head = {"country": asdict(found.country), **_head(found)}
    rows = [asdict(row) for row in found.rows]
    shared = {"country": found.country.alpha3, **_head(found)}
    cells = [[_cell(cell[column]) for column in _GAPS] for cell in ({**shared, **row} for row in rows)]
    data = {**head, "counts": Counter(row.verdict for row in found.rows), "rows": rows}
    return Report(f"gaps-{found.country.alpha3}-{found.on}-{found.persons}", data, [_GAPS, *cells])


def why_report(found: Why) -> Report:
    """Return a verdict, null when the state was no member on the day, and its premises: a row for each source."""
    row = {name: getattr(found.row, name, None) for name in ("verdict", "rank", "hint", "evidence")}
    premises = [asdict(premise) for premise in found.premises]
    data = {"state": asdict(found.state), "country": asdict(found.country), **_head(found), **row}
    heading = list(premises[0]) if premises else []
    table = [heading, *(list(premise.values()) for premise in premises)]
    name = f"why-{found.state.alpha3}-{found.country.alpha3}-{found.on}-{found.persons}"
    return Report(name, {**data, "premises": premises}, table)


def matrix_report(found: Matrix) -> Report:
    """Return the states with their standing and a cell for each pair; the table has a column for each partner."""
    cells = [
        {"state": state, "partner": partner, "rank": rank, "verdict": VERDICTS[rank]}
        for (state, partner), rank in found.ranks.items()
    ]
    heading = ["standing", "state", *(partner.code for partner in found.partners)]
    rows = [
        [state.standing, state.code, *("" if rank is None else str(rank) for rank in found.row(state))]
        for state in found.states
    ]
    data = {**_head(found), "states": [asdict(state) for state in found.states], "cells": cells}
    return Report(f"matrix-{found.on}", data, [heading, *rows], found)


def changes_report(found: Iterable[VerdictChange], first: date, last: date, version: str) -> Report:
    """Return the pairs that changed between two days, and the dated facts that bear on them."""
    changes = tuple(found)
    span = {"from": first.isoformat(), "to": last.isoformat(), "release": version}
    rows = [[each.state, each.partner, each.before, each.after, "; ".join(each.causes)] for each in changes]
    table = [["state", "partner", "before", "after", "causes"], *rows]
    return Report(
        f"changes-{first}-{last}", {**span, "changes": [asdict(change) for change in changes]}, table
    )


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
    return Report(f"work-{found.on}", {**_head(found), "rows": found.rows}, table)


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


def _head(found: Gaps | Why | Matrix | Work) -> dict[str, str]:
    return {"on": found.on.isoformat(), "persons": found.persons, "release": found.version}


def _event_cell(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else _cell(value)


def _cell(value: Any) -> str:
    return "|".join(value) if isinstance(value, tuple) else str(value)
