"""Answers as a person reads them in a terminal: what was asked, the verdicts in words, and every source."""

import datetime
from collections.abc import Iterator, Sequence

from readmission import bilateral, coverage
from readmission.matrix import VERDICTS, Change, Matrix
from readmission.overview import Overview
from readmission.sheets import change_rows, matrix_rows
from readmission.tables import table


def overview(found: Overview) -> str:
    """Return each figure with its count and all its items."""
    rows = [
        (name.replace("_", " "), str(len(items)), ", ".join(items)) for name, items in found.items.items()
    ]
    return f"The field on {found.on} (release {found.version})\n\n{table(('figure', 'count', 'items'), rows)}"


def inventory(found: bilateral.Inventory) -> str:
    """Return a line for each European state and the total, what the columns mean, and what was searched."""
    lines = (*found.lines, found.total)
    shown = (
        "name",
        "instruments",
        "rows",
        "merged",
        "refused",
        "disagreements",
        "published",
        "recorded",
        "shortfall",
    )
    cells = [[_known(line.figures()[name]) for name in shown] for line in lines]
    searched = "\n".join(f"- {line.search.statement}" for line in lines if line.search)
    total = found.total.rows
    return (
        f"Bilateral instruments on record (release {found.version})\n"
        f"{total.rows} rows of the source tables = {total.instruments} instruments + {total.merged} merged "
        f"(a row of an instrument already there) + {total.refused} refused.\n{bilateral.NOTE}\n"
        "disagreements: instruments about which sources contradict each other. published, recorded: a published total, "
        "and what is on file of it; they may count different things, as the searches below say.\n\n"
        f"{table(shown, cells)}\n\nHow far the search went\n{searched}"
    )


def _known(value: object) -> str:
    return "?" if value is None else str(value)


def gaps(found: coverage.Gaps) -> str:
    """Return a row for each Member State under a heading that says day, persons and release."""
    today = " (today)" if found.on == datetime.date.today() else ""
    asked = f"{found.country.name} ({found.country.alpha3}) on {found.on}{today}: {found.persons}"
    rows = [
        (row.name, row.verdict, " ".join(row.instruments), row.evidence, row.hint, " ".join(row.closed_by))
        for row in found.rows
    ]
    columns = ("Member State", "verdict", "covered by", "weakest evidence", "hint", "closed by")
    return (
        f"{asked}; release {found.version}\n"
        'Verdicts say what is recorded: "not-recorded" does not mean that there is no instrument.\n\n'
        f"{table(columns, rows)}\n\n"
        f"{len(found.rows)} Member States; `readmission why STATE {found.country.alpha3}` gives the premises."
    )


def why(found: coverage.Why) -> str:
    """Return the verdict for a pair, then each premise with its sources."""
    asked = (
        f"{found.state.name} and {found.country.name} on {found.on}: {found.persons}; release {found.version}"
    )
    premises = [
        "\n".join([*premise, *(line for source in sources for line in source)])
        for premise, sources in _grouped(found.premises).items()
    ]
    told = premises or ["No premise is recorded for this pair."]
    return "\n\n".join(["\n".join([asked, *_verdict(found)]), *told])


def _verdict(found: coverage.Why) -> Iterator[str]:
    if found.row is None:
        yield f"{found.state.name} was no Member State of the Union on that day; instruments may bind it all the same."
        return
    yield f"verdict: {found.row.verdict} ({found.row.rank}); weakest evidence: {found.row.evidence or 'none'}"
    yield f"hint: {found.row.hint or 'none'}"


def _grouped(premises: Sequence[coverage.Premise]) -> dict[tuple[str, str], list[list[str]]]:
    """Return, for each premise as two lines of text, its sources as lines; an address stays on one line."""
    found: dict[tuple[str, str], list[list[str]]] = {}
    for each in premises:
        span = each.date + (f" until {each.until}" if each.until else "")
        head = f"{each.situation}: {each.instrument_name or each.instrument} ({each.instrument})".replace(
            " ()", ""
        )
        told = ", ".join(part for part in (each.source, each.locator) if part)
        source = [f"    {each.level}: {told}", *(f"      {part}" for part in (each.url, each.note) if part)]
        found.setdefault((head, "  " + " ".join(part for part in (span, each.what) if part)), []).append(
            source
        )
    return found


def matrix(found: Matrix) -> str:
    """Return the matrix as text, partners in blocks that fit a terminal, and what the ranks mean."""
    rows = matrix_rows(found)
    blocks = []
    for start in range(2, len(rows[0]), 24):
        part = [[row[0], row[1], *row[start : start + 24]] for row in rows]
        blocks.append(table(part[0], part[1:], width=200))
    ranks = ", ".join(f"{rank} {verdict}" for rank, verdict in reversed(list(enumerate(VERDICTS))))
    size = f"{len(found.states)} European states, {len(found.partners)} partners"
    heading = f"Verdicts on {found.on}: {found.persons}; {size}; release {found.version}\n{ranks}"
    return "\n\n".join([heading, *blocks])


def changes(found: Sequence[Change], first: datetime.date, last: datetime.date, version: str) -> str:
    """Return the changed pairs with the dated facts that bear on them."""
    rows = change_rows(found)
    heading = f"{len(found)} pairs changed their verdict from {first} to {last}; release {version}"
    return f"{heading}\n\n{table(rows[0], rows[1:])}" if found else heading
