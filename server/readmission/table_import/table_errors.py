"""What is wrong with a table: file, row, column, what, how to mend it."""

from collections.abc import Sequence
from dataclasses import dataclass

from readmission.errors import UserError

# More faults than anyone mends in one go; the rest of the table is not read then.
MOST_PROBLEMS = 100


@dataclass(frozen=True, order=True)
class TableProblem:
    """One fault of a table; ``row`` counts as spreadsheets do, 0 is the file as a whole."""

    path: str
    row: int
    column: str
    what: str
    remedy: str

    def __str__(self) -> str:
        place = f"{self.path}:{self.row}" if self.row else self.path
        return ": ".join(part for part in (place, self.column, self.what, self.remedy) if part)


class CellError(ValueError):
    """A cell that cannot be read: what is wrong with it, and how to mend it."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(f"{what}: {remedy}")
        self.what, self.remedy = what, remedy


class ImportRefusedError(UserError, ValueError):
    """A table of which nothing was taken over; ``faults`` say why, row by row."""

    def __init__(self, faults: Sequence[TableProblem]) -> None:
        self.problems = tuple(sorted(set(faults)))
        shown = [str(fault) for fault in self.problems[:MOST_PROBLEMS]]
        if len(self.problems) >= MOST_PROBLEMS:
            shown.append(f"… the list ends after {MOST_PROBLEMS} faults; mend these first")
        super().__init__("nothing was imported\n" + "\n".join(shown))


def refused(path: str, row: int, what: str, remedy: str) -> ImportRefusedError:
    """Return the refusal of a table for one fault of a row, or of the file as a whole (row 0)."""
    return ImportRefusedError([TableProblem(path, row, "", what, remedy)])
