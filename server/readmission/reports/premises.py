"""What is recorded of a pair in the order people read it: by instrument, own ones first, each fact with its sources."""

from collections.abc import Iterable
from dataclasses import dataclass

from readmission.answers.coverage import Premise, Why
from readmission.answers.statuses import EU, LAYERS, OWN, Holding
from readmission.reports import words


@dataclass(frozen=True)
class Proof:
    """Where a premise is written, and how good that evidence is."""

    source: str
    url: str
    locator: str
    level: str
    note: str


@dataclass(frozen=True)
class Reason:
    """A premise with the sources that prove it; dates as stated."""

    kind: str
    what: str
    date: str
    until: str
    proofs: tuple[Proof, ...]


@dataclass(frozen=True)
class Ground:
    """What is recorded of one instrument, with its status on the day in words; or who says that there is none."""

    layer: str
    instrument: str
    name: str
    status: str
    reasons: tuple[Reason, ...]


def grounds(found: Why) -> tuple[Ground, ...]:
    """Gather the premises of a pair by instrument: own ones first, the best status first; within, by date."""
    held = {each.instrument: (layer, each) for layer in LAYERS for each in _layer(found, layer)}
    premises: dict[str, list[Premise]] = {each: [] for each in held}
    for premise in found.premises:
        if premise.instrument or not _layer(
            found, premise.layer
        ):  # that there is nothing else matters to nobody
            premises.setdefault(premise.instrument, []).append(premise)
    told = [_ground(each, premises[each], *held.get(each, (None, None))) for each in premises]
    ranks = {each: -holding.rank for each, (_, holding) in held.items()}
    return tuple(
        sorted(told, key=lambda each: (each.layer == EU, ranks.get(each.instrument, 0), each.instrument))
    )


def _layer(found: Why, layer: str) -> tuple[Holding, ...]:
    pair = found.row.pair
    return (pair.eu if layer == EU else pair.own).instruments


def _ground(instrument: str, premises: Iterable[Premise], layer: str | None, held: Holding | None) -> Ground:
    proofs: dict[Reason, list[Proof]] = {}
    name = held.name if held else ""
    for each in premises:
        reason = Reason(each.kind, each.what, each.date, each.until, ())
        proof = Proof(each.source, _web(each.url), each.locator, each.level, each.note)
        proofs.setdefault(reason, []).append(proof)
        name, layer = name or each.instrument_name, layer or each.layer
    told = [
        Reason(reason.kind, reason.what, reason.date, reason.until, tuple(dict.fromkeys(found)))
        for reason, found in proofs.items()
    ]
    told.sort(key=lambda reason: (reason.date.strip("["), reason.kind, reason.what))
    return Ground(layer or OWN, instrument, name, _status(instrument, layer or OWN, held), tuple(told))


def _status(instrument: str, layer: str, held: Holding | None) -> str:
    if held is None:
        return "not on record by this day" if instrument else ""
    return words.standing(layer, held)


def date_in_words(date: str) -> str:
    """Return a date as stated (EDTF) in words: ``[2014-05-22..2014-06-12]`` lies between two days."""
    if date.startswith("["):
        first, _, last = date.strip("[]").partition("..")
        return f"between {first} and {last}" if last else f"{first} or later"
    if date.endswith("~"):
        return f"about {date[:-1]}"
    return f"{date[:-1]}, uncertain" if date.endswith("?") else date


def _web(url: str) -> str:
    """Only web addresses become links."""
    return url if url.startswith(("https://", "http://")) else ""
