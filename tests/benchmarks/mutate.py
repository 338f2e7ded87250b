"""How much the checks notice: random faults in the facts, one at a time, and who refuses each.

    PYTHONPATH=tests .venv/bin/python tests/benchmarks/mutate.py --count 500 --seed 1

Each fault changes one statement (or drops one event) of one fact file, as a tired hand would: an event is
lost, a date slips by a year or becomes impossible, two country codes are swapped, ``applies`` turns round,
a type changes, evidence goes missing, an IRI is mistyped. A fault is noticed by the checks (dates, shapes,
check queries) or by a pinned answer (``tests/expected``). Nothing in the repository is written.
"""

import argparse
import csv
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path
from urllib.parse import unquote

from harness.mutations import Fault, faults
from readmission import errors, questions
from readmission.building import check_context, check_queries, checks, rules
from readmission.building.check_context import CheckContext
from readmission.countries import gazetteer as countries
from readmission.engine.embedded import EmbeddedEngine
from readmission.sources import fact_files
from readmission.sources.fact_files import FactFile, Facts

EXPECTED = Path(__file__).parents[1] / "expected"
GOAL = 0.95


class Judge:
    """The facts, read once, and what is found and answered when nothing is wrong."""

    def __init__(self) -> None:
        self.loaded = fact_files.load()
        self.files = {file.name: file for file in self.loaded.files}
        self.conditions = [condition for condition in check_queries.load() if not condition.on_ontology]
        self.before = {_key(finding) for finding in checks.check(facts=self.loaded, owl=False)}
        # an answer that is wrong without any fault would notice everything
        if stale := self._other_answer(CheckContext(self.loaded)):
            raise SystemExit(
                f"the pinned {stale} does not hold; mend that first (pytest tests/answers/test_questions.py)"
            )

    def noticed_by(self, fault: Fault) -> str:
        """Return who notices the fault first, or the empty string."""
        file = self.files[fault.file]
        bench = CheckContext(self._with(file, fault))
        if bench.value_findings:
            return "date"
        if self._new(checks.shape_findings(bench, {file.name})):
            return "shape"
        if self._new(checks.check_query_findings(bench, self.conditions)):
            return "check query"
        return self._other_answer(bench)

    def _with(self, file: FactFile, fault: Fault) -> Facts:
        changed = FactFile(file.path, file.name, file.graph, file.text)
        gone = set(fault.gone)
        # the statements are changed, and not the text: every fault is one that the parser lets pass
        changed.__dict__["quads"] = (*(quad for quad in file.quads if quad not in gone), *fault.come)
        return self.loaded.with_file(changed)

    def _new(self, found: Iterator[check_context.Finding]) -> bool:
        return any(finding.severity != "info" and _key(finding) not in self.before for finding in found)

    def _other_answer(self, bench: CheckContext) -> str:
        store = bench.store
        rules.derive(store)
        engine = EmbeddedEngine(store)
        gazetteer = countries.Gazetteer.of(engine)
        for path in sorted(EXPECTED.glob("*.csv")):
            if pinned_rows(path) != answer(path, engine, gazetteer):
                return f"answer {path.stem}"
        return ""


def _key(finding: check_context.Finding) -> tuple[str, str, str]:
    return finding.shape, finding.focus, finding.message


def pinned_rows(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))[1:]


def answer(path: Path, engine: EmbeddedEngine, gazetteer: countries.Gazetteer) -> list[list[str]] | None:
    """Return the rows of a pinned question, or None where it cannot even be asked any more."""
    name, _, stated = path.stem.partition("@")
    values = dict(pair.split("=", 1) for pair in unquote(stated).split(",") if pair)
    try:
        found = questions.find(name).run(engine, values, gazetteer)
    except errors.ParameterError:
        return None
    return [list(row.values()) for row in found.texts()]


@cache
def the_judge() -> Judge:
    """One judge for each process."""
    return Judge()


def judged(fault: Fault) -> str:
    return the_judge().noticed_by(fault)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Tell how many random faults in the facts are noticed.")
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=2)
    asked = parser.parse_args(arguments)
    made = list(faults(fact_files.load(), asked.count, asked.seed))
    with ProcessPoolExecutor(asked.processes) as pool:
        results = list(counted(pool.map(judged, made, chunksize=5), len(made)))
    return report(made, results)


def counted(results: Iterable[str], total: int) -> Iterator[str]:
    """Pass the results on, and say on a terminal how many there are: this takes minutes."""
    for number, result in enumerate(results, 1):
        if sys.stderr.isatty():
            print(f"\r{number} of {total}", end="\n" if number == total else "", file=sys.stderr)
        yield result


def report(made: Sequence[Fault], results: Sequence[str]) -> int:
    """Print the score by kind of fault and the faults that nobody noticed; 1 when the score is too low."""
    kinds, noticed = Counter(fault.kind for fault in made), Counter[str]()
    for fault, by in zip(made, results, strict=True):
        noticed[fault.kind] += bool(by)
    for kind, count in sorted(kinds.items()):
        print(f"{kind:24} {noticed[kind]:4} of {count}")
    print("noticed by " + ", ".join(f"{by.split()[0]} {n}" for by, n in by_first(results).most_common()))
    for fault, by in zip(made, results, strict=True):
        if not by:
            print(f"unnoticed: {fault}")
    score = sum(noticed.values()) / len(made)
    print(f"score {score:.1%} of {len(made)} faults; the goal is {GOAL:.0%}")
    return 0 if score >= GOAL else 1


def by_first(results: Sequence[str]) -> Counter[str]:
    return Counter(by.split()[0] for by in results if by)


if __name__ == "__main__":
    sys.exit(main())
