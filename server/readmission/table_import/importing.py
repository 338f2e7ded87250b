"""Imports a table: reads it, compares it with the recorded facts, checks the new facts, and writes all or nothing."""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pyoxigraph as ox
from rdflib import Graph

from readmission.building import check_context, check_queries, checks
from readmission.namespaces import GRAPH_BASE, ID
from readmission.sources.fact_files import FactFile, Facts
from readmission.sources.formatting import add, serialize
from readmission.sources.ledger import LEDGERS, LedgerFile, extend
from readmission.table_import import ledger_lines, letters
from readmission.table_import.cells import content
from readmission.table_import.duplicates import Register
from readmission.table_import.entry import BILATERAL, INTRA_EUROPEAN, PROTOCOL, Entry
from readmission.table_import.file_changes import ProposedFile
from readmission.table_import.import_plan import ImportPlan
from readmission.table_import.recorded import RecordedFacts
from readmission.table_import.row_reader import RowReader
from readmission.table_import.sheets import table_file
from readmission.table_import.table_errors import MOST_PROBLEMS, ImportRefusedError, TableProblem
from readmission.table_import.triples import Statements, new_graph, slug


@dataclass
class _Draft:
    """The facts to add, by file, with the row and the column of each new node."""

    graphs: dict[str, Graph] = field(default_factory=dict)
    places: dict[str, tuple[int, str]] = field(default_factory=dict)
    iris: dict[int, str] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)
    lines: list[tuple[int, Mapping[str, str]]] = field(default_factory=list)

    def add(self, entry: Entry, statements: Statements) -> None:
        self.iris[entry.row] = statements.iri
        self.entries.append(entry)
        for name, facts in (
            (f"sources/{entry.group}/{entry.source_kind.removeprefix('source-')}", statements.sources),
            (f"instruments/{entry.group}/{entry.side.slug}", statements.facts),
        ):
            if len(facts):
                if name not in self.graphs:
                    self.graphs[name] = new_graph()
                self.graphs[name] += facts
        for node, column in statements.columns.items():
            self.places.setdefault(node, (entry.row, column))


Tell = Callable[[str], object]
_STEP = 20
"""After how many check queries people hear of them again."""


def prepare(
    table: Path,
    recorded: RecordedFacts,
    *,
    skip_duplicates: bool = False,
    trust_letters: bool = False,
    sheet: str | None = None,
    today: date,
    tell: Tell = str,
) -> ImportPlan:
    """Read a table and return the changes it would make; nothing is written.

    Raises ImportRefusedError, with every fault found, when a row is in doubt, when it repeats an instrument (unless
    ``skip_duplicates``), or when the checks refuse the facts that would follow. ``today`` is the last day a date
    may name; ``trust_letters`` takes letters as they stand that look as if a wrong encoding had made them;
    ``sheet`` names one of a workbook that has several; ``tell`` is called with what goes on.
    """
    plan = convert(
        table,
        recorded,
        skip_duplicates=skip_duplicates,
        trust_letters=trust_letters,
        sheet=sheet,
        today=today,
        tell=tell,
    )
    if plan.changes:
        tell(f"checking the facts of {len(plan.added)} instruments beside those on file")
        _refuse_violations(plan, recorded, tell)
    return plan


def convert(
    table: Path,
    recorded: RecordedFacts,
    *,
    skip_duplicates: bool = False,
    trust_letters: bool = False,
    sheet: str | None = None,
    today: date,
    tell: Tell = str,
) -> ImportPlan:
    """Do as ``prepare`` does, without the checks."""
    read = table_file.read(table, sheet)
    tell(f"comparing {len(read.rows)} rows with the instruments on file")
    letters.refuse_doubts(read, recorded.names_with_letters)
    draft, repeated = _draft(read, recorded, today, trust_letters=trust_letters)
    if repeated and not skip_duplicates:
        raise ImportRefusedError(repeated)
    return ImportPlan(
        read.path, read.encoding, read.form, recorded.graph, tuple(_changes(draft, recorded)),
        tuple(_ledger(draft, recorded, table.stem)), draft.iris, tuple(repeated), draft.places, len(draft.lines),
    )  # fmt: skip


def _draft(
    sheet: table_file.Sheet, recorded: RecordedFacts, today: date, *, trust_letters: bool
) -> tuple[_Draft, list[TableProblem]]:
    """Return the facts of all rows that are new, and a fault for each that repeats an instrument.

    Protocols come last, so that they find the agreement they carry out when it stands in the same table.
    """
    draft, register, repeated = _Draft(), Register(recorded), list[TableProblem]()
    taken, cited = set(recorded.names_taken), dict(recorded.sources)
    faults: list[TableProblem] = []
    for row in sorted(sheet.rows, key=lambda row: _is_protocol(row, recorded)):
        if len(faults) >= MOST_PROBLEMS:
            break
        try:
            if ledger_lines.is_one(row):
                draft.lines.append((row.number, ledger_lines.line(sheet, row, recorded)))
                continue
            reader = RowReader(sheet, row, recorded, today, register=register, trust_letters=trust_letters)
            entry = reader.entry()
        except ImportRefusedError as refused:
            faults.extend(refused.problems)
            continue
        if repetition := _repetition(sheet, entry, register, recorded):
            repeated.append(repetition)
            continue
        statements = Statements(entry, slug(entry, taken), recorded.label(entry.kind), cited)
        taken.add(statements.iri)
        cited |= statements.cites
        register.add(entry, statements.iri)
        draft.add(entry, statements)
    if faults:
        raise ImportRefusedError(sorted(faults, key=lambda fault: fault.row))
    return draft, repeated


def _is_protocol(row: table_file.Row, recorded: RecordedFacts) -> bool:
    kind = content.code_key(row.cells["kind"])
    return recorded.names["instrument-kind"].get(kind) == PROTOCOL


def _repetition(
    sheet: table_file.Sheet, entry: Entry, register: Register, recorded: RecordedFacts
) -> TableProblem | None:
    """Return the fault of a row that tells of an instrument a second time."""
    rest = (
        "if it is another text, say in told_apart_by what tells the two apart; "
        "or leave out all such rows with --skip-duplicates"
    )
    if found := register.find_recorded(entry):
        known, shared = found
        what = f"{shared}: recorded already as {known.iri} ({recorded.facts.locate(known.iri)})"
        return TableProblem(sheet.path, entry.row, "title", what, f"write what is new into that file; {rest}")
    if earlier := register.find_earlier(entry):
        row, shared = earlier
        return TableProblem(
            sheet.path, entry.row, "title", f"{shared} as in row {row}", f"delete one of the two rows; {rest}"
        )
    return None


def _changes(draft: _Draft, recorded: RecordedFacts) -> Iterator[ProposedFile]:
    """Yield each file with the new facts merged in, in canonical form: sources first."""
    held = {file.name: file for file in recorded.facts.files}
    for name, graph in sorted(draft.graphs.items(), reverse=True):
        path = recorded.graph / f"{name}.ttl"
        before = held.get(f"graph/{name}.ttl")
        if before:
            add(graph, before.text)
        text = serialize(graph)
        file = FactFile(path, f"graph/{name}.ttl", ox.NamedNode(GRAPH_BASE + name), text)
        yield ProposedFile(file, before.text if before else None)


def _ledger(draft: _Draft, recorded: RecordedFacts, table: str) -> Iterator[ProposedFile]:
    """Yield each ledger with a line for each row and each state it binds, so that the rows can be counted through."""
    for group, name in LEDGERS.items():
        rows: list[tuple[int, Mapping[str, str]]] = [
            (entry.row, {
                "european_state": state.rpartition("/")[2], "partner": entry.partner.alpha3, "kind": entry.kind,
                "signed": entry.texts["signed"], "title": entry.texts["title"],
                "instrument": draft.iris[entry.row].removeprefix(ID),
            })
            for entry in draft.entries if entry.group == group for state in sorted(entry.side.states)
        ]  # fmt: skip
        lines = [each for each in draft.lines if _group(each[1]["instrument"]) == group]
        rows = sorted([*rows, *lines], key=lambda each: each[0])
        if rows:
            path = recorded.graph / name
            before = path.read_text(encoding="utf-8") if path.exists() else None
            yield ProposedFile(LedgerFile(path, f"graph/{name}", extend(before or "", table, rows)), before)


def _group(instrument: str) -> str:
    """Return the group whose ledger has a row that makes no instrument; a row that is refused names none."""
    return INTRA_EUROPEAN if instrument.startswith(INTRA_EUROPEAN) else BILATERAL


def _refuse_violations(plan: ImportPlan, recorded: RecordedFacts, tell: Tell) -> None:
    would_be = recorded.facts
    for file in plan.files:
        would_be = would_be.with_file(file)
    names = {file.name for file in plan.files}
    found = _violations(would_be, names, tell)
    if any(finding.focus not in plan.places for finding in found.values()):
        tell("checking the facts on file alone, to tell what was wrong before")
        for key in _violations(recorded.facts, names, tell):  # what was wrong before is not the table's fault
            found.pop(key, None)
    if found:
        raise ImportRefusedError([_refusal(plan, finding) for finding in found.values()])


def _violations(
    facts: Facts, names: set[str], tell: Tell
) -> dict[tuple[str, str, str], check_context.Finding]:
    """Return the violations of conditions anywhere, and of shapes in the named files, by what they say of whom."""
    context = check_context.CheckContext(facts)
    wanted = [each for each in check_queries.load() if not each.on_ontology]

    def progress(done: int, total: int) -> None:
        if done % _STEP == 0:
            tell(f"check query {done + 1} of {total}")

    with ThreadPoolExecutor(2) as beside:
        asked = beside.submit(lambda: list(checks.check_query_findings(context, wanted, beside, progress)))
        found = [*context.value_findings, *checks.shape_findings(context, names), *asked.result()]
    grave = (each for each in found if each.severity == "violation")
    return {(each.focus, each.shape, each.message): each for each in grave}


def _refusal(plan: ImportPlan, finding: check_context.Finding) -> TableProblem:
    row, column = plan.places.get(finding.focus, (0, ""))
    what = finding.message.rstrip(".")
    if not row:
        what = f"with these rows {finding.location} would be wrong: {what}"
    return TableProblem(plan.table, row, column, what, finding.remedy)
