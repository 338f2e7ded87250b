"""The statements to serve: those of the release, many times as many, or the asserted ones alone."""

import hashlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import platformdirs
import pyoxigraph as ox

from benchmarks.multiply import multiplied
from benchmarks.peers.servers import Data
from readmission import namespaces, release
from readmission.building import pipeline, rules
from readmission.sources import fact_files

_DERIVED = f" <{namespaces.DERIVED_GRAPH_BASE}"


def data(scale: int) -> Data:
    """Return the statements of the release, or of about so many times as many bilateral instruments."""
    if scale > 1:
        return Data(_grown(scale), release=False, patience=180)
    built = pipeline.current(release.home())
    assert built.path is not None
    return Data(built.path / release.DATASET_FILE, release=True, patience=180)


@contextmanager
def asserted(whole: Data, folder: Path) -> Iterator[Data]:
    """Write the statements of the facts alone, without what the rules derive."""
    path = folder / "asserted.nq"
    with whole.path.open(encoding="utf-8") as lines, path.open("w", encoding="utf-8") as written:
        written.writelines(line for line in lines if _DERIVED not in line[-200:])
    try:
        yield Data(path, release=False, patience=whole.patience)
    finally:
        path.unlink()


def _grown(scale: int) -> Path:
    """Return the multiplied facts with all that follows from them; made once for each state of the facts."""
    loaded = fact_files.load()
    texts = [file.text for file in loaded.files] + [
        rule.read_text(encoding="utf-8") for rule in rules.rule_files()
    ]
    digest = hashlib.sha256("\0".join(texts).encode()).hexdigest()
    top = platformdirs.user_cache_path("readmission") / "bench"
    path = top / f"{digest[:32]}-{scale}.nq"
    if not path.is_file():
        shutil.rmtree(top, ignore_errors=True)  # what an earlier state of the facts left: gigabytes
        top.mkdir(parents=True)
        store = multiplied(loaded, scale).store()
        rules.derive(store)
        draft = path.with_suffix(".draft")
        store.dump(draft, ox.RdfFormat.N_QUADS)
        draft.rename(path)
    return path
