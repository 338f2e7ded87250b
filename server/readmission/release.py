"""Releases: the whole graph, checked and derived, in a folder that is never changed, only replaced.

A release lies in ``<home>/<key>``, where the key is the digest of everything it is made from; ``<home>/current``
points to the last whole one. It is built in a folder of its own, renamed when it is whole, and only then does
``current`` move: a build killed at any moment leaves the last release as it was. Its bytes depend on the sources
alone; the version is the date the data set states and the digest of these bytes.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import platformdirs
import pyoxigraph as ox

from readmission import facts, rules
from readmission.countries import Gazetteer
from readmission.engine import Embedded, Engine, opened
from readmission.faults import UserFault
from readmission.resources import FOLDERS, folder

DATASET = "dataset.nq"
MANIFEST = "release.json"
_CURRENT = "current"
_BUILDING = ".building-"
_MODIFIED = f"""SELECT ?day WHERE {{ <{facts.BASE}dataset> <http://purl.org/dc/terms/modified> ?day }}"""


class NotBuilt(UserFault):
    """There is no release of the facts as they are; the last whole one is as it was."""


class BuildRefused(NotBuilt, RuntimeError):
    """Facts that may not be released; the message lists what is wrong, file by file."""


class Unwritten(NotBuilt, OSError):
    """A release that the disk does not take."""


class Damaged(UserFault, ValueError):
    """A release whose statements are not those it was built with."""


@dataclass(frozen=True)
class Release:
    """A whole release: its version, what it counts, and an engine over its statements."""

    version: str
    path: Path | None
    counts: dict[str, int]

    @cached_property
    def engine(self) -> Engine:
        """The statements, in memory."""
        assert self.path is not None
        return opened([self.path / DATASET], ours=True)

    def over(self, engine: Engine) -> "Release":
        """Return the same release over an engine that holds its statements already."""
        same = replace(self)
        vars(same)["engine"] = engine  # where a cached property keeps its value
        return same

    @cached_property
    def gazetteer(self) -> Gazetteer:
        """The countries and their names."""
        return Gazetteer.of(self.engine)


def home() -> Path:
    """Return the folder of releases: ``$READMISSION_HOME``, else the user's cache."""
    stated = os.environ.get("READMISSION_HOME")
    return Path(stated) if stated else platformdirs.user_cache_path("readmission") / "releases"


def key() -> str:
    """Return the digest of all a release is made from: data folders and the program."""
    digest = hashlib.sha256()
    tops = [(name, folder(name)) for name in FOLDERS] + [("program", Path(__file__).parent)]
    for name, top in tops:
        pattern = "*.py" if name == "program" else "**/*"
        for path in sorted(p for p in top.glob(pattern) if p.is_file()):
            digest.update(f"{name}/{path.relative_to(top).as_posix()}\0".encode())
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:32]


def read(path: Path) -> Release:
    """Open a whole release; raises FileNotFoundError where there is none, and Damaged where it was cut or changed."""
    manifest = json.loads((path / MANIFEST).read_text(encoding="utf-8"))
    with (path / DATASET).open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != manifest["sha256"]:
            raise Damaged(
                f"{path / DATASET} is not what {MANIFEST} beside it says; copy the release whole, or remove the "
                f"folder {path.resolve()}, and it is built again"
            )
    return Release(manifest["version"], path.resolve(), manifest["counts"])


def last(top: Path) -> Release | None:
    """Return the last whole release, or None before the first."""
    pointer = top / _CURRENT
    return read(pointer) if pointer.exists() else None


def current(top: Path, say: Callable[[str], None] = lambda _: None) -> Release:
    """Return the release of the sources as they are now, building it, and saying so, when it is not there yet."""
    wanted = top / key()
    if wanted.is_dir():
        return read(wanted)
    say("building the release (once for each state of the facts) …")
    return build(top)


def build(top: Path) -> Release:
    """Load, check, derive and write a release, then point ``current`` to it.

    Raises BuildRefused when a check finds a violation, and Unwritten when the disk is full or may not be written to;
    nothing of it is left then.
    """
    name, store = key(), _derived(facts.load())
    draft = top / f"{_BUILDING}{os.getpid()}"
    try:
        top.mkdir(parents=True, exist_ok=True)
        _clear(top)
        draft.mkdir()
        _write(draft, store)
        _rename(draft, top / name)
        _point(top, name)
    except OSError as fault:
        shutil.rmtree(draft, ignore_errors=True)
        raise Unwritten(
            f"the release could not be written into {top} ({fault.strerror or fault}); make room there, or name "
            "another folder in READMISSION_HOME. The last whole release is as it was"
        ) from fault
    return read(top / name)


def _derived(loaded: facts.Facts) -> ox.Store:
    """Return the facts with all that follows from them; raises BuildRefused when a check finds a violation."""
    from readmission import (
        checks,
    )  # with the validators: what serves a release that is built starts without them

    try:
        bench = checks.Bench(loaded)
    except facts.SyntaxFault as fault:
        raise _refusal([str(checks.syntax_finding(fault))]) from fault
    grave = [str(finding) for finding in checks.examine(bench) if finding.severity == "violation"]
    if grave:
        raise _refusal(grave)
    rules.derive(bench.derived, first=checks.LAST_RULE + 1)
    return bench.derived


def _refusal(grave: Sequence[str]) -> BuildRefused:
    listed = "\n".join(grave)
    return BuildRefused(f"{len(grave)} violations, so nothing was built:\n{listed}")


def _write(draft: Path, store: ox.Store) -> None:
    data = "".join(lines(store)).encode()
    digest = hashlib.sha256(data).hexdigest()
    dates = Embedded(store).select(_MODIFIED).texts()
    stated = dates[0]["day"] if dates else "undated"
    _save(draft / DATASET, data)
    manifest = {"version": f"{stated}-{digest[:12]}", "sha256": digest, "counts": _counts(store)}
    _save(draft / MANIFEST, (json.dumps(manifest, indent=2) + "\n").encode())


def _rename(draft: Path, final: Path) -> None:
    try:
        draft.rename(final)
    except OSError:
        if not final.is_dir():
            raise
        shutil.rmtree(draft)  # somebody else finished the same release first


def _save(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _counts(store: ox.Store) -> dict[str, int]:
    graphs = [graph.value for graph in store.named_graphs()]
    derived = sum(graph.startswith(rules.DERIVED) for graph in graphs)
    return {"statements": len(store), "graphs": len(graphs), "derived_graphs": derived}


def lines(quads: Iterable[ox.Quad]) -> list[str]:
    """Return the canonical N-Quads of a data set: blank nodes named by RDFC-1.0, lines sorted."""
    dataset = ox.Dataset(quads)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return sorted(f"{quad} .\n" for quad in dataset)


def _point(top: Path, name: str) -> None:
    pointer = top / f"{_BUILDING}{os.getpid()}-pointer"
    pointer.unlink(missing_ok=True)
    pointer.symlink_to(name)
    pointer.replace(top / _CURRENT)


def _clear(top: Path) -> None:
    """Remove what builds that were killed have left behind."""
    for draft in top.glob(f"{_BUILDING}*"):
        if _alive(int(draft.name.removeprefix(_BUILDING).split("-")[0])):
            continue
        if draft.is_symlink():
            draft.unlink()
        else:
            shutil.rmtree(draft, ignore_errors=True)


def _alive(process: int) -> bool:
    if process == os.getpid():
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
