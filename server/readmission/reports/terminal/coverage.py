"""What Member States have with a country, what a state has with all, and why, as text for a terminal of 80 columns."""

import datetime
from collections.abc import Iterator, Sequence

from readmission.answers.comparison import Comparison
from readmission.answers.coverage import Gaps, Row, StateAnswer, Why
from readmission.answers.statuses import EU, OWN, Holding, Layer, Pair
from readmission.reports import words
from readmission.reports.premises import Ground, Proof, Reason, date_in_words, grounds
from readmission.reports.sentences import (
    country_sentence,
    nothing_in_words,
    pair_sentence,
)
from readmission.reports.side_sentences import side_sentences, state_sentence
from readmission.reports.terminal.naming import Naming
from readmission.reports.terminal.table import paragraph, table


def gaps_text(found: Gaps, naming: Naming, today: datetime.date) -> str:
    """Return the sentence, the EU level once, the states that hold something, and how the others were searched for."""
    country = naming.with_id(found.country.name, found.country.alpha3)
    holding = [row for row in found.rows if row.pair.own.instruments]
    parts = [
        "\n".join([_head(country, found, today), "", paragraph(country_sentence(found))]),
        "\n".join(_eu_level(found, naming)),
        "\n".join(_own(holding, naming)),
        "\n".join(_nothing([row for row in found.rows if not row.pair.own.instruments])),
        f'Reasons and sources: readmission why "MEMBER STATE" "{found.country.name}"',
    ]
    return "\n\n".join(filter(None, parts))


def _head(name: str, found: Gaps | StateAnswer, today: datetime.date) -> str:
    is_today = " (today)" if found.on == today else ""
    return paragraph(f"{name} on {found.on}{is_today}: {found.persons}; release {found.version}")


def _eu_level(found: Gaps, naming: Naming) -> Iterator[str]:
    if not found.common:
        return
    yield "At EU level"
    yield from _held(found.common, naming) if found.common.instruments else ["  no instrument recorded"]
    groups: dict[str, list[str]] = {}
    for row in found.exceptions:
        for held in row.pair.eu.best:
            groups.setdefault(words.standing(EU, held), []).append(row.name)
    for told, states in groups.items():
        yield paragraph(f"{', '.join(states)}: {told}", "  ", "    ")
    for each in found.beside:
        since = date_in_words(each.since)
        yield paragraph(f"{naming.with_id(each.name, each.thing)}: {each.kind} since {since}", "  ", "    ")


def _held(layer: Layer, naming: Naming) -> Iterator[str]:
    for held in layer.instruments:
        yield paragraph(_line(held, EU, naming), "  ", "    ")


def _line(held: Holding, layer: str, naming: Naming) -> str:
    return f"{naming.with_id(held.name, held.instrument)}: {words.standing(layer, held)}"


def _own(rows: Sequence[Row], naming: Naming) -> Iterator[str]:
    if not rows:
        return
    cells = [
        (naming.with_id(row.name, row.code) if at == 0 else "", _title(held, naming), words.standing(OWN, held))
        for row in rows
        for at, held in enumerate(row.pair.own.instruments)
    ]  # fmt: skip
    yield table(("Member State", "own instrument", "status"), cells)


def _title(held: Holding, naming: Naming) -> str:
    """Return the name of an instrument without the names of its sides, which stand beside it."""
    _, _, title = held.name.partition(": ")
    return naming.with_id(title or held.name, held.instrument)


def _nothing(rows: Sequence[Row]) -> Iterator[str]:
    """Yield a line for each depth of search with the states it holds for: nothing recorded is not the same as none."""
    if not rows:
        return
    yield 'None recorded, which does not say "has none":'
    groups: dict[str, list[str]] = {}
    for row in rows:
        groups.setdefault(nothing_in_words(row), []).append(row.name)
    for told, names in sorted(groups.items()):
        yield paragraph(f"{told}: {', '.join(names)}", "  ", "    ")


def state_text(found: StateAnswer, naming: Naming, today: datetime.date) -> str:
    """Return the sentence, and a row for each partner with which anything is on record, own instruments first."""
    name = naming.with_id(found.state.name, found.state.alpha3)
    rows = [row for row in found.rows if row.pair.own.instruments or row.pair.eu.status != "none"]
    cells = [
        (
            naming.with_id(row.name, row.code),
            words.status(OWN, row.pair.own.status),
            words.status(EU, row.pair.eu.status),
        )
        for row in sorted(rows, key=lambda row: (-row.pair.own.rank, -row.pair.eu.rank, row.name))
    ]
    parts = [
        "\n".join([_head(name, found, today), "", paragraph(state_sentence(found))]),
        table(("partner", "own", "EU level"), cells),
        f'Reasons and sources: readmission why "{found.state.name}" "PARTNER"',
    ]
    return "\n\n".join(parts)


def comparison_text(found: Comparison, today: datetime.date) -> str:
    """Return the sentence of each side, then the rows that differ, with both layers of each."""
    first = found.sides[0]
    names = [name for name, _ in side_sentences(found)]
    told = [f"{name}\n{paragraph(sentence, '  ')}" for name, sentence in side_sentences(found)]
    cells = [(line.name, *map(_both, line.pairs)) for line in found.differing]
    same = len(found.lines) - len(found.differing)
    parts = [
        _head(" and ".join(names), first, today),
        *told,
        table(("with", *names), cells) if cells else "",
        f"{same} rows are the same on both sides.",
    ]
    return "\n\n".join(filter(None, parts))


def _both(pair: Pair) -> str:
    return f"{words.status(OWN, pair.own.status)} / EU: {words.status(EU, pair.eu.status)}"


def why_text(found: Why, naming: Naming) -> str:
    """Return what a pair has in both layers, then each instrument with its premises and their sources."""
    told = ["\n".join(_ground(each, naming)) for each in grounds(found)]
    parts = told or [paragraph("Nothing is recorded that bears on these two.")]
    return "\n\n".join(["\n".join(_why_head(found, naming)), *parts])


def _why_head(found: Why, naming: Naming) -> Iterator[str]:
    pair = " and ".join(naming.with_id(each.name, each.alpha3) for each in (found.state, found.country))
    yield paragraph(f"{pair} on {found.on}: {found.persons}; release {found.version}")
    yield ""
    yield paragraph(pair_sentence(found.row, found.country.name))
    yield ""
    if not found.is_member:
        yield paragraph(
            f"{found.state.name} was not a Member State of the Union on that day; instruments may bind it all the same."
        )
    yield f"own: {words.status(OWN, found.row.pair.own.status)}"
    yield f"EU level: {words.status(EU, found.row.pair.eu.status)}"
    yield f"both: {found.row.pair.verdict}; weakest evidence: {found.row.pair.evidence or 'none'}"
    if not found.row.pair.own.instruments:
        yield f"search: {nothing_in_words(found.row)}"


def _ground(ground: Ground, naming: Naming) -> Iterator[str]:
    name = (
        naming.with_id(ground.name, ground.instrument) if ground.instrument else "Who says that there is none"
    )
    told = f": {ground.status}" if ground.status else ""
    yield paragraph(f"{name}{told}", "", "  ")
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
