"""Every check of the facts, and one form for what they find: file, line, what is wrong, how to mend it.

Order: syntax, literals, the ledger, shapes (SHACL), conditions (check queries), and, beside them in a process of its
own, OWL. A file that cannot be read ends the check, for nothing can be said of a graph with a hole.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from itertools import chain

import pyoxigraph as ox

from readmission.building import check_queries, reasoning
from readmission.building.check_context import TYPE, CheckContext, Finding, shorten
from readmission.engine.embedded import EmbeddedEngine
from readmission.engine.interface import text_of
from readmission.namespaces import BASE, ID, NAMESPACES
from readmission.sources import ledger
from readmission.sources.fact_files import Facts, FactSyntaxError
from readmission.sources.fact_files import load as load_facts

Progress = Callable[[int, int], object]
"""Takes how many check queries have run, and how many there are."""

_ONTOLOGY = f"{BASE}ontology"
_IRIS = re.compile(re.escape(ID) + r"[^\s<>]+")


def check(
    files: Collection[str] = (),
    *,
    facts: Facts | None = None,
    owl: bool = True,
    progress: Progress | None = None,
) -> list[Finding]:
    """Run every check over all facts, and return the findings, of all files or of ``files``.

    ``files`` are paths; one outside the data folders is checked as if it were added to them. With files, OWL
    is left out: it judges the graph as a whole. Shapes are then asked only of the subjects of these files;
    conditions always of the whole graph, for a changed file may break what another one says: so a violation in
    another file is returned too.
    """
    try:
        loaded, names = _with_files(load_facts() if facts is None else facts, files)
        context = CheckContext(loaded)
    except FactSyntaxError as fault:
        return [syntax_finding(fault)]
    return examine(context, names, owl=owl, progress=progress)


def examine(
    context: CheckContext, names: Collection[str] = (), *, owl: bool = True, progress: Progress | None = None
) -> list[Finding]:
    """Run every check over the facts of a context; with ``names`` of files, as ``check`` does with files."""
    with ThreadPoolExecutor(3) as beside:
        # the reasoners are programs of their own, so a thread that waits for them is enough
        reasoned = beside.submit(lambda: list(owl_findings(context))) if owl and not names else None
        wanted = check_queries.load()
        conditioned = beside.submit(lambda: list(check_query_findings(context, wanted, beside, progress)))
        found = [
            *context.value_findings,
            *ledger_findings(context),
            *shape_findings(context, names),
            *conditioned.result(),
        ]
        found.extend(reasoned.result() if reasoned else ())
    return sorted({each for each in found if not names or each.path in names or each.severity == "violation"})


def _with_files(facts: Facts, files: Collection[str]) -> tuple[Facts, frozenset[str]]:
    names = set()
    for path in files:
        file = facts.find(path)
        facts = facts.with_file(file)
        names.add(file.name)
    return facts, frozenset(names)


def syntax_finding(fault: FactSyntaxError) -> Finding:
    """Return the finding for a file that is not Turtle."""
    place = fault.location
    remedy = "Correct the line; the other checks follow when the file can be read."
    return Finding(place.path, place.line, "violation", "Turtle", "", fault.message, remedy)


def ledger_findings(context: CheckContext) -> Iterator[Finding]:
    """Yield where a ledger and the files of instruments in its folder differ, when the facts have ledgers."""
    for group, text in context.facts.ledgers.items():
        place = f"graph/{ledger.LEDGERS[group]}"
        files = (file for file in context.facts.files if file.name.startswith(place.rpartition("/")[0]))
        typed = {text_of(quad.subject) for file in files for quad in file.quads if quad.predicate == TYPE}
        described = {iri.removeprefix(ID) for iri in typed if iri.startswith(NAMESPACES[group])}
        for fault in ledger.mismatches(text, described):
            focus = ID + fault.instrument
            if fault.line:
                yield Finding(place, fault.line, "violation", "Ledger", focus, fault.what, fault.remedy)
            else:
                yield context.finding(focus, "", "Ledger", fault.what, fault.remedy)


def shape_findings(context: CheckContext, files: Collection[str] = ()) -> Iterator[Finding]:
    """Yield what SHACL refuses: of every subject, or of those that the given files describe."""
    subjects = None
    if files:
        subjects = {
            name for name, homes in context.mentions.items() if any(home.name in files for home in homes)
        }
    for result in context.shapes.results(context.store, subjects):
        detail = f" ({shorten(result.value)})" if result.value and result.path else ""
        message = result.message.rstrip(".") + detail
        yield context.finding(
            result.focus, result.path, result.shape, message, result.remedy, result.severity
        )


def check_query_findings(
    context: CheckContext,
    wanted: Iterable[check_queries.CheckQuery],
    beside: Executor | None = None,
    progress: Progress | None = None,
) -> Iterator[Finding]:
    """Yield what the check queries answer: on asserted facts, meanwhile deriving, then on derived ones.

    ``progress`` is called before each query.
    """
    asserted, derived = partition(wanted)
    deriving = beside.submit(lambda: context.derived) if beside else None
    for done, condition in enumerate(chain(asserted, derived)):
        if progress:
            progress(done, len(asserted) + len(derived))
        store = context.store
        if condition.needs_derived:
            store = deriving.result() if deriving else context.derived
        yield from _answers(context, condition, store)


def partition(
    wanted: Iterable[check_queries.CheckQuery],
) -> tuple[list[check_queries.CheckQuery], list[check_queries.CheckQuery]]:
    """Part the conditions into those on asserted facts and those on derived ones."""
    kinds: dict[bool, list[check_queries.CheckQuery]] = {False: [], True: []}
    for condition in wanted:
        kinds[condition.needs_derived].append(condition)
    return kinds[False], kinds[True]


def _answers(
    context: CheckContext, condition: check_queries.CheckQuery, store: ox.Store
) -> Iterator[Finding]:
    for fault in condition.rows(EmbeddedEngine(store)):
        detail = f": {shorten(fault.detail)}" if fault.detail else ""
        yield context.finding(
            fault.focus, fault.path, condition.shape,
            condition.summary.rstrip(".") + detail, condition.remedy, condition.severity,
        )  # fmt: skip


def owl_findings(context: CheckContext) -> Iterator[Finding]:
    """Yield what OWL contradicts in the ontology and the facts together."""
    try:
        problems = reasoning.check(context.store)
    except reasoning.ReasonerError as fault:
        remedy = "See why the reasoner stops, and mend that first."
        yield context.finding(_ONTOLOGY, "", "Consistency", str(fault), remedy)
        return
    for problem in problems:
        named = (name for name in _IRIS.findall(problem.message) if name in context.mentions)
        focus = problem.focus or next(named, _ONTOLOGY)
        yield context.finding(focus, "", "Consistency", problem.message, problem.remedy)
