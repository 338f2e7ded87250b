"""The folder of releases: a release appears there when it is complete, and ``current`` links to the last.

Whoever writes there holds a lock of the operating system, so that what another has left unfinished is known to be
dead, even where processes do not see each other, as in containers.
"""

import contextlib
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from readmission.files import disk

CURRENT = "current"
"""The name of the pointer, a symbolic link."""
LOCK = ".lock"
"""The name of the file that is locked."""
DRAFT = ".building-"
"""How the names of unfinished releases begin."""


def put(top: Path, name: str, is_whole: Callable[[Path], bool], write: Callable[[Path], None]) -> None:
    """Have ``write`` fill the folder ``name`` and point to it; one that ``is_whole`` already is kept.

    Raises OSError when the disk is full or may not be written to; what was there is as it was then.
    """
    top.mkdir(parents=True, exist_ok=True)
    with disk.lock(top / LOCK, create=True):
        _clear(top)
        if not is_whole(top / name):
            with _workspace(top) as place:
                _write_apart(Path(place), top / name, write)
        _point(top, name)


def point(top: Path, name: str) -> None:
    """Have ``current`` point to a release, where it does not yet; raises OSError where nothing may be written."""
    if not _points(top, name):
        with disk.lock(top / LOCK, create=True):
            _clear(top)
            _point(top, name)


def prune(top: Path, mark: str, left: int) -> list[Path]:
    """Remove the oldest releases until the newest ``left`` are there; returns those removed.

    A folder is a release when it has the file ``mark``. The current one stays, one that somebody uses (who shares the
    lock of ``mark``) stays too, and so does one that may not be removed.
    """
    with disk.lock(top / LOCK, create=True):
        marks = [path for path in top.glob(f"*/{mark}") if not path.parent.is_symlink()]
        marks.sort(key=lambda path: path.stat().st_mtime_ns, reverse=True)
        old = [path for path in marks[left:] if not _points(top, path.parent.name)]
        return [path.parent for path in old if _pruned(top, path)]


def _pruned(top: Path, mark: Path) -> bool:
    try:
        with disk.lock(mark, waits=False), _workspace(top) as place:
            mark.parent.rename(Path(place) / mark.parent.name)
    except OSError:  # in use, or another user's
        return False
    return True


def _points(top: Path, name: str) -> bool:
    pointer = top / CURRENT
    return pointer.is_symlink() and pointer.readlink() == Path(name)


def _workspace(top: Path) -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix=DRAFT, dir=top, ignore_cleanup_errors=True)


def _write_apart(place: Path, final: Path, write: Callable[[Path], None]) -> None:
    """Write a release beside its place and rename it when it is whole; a damaged one is removed for it."""
    draft = place / final.name
    draft.mkdir()
    write(draft)
    disk.sync(draft)
    _remove(final)
    draft.rename(final)
    disk.sync(final.parent)


def _point(top: Path, name: str) -> None:
    if _points(top, name):
        return
    pointer = top / CURRENT
    with _workspace(top) as place:
        draft = Path(place) / CURRENT
        draft.symlink_to(name)
        if pointer.is_dir() and not pointer.is_symlink():
            pointer.rename(Path(place) / "folder")  # a link cannot take its place
        draft.replace(pointer)
        disk.sync(top)


def _clear(top: Path) -> None:
    for draft in top.glob(f"{DRAFT}*"):
        with contextlib.suppress(OSError):  # what another user has left takes room, and is in nobody's way
            _remove(draft)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
