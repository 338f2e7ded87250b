"""The bilateral instruments on record, state by state: how many, from how many rows, and how far the search went."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from readmission import questions
from readmission.release import Release
from readmission.sources import ledger

NOTE = (
    "An instrument of several European states, such as one of the Benelux, stands in the line of each of them and once "
    "in the total: the lines add up to more than the total. In each line rows = instruments + merged + refused."
)


@dataclass(frozen=True)
class Search:
    """What was searched: a published total and what is on file of it; None where nobody published one."""

    level: str
    published: int | None
    recorded: int | None
    statement: str
    as_of: str

    @property
    def shortfall(self) -> int | None:
        """Return how many are missing against the published total; below zero when more is on file."""
        if self.published is None or self.recorded is None:
            return None
        return self.published - self.recorded


@dataclass(frozen=True)
class Line:
    """One European state, or the whole (an empty code): its instruments, the rows behind them, and the search."""

    code: str
    name: str
    instruments: frozenset[str]
    disagreeing: frozenset[str]
    rows: ledger.Tally
    search: Search | None

    def figures(self) -> dict[str, Any]:
        """Return the line as plain figures, under the names that every format uses."""
        search = self.search
        return {
            "state": self.code, "name": self.name, "instruments": len(self.instruments), "rows": self.rows.rows,
            "merged": self.rows.merged, "refused": self.rows.refused, "disagreements": len(self.disagreeing),
            "published": search and search.published, "recorded": search and search.recorded,
            "shortfall": search and search.shortfall, "search": search.statement if search else "",
        }  # fmt: skip


@dataclass(frozen=True)
class Inventory:
    """All lines, by the names of the states, and the total."""

    version: str
    lines: tuple[Line, ...]
    total: Line


def inventory(release: Release, rows: Sequence[ledger.LedgerRow]) -> Inventory:
    """Return what the graph holds, beside what the ledger's rows say became of the rows of the source tables."""
    found = questions.find("bilateral-instruments").run(release.engine, {}, release.gazetteer).texts()
    searches = {row["stateCode"]: row for row in _searches(release)}
    names = {row["stateCode"]: row["stateName"] for row in (*found, *searches.values()) if row["stateCode"]}
    lines = [
        _line(code, name, [row for row in found if row["stateCode"] == code], searches.get(code),
              ledger.tally(row for row in rows if row.state == code))
        for code, name in sorted(names.items(), key=lambda each: each[1])
    ]  # fmt: skip
    total = _line("", "All states", found, searches.get(""), ledger.tally(rows))
    return Inventory(release.version, tuple(lines), total)


def _searches(release: Release) -> list[dict[str, str]]:
    return questions.find("bilateral-search").run(release.engine, {}, release.gazetteer).texts()


def _line(
    code: str, name: str, found: Iterable[dict[str, str]], search: dict[str, str] | None, rows: ledger.Tally
) -> Line:
    disputed = {row["instrument"]: row["disagreement"] == "true" for row in found}
    told = _search(search) if search else None
    return Line(
        code,
        name,
        frozenset(disputed),
        frozenset(each for each, is_so in disputed.items() if is_so),
        rows,
        told,
    )


def _search(row: dict[str, str]) -> Search:
    published, recorded = (int(row[name]) if row[name] else None for name in ("published", "recorded"))
    return Search(row["searchLevel"], published, recorded, row["statement"], row["asOf"])
