"""The measurement: every server in turn, some seconds each, in several rounds: other work weighs on all alike."""

import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from statistics import median

from benchmarks.peers.asking import UnansweredError, ask
from benchmarks.peers.load import Generator, LoadError, Pace
from benchmarks.peers.questions import Question
from benchmarks.peers.servers import OURS, Server
from benchmarks.peers.targets import Cell

Figures = dict[tuple[Cell, str], list[Pace]]


@dataclass
class Results:
    """What was measured, round by round, and why a cell of the table has no figure."""

    paces: Figures = field(default_factory=lambda: defaultdict(list))
    faults: dict[tuple[Cell, str], str] = field(default_factory=dict)

    def ratio(self, cell: Cell, peer: str, figure: str) -> float | None:
        """Return the median of the rounds' ratios of ours to a peer's; None where one of the two has no figure."""
        both = (cell, OURS), (cell, peer)
        if any(key in self.faults or not self.paces.get(key) for key in both):
            return None
        rounds = zip(self.paces[both[0]], self.paces[both[1]], strict=True)
        if figure == "p99":
            return median(mine.p99 / theirs.p99 for mine, theirs in rounds)
        return median(mine.rate / theirs.rate for mine, theirs in rounds)

    def typical(self, cell: Cell, server: str) -> Pace | None:
        """Return the medians of a server's rounds; None where there is no figure."""
        paces = self.paces.get((cell, server))
        if (cell, server) in self.faults or not paces:
            return None
        works = [pace.work for pace in paces if pace.work is not None]
        return Pace(
            median(pace.rate for pace in paces),
            median(pace.p99 for pace in paces),
            median(works) if works else None,
            any(pace.alone for pace in paces),
        )


@dataclass(frozen=True)
class Measurement:
    """Which servers are asked what."""

    servers: Sequence[Server]
    questions: Sequence[Question]
    generator: Generator
    patience: float
    """Seconds within which a server has to answer a question at all to be measured with it."""

    def run(self, rounds: int, connections: Iterable[int]) -> Results:
        """Measure all cells; a server that does not answer alike, or not in time, is left out of them."""
        results, each = Results(), self._alike()
        cells = [
            (Cell(question.name, cold, number), question)
            for question in self.questions
            for cold in (True, False)
            for number in connections
        ]
        for turn in range(rounds):
            for cell, question in cells:
                print(f"\rround {turn + 1} of {rounds}: {cell!s:20}", end="", file=sys.stderr, flush=True)
                for server in self.servers:
                    self._measure(results, cell, question, server, each[question.name, server.name])
        print("\r" + " " * 40, end="\r", file=sys.stderr)
        return results

    def _measure(
        self, results: Results, cell: Cell, question: Question, server: Server, each: float | str
    ) -> None:
        key = (cell, server.name)
        if key in results.faults:
            return
        if isinstance(each, str):
            results.faults[key] = each
            return
        try:
            pace = self.generator.pace(server, question.texts, cell.connections, each, cell.cold)
        except LoadError as fault:
            results.faults[key] = str(fault)
        else:
            results.paces[key].append(pace)

    def _alike(self) -> dict[tuple[str, str], float | str]:
        """Return the seconds of one answer of each server to each question, or why it is not measured with it."""
        return {
            (question.name, server.name): self._tried(question, server)
            for question in self.questions
            for server in self.servers
        }

    def _tried(self, question: Question, server: Server) -> float | str:
        seconds = []
        for number, text in enumerate(question.samples):
            try:
                # in comments of their own, so that none is in memory when it is asked again
                mine = ask(self.servers[0], f"{text} # rows {number} {server.name}\n", self.patience)
                theirs = ask(server, f"{text} # sample {number} {server.name}\n", self.patience)
            except UnansweredError as fault:
                return str(fault)
            if len(theirs.rows) != len(mine.rows):
                return f"{len(theirs.rows)} rows, not {len(mine.rows)}"
            seconds.append(theirs.seconds)
        return min(seconds)
