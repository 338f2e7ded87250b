"""How the program grows: times and memory with the bilateral instruments as they are, ten and a hundred times as many.

Run by ``make bench``. Each size runs in a process of its own, so that the memory shown is its own. Times are processor
times, so that other programs on the machine matter little: seconds for the steps of a build, milliseconds for the
slowest of some questions. ``check`` is all but OWL, whose reasoner is a program beside it with a column of its own.
``build`` is the sum of read, check, derive and write. A second table says how long commands and
the server take to start, a third how long pages take that nobody has asked for yet.
"""

import argparse
import datetime
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from statistics import median

from benchmarks import first_pages
from benchmarks.multiply import BILATERAL, multiplied
from benchmarks.startup import LIMIT, starts
from readmission.answers import coverage, matrix
from readmission.building import check_context, checks, pipeline, rules
from readmission.countries.gazetteer import Gazetteer
from readmission.engine.embedded import EmbeddedEngine
from readmission.release import Release
from readmission.reports.terminal.table import table
from readmission.sources import fact_files

SIZES = (1, 10, 100)
DAYS = ("2005-01-01", "2021-02-10", "2026-11-21")
COUNTRIES = ("ALB", "SRB", "TUR", "MAR", "NGA")
STEPS = ("read s", "check s", "derive s", "write s")
ALLOWED = 1.2  # no worse than linear, and a fifth
LIMITS = {"matrix ms": 150.0, "gaps ms": 20.0}

Figures = dict[str, float]


def timed(work: Callable[[], object], runs: int = 1) -> float:
    """Return the median processor seconds of some runs."""
    seconds = []
    for _ in range(runs):
        start = time.process_time()
        work()
        seconds.append(time.process_time() - start)
    return median(seconds)


def measure(times: int, with_owl: bool) -> Figures:
    """Return the figures of one size: counts, seconds, milliseconds, and the peak memory in MB."""
    loaded = multiplied(fact_files.load(), times)
    bench: list[check_context.CheckContext] = []
    found = {"read s": timed(lambda: bench.append(check_context.CheckContext(loaded)))}
    found["check s"] = timed(lambda: _refuse(checks.examine(bench[0], owl=False)))
    store = bench[0].derived
    found["derive s"] = timed(lambda: rules.derive(store, first=check_context.LAST_RULE + 1))
    found["write s"] = timed(lambda: pipeline.lines(store))
    found["build s"] = sum(found[step] for step in STEPS)
    found |= _answers(EmbeddedEngine(store))
    found["peak MB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    if with_owl:
        _refuse(list(checks.owl_findings(bench[0])))
        found["OWL s"] = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    kinds = sum(_instruments(file) for file in loaded.files)
    return {"instruments": float(kinds), "statements": float(len(store)), **found}


def _instruments(file: fact_files.FactFile) -> int:
    return file.text.count("\nbilateral:") if file.name.startswith(BILATERAL) else 0


def _refuse(findings: list[check_context.Finding]) -> None:
    """Stop where the multiplied facts are faulty: their times would say nothing."""
    grave = [finding for finding in findings if finding.severity == "violation"]
    if grave:
        raise SystemExit(f"{len(grave)} violations; mend tests/benchmarks/multiply.py. The first: {grave[0]}")


def _answers(engine: EmbeddedEngine) -> Figures:
    graph = Release("bench", None, {})
    graph.__dict__.update(engine=engine, gazetteer=Gazetteer.of(engine))
    days = [datetime.date.fromisoformat(day) for day in DAYS]
    whole = max(timed(partial(matrix.matrix, graph, day), runs=3) for day in days)
    gaps = max(timed(partial(coverage.gaps, graph, code, day), runs=5) for day in days for code in COUNTRIES)
    return {"matrix ms": 1000 * whole, "gaps ms": 1000 * gaps}


def judgements(rows: list[tuple[int, Figures]]) -> Iterator[tuple[bool, str]]:
    """Yield what is promised of the figures, and whether it holds."""
    first_size, first = rows[0]
    for name, limit in LIMITS.items():
        yield (
            first[name] < limit,
            f"{name.split()[0]} at {first_size}x: {first[name]:.0f} ms, under {limit:.0f} ms",
        )
    for size, row in rows[1:]:
        grown = row["instruments"] / first["instruments"]
        for name in ("build s", "check s", "matrix ms", "gaps ms"):
            ratio = row[name] / first[name]
            yield (
                ratio <= grown * ALLOWED,
                f"{name.split()[0]} at {size}x: {ratio:.1f} times as long for {grown:.1f} times as many",
            )
    for (_, small), (_, middle), (size, large) in zip(rows, rows[1:], rows[2:], strict=False):
        for name in ("build s", "check s"):
            before, after = _each(name, small, middle), _each(name, middle, large)
            yield (
                after <= before * ALLOWED,
                f"{name.split()[0]} at {size}x, fixed costs aside: {after:.2f} ms for each further instrument, "
                f"before {before:.2f} ms",
            )


def _each(name: str, small: Figures, large: Figures) -> float:
    return 1000 * (large[name] - small[name]) / (large["instruments"] - small["instruments"])


def apart(size: int, with_owl: bool) -> Figures:
    """Measure one size in a process of its own."""
    command = [sys.executable, str(Path(__file__)), "--one", str(size), *(["--owl"] if with_owl else [])]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    found: Figures = json.loads(done.stdout.splitlines()[-1])
    return found


def main() -> int:
    """Measure every size, print a table and the judgements; return 1 when one does not hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES), help="how many times the facts")
    parser.add_argument("--owl", action="store_true", help="measure the reasoner too: minutes, and 2 GB more")
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        print(json.dumps(measure(arguments.one, arguments.owl)))
        return 0
    rows = [(size, apart(size, arguments.owl)) for size in sorted(arguments.sizes)]
    columns = list(rows[0][1])
    print(
        table(("size", *columns), [(f"{size}x", *(f"{row[c]:,.1f}" for c in columns)) for size, row in rows])
    )
    started = starts()
    lines = [(name, f"{clock:.2f}", f"{processor:.2f}") for name, clock, processor in started]
    print("\n" + table(("from a release that is built", "seconds", "processor s"), lines))
    pages = first_pages.first_pages()
    print("\n" + table(("page, first asked for", "ms"), [(path, f"{taken:.0f}") for path, taken in pages]))
    found = [
        *judgements(rows),
        *(
            (taken < first_pages.LIMIT, f"{path}: {taken:.0f} ms, under {first_pages.LIMIT:.0f} ms")
            for path, taken in pages
        ),
        (started[-1][1] < LIMIT, f"serve answers after {started[-1][1]:.2f} s, under {LIMIT:g} s"),
    ]
    for holds, what in found:
        print("PASS" if holds else "FAIL", what)
    return 0 if all(holds for holds, _ in found) else 1


if __name__ == "__main__":
    sys.exit(main())
