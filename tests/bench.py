"""How the program grows: times and memory with the bilateral facts as they are, ten and a hundred times as many.

Run by ``make bench``. Each size runs in a process of its own, so that the memory shown is its own. Figures of one
machine say little; the ratios between the sizes are what to look at.
"""

import argparse
import datetime
import json
import re
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

from readmission import checks, coverage, facts, matrix, release, rules
from readmission.countries import Gazetteer
from readmission.engine import Embedded
from readmission.facts import FactFile, Facts
from readmission.release import Release
from readmission.tables import table

SIZES = (1, 10, 100)
BILATERAL = "graph/instruments/bilateral/"
ON = "2021-02-10"
ONE = "graph/instruments/eu/geo.ttl"


def multiplied(loaded: Facts, times: int) -> Facts:
    """Return the facts with each bilateral file repeated under other names."""
    return Facts(tuple(file for original in loaded.files for file in copies(original, times)))


def copies(file: FactFile, times: int) -> Iterator[FactFile]:
    """Yield a file, and its copies when it holds bilateral instruments."""
    yield file
    if not file.name.startswith(BILATERAL):
        return
    slugs = sorted(set(re.findall(r"\bbilateral:([a-z0-9-]+)", file.text)), key=len, reverse=True)
    named = re.compile(rf"({'|'.join(slugs)})(?![0-9])(?=$|[^a-z0-9-]|-[a-z])")
    for number in range(1, times):
        text = named.sub(rf"\1-{1000 + number}", file.text)
        name = file.name.replace(".ttl", f"-{number}.ttl")
        yield FactFile(file.path, name, type(file.graph)(f"{file.graph.value}-{number}"), text)


def timed(work: Callable[[], object], runs: int = 1) -> float:
    """Return the median seconds of some runs."""
    seconds = []
    for _ in range(runs):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return median(seconds)


def measure(times: int, with_check: bool) -> dict[str, float]:
    """Return seconds of each step at one size, and the peak memory in MB."""
    loaded = multiplied(facts.load(), times)
    store = loaded.store()
    found = {"statements": float(len(store)), "derive s": timed(lambda: rules.derive(store))}
    found["write s"] = timed(lambda: release.lines(store))
    engine = Embedded(store)
    graph = Release("bench", None, {})
    graph.__dict__.update(engine=engine, gazetteer=Gazetteer.of(engine))
    day = datetime.date.fromisoformat(ON)
    found["matrix ms"] = 1000 * timed(lambda: matrix.matrix(graph, day), runs=5)
    found["gaps ms"] = 1000 * timed(lambda: coverage.gaps(graph, "SRB", day), runs=5)
    found["check one s"] = timed(lambda: checks.check([ONE], facts=loaded), runs=3)
    if with_check:
        found["check s"] = timed(lambda: checks.check(facts=loaded))
    found["peak MB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return found


def main() -> int:
    """Measure every size and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--sizes", type=int, nargs="+", default=list(SIZES), help="how many times the bilateral facts"
    )
    parser.add_argument(
        "--no-check", action="store_true", help="leave the shapes and OWL out: minutes at 100 times"
    )
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        print(json.dumps(measure(arguments.one, not arguments.no_check)))
        return 0
    rows = [(size, apart(size, arguments.no_check)) for size in arguments.sizes]
    columns = list(rows[0][1])
    print(
        table(("size", *columns), [(f"{size}x", *(f"{row[c]:,.1f}" for c in columns)) for size, row in rows])
    )
    return 0


def apart(size: int, without_check: bool) -> dict[str, float]:
    """Measure one size in a process of its own."""
    command = [sys.executable, str(Path(__file__)), "--one", str(size)]
    done = subprocess.run(
        command + (["--no-check"] if without_check else []), stdout=subprocess.PIPE, text=True, check=True
    )
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


if __name__ == "__main__":
    sys.exit(main())
