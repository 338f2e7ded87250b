"""Changes of files: shown as a difference, and written all together or not at all."""

import difflib
import errno
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from readmission.files import journal
from readmission.files.journal import WriteError
from readmission.sources.fact_files import FactFile
from readmission.sources.ledger import LedgerFile


@dataclass(frozen=True)
class ProposedFile:
    """One file as it would be: its new text, and the text it has now (None where there is no such file)."""

    file: FactFile | LedgerFile
    before: str | None

    def diff(self) -> Iterator[str]:
        """Yield the lines of a unified diff."""
        before = (self.before or "").splitlines(keepends=True)
        old = f"a/{self.file.name}" if self.before is not None else "/dev/null"
        after = self.file.text.splitlines(keepends=True)
        yield from difflib.unified_diff(before, after, old, f"b/{self.file.name}")


def write(top: Path, changes: Sequence[ProposedFile], what: str) -> list[Path]:
    """Write every change below the folder ``top`` or none, and return the files written; ``what`` names the changes.

    Raises WriteError when a file cannot be written or has changed since it was read.
    """
    wanted = [journal.FileChange(change.file.path, change.before, change.file.text) for change in changes]
    try:
        journal.write(top, wanted, what)
    except OSError as fault:
        refusal = f"{fault.filename} cannot be written ({fault.strerror or fault})"
        raise WriteError(refusal, _mend(fault)) from fault
    return [change.path for change in wanted]


def _mend(fault: OSError) -> str:
    if fault.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return "make room on the disk, and run the import again"
    return (
        "the facts of an installed copy are often read-only: name the folder graph of a checkout with --into, "
        "or use --dry-run to see the difference only"
    )
