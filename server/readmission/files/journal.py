"""Changes of several files below one folder that are made all together or not at all, whatever stops the program.

Before the first file changes, the journal, a file in the folder, is on the disk with the text that each file had;
once the last has changed it is removed, and that alone makes the changes good. Who finds a journal and holds the
folder's lock knows that its writer is dead, and puts the files back. Readers share the lock, so they see the files as
they were before or after, never between.
"""

import contextlib
import hashlib
import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from readmission.errors import UserError
from readmission.files import digest_json, disk

JOURNAL = ".journal"
"""The name of the journal in its folder."""
_NEW = ".{}.new"


class WriteError(UserError, RuntimeError):
    """Changes of which none is on the disk: why, and how to mend it."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(f"{what}: {remedy}")
        self.what, self.remedy = what, remedy


class UnfinishedChangesError(UserError, RuntimeError):
    """Changes that were interrupted and cannot be undone without a person."""


@dataclass(frozen=True)
class FileChange:
    """A file as it was read (None where there was none), and as it shall be."""

    path: Path
    before: str | None
    after: str


@dataclass(frozen=True)
class _Entry:
    """A changed file: its name below the folder, its text before, and the SHA-256 of its bytes after."""

    name: str
    before: str | None
    after: str

    def is_before(self, path: Path) -> bool:
        return _bytes(path) == (None if self.before is None else self.before.encode())

    def is_after(self, path: Path) -> bool:
        now = _bytes(path)
        return now is not None and hashlib.sha256(now).hexdigest() == self.after


@contextlib.contextmanager
def reading(top: Path) -> Iterator[None]:
    """Keep the files below a folder as they are while they are read; first undo what was interrupted.

    Not to be entered again for the same folder inside. Raises UnfinishedChangesError when that cannot be undone.
    """
    if any(path.exists() for path in (top / JOURNAL, _draft(top / JOURNAL))):
        with disk.lock(top):
            _undo(top)
    with disk.lock(top, shared=True):
        if not (top / JOURNAL).exists():
            yield
            return
    with reading(top):  # somebody has written, and died, since the first look
        yield


def write(top: Path, changes: Sequence[FileChange], what: str) -> None:
    """Make every change below a folder, or none; ``what`` names them, as "the import of table.csv".

    Raises WriteError when a file has changed since it was read, OSError when one cannot be written, and
    UnfinishedChangesError when an earlier writer was interrupted and its changes cannot be undone.
    """
    with disk.lock(top):
        _undo(top)
        for change in changes:
            _refuse_changed(top, change)
        try:
            _begin(top, changes, what)
            _replace([(change.path, change.after) for change in changes])
            (top / JOURNAL).unlink()
        except BaseException:
            _undo(top, warn=False)
            raise
        disk.sync(top)


def _refuse_changed(top: Path, change: FileChange) -> None:
    path, held = change.path, _bytes(change.path)
    # letters that are not UTF-8 were not there when it was read
    now = None if held is None else _plain(held.decode(errors="surrogateescape"))
    if now != (None if change.before is None else _plain(change.before)):
        name = f"{top.name}/{_name(top, path)}"
        raise WriteError(f"{name} has changed since it was read", "run it again")


def _plain(text: str) -> str:
    """Return a text without what readers leave out or read alike: a byte-order mark, and kinds of line ends."""
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def _begin(top: Path, changes: Iterable[FileChange], what: str) -> None:
    entries = []
    for change in changes:
        now = _bytes(change.path)
        after = hashlib.sha256(change.after.encode()).hexdigest()
        entries.append(_Entry(_name(top, change.path), None if now is None else now.decode(), after))
    draft = _draft(top / JOURNAL)
    disk.save(draft, digest_json.dumps({"what": what, "files": [asdict(entry) for entry in entries]}))
    draft.replace(top / JOURNAL)
    disk.sync(top)


def _replace(texts: Sequence[tuple[Path, str]]) -> None:
    """Write every draft, so that the disk has room for all, and only then rename them."""
    for path, text in texts:
        path.parent.mkdir(parents=True, exist_ok=True)
        disk.save(_draft(path), text.encode())
    for path, _ in texts:
        _draft(path).replace(path)
    for folder in {path.parent for path, _ in texts}:
        disk.sync(folder)


def _undo(top: Path, *, warn: bool = True) -> None:
    """Put every file of a journal back, and remove the journal; the caller holds the lock, so its writer is dead."""
    with contextlib.suppress(OSError):  # a draft that only its owner may remove is in nobody's way
        _draft(top / JOURNAL).unlink()
    if not (top / JOURNAL).exists():
        return
    try:
        what, entries = _read(top)
        changed = [entry for entry in entries if not entry.is_before(top / entry.name)]
        for entry in changed:
            _refuse_other(top, entry, what)
        _put_back(top, entries, changed)
    except OSError as fault:
        raise UnfinishedChangesError(
            f"{top / JOURNAL}: what it tells of was interrupted and cannot be undone ({fault}); run the command again "
            "when the disk has room and the files may be written"
        ) from fault
    if warn:
        logging.getLogger(__name__).warning(
            "%s was interrupted; it is undone, and the files are as before it: run it again", what
        )


def _put_back(top: Path, entries: Iterable[_Entry], changed: Iterable[_Entry]) -> None:
    for entry in entries:
        _draft(top / entry.name).unlink(missing_ok=True)
    _replace([(top / entry.name, entry.before) for entry in changed if entry.before is not None])
    for entry in changed:
        if entry.before is None:
            (top / entry.name).unlink()
            disk.sync((top / entry.name).parent)
    (top / JOURNAL).unlink()
    disk.sync(top)


def _read(top: Path) -> tuple[str, list[_Entry]]:
    try:
        values = digest_json.loads((top / JOURNAL).read_bytes())
        entries = [_Entry(**entry) for entry in values["files"]]
        inside = all(_name(top, top / entry.name) == entry.name for entry in entries)
    except (digest_json.DigestError, KeyError, TypeError, WriteError) as fault:
        raise UnfinishedChangesError(_by_hand(top, f"the journal cannot be read: {fault}")) from fault
    if not inside:
        raise UnfinishedChangesError(
            _by_hand(top, "the journal names files by other names than the program gives them")
        )
    return str(values["what"]), entries


def _refuse_other(top: Path, entry: _Entry, what: str) -> None:
    if not entry.is_after(top / entry.name):
        raise UnfinishedChangesError(
            _by_hand(
                top, f"{what} was interrupted, and {top / entry.name} has been changed since by somebody else"
            )
        )


def _by_hand(top: Path, what: str) -> str:
    return (
        f"{top / JOURNAL}: {what}; nothing is touched. Compare the files with the last version that you know to be "
        "right, remove the journal, and run: readmission check"
    )


def _draft(path: Path) -> Path:
    return path.with_name(_NEW.format(path.name.removeprefix(".")))


def _name(top: Path, path: Path) -> str:
    """Return the name of a file below a folder; raises WriteError for one that lies elsewhere, through links too."""
    try:
        return path.resolve().relative_to(top.resolve()).as_posix()
    except ValueError as fault:
        raise WriteError(f"{path} lies outside {top}", "name files below it only") from fault


def _bytes(path: Path) -> bytes | None:
    return path.read_bytes() if path.exists() else None
