"""Changes of files: shown as a difference, and written all together or not at all."""

import difflib
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from readmission.facts import FactFile
from readmission.ledger import LedgerFile


class Unwritten(RuntimeError):
    """Changes of which none is on the disk: why, and how to mend it."""

    def __init__(self, what: str, mend: str) -> None:
        super().__init__(f"{what}: {mend}")
        self.what, self.mend = what, mend


@dataclass(frozen=True)
class Change:
    """One file as it would be: its new text, and the text it has now (None where there is no such file)."""

    file: FactFile | LedgerFile
    before: str | None

    def diff(self) -> Iterator[str]:
        """Yield the lines of a unified diff."""
        before = (self.before or "").splitlines(keepends=True)
        old = f"a/{self.file.name}" if self.before is not None else "/dev/null"
        after = self.file.text.splitlines(keepends=True)
        yield from difflib.unified_diff(before, after, old, f"b/{self.file.name}")


def write(changes: Sequence[Change]) -> list[Path]:
    """Write every change or none, and return the files written.

    Drafts are written first, then renamed in the order given. Raises Unwritten when a file cannot be written or
    has changed since it was read; what was renamed is put back then.
    """
    drafts: list[Path] = []
    done: list[Change] = []
    try:
        for change in changes:
            drafts.append(_draft(change))
        for change, draft in zip(changes, drafts, strict=True):
            _refuse_changed(change)
            draft.replace(change.file.path)
            done.append(change)
    except BaseException as fault:
        _restore(done)
        if isinstance(fault, OSError):
            raise _unwritable(fault) from fault
        raise
    finally:
        for draft in drafts:
            draft.unlink(missing_ok=True)
    return [change.file.path for change in changes]


def _refuse_changed(change: Change) -> None:
    path = change.file.path
    now = path.read_text(encoding="utf-8") if path.exists() else None
    if now != change.before:
        raise Unwritten(f"{change.file.name} has changed since it was read", "run the import again")


def _unwritable(fault: OSError) -> Unwritten:
    mend = (
        "the facts of an installed copy are often read-only: name the folder graph of a checkout with --into, "
        "or use --dry-run to see the difference only"
    )
    return Unwritten(f"{fault.filename} cannot be written ({fault.strerror or fault})", mend)


def _draft(change: Change) -> Path:
    path = change.file.path
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.new")
    with draft.open("w", encoding="utf-8", newline="\n") as stream:
        stream.write(change.file.text)
        stream.flush()
        os.fsync(stream.fileno())
    return draft


def _restore(done: Iterable[Change]) -> None:
    for change in done:
        if change.before is None:
            change.file.path.unlink(missing_ok=True)
        else:
            change.file.path.write_text(change.before, encoding="utf-8", newline="\n")
