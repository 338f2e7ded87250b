"""A release is built: the facts are loaded, checked, derived and written."""

import contextlib
import hashlib
import os
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path

import pyoxigraph as ox

from readmission import namespaces, packed_release
from readmission.building import rules
from readmission.building.fingerprint import fingerprint
from readmission.engine.embedded import EmbeddedEngine
from readmission.errors import UserError
from readmission.files import digest_json, disk, release_folder
from readmission.query_files import lookup
from readmission.release import DATASET_FILE, MANIFEST_FILE, DamagedReleaseError, Release, Say, is_whole, read
from readmission.sources import fact_files

LEFT = 3
"""How many releases a build leaves on the disk; more where older ones are current or served."""


Builder = Callable[[Path, Say], Release]
"""Builds the release of the sources as they are, into the folder of releases."""


class BuildError(UserError):
    """There is no release of the facts as they are; the last whole one is as it was."""


class BuildRefusedError(BuildError, RuntimeError):
    """Facts that may not be released; the message lists what is wrong, file by file."""


class ReleaseWriteError(BuildError, OSError):
    """A release that the disk does not take."""


def current(top: Path, say: Say = lambda _: None, make: "Builder | None" = None) -> Release:
    """Return the release of the sources as they are now, building it, and saying so, when it is not there or damaged.

    ``make`` builds it, in place of ``build``.

    The one that came with the program is unpacked instead, where it is of the same sources.
    ``current`` points to it then, where the folder may be written to.
    """
    name = fingerprint()
    if os.path.lexists(top / name):
        try:
            found = read(top / name)
        except DamagedReleaseError as fault:
            say(f"{fault}\nbuilding it again …")
        else:
            with contextlib.suppress(OSError):
                release_folder.point(top, name)
            return found
    elif (packed := packed_release.find()) and packed.name == name:
        return packed_release.unpack(packed, top)
    elif make is None:
        say("building the release (once for each state of the facts) …")
    return (make or build)(top, say)


def build(top: Path, say: Say = lambda _: None) -> Release:
    """Load, check, derive and write a release, then point ``current`` to it, and remove old ones, saying so.

    Who finishes the same release second takes the first one's. Raises BuildRefusedError when a check finds a
    violation or the sources change meanwhile, and ReleaseWriteError when the disk is full or may not be written to;
    nothing of it is left then.
    """
    name, store = fingerprint(), _derive(fact_files.load())
    if fingerprint() != name:
        raise BuildRefusedError(
            "the facts or the program changed while they were read, so nothing was built; build again"
        )
    try:
        release_folder.put(top, name, is_whole, partial(write, store=store))
    except OSError as fault:
        raise ReleaseWriteError(
            f"the release could not be written into {top} ({fault.strerror or fault}); make room there, or name "
            "another folder in READMISSION_HOME. The last whole release is as it was"
        ) from fault
    if old := release_folder.prune(top, MANIFEST_FILE, LEFT):
        say(
            f"removed {len(old)} old release(s); the newest {LEFT} are kept, and those that are current or served"
        )
    return read(top / name)


def _derive(loaded: fact_files.Facts) -> ox.Store:
    """Return the facts with all that follows from them; raises BuildRefusedError when a check finds a violation."""
    # with the validators: what serves a release that is built starts without them
    from readmission.building import check_context, checks

    try:
        context = check_context.CheckContext(loaded)
    except fact_files.FactSyntaxError as fault:
        raise _refusal([str(checks.syntax_finding(fault))]) from fault
    grave = [str(finding) for finding in checks.examine(context) if finding.severity == "violation"]
    if grave:
        raise _refusal(grave)
    rules.derive(context.derived, first=check_context.LAST_RULE + 1)
    return context.derived


def _refusal(grave: Sequence[str]) -> BuildRefusedError:
    listed = "\n".join(grave)
    return BuildRefusedError(f"{len(grave)} violations, so nothing was built:\n{listed}")


def write(path: Path, store: ox.Store) -> None:
    """Write the files of a release into an empty folder."""
    data = "".join(lines(store)).encode()
    digest = hashlib.sha256(data).hexdigest()
    dates = (
        EmbeddedEngine(store).select(lookup("release-date", dataset=ox.NamedNode(namespaces.DATASET))).texts()
    )
    stated = dates[0]["day"] if dates else "undated"
    disk.save(path / DATASET_FILE, data)
    manifest = {"version": f"{stated}-{digest[:12]}", "sha256": digest, "counts": _counts(store)}
    disk.save(path / MANIFEST_FILE, digest_json.dumps(manifest))


def _counts(store: ox.Store) -> dict[str, int]:
    graphs = [graph.value for graph in store.named_graphs()]
    derived = sum(graph.startswith(namespaces.DERIVED_GRAPH_BASE) for graph in graphs)
    return {"statements": len(store), "graphs": len(graphs), "derived_graphs": derived}


def lines(quads: Iterable[ox.Quad]) -> list[str]:
    """Return the canonical N-Quads of a data set: blank nodes named by RDFC-1.0, lines sorted."""
    dataset = ox.Dataset(quads)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return sorted(f"{quad} .\n" for quad in dataset)
