"""Who is covered with a country, and why, as text for a terminal: the sum first, then each Member State or reason."""

import datetime
import re
from collections import Counter
from collections.abc import Iterator, Sequence

from readmission.answers.coverage import GapRow, Gaps, Why
from readmission.reports.naming import Naming
from readmission.reports.premises import Ground, Proof, Reason, date_in_words, grounds
from readmission.reports.text_table import paragraph, table

_COLUMNS = ("Member State", "verdict", "covered by", "weakest evidence", "notes")
_CAUTION = (
    'A verdict says what is recorded: "not-recorded" does not mean that no instrument exists. '
    "Weakest evidence is the least reliable source that the verdict needs."
)
_SITUATIONS = {"closes the world": "says that the record is complete"}
# The parts of a hint are joined, and each opens with the identifier of what it speaks of.
_NEXT_HINT = re.compile(r"; (?=[a-z-]+/[a-z0-9-]+: )")


def gaps_text(found: Gaps, naming: Naming, today: datetime.date) -> str:
    """Return a row for each Member State; what is to be known about several stands once, as a numbered note."""
    notes = _notes(_by_name(found), naming)
    rows = [
        (
            naming.with_id(row.name, row.state),
            row.verdict,
            naming.things(row.instruments),
            row.evidence,
            ", ".join(map(str, sorted(notes[note] for note in _said(row, naming)))),
        )
        for row in _by_name(found)
    ]
    listed = [paragraph(f"{number}  {note}", "", "    ") for note, number in notes.items()]
    more = f'Reasons and sources: readmission why "MEMBER STATE" "{found.country.name}"'
    parts = [
        _gaps_head(found, naming, today),
        table(_COLUMNS, rows),
        "\n".join(["Notes", *listed]) if listed else "",
    ]
    return "\n\n".join([*filter(None, parts), more])


def _by_name(found: Gaps) -> list[GapRow]:
    return sorted(found.rows, key=lambda row: row.name)


def _gaps_head(found: Gaps, naming: Naming, today: datetime.date) -> str:
    country = naming.with_id(found.country.name, found.country.alpha3)
    is_today = " (today)" if found.on == today else ""
    counts = Counter(row.verdict for row in sorted(found.rows, key=lambda row: -row.rank))
    summed = ", ".join(f"{count} {verdict}" for verdict, count in counts.items())
    return "\n".join([
        paragraph(f"{country} on {found.on}{is_today}: {found.persons}; release {found.version}"),
        paragraph(f"{len(found.rows)} Member States: {summed or 'none on this day'}."),
        paragraph(_CAUTION),
    ])  # fmt: skip


def _notes(rows: Sequence[GapRow], naming: Naming) -> dict[str, int]:
    """Return what is to be known, each text once, with its number."""
    texts = dict.fromkeys(note for row in rows for note in _said(row, naming))
    return {note: number for number, note in enumerate(texts, 1)}


def _said(row: GapRow, naming: Naming) -> list[str]:
    hints = [naming.text(hint) for hint in _NEXT_HINT.split(row.hint) if hint]
    return [*hints, *(f"completeness stated by: {naming.thing(each)}" for each in row.closed_by)]


def why_text(found: Why, naming: Naming) -> str:
    """Return the verdict for a pair, then each reason with its sources."""
    named = {each.instrument: each.instrument_name for each in found.premises if each.instrument_name}
    told = ["\n".join(_ground(each, naming)) for each in grounds(found.premises, named)]
    parts = told or [paragraph("Nothing is recorded that bears on these two.")]
    return "\n\n".join(["\n".join(_why_head(found, naming)), *parts])


def _why_head(found: Why, naming: Naming) -> Iterator[str]:
    pair = " and ".join(naming.with_id(each.name, each.alpha3) for each in (found.state, found.country))
    yield paragraph(f"{pair} on {found.on}: {found.persons}; release {found.version}")
    if found.row is None:
        yield paragraph(
            f"{found.state.name} was not a Member State of the Union on that day, so there is no verdict; "
            "instruments may bind it all the same."
        )
        return
    yield f"verdict: {found.row.verdict} ({found.row.rank}); weakest evidence: {found.row.evidence or 'none'}"
    for note in _said(found.row, naming):
        yield paragraph(f"note: {note}", "", "  ")


def _ground(ground: Ground, naming: Naming) -> Iterator[str]:
    about = f": {naming.with_id(ground.name, ground.instrument)}" if ground.instrument else ""
    situation = _SITUATIONS.get(ground.situation, ground.situation)
    yield paragraph(f"{situation}{about}", "", "  ")
    for reason in ground.reasons:
        yield paragraph(_reason(reason), "  ", "    ")
        for proof in reason.proofs:
            yield from _proof(proof)


def _reason(reason: Reason) -> str:
    until = f" until {date_in_words(reason.until)}" if reason.until else ""
    span = f"{date_in_words(reason.date)}{until}".strip()
    return f"{span}: {reason.what}" if span else reason.what


def _proof(proof: Proof) -> Iterator[str]:
    source = ", ".join(part for part in (proof.source, proof.locator) if part)
    yield paragraph(f"{proof.level}: {source}", "    ", "      ")
    yield from (paragraph(part, "      ") for part in (proof.url, proof.note) if part)
