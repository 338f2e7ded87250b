"""The figures of a network: who is alike, whom to ask, what one more instrument would close, who stands between.

Each is counted under the policy of its network; ``MEANING`` says in one sentence what each of them tells.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import networkx as nx

from readmission.answers.network import Network
from readmission.errors import ParameterError

MEANING = {
    "scattered": "Partners with which two or more states have instruments of their own although none of the Union's "
    "counts: one agreement of the Union could stand beside or replace many.",
    "states_alike": "Likeness is the number of partners both states are linked with, divided by the number of those "
    "at least one of them is linked with: 1 is the same partners, 0 none in common.",
    "to_ask": "For each partner a state is not linked with, the states that are, those most like it first: states with "
    "an instrument of their own have negotiated it themselves, the others are bound by one of the Union's only.",
    "partners_alike": "Likeness is the number of states linked with both partners, divided by the number of those "
    "linked with at least one: 1 is the same states, 0 none in common.",
    "closing": "An agreement of the Union reaches the Member States without a protocol position of their own "
    "(Protocols 21 and 22): closed are those of them without a link, left are all others without one. Perhaps "
    "covered are those of the closed that an instrument on file may cover already, with a rank too low for the policy. "
    "An instrument of a layer that the policy does not count closes nothing.",
    "groups": "Within a group everyone is reached from everyone by a chain of links; between groups there is none.",
    "centrality": "Links counts whom one is linked with, share how much of the other side that is: how far one reaches "
    "by itself. Between is the share of the shortest chains of links between two others that run through this one, on "
    "average over all two others: who ties together what has little else in common.",
}


@dataclass(frozen=True)
class ScatteredPartner:
    """A partner with which states have instruments of their own, and the Union none."""

    partner: str
    states: tuple[str, ...]
    instruments: tuple[str, ...]


@dataclass(frozen=True)
class Neighbour:
    """One linked with nearly the same: likeness from 0 to 1, what both have, and what it has beyond."""

    code: str
    likeness: float
    shared: tuple[str, ...]
    beyond: tuple[str, ...]


@dataclass(frozen=True)
class Advice:
    """A partner that a state is not linked with, and the states to ask, those most like it first.

    ``own`` have an instrument of their own; ``common`` are linked by instruments of the Union only.
    """

    partner: str
    own: tuple[str, ...]
    common: tuple[str, ...]


@dataclass(frozen=True)
class Closure:
    """What one more instrument with a partner closes: the states whose gap it closes, and those it leaves.

    ``perhaps`` are those of the closed that an instrument of a lower rank may cover already.
    """

    partner: str
    closed: tuple[str, ...]
    left: tuple[str, ...]
    perhaps: tuple[str, ...] = ()


@dataclass(frozen=True)
class Component:
    """States and partners that hang together by links, and with nobody else."""

    states: tuple[str, ...]
    partners: tuple[str, ...]


@dataclass(frozen=True)
class Centre:
    """How central one is: its links, the share of the other side they reach, and its place between others."""

    side: str
    code: str
    links: int
    share: float
    between: float


def scattered_partners(network: Network) -> tuple[ScatteredPartner, ...]:
    """Return the partners with own instruments of two states or more and none of the Union, most states first.

    Looks at both layers whatever the policy's layer is: the question is about the difference between them.
    """
    common = {pair.partner for pair in network.certain_pairs if pair.layer == "eu"}
    found = []
    for partner in sorted({pair.partner for pair in network.certain_pairs} - common):
        own = [pair for pair in network.certain_pairs if pair.partner == partner]
        states = _sorted(pair.state for pair in own)
        if len(states) > 1:
            found.append(ScatteredPartner(partner, states, _sorted(pair.instrument for pair in own)))
    return tuple(sorted(found, key=lambda each: (-len(each.states), each.partner)))


def states_alike(network: Network, state: str) -> tuple[Neighbour, ...]:
    """Return the other states that share a partner with this one, the most alike first; raises ParameterError."""
    return _alike(_known(network.partners_of, state, "state"), state)


def partners_alike(network: Network, partner: str) -> tuple[Neighbour, ...]:
    """Return the other partners that share a state with this one, the most alike first; raises ParameterError."""
    return _alike(_known(network.states_of, partner, "partner"), partner)


def _known(side: dict[str, frozenset[str]], code: str, name: str) -> dict[str, frozenset[str]]:
    if code not in side:
        raise ParameterError(f"{name}: {code} is not in the network; it holds {', '.join(side) or 'nobody'}")
    return side


def _alike(side: dict[str, frozenset[str]], code: str) -> tuple[Neighbour, ...]:
    mine = side[code]
    found = [
        Neighbour(other, likeness(mine, theirs), _sorted(mine & theirs), _sorted(theirs - mine))
        for other, theirs in side.items()
        if other != code and mine & theirs
    ]
    return tuple(sorted(found, key=lambda each: (-each.likeness, each.code)))


def likeness(one: frozenset[str], other: frozenset[str]) -> float:
    """Return the Jaccard index of two sets: what is common by what is in either; 0 for two empty sets."""
    either = one | other
    return round(len(one & other) / len(either), 6) if either else 0.0


def whom_to_ask(network: Network, state: str) -> tuple[Advice, ...]:
    """Return each partner that others are linked with and this state is not, with whom to ask; most to ask first."""
    mine = _known(network.partners_of, state, "state")[state]

    def nearest(holders: Iterable[str]) -> tuple[str, ...]:
        return tuple(sorted(holders, key=lambda code: (-likeness(mine, network.partners_of[code]), code)))

    own = {(pair.partner, pair.state) for pair in network.counted_pairs if pair.layer == "own"}
    found = []
    for partner in network.gaps(state):
        if holders := network.states_of[partner]:
            negotiated = {code for code in holders if (partner, code) in own}
            found.append(Advice(partner, nearest(negotiated), nearest(holders - negotiated)))
    return tuple(sorted(found, key=lambda each: (-len(each.own), -len(each.common), each.partner)))


def closure(network: Network, partner: str, states: Iterable[str] | None = None) -> Closure:
    """Return what one more instrument with a partner closes; raises ParameterError for a partner not in the network.

    ``states`` are those that the instrument binds: one for a bilateral, three for a Benelux one; None stands for an
    agreement of the Union, which reaches every Member State without a protocol position. An instrument of a level
    that the policy does not count closes nothing.
    """
    _known(network.states_of, partner, "partner")
    reached = _reached(network) if states is None else set(states)
    if network.policy.layer == ("own" if states is None else "eu"):
        reached = set()
    missing = network.open_states(partner)
    closed = tuple(state for state in missing if state in reached)
    left = tuple(state for state in missing if state not in reached)
    return Closure(
        partner, closed, left, tuple(state for state in closed if (state, partner) in network.recorded_pairs)
    )


def _reached(network: Network) -> set[str]:
    return {each.code for each in network.europeans if each.reached()}


def closures(network: Network) -> tuple[Closure, ...]:
    """Return what one agreement of the Union would close with each partner where it closes anything.

    First where it closes most of what nothing on file may cover already.
    """

    def place(each: Closure) -> tuple[int, int, str]:
        return len(each.perhaps) - len(each.closed), -len(each.closed), each.partner

    found = (closure(network, partner) for partner in network.states_of)
    return tuple(sorted((each for each in found if each.closed), key=place))


def groups(network: Network) -> tuple[Component, ...]:
    """Return the groups that links hold together, the largest first; a code without links is in none."""
    found = [
        Component(_of_side(nodes, "state"), _of_side(nodes, "partner"))
        for nodes in nx.connected_components(network.graph)
        if len(nodes) > 1
    ]
    return tuple(sorted(found, key=lambda each: (-len(each.states) - len(each.partners), each.states)))


def without_links(network: Network) -> Component:
    """Return the states and the partners without any link."""
    return Component(
        tuple(code for code, partners in network.partners_of.items() if not partners),
        tuple(code for code, states in network.states_of.items() if not states),
    )


def _of_side(nodes: Iterable[str], side: str) -> tuple[str, ...]:
    return _sorted(code for found, _, code in (node.partition(":") for node in nodes) if found == side)


def centrality(network: Network) -> tuple[Centre, ...]:
    """Return every state and partner, the one most between others first."""
    between = nx.betweenness_centrality(network.graph)
    sides = (
        ("state", network.partners_of, len(network.states_of)),
        ("partner", network.states_of, len(network.partners_of)),
    )
    found = [
        Centre(
            name, code, len(others), round(len(others) / (size or 1), 6), round(between[f"{name}:{code}"], 6)
        )
        for name, side, size in sides
        for code, others in side.items()
    ]
    return tuple(sorted(found, key=lambda each: (-each.between, -each.links, each.side, each.code)))


def _sorted(codes: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(codes)))
