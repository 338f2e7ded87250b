"""Before an external engine is used: loads the release into it, and checks its answers."""

from dataclasses import replace

from readmission.engine.execution import EngineMismatch
from readmission.engine.interface import EngineError
from readmission.engine.remote import RemoteEngine
from readmission.external_engine.comparison import compare_engines
from readmission.external_engine.graph_store_client import GraphStore
from readmission.external_engine.loading import find_loaded, load
from readmission.external_engine.stored_release import StoredRelease
from readmission.release import Release, Say


class EngineRejectedError(EngineError):
    """An engine that answers questions wrongly; the message lists them."""


def ensure_loaded(
    release: Release, remote: RemoteEngine, store: GraphStore | None, say: Say
) -> StoredRelease:
    """Return the release in the engine; load it first if it is not there. Raises EngineError."""
    if stored := find_loaded(release, remote):
        say(f"{remote.url} holds release {release.version} already")
        return stored
    if store is None:
        raise EngineError(
            f"{remote.url} does not hold release {release.version}; name its graph store with --graph-store, "
            "and it is loaded"
        )
    say(f"loading release {release.version} into {store.url} …")
    stored = load(release, remote, store)
    say(f"loaded, counted and switched to: {release.counts['statements']} statements")
    return stored


def check_engine(
    stored: StoredRelease, release: Release, seconds: float, allow_mismatches: bool, say: Say
) -> tuple[EngineMismatch, ...]:
    """Compare the engine with the embedded store, each query within ``seconds``, and return the mismatches.

    Raises EngineRejectedError when there are any, unless ``allow_mismatches``.
    """
    say("trying the engine: the release's questions and the known traps, against the embedded store …")
    remote = replace(stored.remote, timeout=seconds)
    faults = tuple(compare_engines(replace(stored, remote=remote), release.engine, release.gazetteer))
    for fault in faults:
        say(f"  wrong: {fault}")
    if not faults:
        say("the engine gives the same answers to all of them")
        return ()
    if not allow_mismatches:
        raise EngineRejectedError(
            f"{stored.remote.url} gets {len(faults)} of these wrong (listed above), so nothing is served; use another "
            "engine, or serve without these questions with --despite-faults"
        )
    say(
        f"serving without the {sum(fault.kind == 'question' for fault in faults)} questions it gets wrong; see /limits"
    )
    return faults
