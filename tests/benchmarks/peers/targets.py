"""What the figures have to show: ratios of ours to a peer's, each with its limit."""

from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks.peers.servers import OXIGRAPH, RDFLIB, VIRTUOSO

CONNECTIONS = (1, 16, 64)


@dataclass(frozen=True)
class Cell:
    """One measurement: a kind of question, cold or repeated, at so many connections."""

    question: str
    cold: bool
    connections: int

    def __str__(self) -> str:
        return f"{self.question} {'cold' if self.cold else 'repeated'} @{self.connections}"


@dataclass(frozen=True)
class Target:
    """A ratio of ours to a peer's: of requests/s at least, of p99 at most."""

    cell: Cell
    peer: str
    figure: str
    limit: float

    def holds(self, ratio: float) -> bool:
        """Tell whether a ratio is good enough."""
        return ratio <= self.limit if self.figure == "p99" else ratio >= self.limit

    def by(self, ratio: float) -> float:
        """Return how many times better than asked for a ratio is; under 1 it falls short."""
        return self.limit / ratio if self.figure == "p99" else ratio / self.limit


def targets() -> Iterator[Target]:
    """Yield all targets, by peer."""
    for question in ("cheap", "middle", "heavy"):
        for connections in (16, 64):
            yield Target(Cell(question, False, connections), OXIGRAPH, "rate", 1.5)
    for question, limit in (("middle", 0.85), ("cheap", 0.3)):
        for connections in CONNECTIONS:
            yield Target(Cell(question, True, connections), OXIGRAPH, "rate", limit)
    for question in ("cheap", "middle", "heavy"):
        for cold in (True, False):
            yield Target(Cell(question, cold, 16), OXIGRAPH, "p99", 2.0)
    for question, limit in (("cheap", 5.0), ("middle", 50.0)):
        for connections in CONNECTIONS:
            yield Target(Cell(question, True, connections), RDFLIB, "rate", limit)
    for question in ("middle", "heavy"):
        for connections in CONNECTIONS:
            yield Target(Cell(question, True, connections), VIRTUOSO, "rate", 1.0)


FASTER_DERIVED = 20.0
"""How many times faster the derived verdicts have to answer than the plain query over the facts."""
