"""A release as files to keep, cite and load elsewhere, each a whole serialisation of the same statements."""

import hashlib
import os
import shutil
from collections.abc import Iterable
from pathlib import Path

import pyoxigraph as ox

from readmission.facts import BASE
from readmission.faults import UserFault
from readmission.release import DATASET, Release

# Prefixes that keep Turtle and TriG readable; a name that needs none is written in full.
_PREFIXES = {
    "rdm": f"{BASE}ontology#",
    "code": f"{BASE}code/",
    "country": f"{BASE}id/country/",
    "eura": f"{BASE}id/eura/",
    "event": f"{BASE}id/event/",
    "evidence": f"{BASE}id/evidence/",
    "coverage": f"{BASE}id/coverage/",
    "dcterms": "http://purl.org/dc/terms/",
    "org": "http://www.w3.org/ns/org#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}


class ExportRefused(UserFault, ValueError):
    """A folder that an export would mix with other files."""


def export(release: Release, target: Path) -> list[Path]:
    """Write canonical N-Quads, TriG, Turtle (union of all graphs), JSON-LD and SHA256SUMS into a new folder.

    The folder appears when it is whole. Raises ExportRefused where something stands already.
    """
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise ExportRefused(f"{target} is not empty; name a new folder")
    assert release.path is not None
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f".{target.name}-{os.getpid()}")
    draft.mkdir()
    try:
        _write(release.path / DATASET, draft)
        if target.exists():
            target.rmdir()
        draft.rename(target)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    return sorted(target.iterdir())


def _write(source: Path, draft: Path) -> None:
    shutil.copyfile(source, draft / "readmission.nq")
    quads = list(ox.parse(path=str(source), format=ox.RdfFormat.N_QUADS))
    by_graph = sorted(quads, key=lambda quad: (str(quad.graph_name), str(quad)))
    union = sorted({str(quad.triple): quad.triple for quad in quads}.items())
    _save(draft / "readmission.trig", by_graph, ox.RdfFormat.TRIG)
    _save(draft / "readmission.ttl", [triple for _, triple in union], ox.RdfFormat.TURTLE)
    _save(draft / "readmission.jsonld", by_graph, ox.RdfFormat.JSON_LD)
    files = sorted(draft.iterdir())
    sums = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in files]
    (draft / "SHA256SUMS").write_text("".join(sums), encoding="utf-8")


def _save(path: Path, statements: Iterable[ox.Quad] | Iterable[ox.Triple], kind: ox.RdfFormat) -> None:
    written = ox.serialize(statements, format=kind, prefixes=_PREFIXES)
    assert written is not None
    path.write_bytes(written)
