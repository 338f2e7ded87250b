"""What happens before an outside engine is relied on: the release is brought to it, and it is tried."""

from collections.abc import Callable
from dataclasses import replace

from readmission.engine.execution import Fault
from readmission.engine.interface import EngineFault
from readmission.engine.remote import Remote
from readmission.external_engine.comparison import prove
from readmission.external_engine.graph_store_client import GraphStore
from readmission.external_engine.loading import load, whole
from readmission.external_engine.stored_release import Held
from readmission.release import Release

Say = Callable[[str], None]


class Distrusted(EngineFault):
    """An engine that gets questions wrong; the message lists them."""


def hold(release: Release, remote: Remote, store: GraphStore | None, say: Say) -> Held:
    """Return the release in the engine, loading it when it is not there. Raises EngineFault."""
    if held := whole(release, remote):
        say(f"{remote.url} holds release {release.version} already")
        return held
    if store is None:
        raise EngineFault(
            f"{remote.url} does not hold release {release.version}; name its graph store with --graph-store, "
            "and it is loaded"
        )
    say(f"loading release {release.version} into {store.url} …")
    held = load(release, remote, store)
    say(f"loaded, counted and switched to: {release.counts['statements']} statements")
    return held


def tried(held: Held, release: Release, seconds: float, despite: bool, say: Say) -> tuple[Fault, ...]:
    """Try the engine, each query within some seconds, and return what it gets wrong.

    Raises Distrusted when that is anything at all, unless the operator serves ``despite`` it.
    """
    say("trying the engine: the release's questions and the known traps, against the embedded store …")
    remote = replace(held.remote, timeout=seconds)
    faults = tuple(prove(replace(held, remote=remote), release.engine, release.gazetteer))
    for fault in faults:
        say(f"  wrong: {fault}")
    if not faults:
        say("the engine gives the same answers to all of them")
        return ()
    if not despite:
        raise Distrusted(
            f"{held.remote.url} gets {len(faults)} of these wrong (listed above), so nothing is served; use another "
            "engine, or serve without these questions with --despite-faults"
        )
    say(
        f"serving without the {sum(fault.kind == 'question' for fault in faults)} questions it gets wrong; see /limits"
    )
    return faults
