"""What an import would change, as a diff, a summary, and files to write."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from readmission.files.journal import WriteError
from readmission.namespaces import ID
from readmission.sources.fact_files import FactFile
from readmission.table_import.file_changes import ProposedFile, write
from readmission.table_import.sheets import csv_file
from readmission.table_import.table_errors import ImportRefusedError, TableProblem


@dataclass(frozen=True)
class ImportPlan:
    """The changes an import would make: facts, the ledger, the instrument of each row, and the rows skipped.

    ``graph`` is the folder to change; ``places`` gives the row and the column of each new node; ``noted`` counts the
    rows that go to the ledger only.
    """

    table: str
    encoding: str
    form: str
    graph: Path
    changes: tuple[ProposedFile, ...]
    ledger: tuple[ProposedFile, ...]
    added: Mapping[int, str]
    skipped: tuple[TableProblem, ...]
    places: Mapping[str, tuple[int, str]] = field(repr=False)
    noted: int = 0

    @property
    def files(self) -> tuple[FactFile, ...]:
        """The files of facts as they would be."""
        return tuple(change.file for change in self.changes if isinstance(change.file, FactFile))

    def diff(self) -> str:
        """Return every change as one unified diff; empty when nothing would change."""
        return "".join(line for change in (*self.changes, *self.ledger) for line in change.diff())

    def summary(self) -> str:
        """Return, in lines, how the table was read, what each row became, and what was skipped."""
        lines = [f"{self.table}: {self.form}"]
        if self.encoding == csv_file.WINDOWS:
            lines.append(
                "  a file of this encoding has no mark: see whether letters with accents came out right"
            )
        lines += [f"{self.table}:{row}: {iri.removeprefix(ID)}" for row, iri in sorted(self.added.items())]
        lines += [f"{fault} (skipped)" for fault in self.skipped]
        noted = f", {self.noted} rows noted in the ledger only" if self.noted else ""
        lines.append(f"{len(self.added)} instruments added, {len(self.skipped)} rows skipped{noted}")
        return "\n".join(lines)

    def write(self) -> list[Path]:
        """Write every change or none, and return the files written.

        Raises ImportRefusedError, and changes nothing then.
        """
        try:
            return write(self.graph, (*self.changes, *self.ledger), f"the import of {self.table}")
        except WriteError as fault:
            raise ImportRefusedError([TableProblem(self.table, 0, "", fault.what, fault.remedy)]) from fault
