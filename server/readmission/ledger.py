"""The ledger of the bilateral tables: which row of the sources became which instrument, or why it was refused."""

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from readmission.resources import folder

LEDGER = "instruments/bilateral/ledger.csv"
"""Where it stands below the folder ``graph``."""
_FIELDS: tuple[str, ...] = (
    "key",
    "table",
    "european_state",
    "partner",
    "kind",
    "signed",
    "title",
    "instrument",
    "reason",
)


@dataclass(frozen=True)
class LedgerFile:
    """The ledger as a file: its path, its name in the repository, its text."""

    path: Path
    name: str
    text: str


@dataclass(frozen=True)
class Row:
    """One row of a source table: the European state it is about, and its instrument or the reason for refusing it."""

    state: str
    instrument: str
    reason: str


@dataclass(frozen=True)
class Tally:
    """Rows and what became of them; ``rows`` is always the sum of instruments, merged and refused."""

    rows: int
    instruments: int
    merged: int
    refused: int


def read() -> tuple[Row, ...]:
    """Return every row in the order of the tables."""
    with (folder("graph") / LEDGER).open(encoding="utf-8", newline="") as file:
        return tuple(
            Row(row["european_state"], row["instrument"], row["reason"]) for row in csv.DictReader(file)
        )


def tally(rows: Iterable[Row]) -> Tally:
    """Count rows; a second row of an instrument is merged into the first."""
    counted = tuple(rows)
    named = [row.instrument for row in counted if row.instrument]
    instruments = len(set(named))
    return Tally(len(counted), instruments, len(named) - instruments, len(counted) - len(named))


def extended(text: str, table: str, rows: Iterable[tuple[int, Mapping[str, str]]]) -> str:
    """Return the text of a ledger with the rows of one more table, each with its number there, at the end.

    A table whose name is taken gets a number, so that every key stays the name of one row.
    """
    taken = {row["table"] for row in csv.DictReader(io.StringIO(text))}
    name, number = table, 1
    while name in taken:
        number += 1
        name = f"{table}-{number}"
    written = io.StringIO()
    writer = csv.DictWriter(written, _FIELDS, restval="", lineterminator="\n")
    if not text:
        writer.writeheader()
    writer.writerows({**row, "key": f"{name}:{place}", "table": name} for place, row in rows)
    return text + written.getvalue()
