"""Releases: the whole graph, checked and derived, in a folder that is never changed, only replaced.

A release lies in ``<home>/<fingerprint>``, the digest of everything it is made from; ``<home>/current``
points to the last whole one. It is built in a folder of its own, renamed when it is whole, and only then does
``current`` move: a build killed at any moment leaves the last release as it was. Its bytes depend on the sources
alone; the version is the date the data set states and the digest of these bytes.
"""

import contextlib
import errno
import hashlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import platformdirs

from readmission.countries.gazetteer import Gazetteer
from readmission.engine.embedded import load_files
from readmission.engine.interface import Engine
from readmission.errors import UserError
from readmission.files import digest_json, disk, release_folder

DATASET_FILE = "dataset.nq"
MANIFEST_FILE = "release.json"
Say = Callable[[str], None]
"""Takes what people should know while they wait for a release."""
_ABSENT = {errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.ELOOP}


class DamagedReleaseError(UserError, ValueError):
    """A release that is not there whole, or any bit of which is not as it was written."""


@dataclass(frozen=True)
class Release:
    """A whole release: its version, what it counts, and an engine over its statements."""

    version: str
    path: Path | None
    counts: dict[str, int]
    digest: str = ""
    """SHA-256 of its file, in hexadecimal."""

    @cached_property
    def engine(self) -> Engine:
        """The statements, in memory."""
        assert self.path is not None
        return load_files([self.path / DATASET_FILE], trusted=True)

    def over(self, engine: Engine) -> "Release":
        """Return the same release over an engine that holds its statements already."""
        same = replace(self)
        vars(same)["engine"] = engine  # where a cached property keeps its value
        return same

    @contextlib.contextmanager
    def use(self) -> Iterator[None]:
        """Have later builds leave its folder on the disk meanwhile. Raises OSError when it is gone already."""
        assert self.path is not None
        with disk.lock(self.path / MANIFEST_FILE, shared=True):
            yield

    @cached_property
    def gazetteer(self) -> Gazetteer:
        """The countries and their names."""
        return Gazetteer.of(self.engine)


def home() -> Path:
    """Return the folder of releases: ``$READMISSION_HOME``, else the user's cache."""
    stated = os.environ.get("READMISSION_HOME")
    return Path(stated) if stated else platformdirs.user_cache_path("readmission") / "releases"


def read(path: Path) -> Release:
    """Open a whole release.

    Raises DamagedReleaseError where there is none, or where any bit of it was cut or changed.
    """
    try:
        manifest = digest_json.loads((path / MANIFEST_FILE).read_bytes())
        with (path / DATASET_FILE).open("rb") as file:
            whole = hashlib.file_digest(file, "sha256").hexdigest() == manifest["sha256"]
    except digest_json.DigestError as fault:
        raise _damage_error(path, MANIFEST_FILE, str(fault)) from fault
    except OSError as fault:
        if fault.errno not in _ABSENT:
            raise
        raise _damage_error(path, Path(fault.filename).name, str(fault.strerror)) from fault
    if not whole:
        raise _damage_error(path, DATASET_FILE, f"it is not what {MANIFEST_FILE} beside it says")
    return Release(manifest["version"], path.resolve(), manifest["counts"], manifest["sha256"])


def is_whole(path: Path) -> bool:
    """Whether there is a whole release in a folder."""
    try:
        return bool(read(path))
    except DamagedReleaseError:
        return False


def _damage_error(path: Path, name: str, what: str) -> DamagedReleaseError:
    return DamagedReleaseError(
        f"{path / name}: {what}; copy the release whole, or remove {os.path.realpath(path)}, and it is built again"
    )


def last(top: Path) -> Release | None:
    """Return the last whole release, or None before the first.

    Raises DamagedReleaseError where it is not whole any more.
    """
    pointer = top / release_folder.CURRENT
    return read(pointer) if pointer.exists() else None
