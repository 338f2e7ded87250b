"""The tables: figures of each server, ratios against each target, and what derivation is worth."""

from collections.abc import Iterable, Iterator, Sequence
from statistics import median

from benchmarks.peers.derived import FORMS, Race
from benchmarks.peers.load import Pace
from benchmarks.peers.measuring import Results
from benchmarks.peers.servers import OPENERS, OURS, Server
from benchmarks.peers.targets import FASTER_DERIVED, Cell, targets
from readmission.reports.terminal.table import table


def speeds(results: Results, missing: dict[str, str]) -> str:
    """Return requests/s, p99 and processor time of every server in every cell."""
    told = (*results.paces, *results.faults)
    cells, measured = dict.fromkeys(cell for cell, _ in told), {name for _, name in told}
    names = [name for name in OPENERS if name in measured or name in missing]
    rows = [(str(cell), *(_pace(results, cell, name, missing) for name in names)) for cell in cells]
    slow = "~ so slow that one answer at a time is its pace"
    return f"{table(('requests/s (p99 ms; processor ms an answer)', *names), rows)}\n{slow}"


def _pace(results: Results, cell: Cell, server: str, missing: dict[str, str]) -> str:
    if server in missing:
        return "not installed" if "install" in missing[server] else missing[server][:30]
    pace = results.typical(cell, server)
    return results.faults.get((cell, server), "-") if pace is None else _told(pace)


def _told(pace: Pace) -> str:
    work = "" if pace.work is None else f"; {_short(pace.work)}"
    return f"{'~' if pace.alone else ''}{_short(pace.rate)} ({_short(pace.p99)}{work})"


def _short(number: float) -> str:
    return f"{number:,.0f}" if number >= 100 else f"{number:.3g}"


def starts(servers: Sequence[Server], before: dict[str, float]) -> str:
    """Return how long each server took to its first answer, and the memory of all its processes."""
    rows = [
        (one.name, f"{one.seconds:.1f}", f"{before[one.name]:.0f}", f"{one.memory:.0f}") for one in servers
    ]
    return table(("server", "s from start to first answer", "MiB (PSS) then", "MiB after the load"), rows)


def judgements(results: Results, missing: dict[str, str]) -> Iterator[str]:
    """Yield a line for each target: whether it is met, and by how much."""
    measured = {*results.paces, *results.faults}
    for target in targets():
        if (target.cell, OURS) not in measured:
            continue
        if (target.cell, target.peer) not in measured and target.peer not in missing:
            continue  # left out by --peers
        what = f"{target.cell!s:20} {target.figure:4} of {target.peer}"
        bound = "at most" if target.figure == "p99" else "at least"
        ratio = results.ratio(target.cell, target.peer, target.figure)
        if ratio is None:
            reasons = (results.faults.get((target.cell, name)) for name in (OURS, target.peer))
            told = missing.get(target.peer) or next(filter(None, reasons), "not measured")
            yield f"NONE {what}: no ratio ({told})"
            continue
        verdict = "PASS" if target.holds(ratio) else "FAIL"
        yield f"{verdict} {what}: {_short(ratio)} times, {bound} {target.limit:g}: {_margin(target.by(ratio))}"


def _margin(by: float) -> str:
    return f"{by:.2f} times what is asked" if by >= 1 else f"short by {100 * (1 - by):.0f} %"


def worth(races: Iterable[Race]) -> Iterator[str]:
    """Yield what derivation is worth in each form, and where the answers differ."""
    for race in races:
        if race.refused:
            yield f"NONE {race.name}, plain {FORMS[race.form]}: ours gave no answer ({race.refused})"
            continue
        ratio, ours = median(race.ratios), 1000 * median(race.ours)
        plain = f"{1000 * median(race.plain):.0f} ms" if race.plain and not race.over else race.over or "-"
        more = "over " if race.over else ""
        told = f"{race.name}, plain {FORMS[race.form]}: ours {ours:.0f} ms, plain {plain}: {more}{ratio:.3g} times"
        if race.form:
            yield f"     {told}; {_differences(race)}"
        else:
            verdict = "PASS" if ratio >= FASTER_DERIVED else "FAIL"
            yield f"{verdict} {told}, at least {FASTER_DERIVED:g}; {_differences(race)}"


def _differences(race: Race) -> str:
    if not race.compared:
        return "no answer to compare"
    parts = [f"{race.compared} open pairs compared"]
    for who, pairs in (("ours", race.only_ours), ("plain", race.only_plain)):
        named = ", ".join(" ".join(pair) for pair in sorted(pairs)[:5])
        parts += (
            [f"{len(pairs)} open in {who} alone ({named}{', …' if len(pairs) > 5 else ''})"] if pairs else []
        )
    return "; ".join(parts) if len(parts) > 1 else f"{parts[0]}, no difference"
