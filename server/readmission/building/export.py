"""A release as files to keep, cite and load elsewhere, each a whole serialisation of the same statements."""

import hashlib
import shutil
from collections.abc import Iterable
from pathlib import Path

import pyoxigraph as ox

from readmission.errors import UserError
from readmission.files import disk
from readmission.namespaces import prefixes
from readmission.release import DATASET_FILE, Release

# Prefixes that keep Turtle and TriG readable; a name that needs none is written in full.
_PREFIXES = (
    "rdm", "code", "country", "eura", "event", "evidence", "coverage", "dcterms", "org", "skos", "xsd",
)  # fmt: skip


class ExportError(UserError, ValueError):
    """A folder that an export would mix with other files, or that the disk does not take."""


def export(release: Release, target: Path) -> list[Path]:
    """Write canonical N-Quads, TriG, Turtle (union of all graphs), JSON-LD and SHA256SUMS into a new folder.

    The folder appears when it is whole. Raises ExportError where something is there already, and where the disk is
    full or may not be written to.
    """
    assert release.path is not None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with disk.lock(target.parent):
            _refuse_filled(target)
            _publish(release.path / DATASET_FILE, target)
    except OSError as fault:
        raise ExportError(
            f"the release could not be written into {target} ({fault.strerror or fault}); make room there, or name "
            "another folder. Nothing of it is left"
        ) from fault
    return sorted(target.iterdir())


def _refuse_filled(target: Path) -> None:
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise ExportError(f"{target} is not empty; name a new folder")


def _publish(source: Path, target: Path) -> None:
    """Write the files beside their folder and rename it; the caller holds the lock, so an older draft is dead."""
    target = target.resolve()
    draft = target.with_name(f".{target.name}.new")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir()
    try:
        _write(source, draft)
        if target.exists():
            target.rmdir()
        draft.rename(target)
        disk.sync(target.parent)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise


def _write(source: Path, draft: Path) -> None:
    disk.save(draft / "readmission.nq", source.read_bytes())
    quads = list(ox.parse(path=str(source), format=ox.RdfFormat.N_QUADS))
    by_graph = sorted(quads, key=lambda quad: (str(quad.graph_name), str(quad)))
    union = sorted({str(quad.triple): quad.triple for quad in quads}.items())
    _save(draft / "readmission.trig", by_graph, ox.RdfFormat.TRIG)
    _save(draft / "readmission.ttl", [triple for _, triple in union], ox.RdfFormat.TURTLE)
    _save(draft / "readmission.jsonld", by_graph, ox.RdfFormat.JSON_LD)
    files = sorted(draft.iterdir())
    sums = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in files]
    disk.save(draft / "SHA256SUMS", "".join(sums).encode())
    disk.sync(draft)


def _save(path: Path, statements: Iterable[ox.Quad] | Iterable[ox.Triple], kind: ox.RdfFormat) -> None:
    written = ox.serialize(statements, format=kind, prefixes=prefixes(*_PREFIXES))
    assert written is not None
    disk.save(path, written)
