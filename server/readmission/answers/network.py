"""European states and partners as a two-sided graph on a day; ``network_measures`` compares what hangs on it.

What counts as a link is a policy, and every figure stands under it: a figure without its policy says nothing.
The graph holds what is recorded; a missing link is a gap in the record before it is a gap in the law.
"""

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import networkx as nx

from readmission import errors, questions
from readmission.answers import coverage
from readmission.answers.statuses import layer_of, local, thing
from readmission.release import Release

LAYERS = ("own", "eu", "both")
RANKS = {6: "binding", 5: "contested by a side", 4: "a clause or non-binding", 3: "possible only"}
CERTAIN = 4
_WHICH = {"both": "any instrument", "own": "an instrument of the state's own", "eu": "one of the Union's"}

# The standings of states between which readmission is not a matter of these instruments.
_UNION_STANDINGS = ("member", "in transition", "associated")


@dataclass(frozen=True)
class Policy:
    """Which instruments count as a link between a state and a partner.

    ``least`` is the lowest rank that counts (3 to 6). ``layer`` is ``own`` (a state's own instruments), ``eu`` (the
    Union's) or ``both``: one of the Union's links all the states it binds at once, so that under ``both`` most
    Member States look alike. Raises ParameterError for any other value.
    """

    on: datetime.date
    persons: str = coverage.OWN_NATIONALS
    least: int = CERTAIN
    layer: str = "own"
    version: str = ""

    def __post_init__(self) -> None:
        if self.least not in RANKS:
            raise errors.ParameterError(f"least: {self.least} is no rank; choose {_choices(RANKS.items())}")
        if self.layer not in LAYERS:
            raise errors.ParameterError(f"layer: {self.layer!r} is none; choose one of {', '.join(LAYERS)}")

    def brief(self) -> str:
        """Say in a few words what counts, to stand beside each figure."""
        return f"{self.persons}, {self.on}, rank {self.least} or more, {_WHICH[self.layer]}"

    def sentence(self) -> str:
        """Say in words what counts."""
        counted = _choices((rank, name) for rank, name in RANKS.items() if rank >= self.least)
        said = f"A link is {_WHICH[self.layer]} that covers {self.persons} on {self.on} with rank {counted}"
        return f"{said}; release {self.version}." if self.version else f"{said}."


def _choices(ranks: Iterable[tuple[int, str]]) -> str:
    return ", ".join(f"{rank} ({name})" for rank, name in ranks)


@dataclass(frozen=True)
class Pair:
    """One instrument between a state and a partner (alpha-3): its rank on the day, and whether it is the Union's."""

    state: str
    partner: str
    instrument: str
    rank: int
    layer: str


@dataclass(frozen=True)
class European:
    """A state on the European side; ``position`` is the protocol that keeps it out of what the Union agrees."""

    code: str
    standing: str = "member"
    position: str = ""

    def reached(self) -> bool:
        """Tell whether the next agreement of the Union binds it without a step of its own."""
        return self.standing == "member" and not self.position


@dataclass(frozen=True)
class Network:
    """The graph of who has instruments with whom; ``pairs`` are all on file that day, the policy says which count."""

    pairs: tuple[Pair, ...]
    policy: Policy
    europeans: tuple[European, ...] = ()
    known_partners: tuple[str, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def counted_pairs(self) -> tuple[Pair, ...]:
        """The pairs that the policy counts, in a stable order."""
        wanted = [pair for pair in self.certain_pairs if self.policy.layer in ("both", pair.layer)]
        return tuple(sorted(wanted, key=lambda pair: (pair.state, pair.partner, pair.instrument)))

    @cached_property
    def certain_pairs(self) -> tuple[Pair, ...]:
        """The pairs of a sufficient rank, in both layers."""
        return tuple(pair for pair in self.pairs if pair.rank >= self.policy.least)

    @cached_property
    def recorded_pairs(self) -> frozenset[tuple[str, str]]:
        """The pairs of state and partner that an instrument of any rank and layer may cover that day."""
        return frozenset((pair.state, pair.partner) for pair in self.pairs)

    @cached_property
    def partners_of(self) -> dict[str, frozenset[str]]:
        """For each state the partners it is linked with."""
        codes = {each.code for each in self.europeans} | {pair.state for pair in self.counted_pairs}
        return _neighbours(codes, ((pair.state, pair.partner) for pair in self.counted_pairs))

    @cached_property
    def states_of(self) -> dict[str, frozenset[str]]:
        """For each partner the states it is linked with."""
        codes = {*self.known_partners} | {pair.partner for pair in self.counted_pairs}
        return _neighbours(codes, ((pair.partner, pair.state) for pair in self.counted_pairs))

    @cached_property
    def graph(self) -> Any:
        """The networkx graph: nodes ``state:DEU`` and ``partner:MAR`` (one country may stand on both sides)."""
        stated = {
            "on": self.policy.on.isoformat(),
            "persons": self.policy.persons,
            "least": self.policy.least,
        }
        graph = nx.Graph(**stated, layer=self.policy.layer, policy=self.policy.sentence())
        standing = {each.code: each.standing for each in self.europeans}
        for code in self.partners_of:
            graph.add_node(
                f"state:{code}", name=self.name(code), side="state", standing=standing.get(code, "")
            )
        for code in self.states_of:
            graph.add_node(f"partner:{code}", name=self.name(code), side="partner")
        for (state, partner), found in self.links.items():
            graph.add_edge(f"state:{state}", f"partner:{partner}", **_edge(found))
        return graph

    @cached_property
    def links(self) -> dict[tuple[str, str], tuple[Pair, ...]]:
        """For each linked pair its instruments."""
        found: dict[tuple[str, str], tuple[Pair, ...]] = {}
        for pair in self.counted_pairs:
            found[pair.state, pair.partner] = (*found.get((pair.state, pair.partner), ()), pair)
        return found

    def name(self, code: str) -> str:
        """Return the English name of a code, or the code itself."""
        return self.names.get(code, code)

    def gaps(self, state: str) -> tuple[str, ...]:
        """Return the partners with which a state has no link: its row of gaps."""
        return tuple(partner for partner in self.states_of if self._is_gap(state, partner))

    def open_states(self, partner: str) -> tuple[str, ...]:
        """Return the states that have no link with a partner: its column of gaps."""
        return tuple(state for state in self.partners_of if self._is_gap(state, partner))

    def _is_gap(self, state: str, partner: str) -> bool:
        return partner not in self._union_states and state != partner and (state, partner) not in self.links

    @cached_property
    def _union_states(self) -> frozenset[str]:
        return frozenset(each.code for each in self.europeans if each.standing in _UNION_STANDINGS)

    def as_json(self) -> dict[str, Any]:
        """Return the graph as node-link data, in a stable order."""
        data: dict[str, Any] = nx.node_link_data(self.graph, edges="edges")
        return data

    def as_graphml(self) -> str:
        """Return the graph as GraphML; the same network gives the same text."""
        body = "\n".join(nx.generate_graphml(self.graph))
        return f'<?xml version="1.0" encoding="utf-8"?>\n{body}\n'

    def graphml(self, path: Path) -> None:
        """Write the graph as GraphML in UTF-8."""
        path.write_text(self.as_graphml(), encoding="utf-8", newline="\n")


def _neighbours(codes: Iterable[str], links: Iterable[tuple[str, str]]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {code: set() for code in sorted(codes)}
    for one, other in links:
        found[one].add(other)
    return {code: frozenset(others) for code, others in found.items()}


def _edge(found: tuple[Pair, ...]) -> dict[str, str | int]:
    return {
        "rank": max(pair.rank for pair in found),
        "layers": " ".join(sorted({pair.layer for pair in found})),
        "instruments": " ".join(pair.instrument for pair in found),
    }


def network(
    release: Release,
    on: datetime.date,
    persons: str = coverage.OWN_NATIONALS,
    least: int = CERTAIN,
    layer: str = "own",
) -> Network:
    """Return the network of a release on a day; raises ParameterError for an unknown category, rank or layer."""
    policy = Policy(on, coverage.check_persons(release, persons), least, layer, release.version)
    day = on.isoformat()
    pairs = questions.find("pairs").run(release.engine, {"on": day, "persons": persons}, release.gazetteer)
    states = questions.find("european-states").run(release.engine, {"on": day}, release.gazetteer).texts()
    partners = coverage.partners(release)
    names = {row["code"]: row["name"] for row in states} | {each.alpha3: each.name for each in partners}
    return Network(
        pairs=tuple(_pair(row) for row in pairs.texts()),
        policy=policy,
        europeans=tuple(European(row["code"], row["standing"], row["position"]) for row in states),
        known_partners=tuple(each.alpha3 for each in partners),
        names=names,
    )


def _pair(row: dict[str, str]) -> Pair:
    state, partner = (local(row[side]) for side in ("state", "partner"))
    return Pair(state, partner, thing(row["instrument"]), int(row["rank"]), layer_of(row))
