"""The ledgers of the imported tables: which row of the sources became which instrument, or why it was refused."""

import csv
import io
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from readmission.errors import UserError
from readmission.resources import folder

LEDGERS = {group: f"instruments/{group}/ledger.csv" for group in ("bilateral", "intra-european")}
"""Where they stand below the folder ``graph``, by the group of instruments whose folder they are in."""
LEDGER = LEDGERS["bilateral"]
"""That of instruments with partners outside Europe."""
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


class LedgerError(UserError, ValueError):
    """A ledger that is no table of these columns: the line, what is wrong, and how to mend it."""

    def __init__(self, line: int, what: str, remedy: str, name: str = LEDGER) -> None:
        super().__init__(f"graph/{name}:{line}: {what}: {remedy}")
        self.line, self.what, self.remedy = line, what, remedy


@dataclass(frozen=True)
class LedgerMismatch:
    """What is wrong with a line of the ledger, or, at line 0, with an instrument that no line names."""

    line: int
    instrument: str
    what: str
    remedy: str


@dataclass(frozen=True)
class LedgerFile:
    """The ledger as a file: its path, its name in the repository, its text."""

    path: Path
    name: str
    text: str


@dataclass(frozen=True)
class LedgerRow:
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


def read_texts(graph: Path) -> dict[str, str]:
    """Return the text of each ledger below a folder ``graph``, by group; raises LedgerError."""
    return {group: read_text(graph, name) for group, name in LEDGERS.items()}


def read_text(graph: Path, name: str = LEDGER) -> str:
    """Return the text of a ledger below a folder ``graph``, empty where there is none; raises LedgerError."""
    path = graph / name
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""
    except UnicodeDecodeError as fault:
        line = path.read_bytes()[: fault.start].count(b"\n") + 1
        raise LedgerError(line, "the file is not UTF-8", "Save it as UTF-8.", name) from fault


def read() -> tuple[LedgerRow, ...]:
    """Return every row about partners outside Europe in the order of the tables; raises LedgerError."""
    return tuple(
        LedgerRow(row["european_state"], row["instrument"], row["reason"])
        for _, row in _lines(read_text(folder("graph")))
    )


def mismatches(ledger: str, described: Collection[str]) -> Iterator[LedgerMismatch]:
    """Compare a ledger with the instruments that the facts describe, each as ``bilateral/deu-mar-1998``.

    Every row names an instrument that is described or the reason for refusing it, and every instrument has a row.
    """
    named: set[str] = set()
    try:
        for line, row in _lines(ledger):
            instrument = row["instrument"]
            named.add(instrument)
            if bool(instrument) == bool(row["reason"]):
                remedy = "Name the instrument that the row became, or the reason for refusing it."
                yield LedgerMismatch(
                    line, instrument, f"{row['key']} needs an instrument or a reason, and not both", remedy
                )
            elif instrument and instrument not in described:
                remedy = "Restore its facts from an earlier version, or delete its rows here and import them again."
                yield LedgerMismatch(
                    line, instrument, f"no file describes {instrument}, taken from {row['key']}", remedy
                )
    except LedgerError as fault:
        yield LedgerMismatch(fault.line, "", fault.what, fault.remedy)
        return
    for instrument in sorted(set(described) - named):
        remedy = (
            "Add the row that it comes from to the ledger in its folder, or delete its facts and import it."
        )
        yield LedgerMismatch(0, instrument, f"no row of the ledger names {instrument}", remedy)


def _lines(ledger: str) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield each row with its first line in the file; raises LedgerError."""
    reader = csv.reader(io.StringIO(ledger, newline=""), strict=True)
    line, headed = 1, False
    try:
        for cells in reader:
            if not headed and tuple(cells) != _FIELDS:
                raise LedgerError(line, "the columns have other names", f"Begin with {','.join(_FIELDS)}.")
            if cells and len(cells) != len(_FIELDS):
                what = f"the row has {len(cells)} cells, not {len(_FIELDS)}"
                raise LedgerError(line, what, "Restore it from an earlier version.")
            if cells and headed:
                yield line, dict(zip(_FIELDS, cells, strict=True))
            line, headed = reader.line_num + 1, True
    except csv.Error as fault:
        raise LedgerError(line, f"it is no CSV ({fault})", "Restore it from an earlier version.") from fault


def tally(rows: Iterable[LedgerRow]) -> Tally:
    """Count rows; a second row of an instrument is merged into the first."""
    counted = tuple(rows)
    named = [row.instrument for row in counted if row.instrument]
    instruments = len(set(named))
    return Tally(len(counted), instruments, len(named) - instruments, len(counted) - len(named))


def extend(ledger: str, table: str, rows: Iterable[tuple[int, Mapping[str, str]]]) -> str:
    """Return the text of a ledger with the rows of one more table, each with its number there, at the end.

    A table whose name is taken gets a number, so that every key stays the name of one row. Raises LedgerError.
    """
    taken = {row["table"] for _, row in _lines(ledger)}
    name, number = table, 1
    while name in taken:
        number += 1
        name = f"{table}-{number}"
    written = io.StringIO()
    writer = csv.DictWriter(written, _FIELDS, restval="", lineterminator="\n")
    if not ledger:
        writer.writeheader()
    writer.writerows({**row, "key": f"{name}:{place}", "table": name} for place, row in rows)
    return ledger + written.getvalue()
