"""The ledger of the bilateral tables: which row of the sources became which instrument, or why it was refused."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass

from readmission.resources import folder

_LEDGER = "instruments/bilateral/ledger.csv"


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
    with (folder("graph") / _LEDGER).open(encoding="utf-8", newline="") as file:
        return tuple(
            Row(row["european_state"], row["instrument"], row["reason"]) for row in csv.DictReader(file)
        )


def tally(rows: Iterable[Row]) -> Tally:
    """Count rows; a second row of an instrument is merged into the first."""
    counted = tuple(rows)
    named = [row.instrument for row in counted if row.instrument]
    instruments = len(set(named))
    return Tally(len(counted), instruments, len(named) - instruments, len(counted) - len(named))
