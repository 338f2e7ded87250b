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
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path

import platformdirs
import pyoxigraph as ox

from readmission import disk, facts, rules, sealed, shelf
from readmission.countries import Gazetteer
from readmission.engine import Embedded, Engine, opened
from readmission.faults import UserFault
from readmission.fingerprint import fingerprint

DATASET = "dataset.nq"
MANIFEST = "release.json"
_ABSENT = {errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.ELOOP}
_MODIFIED = f"""SELECT ?day WHERE {{ <{facts.BASE}dataset> <http://purl.org/dc/terms/modified> ?day }}"""


class NotBuilt(UserFault):
    """There is no release of the facts as they are; the last whole one is as it was."""


class BuildRefused(NotBuilt, RuntimeError):
    """Facts that may not be released; the message lists what is wrong, file by file."""


class Unwritten(NotBuilt, OSError):
    """A release that the disk does not take."""


class Damaged(UserFault, ValueError):
    """A release that is not there whole, or any bit of which is not as it was written."""


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


def read(path: Path) -> Release:
    """Open a whole release; raises Damaged where there is none, or where any bit of it was cut or changed."""
    try:
        manifest = sealed.loads((path / MANIFEST).read_bytes())
        with (path / DATASET).open("rb") as file:
            whole = hashlib.file_digest(file, "sha256").hexdigest() == manifest["sha256"]
    except sealed.Broken as fault:
        raise _damaged(path, MANIFEST, str(fault)) from fault
    except OSError as fault:
        if fault.errno not in _ABSENT:
            raise
        raise _damaged(path, Path(fault.filename).name, str(fault.strerror)) from fault
    if not whole:
        raise _damaged(path, DATASET, f"it is not what {MANIFEST} beside it says")
    return Release(manifest["version"], path.resolve(), manifest["counts"])


def _damaged(path: Path, name: str, what: str) -> Damaged:
    return Damaged(
        f"{path / name}: {what}; copy the release whole, or remove {os.path.realpath(path)}, and it is built again"
    )


def last(top: Path) -> Release | None:
    """Return the last whole release, or None before the first; raises Damaged where it is not whole any more."""
    pointer = top / shelf.CURRENT
    return read(pointer) if pointer.exists() else None


def current(top: Path, say: Callable[[str], None] = lambda _: None) -> Release:
    """Return the release of the sources as they are now, building it, and saying so, when it is not there or damaged.

    ``current`` points to it then, where the folder may be written to.
    """
    name = fingerprint()
    if os.path.lexists(top / name):
        try:
            found = read(top / name)
        except Damaged as fault:
            say(f"{fault}\nbuilding it again …")
        else:
            with contextlib.suppress(OSError):
                shelf.point(top, name)
            return found
    else:
        say("building the release (once for each state of the facts) …")
    return build(top)


def build(top: Path) -> Release:
    """Load, check, derive and write a release, then point ``current`` to it.

    Who finishes the same release second takes the first one's. Raises BuildRefused when a check finds a violation or
    the sources change meanwhile, and Unwritten when the disk is full or may not be written to; nothing of it is left
    then.
    """
    name, store = fingerprint(), _derived(facts.load())
    if fingerprint() != name:
        raise BuildRefused(
            "the facts or the program changed while they were read, so nothing was built; build again"
        )
    try:
        shelf.put(top, name, _is_whole, partial(write, store=store))
    except OSError as fault:
        raise Unwritten(
            f"the release could not be written into {top} ({fault.strerror or fault}); make room there, or name "
            "another folder in READMISSION_HOME. The last whole release is as it was"
        ) from fault
    return read(top / name)


def _derived(loaded: facts.Facts) -> ox.Store:
    """Return the facts with all that follows from them; raises BuildRefused when a check finds a violation."""
    # with the validators: what serves a release that is built starts without them
    from readmission import checks

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


def _is_whole(path: Path) -> bool:
    try:
        return bool(read(path))
    except Damaged:
        return False


def write(path: Path, store: ox.Store) -> None:
    """Write the files of a release into an empty folder."""
    data = "".join(lines(store)).encode()
    digest = hashlib.sha256(data).hexdigest()
    dates = Embedded(store).select(_MODIFIED).texts()
    stated = dates[0]["day"] if dates else "undated"
    disk.save(path / DATASET, data)
    manifest = {"version": f"{stated}-{digest[:12]}", "sha256": digest, "counts": _counts(store)}
    disk.save(path / MANIFEST, sealed.dumps(manifest))


def _counts(store: ox.Store) -> dict[str, int]:
    graphs = [graph.value for graph in store.named_graphs()]
    derived = sum(graph.startswith(rules.DERIVED) for graph in graphs)
    return {"statements": len(store), "graphs": len(graphs), "derived_graphs": derived}


def lines(quads: Iterable[ox.Quad]) -> list[str]:
    """Return the canonical N-Quads of a data set: blank nodes named by RDFC-1.0, lines sorted."""
    dataset = ox.Dataset(quads)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return sorted(f"{quad} .\n" for quad in dataset)
