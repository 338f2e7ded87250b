"""The release that a wheel carries, so that who only asks needs neither the validators nor the reasoner.

It lies in ``data/release/<fingerprint>`` of the installed package: the manifest of the release as it was built, and its
statements compressed. Questions are asked of it in memory, without a copy on the disk; who needs files, such as the
server, has it unpacked into the folder of releases, once.
"""

import gzip
import hashlib
import zlib
from functools import partial
from pathlib import Path
from typing import Any

from readmission.engine.embedded import read_lines
from readmission.errors import UserError
from readmission.files import digest_json, disk, release_folder
from readmission.release import DATASET_FILE, MANIFEST_FILE, DamagedReleaseError, Release, is_whole, read

PACKED = f"{DATASET_FILE}.gz"
_FOLDER = Path(__file__).with_name("data") / "release"


class UnpackError(UserError, OSError):
    """The folder of releases does not take the release; the message names the folder and says how to mend it."""


def find(folder: Path = _FOLDER) -> Path | None:
    """Return the folder of the release that came with the program, named by its fingerprint; None in a checkout."""
    return next((path.parent for path in sorted(folder.glob(f"*/{MANIFEST_FILE}"))), None)


def version(packed: Path) -> str:
    """Return the version of a packed release; raises DamagedReleaseError where its manifest was cut or changed."""
    return str(_manifest(packed)["version"])


def pack(release: Path, target: Path) -> None:
    """Write a built release into a new folder, ``target``, as a wheel carries it: the same bytes each time."""
    target.mkdir(parents=True)
    disk.save(target / PACKED, gzip.compress((release / DATASET_FILE).read_bytes(), mtime=0))
    disk.save(target / MANIFEST_FILE, (release / MANIFEST_FILE).read_bytes())


def load(packed: Path) -> Release:
    """Return a packed release over an engine in memory.

    Raises DamagedReleaseError where any bit of it was cut or changed.
    """
    manifest, data = _whole(packed)
    return Release(manifest["version"], None, manifest["counts"], manifest["sha256"]).over(read_lines(data))


def unpack(packed: Path, top: Path) -> Release:
    """Return a packed release from the folder of releases, having put it there once.

    Raises DamagedReleaseError where any bit of it was cut or changed, and UnpackError when the disk does not take it.
    """
    try:
        release_folder.put(top, packed.name, is_whole, partial(_write, packed))
    except OSError as fault:
        raise UnpackError(
            f"the release that came with the program could not be unpacked into {top} ({fault.strerror or fault}); "
            "make room there, or name another folder in READMISSION_HOME"
        ) from fault
    return read(top / packed.name)


def _write(packed: Path, target: Path) -> None:
    _, data = _whole(packed)
    disk.save(target / DATASET_FILE, data)
    disk.save(target / MANIFEST_FILE, (packed / MANIFEST_FILE).read_bytes())


def _whole(packed: Path) -> tuple[dict[str, Any], bytes]:
    """Return the manifest and the statements, which have its digest."""
    manifest = _manifest(packed)
    try:
        data = gzip.decompress((packed / PACKED).read_bytes())
    except (OSError, EOFError, zlib.error) as fault:
        raise _damaged(packed, str(fault)) from fault
    if hashlib.sha256(data).hexdigest() != manifest["sha256"]:
        raise _damaged(packed, f"{PACKED} is not what {MANIFEST_FILE} beside it says")
    return manifest, data


def _manifest(packed: Path) -> dict[str, Any]:
    try:
        return digest_json.loads((packed / MANIFEST_FILE).read_bytes())
    except (digest_json.DigestError, OSError) as fault:
        raise _damaged(packed, str(fault)) from fault


def _damaged(packed: Path, what: str) -> DamagedReleaseError:
    return DamagedReleaseError(
        f"{packed}: {what}; install the program again: pip install --force-reinstall readmission"
    )
