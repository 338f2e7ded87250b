"""States that are no more: which states came after them, and what is to be told when somebody names one."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from readmission.engine.interface import Engine
from readmission.query_files import lookup


@dataclass(frozen=True)
class FormerState:
    """A state that is no more: its name, what became of it, the state that continues it and the other successors.

    States are given as a name with its code, such as ``Serbia (SRB)``.
    """

    name: str
    history: str
    continuators: tuple[str, ...]
    successors: tuple[str, ...]

    @property
    def remedy(self) -> str:
        """What somebody is to write who means this state."""
        others = listed(self.successors)
        if not self.continuators:
            return f"write {others}, and only where a source says that the instrument passed to that state"
        apart = f", and {others} only where a source says that the instrument passed to it" if others else ""
        return f"write {listed(self.continuators)}, which continues it{apart}"


def listed(names: Sequence[str]) -> str:
    """Return names as a choice: ``A, B or C``."""
    return " or ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


def read(engine: Engine, labels: Mapping[str, str]) -> Iterator[tuple[FormerState, str]]:
    """Yield each former state with each of its names; ``labels`` are the countries' names with codes, by IRI."""
    roles: dict[tuple[str, str], list[str]] = {}
    for row in engine.select(lookup("successions")).texts():
        if label := labels.get(row["country"]):
            roles.setdefault((row["state"], row["role"].rpartition("#")[2]), []).append(label)
    states = {
        row["state"]: FormerState(
            row["label"],
            row["history"],
            tuple(roles.get((row["state"], "continuator"), ())),
            tuple(roles.get((row["state"], "successor"), ())),
        )
        for row in engine.select(lookup("former-states")).texts()
    }
    for row in engine.select(lookup("former-state-names")).texts():
        if state := states.get(row["state"]):
            yield state, row["name"]
